//! Where a flow stands: its step, and what beside it is asked for.

use super::{Does, Flow, Slot, Step};
use domain::FlowState;

/// What the flow waits for.
pub(super) enum Waiting<'a> {
    /// A slot's value; then it goes on at this step.
    Slot(&'a Slot, &'a Step),
    /// Yes or no to what is shown.
    Confirm(&'a Step),
    /// Which slot to change before that is shown again.
    Change(&'a Step),
    /// An action's end.
    Action(&'a Step),
}

impl<'a> Waiting<'a> {
    /// The slot that is asked for.
    pub(super) fn slot(&self) -> Option<&'a Slot> {
        match self {
            Self::Slot(slot, _) => Some(slot),
            Self::Confirm(_) | Self::Change(_) | Self::Action(_) => None,
        }
    }

    /// Where it goes on.
    pub(super) fn step(&self) -> &'a Step {
        match self {
            Self::Slot(_, step) | Self::Confirm(step) | Self::Change(step) | Self::Action(step) => step,
        }
    }
}

/// What follows a confirming step's name while it is asked what to change; a slot's name while that is asked for.
pub(super) const CHANGE: &str = "?";

/// What a state waits for; `None`: for nothing that this knowledge knows, so it is over.
pub(super) fn waiting<'a>(flow: &'a Flow, state: &FlowState) -> Option<Waiting<'a>> {
    let (id, beside) =
        state.step.split_once('/').map_or((state.step.as_str(), None), |(id, beside)| (id, Some(beside)));
    let step = flow.step(id)?;
    match (&step.does, beside) {
        (Does::Action(_), _) => state.action.is_some().then_some(Waiting::Action(step)),
        (Does::Confirm(_), Some(CHANGE)) => Some(Waiting::Change(step)),
        (_, Some(slot)) => Some(Waiting::Slot(flow.slot(slot)?, step)),
        (Does::Ask(slot), None) => Some(Waiting::Slot(flow.slot(slot)?, step)),
        (Does::Confirm(_), None) => Some(Waiting::Confirm(step)),
        (Does::Say(_) | Does::Branch(_) | Does::Handoff(_), None) => None,
    }
}

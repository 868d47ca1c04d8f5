//! A flow's way from step to step, until the customer or an action is waited for.

use domain::{Action, ActionResult, Answer};

use super::run::{Run, unheard};
use super::state::Waiting;
use super::words::Say;
use super::{Arm, Condition, Does, Step, VALUE_BYTES, hours};

/// More steps without the customer are no flow. The check of the knowledge lets none pass.
const MAX_STEPS: usize = 64;

impl<'a> Run<'a> {
    pub(super) fn after(&self, step: &Step) -> Option<&'a Step> {
        self.flow.step(step.next.as_deref()?)
    }

    /// Goes on from a step until the customer or an action is waited for.
    pub(super) fn advance(mut self, from: Option<&'a Step>) -> Answer {
        let mut next = from;
        for _ in 0..MAX_STEPS {
            let Some(step) = next else { return self.finished() };
            let mut to = step.next.as_deref();
            match &step.does {
                Does::Ask(slot) => {
                    if let Some(slot) = self.flow.slot(slot).filter(|slot| !self.state.slots.contains_key(&slot.id)) {
                        self.state.step.clone_from(&step.id);
                        self.prompt(&Waiting::Slot(slot, step), false);
                        return self.waits();
                    }
                }
                Does::Say(text) => self.tell(text),
                Does::Confirm(_) => {
                    self.state.step.clone_from(&step.id);
                    self.prompt(&Waiting::Confirm(step), false);
                    return self.waits();
                }
                Does::Branch(arms) => {
                    self.pass(step);
                    to = arms.iter().find(|arm| self.holds(arm)).and_then(|arm| arm.go.as_deref());
                }
                Does::Action(call) => {
                    self.state.step.clone_from(&step.id);
                    self.tell(&call.wait);
                    let given = call.input.iter().filter_map(|slot| self.state.slots.get_key_value(slot));
                    let input = given.map(|(slot, value)| (slot.clone(), value.clone())).collect();
                    let action = Some(Action { name: call.name.clone(), input });
                    return Answer { action, ..self.waits() };
                }
                Does::Handoff(text) => {
                    self.tell(text);
                    return self.handed_off();
                }
            }
            next = to.and_then(|id| self.flow.step(id));
        }
        self.say(Say::Person.text(self.language).to_owned());
        self.handed_off()
    }

    fn holds(&self, arm: &Arm) -> bool {
        match &arm.when {
            Condition::Slot { slot, is } => self.state.slots.get(slot) == Some(is),
            Condition::Open(open) => hours::open(&self.flow.hours, self.ask.now, self.flow.offset) == *open,
            Condition::People(there) => self.guide.people == *there,
            Condition::Phone => self.ask.capabilities.live,
            Condition::Letters => self.ask.capabilities.letters,
            Condition::Always => true,
        }
    }

    pub(super) fn acted(mut self, step: &'a Step, result: &ActionResult) -> Answer {
        self.state.action = None;
        let Does::Action(call) = &step.does else { return unheard(self.ask) };
        let branch = match result {
            ActionResult::Done { values } => {
                for name in &call.keep {
                    if let Some(value) = values.get(name) {
                        self.state.slots.insert(name.clone(), cut(value));
                    }
                }
                self.pass(step);
                let next = self.after(step);
                return self.advance(next);
            }
            ActionResult::Refused { reason } => call.refused.get(reason).unwrap_or(&call.failed),
            ActionResult::Failed => &call.failed,
        };
        self.tell(&branch.say);
        for slot in &branch.forget {
            self.state.slots.remove(slot);
            self.unpass(slot);
        }
        let next = branch.go.as_deref().and_then(|go| self.flow.step(go));
        self.advance(next)
    }
}

/// As much of a value as a slot holds.
fn cut(value: &str) -> String {
    let mut end = value.len().min(VALUE_BYTES);
    while !value.is_char_boundary(end) {
        end -= 1;
    }
    value.get(..end).unwrap_or_default().to_owned()
}

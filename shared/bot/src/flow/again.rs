//! What a flow has passed, so that a slot that is corrected goes through it again.

use std::collections::BTreeSet;

use domain::mask;

use super::run::Run;
use super::ways::reached;
use super::{Condition, Does, Slot, Step};

impl<'a> Run<'a> {
    /// A step is behind that a correction may lead back to.
    pub(super) fn pass(&mut self, step: &Step) {
        let counts = match &step.does {
            Does::Branch(arms) => arms.iter().any(|arm| matches!(arm.when, Condition::Slot { .. })),
            Does::Confirm(_) | Does::Action(_) => true,
            Does::Ask(_) | Does::Say(_) | Does::Handoff(_) => false,
        };
        if counts {
            // Round once more: what lay after it is not behind any longer.
            let before = self.state.passed.iter().position(|id| *id == step.id);
            self.state.passed.truncate(before.unwrap_or(self.state.passed.len()));
            self.state.passed.push(step.id.clone());
        }
    }

    /// The system wants another value: what rested on the old one is not behind any longer.
    pub(super) fn unpass(&mut self, slot: &str) {
        let first = self.first_on(slot);
        self.state.passed.truncate(first.unwrap_or(self.state.passed.len()));
    }

    /// The first step behind that rests on a corrected slot. It and all after it are ahead again, what actions there have
    /// told is forgotten, and so are slots that no way asks for any more.
    pub(super) fn back_to(&mut self, slot: &Slot) -> Option<&'a Step> {
        let undone = self.state.passed.split_off(self.first_on(&slot.id)?);
        let flow = self.flow;
        for step in undone.iter().filter_map(|id| flow.step(id)) {
            if let Does::Action(call) = &step.does {
                self.state.slots.retain(|name, _| !call.keep.contains(name));
            }
        }
        let applying = self.applying();
        self.state.slots.retain(|name, _| applying.contains(name.as_str()));
        undone.first().and_then(|id| flow.step(id))
    }

    /// Whether the way asks for a slot, as far as is known.
    pub(super) fn applies(&self, slot: &Slot) -> bool {
        self.applying().contains(slot.id.as_str())
    }

    /// The slots that are known and can still be corrected.
    pub(super) fn open(&self) -> impl Iterator<Item = &'a Slot> {
        let known = |slot: &&Slot| self.state.slots.contains_key(&slot.id) && !self.is_settled(slot);
        self.flow.slots.iter().filter(known)
    }

    /// Whether an action that the customer confirmed rests on a slot: it is done, and not done again.
    pub(super) fn is_settled(&self, slot: &Slot) -> bool {
        let is = |kind: fn(&Does) -> bool| move |id: &String| self.flow.step(id).is_some_and(|step| kind(&step.does));
        let confirmed = self.state.passed.iter().position(is(|does| matches!(does, Does::Confirm(_))));
        let acted = self.state.passed.iter().rposition(is(|does| matches!(does, Does::Action(_))));
        let Some((confirmed, acted)) = confirmed.zip(acted) else { return false };
        confirmed < acted && self.first_on(&slot.id).is_some_and(|first| first <= acted)
    }

    /// The place of the first step behind that rests on a slot.
    fn first_on(&self, slot: &str) -> Option<usize> {
        self.state.passed.iter().position(|id| self.flow.step(id).is_some_and(|step| rests(step, slot)))
    }

    /// The slots of all ways that are open with what is known.
    fn applying(&self) -> BTreeSet<&'a str> {
        let (mut seen, mut slots) = (BTreeSet::new(), BTreeSet::new());
        let mut ahead: Vec<&'a Step> = self.flow.steps.first().into_iter().collect();
        while let Some(step) = ahead.pop() {
            if !seen.insert(step.id.as_str()) {
                continue;
            }
            let mut to: Vec<&str> = step.next.as_deref().into_iter().collect();
            match &step.does {
                Does::Ask(slot) => drop(slots.insert(slot.as_str())),
                Does::Action(call) => {
                    slots.extend(call.keep.iter().map(String::as_str));
                    to.extend(call.refused.values().chain([&call.failed]).filter_map(|branch| branch.go.as_deref()));
                }
                Does::Branch(arms) => {
                    to.clear();
                    for arm in arms {
                        let holds = match &arm.when {
                            Condition::Slot { slot, is } => self.state.slots.get(slot).map(|known| known == is),
                            Condition::Always => Some(true),
                            Condition::Open(_) | Condition::People(_) | Condition::Phone | Condition::Letters => None,
                        };
                        to.extend(arm.go.as_deref().filter(|_| holds != Some(false)));
                        if holds == Some(true) {
                            break;
                        }
                    }
                }
                Does::Handoff(_) => to.clear(),
                Does::Say(_) | Does::Confirm(_) => {}
            }
            ahead.extend(to.into_iter().filter_map(|id| self.flow.step(id)));
        }
        slots
    }

    /// Covers personal data in slots that no action will be given any more.
    pub(super) fn cover(&mut self) {
        if self.guide.masks.is_empty() {
            return;
        }
        let waits = self.state.step.split('/').next().and_then(|id| self.flow.step(id));
        let mut ahead = reached(self.flow, waits, |_| true);
        // A correction may lead back before a confirmation, and never behind an action that was confirmed.
        if waits.is_some() {
            let confirmed = |id: &&String| self.flow.step(id).is_none_or(|step| !matches!(step.does, Does::Confirm(_)));
            let passed = self.state.passed.iter().take_while(confirmed);
            ahead.extend(passed.map(String::as_str));
        }
        let given: BTreeSet<_> = ahead
            .iter()
            .filter_map(|id| if let Does::Action(call) = &self.flow.step(id)?.does { Some(&call.input) } else { None })
            .flatten()
            .collect();
        for (name, value) in &mut self.state.slots {
            if !given.contains(name) {
                *value = mask(value, self.guide.masks);
            }
        }
    }
}

/// Whether what a step does, or shows to be confirmed, rests on a slot.
fn rests(step: &Step, slot: &str) -> bool {
    match &step.does {
        Does::Branch(arms) => {
            arms.iter().any(|arm| matches!(&arm.when, Condition::Slot { slot: on, .. } if on == slot))
        }
        Does::Action(call) => call.input.iter().any(|given| given == slot),
        Does::Confirm(text) => text.0.values().any(|text| text.contains(&format!("{{{slot}}}"))),
        Does::Ask(_) | Does::Say(_) | Does::Handoff(_) => false,
    }
}

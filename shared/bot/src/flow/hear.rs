//! What the customer says while a flow is under way.

use domain::{Answer, Content, Memory, Outcome};

use super::run::{Run, payload, spoken, words_of};
use super::state::{CHANGE, Waiting};
use super::tell::PAYLOAD;
use super::words::{self, Say};
use super::{FLOW_PAYLOAD, Kind, Slot, Step};
use crate::text;

impl<'a> Run<'a> {
    pub(super) fn heard(mut self, content: &Content, waits: &Waiting<'a>) -> Answer {
        let faq = self.guide.faq;
        if matches!(waits, Waiting::Action(_)) {
            return self.meanwhile(faq());
        }
        let said = words_of(content);
        if said.is_some_and(self.guide.sensitive) {
            let found = faq();
            let person = found.outcome == Outcome::Handoff;
            return if person { Answer { memory: self.memory(), ..found } } else { self.digressed(found, waits) };
        }
        if let Some(language) =
            said.and_then(words::wanted_language).filter(|found| self.guide.languages.contains(found))
        {
            self.language = language;
            self.prompt(waits, false);
            return self.waits();
        }
        // Whether something is wanted may be answered in the words that end a flow elsewhere.
        let answers =
            waits.slot().is_some_and(|slot| slot.kind == Kind::YesNo) && said.and_then(words::yes_no).is_some();
        if !answers && said.is_some_and(words::cancels) {
            self.say(Say::Cancelled.text(self.language).to_owned());
            return self.finished();
        }
        let tapped = payload(content).and_then(|payload| payload.strip_prefix(PAYLOAD)?.split_once('='));
        let (slot, step) = (waits.slot(), waits.step());
        if let Some((name, value)) = tapped
            && let Some(slot) = self.flow.slot(name)
        {
            return self.picked(slot, value, waits);
        }
        if let Some((_, rest)) = said.and_then(|said| Some((said, words::corrected(said)?)))
            && let Some(known) = self.meant(&rest, slot)
        {
            return match self.taken(&known.kind, &rest).filter(|_| known.kind.is_strict()) {
                Some(value) => self.filled(known, value, waits),
                None => self.reask(known, step),
            };
        }
        let value = match (slot, said) {
            (Some(slot), Some(said)) => self.taken(&slot.kind, said),
            (None, _) | (_, None) => None,
        };
        if let (Some(slot), Some(value)) = (slot, value)
            && (!said.is_some_and(words::asks) || !matches!(faq().outcome, Outcome::Answered { .. }))
        {
            return self.filled(slot, value, waits);
        }
        let yes = tapped
            .filter(|(name, _)| name.is_empty())
            .map(|(_, value)| value == "yes")
            .or_else(|| words::yes_no(said?));
        match (waits, yes) {
            (Waiting::Confirm(_), Some(true)) => {
                self.state.misses = 0;
                self.pass(step);
                let next = self.after(step);
                return self.advance(next);
            }
            (Waiting::Confirm(_) | Waiting::Change(_), Some(false)) => return self.change(step),
            (Waiting::Confirm(_) | Waiting::Change(_), None) => {
                if let Some(known) = said.and_then(|said| self.meant(said, None)) {
                    return match said.and_then(|said| self.taken(&known.kind, said)).filter(|_| known.kind.is_strict())
                    {
                        Some(value) => self.filled(known, value, waits),
                        None => self.reask(known, step),
                    };
                }
            }
            (Waiting::Slot(..) | Waiting::Action(_) | Waiting::Change(_), _) => {}
        }
        let found = faq();
        match &found.outcome {
            Outcome::Handoff => Answer { memory: self.memory(), ..found },
            Outcome::Answered { .. } | Outcome::Greeted | Outcome::Refused => match self.guide.named(&found.outcome) {
                Some(other) if other.id != self.flow.id => {
                    let language = spoken(self.guide.languages, self.ask);
                    self.guide.started(other, self.ask, language, said.unwrap_or_default())
                }
                Some(_) => self.missed(waits),
                None => self.digressed(found, waits),
            },
            Outcome::Asked | Outcome::Unknown | Outcome::Unsupported | Outcome::Guided { .. } => {
                match said.and_then(words::corrected) {
                    Some(_) => self.corrected(waits),
                    None => self.missed(waits),
                }
            }
        }
    }

    /// Something was wrong, and it was not said what: "no, the other one".
    fn corrected(self, waits: &Waiting<'a>) -> Answer {
        let step = waits.step();
        let only = {
            let mut open = self.open();
            open.next().filter(|_| open.next().is_none())
        };
        match (waits, only) {
            (Waiting::Slot(..) | Waiting::Confirm(_), Some(known)) => self.reask(known, step),
            (Waiting::Confirm(_), None) => self.change(step),
            (Waiting::Slot(..) | Waiting::Change(_) | Waiting::Action(_), _) => self.missed(waits),
        }
    }

    /// What is asked while an action is under way.
    fn meanwhile(mut self, found: Answer) -> Answer {
        let sure = match &found.outcome {
            Outcome::Answered { entry } => !entry.starts_with(FLOW_PAYLOAD),
            Outcome::Handoff | Outcome::Refused => true,
            Outcome::Greeted | Outcome::Asked | Outcome::Guided { .. } | Outcome::Unknown | Outcome::Unsupported => {
                false
            }
        };
        if sure {
            let memory = Memory { flow: Some(self.state), ..found.memory };
            return Answer { memory, ..found };
        }
        self.say(Say::Working.text(self.language).to_owned());
        self.waits()
    }

    /// A question of the knowledge was answered; the flow asks again.
    fn digressed(mut self, found: Answer, waits: &Waiting<'_>) -> Answer {
        self.prompt(waits, false);
        let (topic, insults) = (found.memory.topic.clone(), found.memory.insults);
        let mut answer = self.waits();
        // The question's own replies would hide the flow's.
        let told = found.contents.into_iter().map(|content| {
            if let Content::QuickReplies { text, .. } = content { Content::Text { text } } else { content }
        });
        answer.contents = told.chain(answer.contents).collect();
        (answer.memory.topic, answer.memory.insults) = (topic, insults);
        answer
    }

    fn missed(mut self, waits: &Waiting<'_>) -> Answer {
        self.state.misses = self.state.misses.saturating_add(1);
        if self.state.misses >= self.flow.misses {
            self.say(Say::Person.text(self.language).to_owned());
            return self.handed_off();
        }
        self.prompt(waits, true);
        self.waits()
    }

    /// The known slot that is meant: by a value that it takes, or by its name; not the one that is asked for.
    fn meant(&self, text: &str, asked: Option<&Slot>) -> Option<&'a Slot> {
        let known = || self.open();
        if asked.is_some_and(|slot| slot.kind.is_strict() && self.taken(&slot.kind, text).is_some()) {
            return None;
        }
        let said = text::canonical(text);
        let called = |slot: &&Slot| {
            slot.title.0.values().any(|title| {
                let title = text::canonical(title);
                !title.is_empty() && said.contains(&title)
            })
        };
        known()
            .find(|slot| slot.kind.is_strict() && self.taken(&slot.kind, text).is_some())
            .or_else(|| known().find(called))
    }

    /// A tap: a choice, or the slot to change.
    fn picked(self, slot: &'a Slot, value: &str, waits: &Waiting<'a>) -> Answer {
        let step = waits.step();
        // A button of long ago.
        if self.is_settled(slot) {
            return self.missed(waits);
        }
        if value == CHANGE {
            return self.reask(slot, step);
        }
        match self.taken(&slot.kind, value) {
            Some(value) => self.filled(slot, value, waits),
            None => self.reask(slot, step),
        }
    }

    /// A slot has a value, for the first time or another one; then it goes on at the step, or further back.
    fn filled(mut self, slot: &Slot, value: String, waits: &Waiting<'a>) -> Answer {
        let asked = waits.slot();
        // What is asked for beside the way is asked for anew.
        let beside = asked.filter(|_| self.state.step.contains('/'));
        let old = self.state.slots.insert(slot.id.clone(), value);
        let changed = old.is_some_and(|old| self.state.slots.get(&slot.id) != Some(&old));
        let again = changed || beside.is_some_and(|asked| asked.id == slot.id);
        self.state.misses = 0;
        let back = if again { self.back_to(slot) } else { None };
        let step = back.unwrap_or(waits.step());
        match beside.filter(|asked| asked.id != slot.id && (back.is_none() || self.applies(asked))) {
            Some(asked) => self.reask(asked, step),
            None => self.advance(Some(step)),
        }
    }

    /// Asks for a slot that was known; then it goes on at the step.
    fn reask(mut self, slot: &'a Slot, step: &'a Step) -> Answer {
        self.state.slots.remove(&slot.id);
        self.state.step = format!("{}/{}", step.id, slot.id);
        self.prompt(&Waiting::Slot(slot, step), false);
        self.waits()
    }

    fn change(mut self, step: &'a Step) -> Answer {
        self.state.step = format!("{}/{CHANGE}", step.id);
        self.prompt(&Waiting::Change(step), false);
        self.waits()
    }
}

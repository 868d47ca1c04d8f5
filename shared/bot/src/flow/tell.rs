//! What a flow says, and what it leaves in the conversation.

use domain::{Answer, Content, Locale, Memory, Outcome, QuickReply, mask};

use super::run::Run;
use super::state::{CHANGE, Waiting};
use super::words::Say;
use super::{Choice, Does, Kind, Slot};
use crate::knowledge::Localised;
use crate::text::Language;

/// The start of a payload that answers a flow; what it answers follows, `=` and the answer.
pub(super) const PAYLOAD: &str = "slot:";

impl Run<'_> {
    pub(super) fn prompt(&mut self, waits: &Waiting<'_>, again: bool) {
        match waits {
            Waiting::Slot(slot, _) => {
                self.tell(if again { &slot.again } else { &slot.prompt });
                self.replies = self.options(slot);
            }
            Waiting::Confirm(step) => {
                if again {
                    self.say(Say::YesOrNo.text(self.language).to_owned());
                }
                if let Does::Confirm(text) = &step.does {
                    self.tell(text);
                }
                self.replies = yes_or_no(self.language, "");
            }
            Waiting::Change(_) => {
                self.say(Say::ChangeWhat.text(self.language).to_owned());
                let reply = |slot: &Slot| reply(slot.title.get(self.language).unwrap_or(&slot.id), &slot.id, CHANGE);
                self.replies = self.open().map(reply).collect();
            }
            Waiting::Action(_) => self.say(Say::Working.text(self.language).to_owned()),
        }
    }

    fn options(&self, slot: &Slot) -> Vec<QuickReply> {
        match &slot.kind {
            Kind::Choice { options } => {
                let title = |option: &Choice| option.title.get(self.language).unwrap_or(&option.value).to_owned();
                options.iter().map(|option| reply(&title(option), &slot.id, &option.value)).collect()
            }
            Kind::YesNo => yes_or_no(self.language, &slot.id),
            Kind::Date { .. }
            | Kind::Number { .. }
            | Kind::Phone
            | Kind::Email
            | Kind::Pattern { .. }
            | Kind::Text { .. } => vec![],
        }
    }

    /// Says a text of the flow, what is known in its places.
    pub(super) fn tell(&mut self, text: &Localised) {
        let mut text = text.get(self.language).unwrap_or_default().to_owned();
        for (name, value) in &self.state.slots {
            let shown = self.flow.slot(name).map_or_else(|| value.clone(), |slot| slot.kind.show(value, self.language));
            let shown = mask(&shown, self.guide.masks);
            // What a customer wrote in braces is no place.
            text = text.replace(&format!("{{{name}}}"), &shown.replace(['{', '}'], " "));
        }
        self.say(text);
    }

    pub(super) fn say(&mut self, text: String) {
        self.said.push(text);
    }

    pub(super) fn waits(mut self) -> Answer {
        self.cover();
        let memory = self.memory();
        self.end(memory, None)
    }

    pub(super) fn finished(self) -> Answer {
        let memory = Memory { flow: None, ..self.ask.memory.clone() };
        self.end(memory, None)
    }

    /// A person goes on with what is known; the flow itself is over.
    pub(super) fn handed_off(mut self) -> Answer {
        self.state.step = String::new();
        self.state.action = None;
        self.cover();
        let memory = self.memory();
        self.end(memory, Some(Outcome::Handoff))
    }

    fn end(self, memory: Memory, outcome: Option<Outcome>) -> Answer {
        let text = self.said.join("\n");
        let content = match self.replies {
            replies if replies.is_empty() => Content::Text { text },
            replies => Content::QuickReplies { text, replies },
        };
        let contents = if self.said.is_empty() { vec![] } else { vec![content] };
        let outcome = outcome.unwrap_or_else(|| Outcome::Guided { flow: self.flow.id.clone() });
        Answer {
            contents,
            locale: Locale::from_tag(self.language.code()),
            outcome,
            memory,
            action: None,
            model: None,
            open: vec![],
        }
    }
}

fn reply(title: &str, slot: &str, value: &str) -> QuickReply {
    QuickReply { title: title.to_owned(), payload: format!("{PAYLOAD}{slot}={value}") }
}

fn yes_or_no(language: Language, slot: &str) -> Vec<QuickReply> {
    [(Say::Yes, "yes"), (Say::No, "no")].map(|(say, value)| reply(say.text(language), slot, value)).to_vec()
}

//! What is told of a rehearsal: what was said, what was expected, and what is.

use std::collections::BTreeMap;

use domain::{Content, Conversation, Outcome, Owner, QuickReply};

use super::Scene;
use crate::knowledge::Expectation;

impl Scene<'_> {
    /// What was expected and what is, if that is not the same.
    pub(super) fn unmet(&self, expected: &Expectation) -> Option<(String, String)> {
        let said = || if self.said.is_empty() { "nothing was said".to_owned() } else { self.said.join(" / ") };
        let (met, wanted, got) = match expected {
            Expectation::Entry(id) => {
                let met = matches!(&self.outcome, Some(Outcome::Answered { entry }) if entry == id);
                (met, format!("entry `{id}`"), outcome(self.outcome.as_ref()))
            }
            Expectation::Outcome(name) => {
                (kind(self.outcome.as_ref()) == *name, format!("outcome `{name}`"), outcome(self.outcome.as_ref()))
            }
            Expectation::Says(part) => {
                (self.said.iter().any(|text| text.contains(part)), format!("“{part}” to be said"), said())
            }
            Expectation::SaysNot(part) => {
                (!self.said.iter().any(|text| text.contains(part)), format!("“{part}” not to be said"), said())
            }
            Expectation::Offers(title) => {
                let met = self.choices.iter().any(|choice| choice.title == *title);
                (met, format!("the choice “{title}”"), titles(&self.choices))
            }
            Expectation::Flow(wanted) => {
                let flow = self.flow().map(|flow| &flow.flow);
                let named = |flow: Option<&String>| flow.map_or("no flow".to_owned(), |flow| format!("flow `{flow}`"));
                let under_way = |flow| format!("{} under way", named(flow));
                (flow == wanted.as_ref(), under_way(wanted.as_ref()), under_way(flow))
            }
            Expectation::Slot { name, value } => {
                let slots = self.flow().map(|flow| &flow.slots).or(self.handed.as_ref());
                let met = slots.is_some_and(|slots| slots.get(name) == value.as_ref());
                let wanted = value.as_ref().map_or("nothing".to_owned(), |value| format!("`{value}`"));
                (met, format!("{wanted} in slot `{name}`"), filled(slots, name))
            }
            Expectation::Calls(name) => {
                let called = if self.called.is_empty() { "none".to_owned() } else { self.called.join(", ") };
                (self.called.contains(name), format!("action `{name}` to be called"), format!("called: {called}"))
            }
            Expectation::State(name) => {
                let state = state(self.head.as_ref());
                (state == *name, format!("state `{name}`"), format!("state `{state}`"))
            }
        };
        (!met).then_some((wanted, got))
    }
}

/// What a customer reads of a content.
pub(super) fn words(content: &Content) -> Vec<String> {
    match content {
        Content::Text { text } | Content::QuickReplies { text, .. } | Content::Buttons { text, .. } => {
            vec![text.clone()]
        }
        Content::Card { title, text, .. } => [Some(title), text.as_ref()].into_iter().flatten().cloned().collect(),
        Content::Image(_)
        | Content::Audio(_)
        | Content::Video(_)
        | Content::File(_)
        | Content::Location { .. }
        | Content::Postback { .. }
        | Content::Event { .. } => Vec::new(),
    }
}

pub(super) fn titles(choices: &[QuickReply]) -> String {
    if choices.is_empty() {
        return "no choices".to_owned();
    }
    let titles: Vec<_> = choices.iter().map(|choice| format!("“{}”", choice.title)).collect();
    format!("the choices {}", titles.join(", "))
}

fn kind(outcome: Option<&Outcome>) -> &'static str {
    match outcome {
        Some(Outcome::Answered { .. }) => "answered",
        Some(Outcome::Greeted) => "greeted",
        Some(Outcome::Guided { .. }) => "guided",
        Some(Outcome::Asked) => "asked",
        Some(Outcome::Refused) => "refused",
        Some(Outcome::Unknown) => "unknown",
        Some(Outcome::Handoff) => "handoff",
        Some(Outcome::Unsupported) => "unsupported",
        None => "none",
    }
}

fn outcome(outcome: Option<&Outcome>) -> String {
    match outcome {
        Some(Outcome::Answered { entry }) => format!("entry `{entry}`"),
        other => format!("outcome `{}`", kind(other)),
    }
}

fn state(head: Option<&Conversation>) -> &'static str {
    match head.map(|head| &head.owner) {
        None | Some(Owner::Bot) => "bot",
        Some(Owner::Queued { .. }) => "queued",
        Some(Owner::Human { .. }) => "human",
        Some(Owner::WrapUp { .. }) => "wrap_up",
        Some(Owner::Closed { .. }) => "closed",
    }
}

/// What a slot holds, or what others hold.
fn filled(slots: Option<&BTreeMap<String, String>>, name: &str) -> String {
    let Some(slots) = slots else { return "no flow is under way".to_owned() };
    match slots.get(name) {
        Some(value) => format!("`{value}`"),
        None if slots.is_empty() => "no slot is filled".to_owned(),
        None => {
            let others: Vec<_> = slots.iter().map(|(name, value)| format!("`{name}`: `{value}`")).collect();
            format!("it is not filled; filled are {}", others.join(", "))
        }
    }
}

//! The flat map that a flow reads as `$.External.…`.

use serde_json::{Map, Value, json};

use super::said::Said;
use super::turn::Turn;
use crate::ear::Language;

/// Choices that have keys of their own: as many as a keypad has digits without 0, which is a person's.
const CHOICES: usize = 9;
/// Characters of `reply` at most: a flow speaks no more at one time, and a map may hold 32 KB.
const MAX_REPLY: usize = 3000;
/// Characters of a choice at most.
const MAX_CHOICE: usize = 200;

/// How a flow goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    /// It says the reply and listens.
    Listen,
    /// It says that it takes a moment and asks again, with the same parameters.
    Wait,
    /// It says the reply and hands the contact to a person.
    Transfer,
    /// There is nothing to say.
    Done,
}

impl Status {
    /// As a flow reads it.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Listen => "listen",
            Self::Wait => "wait",
            Self::Transfer => "transfer",
            Self::Done => "done",
        }
    }
}

/// The map: every value a text, none missing, so that a flow never reads what an earlier step has left.
pub(super) fn map(status: Status, said: &Said, turn: &Turn, late: &str, language: Language) -> Value {
    let cut = |text: &str, most: usize| text.chars().take(most).collect::<String>();
    let mut map = Map::from_iter([
        ("status".to_owned(), json!(status.name())),
        ("reply".to_owned(), json!(cut(&said.texts.join("\n"), MAX_REPLY))),
        ("turn".to_owned(), json!(turn.text())),
        ("late".to_owned(), json!(late)),
        ("language".to_owned(), json!(language.spoken())),
        ("choices".to_owned(), json!(said.choices.len().min(CHOICES).to_string())),
    ]);
    for number in 1..=CHOICES {
        let title = said.choices.get(number - 1).map_or(String::new(), |title| cut(title, MAX_CHOICE));
        map.insert(format!("choice_{number}"), Value::String(title));
    }
    Value::Object(map)
}

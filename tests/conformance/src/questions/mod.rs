//! The questions that every channel is asked.

mod answers;
mod batches;
mod calls;
mod hostile;
mod proofs;
mod words;

use domain::{Content, EventKind};

pub use batches::sound;
pub(crate) use calls::delivery;
pub use calls::within_capabilities;

use crate::{Fixture, Reason};

/// A person's id and words, as they may stand in a provider's answer; our reasons may not repeat it.
pub const PERSON: &str = "o6_bmjrPTlm6_2sgVt7hMZOPfL2M";

/// One question.
#[derive(Debug, Clone, Copy)]
pub struct Question {
    /// Its name.
    pub name: &'static str,
    /// Asks it of one channel; an error says what does not hold.
    pub ask: fn(&dyn Fixture) -> Result<Asked, String>,
}

/// What came of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// So many checks, and all held.
    Held(usize),
    /// The question means nothing there.
    Beside(Reason),
}

/// All of them.
pub const QUESTIONS: &[Question] = &[
    Question { name: "genuine", ask: batches::genuine },
    Question { name: "unsigned", ask: proofs::unsigned },
    Question { name: "tampered", ask: proofs::tampered },
    Question { name: "stale", ask: proofs::stale },
    Question { name: "wrong account", ask: proofs::wrong_account },
    Question { name: "rotated secret", ask: proofs::rotated },
    Question { name: "missing secret", ask: proofs::missing },
    Question { name: "address check", ask: proofs::address_check },
    Question { name: "batch", ask: batches::batch },
    Question { name: "redelivery", ask: batches::redelivery },
    Question { name: "unknown type", ask: batches::unknown },
    Question { name: "hostile input", ask: hostile::hostile },
    Question { name: "within capabilities", ask: calls::calls },
    Question { name: "same words", ask: words::words },
    Question { name: "every answer", ask: answers::answers },
];

/// Asks all channels; what does not hold, a line each.
///
/// # Errors
/// Something does not hold.
pub fn ask_all(name: &str) -> Result<usize, String> {
    let question = QUESTIONS.iter().find(|question| question.name == name).expect("a question of the list");
    let mut checks = 0;
    let mut faults = vec![];
    for fixture in crate::FIXTURES {
        match (question.ask)(*fixture) {
            Ok(Asked::Held(held)) => checks += held,
            Ok(Asked::Beside(_)) => {}
            Err(fault) => faults.push(format!("{}: {name}: {fault}", fixture.name())),
        }
    }
    if faults.is_empty() { Ok(checks) } else { Err(faults.join("\n")) }
}

/// Counts what was checked.
#[derive(Debug, Default)]
pub struct Checks(usize);

impl Checks {
    /// One check.
    ///
    /// # Errors
    /// It does not hold.
    pub fn hold(&mut self, good: bool, what: impl FnOnce() -> String) -> Result<(), String> {
        self.0 += 1;
        if good { Ok(()) } else { Err(what()) }
    }

    /// All of them held.
    pub fn held(self) -> Asked {
        Asked::Held(self.0)
    }

    /// How many.
    pub fn count(&self) -> usize {
        self.0
    }
}

/// The text of an event that is a customer's text.
pub fn text_of(kind: &EventKind) -> Option<&str> {
    match kind {
        EventKind::Message { content: Content::Text { text } } => Some(text),
        _ => None,
    }
}

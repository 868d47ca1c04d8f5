//! Questions that the bot could not answer: what the next edit of the knowledge is made from. The words stay where they
//! are, in the turns.

use serde::{Deserialize, Serialize};

use crate::DedupId;

/// A question that the bot could not answer, or perhaps not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unanswered {
    /// What shows it.
    #[serde(rename = "w")]
    pub why: Why,
    /// The turn in which it was asked, if that is an earlier one of the same identity.
    #[serde(rename = "q", default, skip_serializing_if = "Option::is_none")]
    pub question: Option<DedupId>,
    /// Where in this turn's letter it stands; none: it is all that was written.
    #[serde(rename = "p", default, skip_serializing_if = "Option::is_none")]
    pub part: Option<Part>,
}

/// A part of a letter, in characters. A letter's words are kept once: what is covered in it is covered in its parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Part(pub usize, pub usize);

impl Part {
    /// Where a sentence stands in a letter, however it is broken into lines there.
    pub fn find(letter: &str, sentence: &str) -> Option<Self> {
        let plain = |text: &str| -> Vec<(usize, char)> {
            text.chars().enumerate().filter(|(_, letter)| !letter.is_whitespace()).collect()
        };
        let (letter, sentence) = (plain(letter), plain(sentence));
        let same = |one: &[(usize, char)]| one.iter().map(|(_, c)| c).eq(sentence.iter().map(|(_, c)| c));
        let found = letter.windows(sentence.len().max(1)).find(|window| same(window))?;
        Some(Self(found.first()?.0, found.last()?.0 + 1))
    }

    /// What stands there, in one line.
    pub fn of(self, letter: &str) -> String {
        let Self(start, end) = self;
        let part: String = letter.chars().take(end).skip(start).collect();
        part.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

/// What shows that a question was not answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// The bot said that it does not know.
    Unknown,
    /// The bot asked which of several entries is meant. It stays open while the head's [`Doubt`] is of this turn; it is
    /// answered if a choice is taken.
    Asked,
    /// None of the choices was taken.
    NotMeant,
    /// The customer asked for a person right after.
    Handoff,
}

/// A question of which the customer's next message tells whether it was answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Doubt {
    /// The turn in which it was asked.
    #[serde(rename = "t")]
    pub turn: DedupId,
    /// Whether the bot asked what is meant; else it answered.
    #[serde(rename = "c", default, skip_serializing_if = "std::ops::Not::not")]
    pub choices: bool,
}

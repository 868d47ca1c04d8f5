//! Answers in a language model's words: what it is told, and what of its reply may reach a customer.
//!
//! The model sees a fixed task, the entries that were found and the question. Its reply is data, not trusted: it must
//! name the entries that it rests on, and every fact in it must stand in these ([`read`]). Whatever else it says, however
//! it came to say it, never goes out; the entry's own words do. So a text that tells the model to do something else can
//! cost an answer in better words, and nothing more.

mod clauses;
mod facts;
mod find;
mod grounds;
mod prompt;
mod reply;
mod rewrite;
mod summary;

pub use self::grounds::Doubt;
pub use self::prompt::{Prompt, prompt};
pub use self::reply::{Said, read};
pub use self::rewrite::{FollowUp, rewriting, rewritten};
pub use self::summary::{Line, summarising, summary};
use crate::text::Language;

/// Tokens of an answer at most: the longest is some hundred.
const MOST_TOKENS: u32 = 600;

/// What the model is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task<'a> {
    /// In which language it is to answer.
    pub language: Language,
    /// What the customer wrote.
    pub question: &'a str,
    /// What the bot answered before, for "and how long does that take?".
    pub before: Option<&'a str>,
    /// The entries that were found, the best first.
    pub sources: Vec<Source<'a>>,
}

/// An entry that the model may answer from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Source<'a> {
    /// The entry.
    pub id: &'a str,
    /// Its title.
    pub title: &'a str,
    /// Its answer.
    pub answer: &'a str,
}

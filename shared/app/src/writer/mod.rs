//! What a language model does, where the company has one. It words answers from the entries that the bot has found and from
//! nothing else ([`help`]), makes a question of a follow-up that the bot cannot place, and sums up for the person who takes
//! over ([`brief`]). If it is slow, costs too much or says anything that does not stand there, all goes as without it.

mod ask;
mod brief;
mod help;

use std::time::Duration;

pub use self::brief::{author, brief};
pub(crate) use self::help::may_be_worded;
pub use self::help::{Helped, Worded, help};
use crate::model::{Model, Spending};

/// A language model, what it may cost and what it is for besides wording answers.
#[derive(Clone, Copy)]
pub struct Writer<'a> {
    /// The model.
    pub model: &'a dyn Model,
    /// What it has cost today.
    pub spending: &'a dyn Spending,
    /// What it may cost.
    pub limits: Limits,
    /// Whether it makes a question of a follow-up that the bot cannot place.
    pub rewrites: bool,
    /// Whether it sums up the conversation for the person who takes it over.
    pub sums_up: bool,
}

/// What a language model may cost. Nothing is asked that could go beyond.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Tokens in one conversation, without the summary for a person.
    pub conversation: u32,
    /// Tokens in one day (UTC).
    pub day: u64,
    /// How long an answer is waited for, whatever is asked for it; and as long a summary.
    pub wait: Duration,
}

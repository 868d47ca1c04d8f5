//! What a language model does, where the company has one. It words answers from the entries that the bot has found and from
//! nothing else ([`help`]), makes a question of a follow-up that the bot cannot place, and sums up for the person who takes
//! over ([`brief`]). If it is slow, costs too much or says anything that does not stand there, all goes as without it.

mod ask;
mod brief;
mod help;

use std::time::{Duration, Instant};

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
    /// When the work on the event is cut off, if it ever is: the event then comes again, and the model is paid again.
    pub until: Option<Instant>,
}

impl Writer<'_> {
    /// How long the model is waited for. `None`: it is not asked, as too little time would be left for what comes after it,
    /// for which as much is kept.
    fn wait(&self) -> Option<Duration> {
        let left = self.until.map_or(Duration::MAX, |until| until.saturating_duration_since(Instant::now()));
        let bears = left / 2 >= self.limits.wait;
        if !bears {
            tracing::warn!("too little time is left to ask the language model");
        }
        bears.then_some(self.limits.wait)
    }
}

/// What a language model may cost. Nothing is asked that could go beyond.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Tokens in one conversation. Summaries for people are only had from what answers and earlier summaries have left.
    pub conversation: u32,
    /// Tokens in one day (UTC).
    pub day: u64,
    /// How long an answer is waited for, whatever is asked for it; and as long a summary.
    pub wait: Duration,
}

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

/// A model's price and what it may cost, in dollars.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cost {
    /// A million tokens: of what is read and what is written, the dearer.
    pub price: f64,
    /// One conversation at most; zero: tokens alone are limited.
    pub conversation: f64,
    /// One day (UTC) at most; zero: tokens alone are limited.
    pub day: f64,
}

impl Limits {
    /// So that it costs no more than that either: each token is taken to have the price of the dearer ones.
    ///
    /// # Errors
    /// Something is no amount of money, or there is a most and no price.
    pub fn at_most(self, cost: Cost) -> Result<Self, &'static str> {
        let Cost { price, conversation, day } = cost;
        if [price, conversation, day].iter().any(|dollars| !dollars.is_finite() || *dollars < 0.0) {
            return Err("prices and costs are dollars, such as 0.5");
        }
        if price <= 0.0 && (conversation > 0.0 || day > 0.0) {
            return Err("what a conversation or a day may cost needs the model's price");
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "not below zero; a cast is at most the most"
        )]
        let tokens = |dollars: f64| if dollars > 0.0 { (dollars / price * 1e6) as u64 } else { u64::MAX };
        let conversation = u32::try_from(tokens(conversation)).unwrap_or(u32::MAX).min(self.conversation);
        Ok(Self { conversation, day: tokens(day).min(self.day), ..self })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKENS: Limits = Limits { conversation: 20_000, day: 1_000_000, wait: Duration::ZERO };

    fn most(price: f64, conversation: f64, day: f64) -> Result<(u32, u64), &'static str> {
        TOKENS.at_most(Cost { price, conversation, day }).map(|limits| (limits.conversation, limits.day))
    }

    #[test]
    fn money_limits_what_tokens_do_not() {
        for (price, conversation, day, expected) in [
            (0.0, 0.0, 0.0, (20_000, 1_000_000)),
            (15.0, 0.0, 0.0, (20_000, 1_000_000)),
            (15.0, 0.03, 2.5, (2_000, 166_666)),
            (15.0, 0.0, 2.5, (20_000, 166_666)),
            (0.24, 1.0, 1.0, (20_000, 1_000_000)),
            (1e-9, 1e9, 1e9, (20_000, 1_000_000)),
            (1e9, 1e-9, 1e-9, (0, 0)),
        ] {
            assert_eq!(most(price, conversation, day), Ok(expected), "{price} {conversation} {day}");
        }
    }

    #[test]
    fn what_cannot_be_reckoned_is_told() {
        for (price, conversation, day) in [(0.0, 1.0, 0.0), (0.0, 0.0, 1.0)] {
            assert!(most(price, conversation, day).unwrap_err().contains("needs the model's price"));
        }
        for wrong in [-1.0, f64::NAN, f64::INFINITY] {
            for (price, conversation, day) in [(wrong, 0.0, 0.0), (1.0, wrong, 0.0), (1.0, 0.0, wrong)] {
                assert!(most(price, conversation, day).unwrap_err().contains("dollars"));
            }
        }
    }
}

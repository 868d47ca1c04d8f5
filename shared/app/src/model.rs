//! What [`writer`](crate::writer) needs from outside.

use std::time::Duration;

use async_trait::async_trait;
pub use bot::generate::Prompt;

use crate::PortError;

/// A language model.
#[async_trait]
pub trait Model: Send + Sync {
    /// Its reply to a prompt, unless that takes longer.
    async fn complete(&self, prompt: &Prompt, wait: Duration) -> Result<Completion, PortError>;
}

/// A language model's reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completion {
    /// What it says.
    pub text: String,
    /// Tokens that it took, prompt and reply, if it tells.
    pub tokens: Option<u32>,
    /// In its API's words, why it stopped before the end: a filter, its length. What it says then is no answer.
    pub stopped: Option<String>,
}

/// What the language model costs.
#[async_trait]
pub trait Spending: Send + Sync {
    /// Counts tokens for a day (since the epoch, UTC); fewer than none give some back. The day's sum.
    async fn spend(&self, day: i64, tokens: i64) -> Result<u64, PortError>;
}

/// The secret with which a language model lets us in.
#[async_trait]
pub trait ModelKey: Send + Sync {
    /// It, as fresh as five minutes; `None`: there is none.
    async fn key(&self) -> Result<Option<String>, PortError>;
}

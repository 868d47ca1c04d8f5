//! What [`writer`](crate::writer) needs from outside.

use std::time::Duration;

use async_trait::async_trait;
pub use bot::generate::Prompt;

use crate::PortError;

/// A language model.
#[async_trait]
pub trait Model: Send + Sync {
    /// Its reply to a prompt, unless that takes longer.
    async fn complete(&self, prompt: &Prompt, wait: Duration) -> Result<Completion, Unsaid>;
}

/// Why a language model has said nothing.
#[derive(Debug)]
pub struct Unsaid {
    /// What failed.
    pub error: PortError,
    /// Whether it surely did not work on the prompt, so that nothing is paid for it.
    pub unspent: bool,
}

impl Unsaid {
    /// It did not begin.
    pub fn unspent(error: PortError) -> Self {
        Self { error, unspent: true }
    }

    /// Its provider answered with this HTTP status.
    pub fn answered(status: u16, error: PortError) -> Self {
        // Of the refusals, these come while it works or after: too long (408), the model failed (424 of Amazon Bedrock), the
        // caller was gone (499 of some proxies).
        let unspent = (400..500).contains(&status) && !matches!(status, 408 | 424 | 499);
        Self { error, unspent }
    }
}

impl From<PortError> for Unsaid {
    /// Nobody knows whether it worked.
    fn from(error: PortError) -> Self {
        Self { error, unspent: false }
    }
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

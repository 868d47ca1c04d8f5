//! The company's own systems: their settings and their calls.

use std::sync::Arc;

use async_trait::async_trait;
use channels::{HttpCall, KeySet, WireReply};

use crate::PortError;

/// Which of the company's systems does what, as fresh as five minutes.
#[async_trait]
pub trait ActionSettings: Send + Sync {
    /// The settings and what calls are signed with, as [`crate::action::settings`] reads them; an empty set when nothing
    /// is stored.
    async fn actions(&self) -> Result<Arc<KeySet>, PortError>;
}

/// The company's own systems.
#[async_trait]
pub trait ActionTarget: Send + Sync {
    /// Makes one call. It can always be made again: systems know it by its id. No more than
    /// [`MAX_BYTES`](crate::action::MAX_BYTES) of the answer are read. Status 0: no answer came.
    async fn call(&self, call: &HttpCall) -> ActionReply;
}

/// What came of a call of the company's own system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ActionReply {
    /// An answer.
    Reply(WireReply),
    /// More than is read.
    TooLarge,
    /// The address leads where nothing is called; why, in plain words.
    Forbidden(&'static str),
}

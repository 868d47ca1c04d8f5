//! What can happen to a conversation. Every event enters through the same ordered queue.

use serde::{Deserialize, Serialize};

use crate::{Content, DedupId, Identity, Locale, UnixMillis};

/// Something that happened, in its identity's order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct InboundEvent {
    /// The same event coming again has the same id.
    pub id: DedupId,
    /// Whose conversation it concerns.
    pub identity: Identity,
    /// When the door accepted it.
    pub at: UnixMillis,
    /// The customer's language, if the channel knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<Locale>,
    /// What happened.
    pub kind: EventKind,
}

/// The kinds of event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum EventKind {
    /// The customer wrote, sent a file or took a choice.
    Message {
        /// What the customer sent.
        content: Content,
    },
}

impl EventKind {
    /// The kind's name, as it enters the dedup id.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Message { .. } => "message",
        }
    }
}

impl InboundEvent {
    /// An event whose id follows from its identity, kind and the provider's own id.
    pub fn new(identity: Identity, provider_id: &str, at: UnixMillis, locale: Option<Locale>, kind: EventKind) -> Self {
        Self { id: identity.dedup(kind.name(), provider_id), identity, at, locale, kind }
    }
}

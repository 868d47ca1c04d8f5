//! Conversations as they are kept, and the alarms that come back to them.

use async_trait::async_trait;
use domain::{Alarm, Conversation, ConversationId, DedupId, GroupId, Identity, Turn};

use crate::PortError;

/// The heads and turns of conversations.
#[async_trait]
pub trait Conversations: Send + Sync {
    /// The identity's current conversation, as last committed.
    async fn load(&self, group: &GroupId) -> Result<Option<Conversation>, PortError>;

    /// The turn of an event, if it was committed.
    async fn turn(&self, group: &GroupId, event: &DedupId) -> Result<Option<Turn>, PortError>;

    /// The turns of a conversation, in order; of an identity with many thousands of them, some may be missing.
    async fn turns_of(&self, group: &GroupId, conversation: &ConversationId) -> Result<Vec<Turn>, PortError>;

    /// Commits head and turn in one transaction: the turn must be new, the head one version above the stored. A turn
    /// that links or separates moves its customer's member with them.
    async fn commit(&self, group: &GroupId, head: &Conversation, turn: &Turn) -> Result<Commit, PortError>;
}

/// How a commit went.
#[derive(Debug, Clone, PartialEq)]
pub enum Commit {
    /// Written.
    Done,
    /// This event was committed before: its turn as it stands.
    Repeated(Box<Turn>),
    /// Another writer was first: load and decide again.
    Stale,
}

/// Alarms: each comes back as a timer event in its identity's group, at its time or up to a minute later.
#[async_trait]
pub trait Alarms: Send + Sync {
    /// Sets an alarm; one that is set already stays.
    async fn set(&self, identity: &Identity, alarm: Alarm) -> Result<(), PortError>;

    /// Takes an alarm back; one that is gone already is gone.
    async fn cancel(&self, group: &GroupId, alarm: Alarm) -> Result<(), PortError>;
}

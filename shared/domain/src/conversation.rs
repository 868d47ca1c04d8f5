//! A conversation's head: the state that `decide` reads and writes.

use serde::{Deserialize, Serialize};

use crate::{ConversationId, Identity, Locale, UnixMillis};

/// Turns after which an identity's next event opens a new conversation.
pub const MAX_TURNS: u32 = 200;

/// The state of an identity's current conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conversation {
    /// The conversation.
    pub id: ConversationId,
    /// Whose it is, for life.
    pub identity: Identity,
    /// Which conversation of this identity it is, from 1.
    pub number: u32,
    /// Grows by one with every commit; 0 is a state that was never committed.
    pub version: u64,
    /// Seq of the identity's last message; it goes on across conversations, so that a reader's place never turns back.
    pub seq: u64,
    /// Turns in this conversation.
    pub turns: u32,
    /// Who answers.
    pub owner: Owner,
    /// The language last spoken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<Locale>,
    /// Questions in a row that the bot could not answer.
    #[serde(default)]
    pub unknown_streak: u32,
    /// When it was opened.
    pub opened_at: UnixMillis,
    /// When it last changed.
    pub updated_at: UnixMillis,
}

/// Who answers the customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Owner {
    /// The bot.
    Bot,
    /// The customer asked for a person and waits; the bot still answers what it knows.
    Queued {
        /// Since when.
        since: UnixMillis,
    },
}

impl Conversation {
    /// The state before an identity's first event.
    pub fn first(identity: &Identity, at: UnixMillis) -> Self {
        Self {
            id: Self::id_of(identity, 1),
            identity: identity.clone(),
            number: 1,
            version: 0,
            seq: 0,
            turns: 0,
            owner: Owner::Bot,
            locale: None,
            unknown_streak: 0,
            opened_at: at,
            updated_at: at,
        }
    }

    /// The conversation that follows this one: same identity, language and order, nothing else carried over but who
    /// answers.
    #[must_use]
    pub fn next(&self, at: UnixMillis) -> Self {
        let number = self.number.saturating_add(1);
        Self {
            id: Self::id_of(&self.identity, number),
            number,
            turns: 0,
            unknown_streak: 0,
            opened_at: at,
            updated_at: at,
            ..self.clone()
        }
    }

    fn id_of(identity: &Identity, number: u32) -> ConversationId {
        ConversationId::derive(&[identity.group().as_str().as_bytes(), &number.to_be_bytes()])
    }
}

//! What the company's people do in a conversation.

use serde::{Deserialize, Serialize};

use crate::{AgentId, Content};

/// Something that a person of the company does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum AgentAction {
    /// Takes the conversation, from the queue or from the bot.
    Accept,
    /// Writes to the customer.
    Reply {
        /// What the customer gets.
        content: Content,
    },
    /// Notes something that the customer never sees.
    Note {
        /// The note.
        text: String,
    },
    /// Is still at it: the lease begins anew.
    Renew,
    /// Gives the conversation to another.
    Transfer {
        /// To whom; nobody named: to whoever accepts next.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<AgentId>,
    },
    /// Gives the conversation back to the bot.
    HandBack,
    /// Ends the conversation.
    Close,
}

impl AgentAction {
    /// The action's name, as it is recorded.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Reply { .. } => "reply",
            Self::Note { .. } => "note",
            Self::Renew => "renew",
            Self::Transfer { .. } => "transfer",
            Self::HandBack => "hand_back",
            Self::Close => "close",
        }
    }
}

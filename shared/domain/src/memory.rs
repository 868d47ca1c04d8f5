//! What the bot keeps of a conversation from one message to the next.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::ActionId;

/// The bot's memory, in the head. It is gone with the conversation.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Memory {
    /// The entry that answered last: "and the postage?" is asked of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic: Option<String>,
    /// How often the customer has insulted the bot.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub insults: u32,
    /// The flow under way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flow: Option<FlowState>,
    /// Tokens that a language model has taken so far.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub tokens: u32,
}

impl Memory {
    /// Whether nothing is kept.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// How far a flow has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlowState {
    /// Which flow.
    pub flow: String,
    /// The step that waits for the customer, or for an action.
    pub step: String,
    /// What is known so far, by slot. In clear only what an action still has to be given.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub slots: BTreeMap<String, String>,
    /// How often in a row the customer's answer did not fit.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub misses: u32,
    /// The action whose end is waited for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<ActionId>,
    /// The steps behind that a corrected slot may lead back to, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub passed: Vec<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

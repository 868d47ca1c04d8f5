//! What the bot has the company's own systems do: look up an order, register a return. Done by a worker outside; what
//! became of it comes back as an event.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{ActionId, Change, ConversationId, FlowState, Identity, Locale, Turn, UnixMillis};

/// One call of an action. Coming again it has the same id, which is its idempotency key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActionCall {
    /// Derived from the event that asked for it.
    pub id: ActionId,
    /// The action's name, as the knowledge has it.
    pub name: String,
    /// What it is given.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub input: BTreeMap<String, String>,
}

/// A call on its way to the worker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActionOrder {
    /// Whose conversation it is for.
    pub identity: Identity,
    /// Which conversation.
    pub conversation: ConversationId,
    /// When it was decided.
    pub at: UnixMillis,
    /// The language that is spoken, if it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<Locale>,
    /// The call.
    pub call: ActionCall,
}

/// What became of a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActionNews {
    /// Which call.
    pub id: ActionId,
    /// How it ended.
    #[serde(flatten)]
    pub result: ActionResult,
}

/// How a call ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "result", rename_all = "snake_case")]
pub enum ActionResult {
    /// The system did it.
    Done {
        /// What it says, by name.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        values: BTreeMap<String, String>,
    },
    /// The system took the call and will not do it: no such order, too late for a return.
    Refused {
        /// Why, as the system names it; the knowledge says it in words.
        reason: String,
    },
    /// Whether it was done is not known: the system could not be reached, or gave no answer that can be read.
    Failed,
}

impl Turn {
    /// The calls that the turn owes, of which the flow of the head waits for the end. They follow from both: whenever the
    /// turn's event comes again, they are the same. The turn holds what they are given with personal data covered, the
    /// flow as it is.
    pub fn actions(&self, identity: &Identity, locale: Option<&Locale>, flow: Option<&FlowState>) -> Vec<ActionOrder> {
        let Some(flow) = flow else { return vec![] };
        let calls = self
            .changes
            .iter()
            .filter_map(|change| if let Change::ActionCalled(call) = change { Some(call) } else { None })
            .filter(|call| flow.action.as_ref() == Some(&call.id));
        let whole = |(name, kept): (&String, &String)| (name.clone(), flow.slots.get(name).unwrap_or(kept).clone());
        let order = |call: &ActionCall| ActionOrder {
            identity: identity.clone(),
            conversation: self.conversation.clone(),
            at: self.at,
            locale: locale.cloned(),
            call: ActionCall { input: call.input.iter().map(whole).collect(), ..call.clone() },
        };
        calls.map(order).collect()
    }
}

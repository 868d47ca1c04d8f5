//! What a turn did besides messages. A conversation's history is its turns: messages and changes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    ActionCall, ActionNews, AgentId, ConversationId, CustomerId, DeliveryId, DeliveryStatus, MediaNews, ModelUse,
    Proof, UnixMillis,
};

/// One thing that a turn did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum Change {
    /// The customer waits for a person.
    Queued {
        /// Until then.
        deadline: UnixMillis,
    },
    /// Nobody came in time; the bot is back.
    QueueEnded,
    /// A person has the conversation.
    Accepted {
        /// Who.
        agent: AgentId,
    },
    /// A person left a waiting customer alone for too long.
    LeaseEnded {
        /// Who.
        agent: AgentId,
    },
    /// A person gave the conversation on.
    Transferred {
        /// Who.
        agent: AgentId,
        /// To whom, if to somebody.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<AgentId>,
    },
    /// A person gave the conversation back to the bot.
    HandedBack {
        /// Who.
        agent: AgentId,
    },
    /// A person noted something.
    Noted {
        /// Who.
        agent: AgentId,
        /// The note.
        text: String,
    },
    /// A person ended the conversation and has time for notes.
    WrappedUp {
        /// Who.
        agent: AgentId,
    },
    /// The customer wrote again before the conversation was closed.
    Reopened,
    /// The conversation is closed.
    Closed {
        /// Which one: the turn may belong to the next already.
        conversation: ConversationId,
        /// By whom.
        by: Closer,
    },
    /// The customer was asked whether they are still there.
    Reminded,
    /// The customer was asked for a rating.
    SurveyAsked,
    /// The customer gave a rating.
    Rated {
        /// From 1 (bad) to 5 (good).
        stars: u8,
    },
    /// The customer wrote more in a minute than the bot answers.
    Limited,
    /// A person's action was not done.
    Refused {
        /// Who.
        agent: AgentId,
        /// The action's name.
        action: String,
        /// Why.
        reason: Refusal,
    },
    /// News of a delivery.
    Delivery {
        /// Which.
        delivery: DeliveryId,
        /// Seq of its last message.
        seq: u64,
        /// How it stands.
        #[serde(flatten)]
        status: DeliveryStatus,
    },
    /// What the turn says to the customer did not go out: the channel counts, and allows no more for now; or it is live,
    /// and the customer is not on the line; or they want no messages.
    Withheld {
        /// Seq of its last message.
        seq: u64,
        /// How many of the channel's messages it would have taken.
        messages: u32,
        /// How many were left; the last one is kept for a person.
        left: u32,
    },
    /// The customer wants no messages any more.
    OptedOut,
    /// The customer wants messages again.
    OptedIn,
    /// Everything sent so far has arrived, or was read.
    Seen {
        /// Seq of the last message until then.
        seq: u64,
        /// Whether it was read, or has arrived.
        read: bool,
    },
    /// A message's file was fetched, or listened to.
    Media(MediaNews),
    /// The company's systems are to do something.
    ActionCalled(ActionCall),
    /// What became of that.
    ActionEnded(ActionNews),
    /// A language model was asked for the answer's words.
    Written(ModelUse),
    /// What a flow knew when the customer was given to a person.
    Collected {
        /// Which flow.
        flow: String,
        /// What it knew, by slot.
        slots: BTreeMap<String, String>,
    },
    /// What the bot had to do with a customer whom it gave to a person.
    Briefed {
        /// The entry that answered last, if one did.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        topic: Option<String>,
        /// Questions in a row, until then, that the bot could not answer.
        #[serde(default)]
        unknowns: u32,
    },
    /// The identity belongs to this customer now.
    Linked {
        /// The customer.
        customer: CustomerId,
        /// Whose it was.
        from: CustomerId,
        /// What it rests on.
        proof: Proof,
    },
    /// The identity is on its own again.
    Unlinked {
        /// Whose it was.
        from: CustomerId,
        /// Who decided it.
        agent: AgentId,
    },
    /// A link was not made: the identity is another customer's, or was separated by hand.
    LinkRefused {
        /// The customer that it was to belong to.
        customer: CustomerId,
    },
    /// Everything of this person up to here was erased.
    Forgotten {
        /// Seq of their last message until then.
        #[serde(default)]
        seq: u64,
        /// The customer that the identity belonged to, if it was linked.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        customer: Option<CustomerId>,
    },
}

/// Who closed a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Closer {
    /// The person who had it.
    Agent,
    /// Nobody: nothing was written for long.
    Idle,
}

/// Why a person's action was not done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// The conversation is another's, or was given to another by name.
    NotYours,
    /// The conversation is closed.
    Closed,
    /// There is a newer conversation of this customer.
    Succeeded,
    /// The channel counts messages, and allows no more until the customer writes again.
    NoAllowance,
    /// The customer has hung up, or their line is with somebody else.
    OffLine,
    /// The customer wants no messages, until they say otherwise.
    OptedOut,
}

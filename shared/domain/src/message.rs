//! Messages in their conversation's order, turns, and what goes out.

use serde::{Deserialize, Serialize};

use crate::{
    Alarm, Change, Content, ConversationId, DedupId, DeliveryId, Identity, MessageId, ReplyHandle, Transport,
    Unanswered, UnixMillis,
};

/// Who wrote a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Author {
    /// The customer.
    Customer,
    /// The bot.
    Bot,
    /// A person of the company.
    Agent,
    /// Frontdesk itself: notices about the conversation.
    System,
}

/// One message with its place.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// Derived from the event that caused it: the same event gives the same id.
    pub id: MessageId,
    /// Place among all messages of this identity, from 1, without gaps.
    pub seq: u64,
    /// Who wrote it.
    pub author: Author,
    /// What it says.
    pub content: Content,
    /// When it was accepted (customer) or decided (bot, system).
    pub at: UnixMillis,
}

/// What one event did to a conversation: the unit of commit. Its id is the event's, which makes it the dedupe record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Turn {
    /// The event's id.
    pub id: DedupId,
    /// Its number among all turns of this identity, from 1, without gaps: the head's version after it.
    pub number: u64,
    /// The conversation it belongs to.
    pub conversation: ConversationId,
    /// When it was decided.
    pub at: UnixMillis,
    /// The customer's message and the answers, in order.
    pub messages: Vec<Message>,
    /// What else happened, in order.
    pub changes: Vec<Change>,
    /// The questions that the bot could not answer, as far as this turn tells.
    pub unanswered: Vec<Unanswered>,
    /// What is to be handed to transports. Sent after the commit, and again whenever the event comes again.
    pub outbox: Vec<OutboxEntry>,
    /// The alarms that it sets and cancels: after the commit, and again whenever the event comes again.
    pub alarm: Option<AlarmOrder>,
}

/// What is to be done about alarms outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlarmOrder {
    /// The alarm to set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub set: Option<Alarm>,
    /// The one that is of no use any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancel: Option<Alarm>,
}

/// A delivery that a turn owes: which of its messages go where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutboxEntry {
    /// Derived from the turn: the same turn owes the same delivery.
    pub id: DeliveryId,
    /// The way it travels.
    pub transport: Transport,
    /// First message of the turn that goes, counted from 0.
    pub first: usize,
    /// How many messages go.
    pub count: usize,
    /// After this it may not be sent any more; none: it always may.
    pub expires: Option<UnixMillis>,
    /// The direct way to answer what it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply: Option<ReplyHandle>,
}

/// A delivery on its way to a transport.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Outbound {
    /// The delivery.
    pub id: DeliveryId,
    /// To whom.
    pub identity: Identity,
    /// Of which conversation.
    pub conversation: ConversationId,
    /// How it travels.
    pub transport: Transport,
    /// The messages, in order; never empty.
    pub messages: Vec<Message>,
    /// When the door took the message that it answers; none: nobody has just written, or a person answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked_at: Option<UnixMillis>,
    /// After this it may not be sent any more: the channel's reply window is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<UnixMillis>,
    /// The direct way to answer what it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply: Option<ReplyHandle>,
}

impl Outbound {
    /// Whether it is a text message to a customer who is on the line.
    pub fn is_text(&self) -> bool {
        self.reply.as_ref().and_then(|reply| reply.line.as_ref()).is_some_and(|line| line.texts)
    }

    /// Seq of the last message: the delivery's place among the identity's deliveries.
    pub fn last_seq(&self) -> u64 {
        self.messages.last().map_or(0, |message| message.seq)
    }
}

impl Turn {
    /// The deliveries that this turn owes, with their messages.
    pub fn outbound(&self, identity: &Identity) -> Vec<Outbound> {
        let asked = self.messages.iter().find(|message| message.author == Author::Customer);
        let asked_at = asked.map(|message| message.at);
        self.outbox
            .iter()
            .map(|entry| Outbound {
                id: entry.id.clone(),
                identity: identity.clone(),
                conversation: self.conversation.clone(),
                transport: entry.transport,
                messages: self.messages.iter().skip(entry.first).take(entry.count).cloned().collect(),
                asked_at,
                expires: entry.expires,
                reply: entry.reply.clone(),
            })
            .filter(|outbound| !outbound.messages.is_empty())
            .collect()
    }
}

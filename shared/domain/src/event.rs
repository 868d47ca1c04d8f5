//! What can happen to a conversation. Every event enters through the same ordered queue.

use serde::{Deserialize, Serialize};

use crate::{
    ActionNews, AgentAction, AgentId, Alarm, Content, ConversationId, CustomerId, DedupId, DeliveryId, DeliveryStatus,
    Identity, Locale, MediaNews, Proof, UnixMillis,
};

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
    /// With what it can be answered directly, on channels that have such a thing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply: Option<ReplyHandle>,
    /// What it allows the company to send, on channels that count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grant: Option<Grant>,
    /// Whether it belongs to the message before it, as a mail's files do: it stands in the history, and has no answer of
    /// its own.
    #[serde(default, skip_serializing_if = "is_false")]
    pub part: bool,
    /// What happened.
    pub kind: EventKind,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
fn is_false(value: &bool) -> bool {
    !value
}

/// The direct way to answer one event: a provider's reply token, or a request that still waits for its answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplyHandle {
    /// The provider's token; empty where the answer to the request itself is meant.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub token: String,
    /// Until when it can be used.
    pub until: UnixMillis,
    /// The line on which the customer is, on channels that are live.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<Line>,
}

/// A line that is open to the customer: a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// By what the channel finds it again.
    pub id: String,
    /// Whether the customer waits on it for a person.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub waits: bool,
    /// Whether what goes out is a text message to the customer's own number, while they are on it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub texts: bool,
}

/// What an event allows the company to send, on a channel that counts messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// So many messages,
    pub messages: u32,
    /// in so many seconds from the event.
    pub seconds: u32,
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
    /// A person of the company did something.
    Agent {
        /// Who.
        agent: AgentId,
        /// In which conversation, as they saw it.
        conversation: ConversationId,
        /// What.
        #[serde(flatten)]
        action: AgentAction,
    },
    /// A provider, or our own sender, tells how a delivery stands.
    Receipt {
        /// Which delivery.
        delivery: DeliveryId,
        /// Seq of its last message.
        seq: u64,
        /// How it stands.
        #[serde(flatten)]
        status: DeliveryStatus,
    },
    /// The alarm that the head asked for went off. Early, late or twice: harmless.
    Timer {
        /// Which.
        alarm: Alarm,
    },
    /// Up to some moment, everything that was sent has arrived, or was read. For providers that do not say which.
    Seen {
        /// Up to when.
        until: UnixMillis,
        /// Whether it was read, or has arrived.
        read: bool,
    },
    /// A person of the company wrote to the customer in the provider's own inbox: the bot is to be silent.
    AnsweredElsewhere {
        /// What they wrote.
        content: Content,
    },
    /// A message's file was fetched and looked at, or listened to.
    MediaReady(MediaNews),
    /// An action of the company's systems has ended.
    ActionDone(ActionNews),
    /// The identity turned out to be this customer's.
    IdentityLinked {
        /// The customer.
        customer: CustomerId,
        /// What that rests on.
        #[serde(flatten)]
        proof: Proof,
        /// If that is an address: the customer who is known by this address alone. From them, and from nobody else, the
        /// identity may be moved.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        address: Option<CustomerId>,
    },
    /// A person of the company found that the identity is not its customer's.
    IdentitySeparated {
        /// Who.
        agent: AgentId,
    },
    /// The person wants to be forgotten.
    Forget,
}

impl EventKind {
    /// The kind's name, as it enters the dedup id.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Message { .. } => "message",
            Self::Agent { .. } => "agent",
            // One delivery has several receipts.
            Self::Receipt { status, .. } => match status {
                DeliveryStatus::MaybeSent => "maybe_sent",
                DeliveryStatus::Sent => "sent",
                DeliveryStatus::Failed { .. } => "failed",
                DeliveryStatus::Delivered => "delivered",
                DeliveryStatus::Read => "read",
            },
            Self::Seen { read: false, .. } => "arrived",
            Self::Seen { read: true, .. } => "seen",
            Self::AnsweredElsewhere { .. } => "elsewhere",
            Self::Timer { .. } => "timer",
            Self::MediaReady { .. } => "media",
            Self::ActionDone(_) => "action",
            Self::IdentityLinked { .. } => "linked",
            Self::IdentitySeparated { .. } => "separated",
            Self::Forget => "forget",
        }
    }
}

impl InboundEvent {
    /// An event whose id follows from its identity, kind and the provider's own id.
    pub fn new(identity: Identity, provider_id: &str, at: UnixMillis, locale: Option<Locale>, kind: EventKind) -> Self {
        let id = identity.dedup(kind.name(), provider_id);
        Self { id, identity, at, locale, reply: None, grant: None, part: false, kind }
    }

    /// The same with a direct way to answer it.
    #[must_use]
    pub fn answerable(self, token: &str, until: UnixMillis) -> Self {
        let line = self.reply.and_then(|reply| reply.line);
        Self { reply: Some(ReplyHandle { token: token.to_owned(), until, line }), ..self }
    }

    /// The same from a customer who is on this line.
    #[must_use]
    pub fn on_line(self, id: &str) -> Self {
        let line = Some(Line { id: id.to_owned(), waits: false, texts: false });
        let reply = self.reply.unwrap_or(ReplyHandle { token: String::new(), until: UnixMillis(0), line: None });
        Self { reply: Some(ReplyHandle { line, ..reply }), ..self }
    }

    /// The line on which the customer is, if the event tells.
    pub fn line(&self) -> Option<&str> {
        self.reply.as_ref()?.line.as_ref().map(|line| line.id.as_str())
    }

    /// The same with what it allows the company to send.
    #[must_use]
    pub fn granting(self, messages: u32, seconds: u32) -> Self {
        Self { grant: Some(Grant { messages, seconds }), ..self }
    }

    /// The event with which our own sender tells how a delivery ended.
    pub fn receipt(identity: Identity, delivery: DeliveryId, seq: u64, status: DeliveryStatus, at: UnixMillis) -> Self {
        let provider_id = delivery.as_str().to_owned();
        Self::new(identity, &provider_id, at, None, EventKind::Receipt { delivery, seq, status })
    }

    /// The event with which the worker tells how an action ended.
    pub fn action_done(identity: Identity, news: ActionNews, at: UnixMillis, locale: Option<Locale>) -> Self {
        let provider_id = news.id.as_str().to_owned();
        Self::new(identity, &provider_id, at, locale, EventKind::ActionDone(news))
    }

    /// The event as which an alarm comes back.
    pub fn timer(identity: Identity, alarm: Alarm) -> Self {
        Self::new(identity, &alarm.turn.to_string(), alarm.at, None, EventKind::Timer { alarm })
    }
}

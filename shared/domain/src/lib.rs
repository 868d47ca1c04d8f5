//! What Frontdesk is about: conversations, messages, customers, deliveries, and the one pure function that decides.
//!
//! In reading order: [`ids`], [`time`], [`channel`], [`identity`], [`content`], [`message`], [`event`], [`offer`],
//! [`allowance`], [`conversation`], [`change`], [`policy`], [`answers`], [`mod@decide`], [`delivery`], [`customer`],
//! [`handle`], [`mod@mask`], [`media`]. Nothing here does IO, reads a clock or names a vendor.

pub mod action;
pub mod agent;
pub mod allowance;
pub mod answers;
pub mod change;
pub mod channel;
pub mod content;
pub mod conversation;
pub mod customer;
pub mod decide;
pub mod delivery;
pub mod event;
pub mod handle;
pub mod identity;
pub mod ids;
pub mod locale;
pub mod mask;
pub mod media;
pub mod memory;
pub mod message;
pub mod offer;
pub mod policy;
pub mod time;
pub mod unanswered;

pub use action::{ActionCall, ActionNews, ActionOrder, ActionResult};
pub use agent::AgentAction;
pub use allowance::{Allowance, Allowances};
pub use answers::{Action, Answer, Answers, Ask, Asked, ModelUse, Notice, Outcome};
pub use change::{Change, Closer, Refusal};
pub use channel::{Capabilities, ChannelId, Markup, Transport};
pub use content::{Attachment, Button, Content, QuickReply, Wish};
pub use conversation::{Alarm, Automatic, Conversation, Deadline, Owner, Pace, Step, Survey};
pub use customer::{Link, Proof, Proven};
pub use decide::{Context, Decision, decide, delivery_id, message_id};
pub use delivery::{Delivery, DeliveryState, DeliveryStatus, Marks, Rejection};
pub use event::{EventKind, Grant, InboundEvent, Line, ReplyHandle};
pub use handle::{Handle, HandleError, HandleKind};
pub use identity::Identity;
pub use ids::{
    ActionId, AgentId, ConversationId, CustomerId, DedupId, DeliveryId, GroupId, HandleId, MessageId, UploadId,
    VisitorId,
};
pub use locale::Locale;
pub use mask::{Personal, mask};
pub use media::{Fetch, MediaNews, upload_of};
pub use memory::{FlowState, Memory};
pub use message::{AlarmOrder, Author, Message, Outbound, OutboxEntry, Turn};
pub use offer::Offer;
pub use policy::Policy;
pub use time::UnixMillis;
pub use unanswered::{Doubt, Part, Unanswered, Why};

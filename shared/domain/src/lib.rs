//! What Frontdesk is about: conversations, messages, customers, deliveries, and the one pure function that decides.
//!
//! In reading order: [`ids`], [`time`], [`channel`], [`identity`], [`content`], [`message`], [`event`],
//! [`conversation`], [`mod@decide`], [`delivery`]. Nothing here does IO, reads a clock or names a vendor.

pub mod channel;
pub mod content;
pub mod conversation;
pub mod customer;
pub mod decide;
pub mod delivery;
pub mod event;
pub mod identity;
pub mod ids;
pub mod locale;
pub mod message;
pub mod time;

pub use channel::{Capabilities, ChannelId, Transport};
pub use content::{Attachment, Button, Content, QuickReply};
pub use conversation::{Conversation, Owner};
pub use customer::Customer;
pub use decide::{Answer, Answers, Ask, Context, Decision, Outcome, decide, delivery_id, message_id};
pub use delivery::{Delivery, DeliveryState};
pub use event::{EventKind, InboundEvent};
pub use identity::Identity;
pub use ids::{ConversationId, CustomerId, DedupId, DeliveryId, GroupId, MessageId, UploadId, VisitorId};
pub use locale::Locale;
pub use message::{Author, Message, Outbound, OutboxEntry, Turn};
pub use time::UnixMillis;

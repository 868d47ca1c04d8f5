//! What the use cases need from outside: small traits, split by what they do, so that a function's dependencies show
//! what it may touch. `shared/aws` implements them for AWS, `shared/testkit` in memory.

mod actions;
mod conversations;
mod deliveries;
mod erasure;
mod files;
mod people;
mod queues;

use std::sync::Arc;

use async_trait::async_trait;
use channels::{KeySet, Thread};
use domain::{ChannelId, UnixMillis};

use crate::PortError;
use crate::answers::KnowledgeBot;

pub use actions::{ActionReply, ActionSettings, ActionTarget};
pub use conversations::{Alarms, Commit, Conversations};
pub use deliveries::{Claim, Deliveries, Mailbox, Settlement, Sockets, Wire};
pub use erasure::{Boundary, Erasure};
pub use files::{FileSource, FileStore, Files, Found, Got, Objects, StoredFile, UploadForm, UploadRequest, Uploads};
pub use people::{Customers, HandleOwner, Handles, People};
pub use queues::{ActionQueue, DeadLetter, DeadLetters, InboundQueue, MediaQueue, OutboundQueue, PullQueue, PutOff};

/// The current time.
#[async_trait]
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> UnixMillis;

    /// Returns once so many milliseconds have passed.
    async fn pause(&self, millis: u64);
}

/// Random bytes that nobody can guess.
pub trait Random: Send + Sync {
    /// 32 of them.
    fn bytes(&self) -> [u8; 32];
}

/// A channel's secrets, as fresh as five minutes.
#[async_trait]
pub trait Secrets: Send + Sync {
    /// The channel's keys; an empty set when none is stored.
    async fn keys(&self, channel: ChannelId) -> Result<Arc<KeySet>, PortError>;
}

/// No secrets at all, for senders whose channels need none.
#[derive(Debug, Clone, Copy)]
pub struct Keyless;

#[async_trait]
impl Secrets for Keyless {
    async fn keys(&self, _channel: ChannelId) -> Result<Arc<KeySet>, PortError> {
        Ok(Arc::default())
    }
}

/// How far accounts' messages have been fetched.
#[async_trait]
pub trait Cursors: Send + Sync {
    /// The account's place; `None` if nobody has begun.
    async fn load(&self, channel: ChannelId, account: &str) -> Result<Option<Place>, PortError>;

    /// Moves the account's place by one step; `false` if another puller was first.
    async fn advance(&self, channel: ChannelId, account: &str, to: &Place) -> Result<bool, PortError>;
}

/// How far an account's messages have been fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// How often it has moved, from 1.
    pub version: u64,
    /// What happened before is history: nobody waits for an answer to it.
    pub since: UnixMillis,
    /// The provider's name for the place; `None`: the beginning.
    pub cursor: Option<String>,
}

/// What is noted of threads, so that later messages can be known to belong to them.
#[async_trait]
pub trait Threads: Send + Sync {
    /// Notes a thread under a name, in place of what was noted under it before. It is forgotten by itself.
    async fn note(&self, name: &str, thread: &Thread) -> Result<(), PortError>;

    /// The thread of this name.
    async fn find(&self, name: &str) -> Result<Option<Thread>, PortError>;
}

/// The bot over the knowledge that is published, at most 15 seconds old.
#[async_trait]
pub trait Knowledge: Send + Sync {
    /// The bot. Without any published knowledge, one that knows nothing.
    async fn bot(&self) -> Result<Arc<KnowledgeBot>, PortError>;
}

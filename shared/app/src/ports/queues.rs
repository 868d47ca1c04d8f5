//! Queues between the functions, and where their records go that cannot be processed.

use async_trait::async_trait;
use channels::Pull;
use domain::{ActionOrder, Fetch, InboundEvent, Outbound};

use crate::PortError;
use crate::envelope::Unreadable;

/// Where every event enters.
#[async_trait]
pub trait InboundQueue: Send + Sync {
    /// Queues the events, each in its identity's group and under its own dedup id, in order within a group.
    /// Fails if any was not taken; all may then be sent again.
    async fn send(&self, events: &[InboundEvent]) -> Result<(), PortError>;

    /// Queues what could not be read of a request, each part alone: it ends among the dead letters, with its reason.
    async fn quarantine(&self, parts: &[Unreadable]) -> Result<(), PortError>;
}

/// Where it is said that messages wait to be fetched.
#[async_trait]
pub trait PullQueue: Send + Sync {
    /// Queues news of an account, in the account's order: one puller per account at a time. `after`: the place from which
    /// an earlier puller left the rest. The same news at the same place is queued once.
    async fn send(&self, pull: &Pull, after: Option<&str>) -> Result<(), PortError>;
}

/// Where deliveries go out.
#[async_trait]
pub trait OutboundQueue: Send + Sync {
    /// Queues a delivery in its identity's group, under its own id.
    async fn send(&self, outbound: &Outbound) -> Result<(), PortError>;
}

/// Where it is said that files are to be fetched.
#[async_trait]
pub trait MediaQueue: Send + Sync {
    /// Queues a file in its identity's group. The same file is queued once.
    async fn send(&self, fetch: &Fetch) -> Result<(), PortError>;
}

/// Where it is said what the company's own systems are to do.
#[async_trait]
pub trait ActionQueue: Send + Sync {
    /// Queues a call in its identity's group. The same call is queued once.
    async fn send(&self, order: &ActionOrder) -> Result<(), PortError>;
}

/// Where records go that cannot be processed, with the reason.
#[async_trait]
pub trait DeadLetters: Send + Sync {
    /// Puts one record on the dead-letter queue, in its own group.
    async fn put(&self, letter: &DeadLetter<'_>) -> Result<(), PortError>;
}

/// A record that was given up.
#[derive(Debug, Clone, Copy)]
pub struct DeadLetter<'a> {
    /// Its body, as it was.
    pub body: &'a str,
    /// Its group.
    pub group: &'a str,
    /// Its deduplication id.
    pub dedup: &'a str,
    /// Why it was given up: ids and kinds only, never what a customer wrote.
    pub reason: &'a str,
}

/// Puts off the next receive of records.
#[async_trait]
pub trait PutOff: Send + Sync {
    /// The records come again after so many seconds, not before.
    async fn put_off(&self, receipts: &[String], seconds: u32) -> Result<(), PortError>;
}

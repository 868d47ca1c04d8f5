//! The ports in memory, for tests: one shared world of table, queues, sockets, clock and secrets.
//!
//! It keeps the rules that the pipeline leans on: conditional commits, one claim per delivery, group order and
//! deduplication of queues. It is no second way to run Frontdesk.

#![expect(clippy::expect_used, clippy::missing_panics_doc, reason = "test support: a poisoned lock is a failed test")]

mod alarms;
mod chaos;
mod fifo;
mod files;
mod queues;
mod sleep;
mod table;
mod world;

pub use fifo::{Queued, Received};
pub use sleep::Sleep;
pub use world::{Queue, World, session_keys};

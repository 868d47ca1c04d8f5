//! What tests against a running stack share: the stack's description, a visitor, a proxy that watches AWS calls; and
//! for the fault campaign the parts of AWS that it plays itself, and the checker that judges what happened.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::missing_panics_doc,
    reason = "test support: what fails here is a failed test"
)]

pub mod album;
pub mod channel;
pub mod contract;
pub mod fault_points;
pub mod history;
pub mod inbox;
pub mod lambda;
pub mod mapping;
pub mod processes;
mod provider;
pub mod proxy;
mod report;
mod server;
pub mod sockets;
mod stack;
pub mod system;
mod units;
pub mod verdict;
mod visitor;

pub use provider::{Call, Provider, Whim};
pub use report::Row;
pub use stack::{Stack, until};
pub use units::{item_bytes, write_units};
pub use visitor::Visitor;

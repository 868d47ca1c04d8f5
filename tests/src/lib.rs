//! What tests against a running stack share: the stack's description, a visitor, and a proxy that watches AWS calls.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::missing_panics_doc,
    reason = "test support: what fails here is a failed test"
)]

pub mod contract;
pub mod proxy;
mod stack;
mod units;
mod visitor;

pub use stack::{Stack, until};
pub use units::{item_bytes, write_units};
pub use visitor::Visitor;

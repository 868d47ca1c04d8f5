//! The same questions to every channel, and what third-party code makes of it.
//!
//! A channel has a [`Fixture`] in [`fixtures`]: how its provider signs, what its bodies look like, what its answers mean.
//! [`questions`] asks all of them the same; [`fuzz`] holds the bodies of the fuzz targets; [`oracle`] speaks with
//! third-party code, each in a process of its own; [`table`] says what was found, a row per fixture.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::wildcard_enum_match_arm,
    clippy::missing_panics_doc,
    reason = "test support: what fails here is a failed test"
)]

pub mod contract;
pub mod fixture;
pub mod fixtures;
pub mod fuzz;
pub mod oracle;
pub mod questions;
pub mod request;
pub mod table;

pub use fixture::{Clock, Fixture, Item, Means, Reason, Secret, Shown, Told, Vector};
pub use fixtures::FIXTURES;
pub use request::{Place, Request, Signed};

//! `cargo local knowledge`: checks, tests, compares, approves and publishes a folder of knowledge files, goes back to
//! an earlier version, and lists what the bot could not answer.
//!
//! Published are `knowledge/<version>.json`, which never changes, `knowledge/versions/<version>.json`, what is noted of
//! it, and `knowledge/current.json`, which names the version that the bot answers from.

pub mod approve;
pub mod check;
pub mod cli;
pub mod diff;
mod folder;
pub mod import;
mod library;
mod live;
pub mod publish;
mod questions;
mod record;
pub mod rollback;
pub mod test;
pub mod unanswered;
pub mod versions;

pub(crate) use folder::compiled;
pub use publish::ensure_demo;

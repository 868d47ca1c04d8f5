//! `cargo local knowledge`: checks, tests, compares, approves and publishes a folder of knowledge files.
//!
//! Published are `knowledge/<version>.json`, which never changes, and `knowledge/current.json`, which names the version
//! that the bot answers from.

pub mod approve;
pub mod check;
pub mod cli;
pub mod diff;
mod folder;
pub mod import;
pub mod publish;
pub mod test;

pub(crate) use folder::compiled;
pub use publish::ensure_demo;

//! The responder: takes inbound records in their groups' order, decides, commits, sends the outbox.

mod encoder;
mod handler;
mod settings;

pub use handler::handle;
pub use settings::{Deps, Writing};

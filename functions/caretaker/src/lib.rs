//! The caretaker: once a day it sees to it that the webhooks of the company's accounts still come. For channels whose
//! provider stops sending them to whom was away for long.

mod handler;
mod settings;

pub use handler::{Done, handle};
pub use settings::Deps;

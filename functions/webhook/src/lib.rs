//! The door of channels that call an HTTPS webhook: one binary, deployed once per channel. Verifies the raw bytes,
//! queues what they hold, and only then acknowledges.

mod door;
mod settings;

pub use door::handle;
pub use settings::{Answers, WebhookDoor};

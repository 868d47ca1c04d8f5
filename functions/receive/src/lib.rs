//! The door of channels that come as events of AWS: one binary, deployed once per channel. It answers well only once
//! everything that the event holds is queued; else AWS hands the event over again, and at last to the function's
//! dead-letter queue.

mod handler;
mod settings;

pub use handler::{NotTaken, handle};
pub use settings::{Answers, Deps};

//! The media worker: brings customers' files into the company's storage, and has voice notes listened to.

mod handler;
mod settings;

pub use handler::handle;
pub use settings::Deps;

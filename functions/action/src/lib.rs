//! The action worker: has the company's own systems do what the bot's flows call for, and tells the conversation how it
//! ended.

mod handler;
mod settings;

pub use handler::handle;
pub use settings::Deps;

//! The puller: takes news of accounts in their order and fetches what it speaks of. For channels whose webhooks only say
//! that there is something.

mod handler;
mod settings;

pub use handler::handle;
pub use settings::Deps;

//! The outbound function: one binary, deployed once per transport. Claims deliveries, sends them, records the end.

mod handler;
mod settings;
mod wires;

pub use handler::handle;
pub use settings::Deps;

//! The visitors' door: the visitor API and the chat's files over HTTP, and the socket on which answers are pushed.
//!
//! One binary, two functions with a role each: `DOOR=http` and `DOOR=socket`.

mod api;
mod assets;
mod http_door;
mod origin;
mod pages;
mod refusal;
mod routes;
mod socket_door;

pub use http_door::{HttpDoor, HttpParts, handle as handle_http};
pub use origin::Origins;
pub use routes::ROUTES;
pub use socket_door::{SocketDoor, handle as handle_socket};

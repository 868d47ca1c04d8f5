//! What Frontdesk does, one file per use case, over ports that say what each needs from outside.
//!
//! [`accept`]: a request at the door → the inbound queue; [`wait`]: its answer, where the provider waits for one; [`receive`]:
//! an event of AWS → the same door; [`pull`]:
//! news of an account → its messages, page by page → the inbound queue. [`process`]: an inbound record → one commit → the
//! outbound queue and, for files, the media queue. [`media`]: a file of a customer's → the storage, and what is said in it.
//! [`action`]: a call of the company's own systems, and how it ended.
//! [`deliver`]: an outbound record → the provider, by [`exchange`]. [`subscribe`]: accounts' webhooks are kept coming.
//! [`visitor`]: sessions and who opens them, reading, uploads, sockets.
//! [`writer`]: answers in a language model's words.
//! [`customers`], [`files`] and [`table`] say what is kept and where.

pub mod accept;
pub mod action;
pub mod answers;
pub mod customers;
pub mod deliver;
pub mod envelope;
mod error;
pub mod exchange;
pub mod files;
pub mod media;
pub mod model;
pub mod people;
pub mod ports;
pub mod process;
pub mod pull;
pub mod receive;
pub mod response_time;
pub mod subscribe;
pub mod table;
pub mod visitor;
pub mod wait;
pub mod writer;

pub use error::{Kind, PortError};

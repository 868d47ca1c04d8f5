//! The one table, as far as it takes no AWS: its keys and its stored shapes, the same for the functions and for
//! `cargo local`.

pub mod keys;
pub mod stored;

//! Channels as values: one object-safe, synchronous trait, one folder per channel, no IO and no clock.
//!
//! A request goes `verify → parse`; a reply goes `render → classify`. [`Verified`] can only be made by a channel's
//! `verify`, so bytes that nobody checked cannot be parsed.

mod channel;
mod compare;
mod keys;
mod registry;
mod split;
pub mod telegram;
pub mod web;

pub use channel::{
    Acknowledgement, Challenge, Channel, Gate, HttpCall, Parsed, Principal, RawRequest, Reject, RenderError, Verified,
    VerifyError,
};
pub use channel::{WireCall, WireReply};
pub use keys::{Key, KeySet, KeySetError};
pub use registry::{Registry, channel};

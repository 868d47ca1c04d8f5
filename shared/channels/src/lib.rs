//! Channels as values: one object-safe, synchronous trait, one folder per channel, no IO and no clock.
//!
//! A request goes `verify → parse`; a reply goes `render → classify`. [`Verified`] can only be made by a channel's
//! `verify`, so bytes that nobody checked cannot be parsed.

mod call;
mod channel;
mod compare;
pub mod email;
mod fit;
mod hmac;
pub mod instagram;
mod keys;
#[cfg(test)]
mod lambda;
pub mod line;
mod markup;
pub mod messenger;
pub mod meta;
mod registry;
mod request;
mod split;
pub mod telegram;
mod tencent;
pub mod web;
pub mod webhook;
pub mod wechat;
pub mod wecom;
pub mod weibo;
pub mod whatsapp;

pub use call::{HttpCall, MailCall, RenderError, Token, TokenPlace, WireCall, WireReply};
pub use channel::{
    AnswerWith, Answering, Channel, Doors, Pulling, Rendering, Subscribing, Thread, Threading, Tokens, Waits,
};
pub use keys::{Key, KeySet, KeySetError};
pub use registry::{Registry, channel};
pub use request::{
    Acknowledgement, Answer, Challenge, EVENT, EVENT_HEADER, Gate, MAX_EVENT_BYTES, Page, Parsed, Principal, Pull,
    RawRequest, ReceivedFile, Reject, Verified, VerifyError,
};

//! Channels as values: one object-safe, synchronous trait, one folder per channel, no IO and no clock.
//!
//! A request goes `verify → parse`; a reply goes `render → classify`. [`Verified`] can only be made by a channel's
//! `verify`, so bytes that nobody checked cannot be parsed.

mod call;
mod channel;
mod compare;
pub mod connect;
mod ear;
pub mod email;
mod fetch;
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
mod probe;
mod registry;
mod request;
mod settings;
pub mod sms;
mod split;
pub mod standard_webhooks;
pub mod telegram;
mod tencent;
pub mod twilio;
pub mod voice;
pub mod web;
pub mod webhook;
pub mod wechat;
pub mod wecom;
pub mod weibo;
pub mod whatsapp;

pub use call::{HttpCall, MailCall, RenderError, TextCall, Token, TokenPlace, WireCall, WireReply};
pub use channel::{
    AnswerWith, Answering, Channel, Doors, Pulling, Rendering, Subscribing, Thread, Threading, Tokens, Unanswered,
    Waits,
};
pub use fetch::{FetchWith, Fetched, Fetching, FileReply, Step};
pub use keys::{Key, KeySet, KeySetError};
pub use probe::{Probe, Probed, Probing, UrlCheck};
pub use registry::{Registry, channel};
pub use request::{
    Acknowledgement, Answer, Awaited, Challenge, EVENT, EVENT_HEADER, Gate, MAX_EVENT_BYTES, Page, Parsed, Principal,
    Pull, RawRequest, ReceivedFile, Reject, Verified, VerifyError,
};
pub use settings::{Need, SettingsFault};

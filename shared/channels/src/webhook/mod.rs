//! Any system that sends and takes signed JSON, described by settings: a team adds its own channel without code.
//! Requests in both directions are signed as Standard Webhooks lays down (standardwebhooks.com, version 1: symmetric).
//!
//! Keys, each named (`kid`) by the account: `receive_secrets` (any of an account's may have signed) and `send_secrets`
//! (every one of the account signs, so that the receiver may know the old or the new). Both are `whsec_` and base 64 of
//! 24 to 64 random bytes. They differ by direction, so that nobody can send back to us what we have sent.
//!
//! Settings: `accounts`, by the account's name, which stands in the webhook's address as `?account=<name>`. `receive` is
//! read by [`Mapping`], `send` by [`Posting`]; `check` names every fault in them.
//!
//! ```json
//! {"receive_secrets":[{"kid":"shop","secret":"whsec_…"}],
//!  "send_secrets":[{"kid":"shop","secret":"whsec_…"}],
//!  "settings":{"accounts":{"shop":{
//!    "receive":{"items":"/messages","only":{"/type":"message"},"user":"/from/id","id":"/id","text":"/text",
//!               "payload":"/button/value","title":"/button/label","locale":{"always":"zh"},
//!               "file":{"url":"/file/url","name":"/file/name","mime":"/file/type","size":"/file/bytes"}},
//!    "send":{"url":"https://shop.example/messages","max_text_chars":4000,
//!            "body":{"to":"{{user}}","text":"{{text}}","choices":"{{choices}}","file":"{{file}}"}}}}}}
//! ```

mod check;
mod classify;
mod mapping;
mod parse;
mod posting;
mod render;
mod section;
mod template;
#[cfg(test)]
mod tests;
mod verify;

use domain::{Capabilities, Delivery, Outbound, UnixMillis};

pub use mapping::Mapping;
pub use posting::Posting;
pub use template::Place;

use crate::standard_webhooks as sign;
use crate::{
    Channel, Gate, KeySet, Parsed, RawRequest, RenderError, Rendering, SettingsFault, Verified, VerifyError, WireCall,
    WireReply,
};

/// The purpose of the secrets with which others sign what they send us.
pub const RECEIVE_SECRETS: &str = "receive_secrets";
/// The purpose of the secrets with which we sign what we send.
pub const SEND_SECRETS: &str = "send_secrets";
/// The setting that holds the accounts.
pub const ACCOUNTS: &str = "accounts";

/// What every account can carry; an account whose template has places for choices gets them as such, too.
static CAPABILITIES: Capabilities = Capabilities {
    max_text_chars: posting::TEXT_CHARS,
    files: true,
    // The receiver knows what it has taken by its `webhook-id`.
    idempotent: true,
    ..Capabilities::PLAIN
};

/// The channel of signed JSON.
#[derive(Debug, Clone, Copy)]
pub struct Webhook;

impl Channel for Webhook {
    fn check(&self, keys: &KeySet) -> Vec<SettingsFault> {
        check::check(keys)
    }

    fn capabilities(&self) -> &'static Capabilities {
        &CAPABILITIES
    }

    fn verify<'a>(&self, request: &RawRequest<'a>, keys: &KeySet, now: UnixMillis) -> Result<Gate<'a>, VerifyError> {
        verify::verify(request, keys, now)
    }

    fn parse(&self, request: &Verified<'_>) -> Parsed {
        parse::parse(request)
    }

    /// The calls' targets are whole addresses, `https://` included: each account has its own.
    fn api(&self) -> &'static str {
        ""
    }

    fn render(&self, outbound: &Outbound, with: &Rendering<'_>) -> Result<Vec<WireCall>, RenderError> {
        render::render(outbound, with)
    }

    fn classify(&self, reply: &WireReply) -> Delivery {
        classify::classify(reply)
    }
}

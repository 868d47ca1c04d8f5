//! LINE, through a Messaging API channel. Sources: developers.line.biz (Messaging API reference, "Retry failed API
//! requests") and LINE's own OpenAPI files (line/line-openapi@6e4c2a2).
//!
//! Keys, each named (`kid`) by the bot's user id, the `destination` of every webhook: `channel_secrets` (any of an
//! account's may have signed) and `access_tokens` (long-lived ones; the first of the account is used). Settings:
//! `push_only: true` sends nothing with reply tokens, so that no message can ever come twice; `render.rs` says why.
//!
//! ```json
//! {"channel_secrets":[{"kid":"U4af4980629…","secret":"8c570fa6…"}],
//!  "access_tokens":[{"kid":"U4af4980629…","secret":"…"}],
//!  "settings":{"push_only":false}}
//! ```
//!
//! Only what a person writes to the bot alone is taken: groups and rooms, and everything that another module answers
//! (`mode` is not `active`), are let go.

mod classify;
mod content;
mod event;
mod message;
mod parse;
mod probe;
mod render;
#[cfg(test)]
mod tests;
mod verify;

use domain::{Capabilities, Delivery, Outbound, UnixMillis};

use crate::{
    Channel, Fetching, Gate, Key, KeySet, Need, Parsed, Probing, RawRequest, RenderError, Rendering, Verified,
    VerifyError, WireCall, WireReply,
};

/// The purpose of the secrets with which LINE signs.
pub const CHANNEL_SECRETS: &str = "channel_secrets";
/// The purpose of the tokens with which the API is called.
pub const ACCESS_TOKENS: &str = "access_tokens";
/// The setting that keeps reply tokens unused.
pub const PUSH_ONLY: &str = "push_only";

const NEEDS: &[Need] = &[
    Need::keys(CHANNEL_SECRETS, "the channel's secret, named (`kid`) by the bot's user id (U and 32 digits)", of_bot),
    Need::keys(
        ACCESS_TOKENS,
        "a long-lived access token, named (`kid`) by the bot's user id (U and 32 digits)",
        of_bot,
    ),
];

fn of_bot(key: &Key) -> bool {
    key.kid.strip_prefix('U').is_some_and(|id| id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

static CAPABILITIES: Capabilities = Capabilities {
    // 5000 UTF-16 units; a character has at most two.
    max_text_chars: 2500,
    max_quick_replies: message::QUICK_REPLIES,
    max_buttons: 4,
    max_choice_chars: 20,
    cards: true,
    files: true,
    // A reply token works once and a push carries a retry key; `render` says what is left.
    idempotent: true,
    ..Capabilities::PLAIN
};

/// The LINE channel.
#[derive(Debug, Clone, Copy)]
pub struct Line;

impl Channel for Line {
    fn needs(&self) -> &'static [Need] {
        NEEDS
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

    fn probing(&self) -> Option<&'static dyn Probing> {
        Some(&probe::Endpoint)
    }

    fn fetching(&self) -> Option<&'static dyn Fetching> {
        Some(&content::Contents)
    }

    fn api(&self) -> &'static str {
        "https://api.line.me"
    }

    fn render(&self, outbound: &Outbound, with: &Rendering<'_>) -> Result<Vec<WireCall>, RenderError> {
        render::render(outbound, with)
    }

    fn classify(&self, reply: &WireReply) -> Delivery {
        classify::classify(reply)
    }
}

//! Telegram, through a bot. Source: Bot API 10.1 (core.telegram.org/bots/api).
//!
//! Keys: `webhook_secrets` (any of them is taken in the header; what `setWebhook` was told), `bot_tokens` (one per bot,
//! named by the bot's id, the token's digits before the colon). One deployed function serves one bot: the id of the
//! first token.

mod file;
mod parse;
mod probe;
mod render;
mod verify;

use domain::{Capabilities, Delivery, Markup, Outbound, UnixMillis};

use crate::settings::digits;
use crate::{
    Channel, Fetching, Gate, KeySet, Need, Parsed, Probing, RawRequest, RenderError, Rendering, Verified, VerifyError,
    WireCall, WireReply,
};

/// The purpose of a webhook's secrets.
pub const WEBHOOK_SECRETS: &str = "webhook_secrets";
/// The purpose of bots' tokens.
pub const BOT_TOKENS: &str = "bot_tokens";

const NEEDS: &[Need] = &[
    Need::keys(
        WEBHOOK_SECRETS,
        "what `setWebhook` was told as `secret_token`: 1 to 256 of A-Z, a-z, 0-9, _ and -",
        |key| {
            (1..=256).contains(&key.secret.len())
                && key.secret.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
        },
    ),
    Need::keys(
        BOT_TOKENS,
        "the bot's token as BotFather gave it, named (`kid`) by its digits before the colon",
        |key| {
            digits(&key.kid) && key.secret.split_once(':').is_some_and(|(id, rest)| id == key.kid && !rest.is_empty())
        },
    ),
];

static CAPABILITIES: Capabilities = Capabilities {
    max_text_chars: 4096,
    markup: Markup::Html,
    max_quick_replies: 100,
    max_buttons: 100,
    max_choice_chars: 64,
    files: true,
    ..Capabilities::PLAIN
};

/// The Telegram channel.
#[derive(Debug, Clone, Copy)]
pub struct Telegram;

impl Channel for Telegram {
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
        Some(&probe::WebhookInfo)
    }

    fn fetching(&self) -> Option<&'static dyn Fetching> {
        Some(&file::Files)
    }

    fn api(&self) -> &'static str {
        "https://api.telegram.org"
    }

    fn render(&self, outbound: &Outbound, with: &Rendering<'_>) -> Result<Vec<WireCall>, RenderError> {
        render::render(outbound, with.keys)
    }

    fn classify(&self, reply: &WireReply) -> Delivery {
        render::classify(reply)
    }
}

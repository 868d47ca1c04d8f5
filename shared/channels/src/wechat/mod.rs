//! WeChat: Official Accounts (公众号, 服务号) and mini-programs' customer service (小程序客服). Source:
//! developers.weixin.qq.com (message push and its encryption, passive answers, customer-service messages, stable
//! `access_token`, error codes).
//!
//! One key set serves several accounts; each is named by its original id (`gh_…`), which is the `kid` of its keys and the
//! account of its identities. Keys: `tokens` (the console's Token), `encoding_aes_keys` (43 characters, newest first: the
//! previous one holds for a while), `app_secrets` (for access tokens). Of the first two an account can have several.
//! Settings: `accounts`, by original id, and `reply`: `passive` answers in the request itself, anything else by
//! customer-service messages. Of an account:
//! - `app_id`: `wx…`; what is ciphered must be for it;
//! - `kind`: `official` (usual) or `mini_program`, which has no menus, articles and passive answers;
//! - `mode`: `safe` (usual), `compatible` (only the ciphered part is read, so both are the same here), or `plain`: bodies
//!   that nothing signs are taken too, because whoever set it up wrote so;
//! - `kf_account`: `name@wechat-id`, shown as the sender;
//! - `ai_label`: whether the bot's messages are marked as made by a machine.
//!
//! ```json
//! {"tokens": [{"kid": "gh_0123456789ab", "secret": "…"}],
//!  "encoding_aes_keys": [{"kid": "gh_0123456789ab", "secret": "new"}, {"kid": "gh_0123456789ab", "secret": "previous"}],
//!  "app_secrets": [{"kid": "gh_0123456789ab", "secret": "…"}],
//!  "settings": {"reply": "passive", "accounts": {"gh_0123456789ab": {"app_id": "wx0123456789abcdef"}}}}
//! ```
//!
//! An address may say which account it is for (`?account=gh_…`); then no other account's keys are tried. A request whose
//! `ToUserName` is not the account whose keys it was made with is refused.

mod account;
mod answer;
mod check;
mod classify;
mod compose;
mod event;
mod parse;
mod render;
#[cfg(test)]
mod tests;
mod token;
mod verify;

use domain::{Capabilities, Delivery, Outbound, UnixMillis};

use crate::tencent::MediaGet;
use crate::tencent::open_check;
use crate::{
    Acknowledgement, Answering, Channel, Fetching, Gate, KeySet, Parsed, RawRequest, RenderError, Rendering,
    SettingsFault, Tokens, UrlCheck, Verified, VerifyError, WireCall, WireReply,
};

/// The purpose of the tokens that sign requests.
pub const TOKENS: &str = "tokens";
/// The purpose of the keys that cipher bodies.
pub const ENCODING_AES_KEYS: &str = "encoding_aes_keys";
/// The purpose of the apps' secrets.
pub const APP_SECRETS: &str = "app_secrets";
/// The setting that describes the accounts.
pub const ACCOUNTS: &str = "accounts";

/// Choices are numbered lines to the core, because neither passive answers nor mini-programs have menus: a typed number
/// always counts. Where there are menus, the choices are drawn as one.
static CAPABILITIES: Capabilities = Capabilities {
    max_text_chars: 2048,
    max_text_bytes: Some(2048),
    cards: true,
    reply_window_seconds: Some(48 * 3600),
    counted: true,
    ..Capabilities::PLAIN
};

static FILES: MediaGet = MediaGet { scheme: "wechat-media", classify: classify::classify };

/// The WeChat channel.
#[derive(Debug, Clone, Copy)]
pub struct WeChat;

impl Channel for WeChat {
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

    /// Anything else but nothing at all would be shown to the customer as a failure.
    fn acknowledgement(&self) -> Acknowledgement {
        Acknowledgement::text("success")
    }

    fn answering(&self) -> Option<&'static dyn Answering> {
        Some(&answer::Passive)
    }

    fn tokens(&self) -> Option<&'static dyn Tokens> {
        Some(&token::StableToken)
    }

    fn url_check(&self, keys: &KeySet, now: UnixMillis, random: [u8; 16]) -> Option<UrlCheck> {
        keys.get(TOKENS).first().map(|token| open_check(&token.secret, now, random))
    }

    fn fetching(&self) -> Option<&'static dyn Fetching> {
        Some(&FILES)
    }

    fn api(&self) -> &'static str {
        "https://api.weixin.qq.com"
    }

    fn lists_callers(&self) -> bool {
        true
    }

    fn render(&self, outbound: &Outbound, with: &Rendering<'_>) -> Result<Vec<WireCall>, RenderError> {
        render::render(outbound, with.keys)
    }

    fn classify(&self, reply: &WireReply) -> Delivery {
        classify::classify(reply)
    }
}

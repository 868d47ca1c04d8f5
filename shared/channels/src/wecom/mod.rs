//! 微信客服: customer service for `WeChat` users through a corporation's `WeCom` (企业微信). Sources:
//! developer.work.weixin.qq.com/document/path/94670 (receiving), 94677 (sending), 95122 (welcome), 90968 (ciphering),
//! 91039 (access token), 90313 (error codes).
//!
//! A callback only says that there is something new; the puller then fetches it. One deployed function serves one
//! corporation and the accounts that its settings name; callbacks for other accounts are refused.
//!
//! Keys: `tokens` and `aes_keys` (of the callback's page in the console; each is tried, so that old and new hold
//! together), `secrets` (the secret of 微信客服, named by the corporation's id). Settings: `corp_id` and `accounts`, the
//! `open_kfid` of each account.
//! ```json
//! {"tokens":[{"kid":"1","secret":"…"}], "aes_keys":[{"kid":"1","secret":"43 characters"}],
//!  "secrets":[{"kid":"ww0123456789abcdef","secret":"…"}],
//!  "settings":{"corp_id":"ww0123456789abcdef","accounts":["wkAAAA"]}}
//! ```

mod classify;
mod msgid;
mod news;
mod page;
mod parse;
mod render;
mod verify;

use domain::{Capabilities, Delivery, Message, Outbound, UnixMillis};
use serde_json::Value;

use crate::settings::{any_key, text};
use crate::tencent::MediaGet;
use crate::tencent::{CipherKey, sealed_check};
use crate::{
    Acknowledgement, Channel, Fetching, Gate, HttpCall, KeySet, Need, Page, Parsed, Pull, Pulling, RawRequest,
    RenderError, Rendering, Token, Tokens, UrlCheck, Verified, VerifyError, WireCall, WireReply,
};

/// The purpose of the callback's tokens.
pub const TOKENS: &str = "tokens";
/// The purpose of the callback's `EncodingAESKey`s.
pub const AES_KEYS: &str = "aes_keys";
/// The purpose of the API's secret, named by the corporation's id.
pub const SECRETS: &str = "secrets";
/// The setting that holds the corporation's id.
pub const CORP_ID: &str = "corp_id";
/// The setting that lists the accounts (`open_kfid`).
pub const ACCOUNTS: &str = "accounts";

/// Seconds in which a customer's message can be answered.
const WINDOW_SECONDS: u32 = 48 * 60 * 60;

const NEEDS: &[Need] = &[
    Need::keys(TOKENS, "the Token of the callback's page in the console", any_key),
    Need::keys(AES_KEYS, "the EncodingAESKey of the callback's page in the console: 43 letters and digits", |key| {
        CipherKey::from_text(&key.secret).is_some()
    }),
    Need::keys(SECRETS, "the secret of 微信客服, named (`kid`) by the corporation's id (ww…)", |key| {
        !key.kid.is_empty()
    }),
    Need::setting(CORP_ID, "the corporation's id (ww…)", text),
    Need::setting(ACCOUNTS, "a list of the accounts' ids (`open_kfid`, wk…)", |value| {
        value.as_array().is_some_and(|accounts| !accounts.is_empty() && accounts.iter().all(text))
    }),
];
static FILES: MediaGet = MediaGet { scheme: "wecom-media", classify: classify::classify };

static CAPABILITIES: Capabilities = Capabilities {
    max_text_chars: 2048,
    max_text_bytes: Some(2048),
    max_quick_replies: 10,
    max_buttons: 10,
    // 128 bytes; a character has four at most.
    max_choice_chars: 32,
    idempotent: true,
    reply_window_seconds: Some(WINDOW_SECONDS),
    counted: true,
    ..Capabilities::PLAIN
};

/// The channel of 微信客服.
#[derive(Debug, Clone, Copy)]
pub struct Wecom;

impl Channel for Wecom {
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

    fn acknowledgement(&self) -> Acknowledgement {
        Acknowledgement::text("success")
    }

    fn pulling(&self) -> Option<&'static dyn Pulling> {
        Some(&Wecom)
    }

    fn tokens(&self) -> Option<&'static dyn Tokens> {
        Some(&Wecom)
    }

    fn url_check(&self, keys: &KeySet, now: UnixMillis, random: [u8; 16]) -> Option<UrlCheck> {
        let token = keys.get(TOKENS).first()?;
        let key = keys.get(AES_KEYS).iter().find_map(|key| CipherKey::from_text(&key.secret))?;
        Some(sealed_check(&token.secret, &key, corp_id(keys)?, now, random))
    }

    fn fetching(&self) -> Option<&'static dyn Fetching> {
        Some(&FILES)
    }

    fn api(&self) -> &'static str {
        "https://qyapi.weixin.qq.com"
    }

    fn lists_callers(&self) -> bool {
        true
    }

    fn render(&self, outbound: &Outbound, with: &Rendering<'_>) -> Result<Vec<WireCall>, RenderError> {
        render::render(outbound, with.now)
    }

    fn calls(&self, messages: &[Message]) -> usize {
        render::calls(messages)
    }

    fn classify(&self, reply: &WireReply) -> Delivery {
        classify::classify(reply)
    }
}

impl Pulling for Wecom {
    fn call(&self, pull: &Pull, after: Option<&str>, _keys: &KeySet) -> Result<HttpCall, RenderError> {
        Ok(page::call(pull, after))
    }

    fn page(&self, pull: &Pull, reply: &WireReply, now: UnixMillis) -> Result<Page, Delivery> {
        page::read(pull, reply, now)
    }
}

impl Tokens for Wecom {
    fn accounts(&self, keys: &KeySet) -> Vec<String> {
        corp_id(keys).map(str::to_owned).into_iter().collect()
    }

    fn call(&self, _account: &str, keys: &KeySet) -> Result<HttpCall, RenderError> {
        let unset = |what: &str| RenderError(format!("no `{what}` is set"));
        let corp = corp_id(keys).ok_or_else(|| unset(CORP_ID))?;
        let secret =
            keys.of(SECRETS, corp).ok_or_else(|| RenderError(format!("no `{SECRETS}` for the `{CORP_ID}`")))?;
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("corpid", corp)
            .append_pair("corpsecret", &secret.secret)
            .finish();
        Ok(HttpCall::get(format!("/cgi-bin/gettoken?{query}")))
    }

    fn token(&self, reply: &WireReply) -> Result<Token, Delivery> {
        classify::token(reply)
    }
}

fn corp_id(keys: &KeySet) -> Option<&str> {
    keys.text(CORP_ID).filter(|id| !id.is_empty())
}

/// Whether the account is one of those that the settings name.
fn is_ours(keys: &KeySet, account: &str) -> bool {
    let accounts = keys.setting(ACCOUNTS).and_then(Value::as_array);
    accounts.is_some_and(|accounts| accounts.iter().any(|named| named == account))
}

#[cfg(test)]
mod tests;

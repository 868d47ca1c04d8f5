//! Weibo's fans service (粉丝服务平台). Source: open.weibo.com/wiki (`Messages_api_start`, `Receive_General_Message`,
//! `Send_Customer_Service_Message`, `Error_code`).
//!
//! Keys: `app_secrets` and `access_tokens`, each named (`kid`) by the numeric id of the company's Weibo account, which is
//! the account of its identities; several secrets of an account hold together. Setting: `reply`, where `passive` answers
//! in the request itself and anything else by calls.
//!
//! ```json
//! {"app_secrets": [{"kid": "1902538057", "secret": "…"}], "access_tokens": [{"kid": "1902538057", "secret": "…"}],
//!  "settings": {"reply": "passive"}}
//! ```
//!
//! Weibo signs time and nonce, not the body: what the body says rests on the address being secret on its way (HTTPS), on
//! the signature being taken for ten minutes only, and on the account being one whose secret signed. A request for another
//! account is refused. The pushes must be JSON; the console's XML form is rejected.

mod answer;
mod classify;
mod compose;
mod parse;
mod render;
#[cfg(test)]
mod tests;
mod verify;

use domain::{Capabilities, Delivery, Outbound, UnixMillis};

use crate::settings::of_number;
use crate::tencent::open_check;
use crate::{
    Answering, Channel, Gate, KeySet, Need, Parsed, RawRequest, RenderError, Rendering, UrlCheck, Verified,
    VerifyError, WireCall, WireReply,
};

/// The purpose of the apps' secrets, which sign requests.
pub const APP_SECRETS: &str = "app_secrets";
/// The purpose of the access tokens, which the console issues for a year.
pub const ACCESS_TOKENS: &str = "access_tokens";

const NEEDS: &[Need] = &[
    Need::keys(APP_SECRETS, "the app's secret, named (`kid`) by the numeric id of the Weibo account", of_number),
    Need::keys(ACCESS_TOKENS, "the access token, named (`kid`) by the numeric id of the Weibo account", of_number),
];

/// A text must have fewer than 300 characters. Sending again has a second effect.
static CAPABILITIES: Capabilities =
    Capabilities { max_text_chars: 299, cards: true, reply_window_seconds: Some(48 * 3600), ..Capabilities::PLAIN };

/// The Weibo channel.
#[derive(Debug, Clone, Copy)]
pub struct Weibo;

impl Channel for Weibo {
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

    fn answering(&self) -> Option<&'static dyn Answering> {
        Some(&answer::Passive)
    }

    fn url_check(&self, keys: &KeySet, now: UnixMillis, random: [u8; 16]) -> Option<UrlCheck> {
        keys.get(APP_SECRETS).first().map(|secret| open_check(&secret.secret, now, random))
    }

    fn api(&self) -> &'static str {
        "https://m.api.weibo.com"
    }

    fn render(&self, outbound: &Outbound, with: &Rendering<'_>) -> Result<Vec<WireCall>, RenderError> {
        render::render(outbound, with.keys)
    }

    fn classify(&self, reply: &WireReply) -> Delivery {
        classify::classify(reply)
    }
}

//! `WhatsApp`, through the Cloud API. Source: `WhatsApp` Business Platform (developers.facebook.com/docs/whatsapp).
//!
//! Keys: those of [`crate::meta`], and `access_tokens`: a token for each number, named by its `phone_number_id` (the same
//! system user's token may stand under several). `identity.account` is the `phone_number_id`.
//! Settings: those of [`crate::meta`], and
//! - `reopen_template`: `{"name":"…","language":"zh_CN"}`, an approved template whose body has one variable, `{{1}}`. A
//!   person's message goes in it when the customer's last one is more than a day old. Without it `WhatsApp` refuses such.
//! - `list_button`: the text of the button that opens a list of choices, at most 20 characters.
//! - `waba_id`: the business account, for the check that webhooks still come.
//! - `appsecret_proof`: `true`, where the app requires the proof in every call.
//!
//! `{"app_secrets":[{"kid":"app","secret":"…"}],"verify_tokens":[{"kid":"1","secret":"…"}],`
//! `"access_tokens":[{"kid":"106540352242922","secret":"EAAG…"}],`
//! `"settings":{"app_id":"1517776481860111","waba_id":"102290129340398","reopen_template":{"name":"reply","language":"en"}}}`

mod content;
mod media;
mod parse;
mod render;
#[cfg(test)]
mod tests;
mod update;

use domain::{Capabilities, Delivery, Markup, Outbound, UnixMillis};

use crate::meta::APP_NEEDS;
use crate::meta::{API, Node, Place, Subscription, WINDOW, classify, url_check, verify};
use crate::settings::{digits, of_number};
use crate::{
    Channel, Fetching, Gate, KeySet, Need, Parsed, RawRequest, RenderError, Rendering, Subscribing, UrlCheck, Verified,
    VerifyError, WireCall, WireReply,
};

/// The purpose of numbers' access tokens.
pub const ACCESS_TOKENS: &str = "access_tokens";

const NEEDS: &[Need] = &{
    let [secrets, tokens, app] = APP_NEEDS;
    let accounts = Need::keys(
        ACCESS_TOKENS,
        "the access token of a phone number, named (`kid`) by the number's id (`phone_number_id`)",
        of_number,
    );
    [
        secrets,
        tokens,
        accounts,
        app,
        Need::setting("waba_id", "the numeric id of the WhatsApp business account, as a text", |id| {
            id.as_str().is_some_and(digits)
        }),
    ]
};

static CAPABILITIES: Capabilities = Capabilities {
    max_text_chars: 4096,
    markup: Markup::Signs,
    max_quick_replies: 10,
    max_buttons: 10,
    max_choice_chars: 24,
    link_buttons: false,
    files: true,
    reply_window_seconds: Some(WINDOW),
    // Templates have no window; a person's message a month late is no reply any more.
    human_window_seconds: Some(30 * WINDOW),
    ..Capabilities::PLAIN
};

static SUBSCRIPTION: Subscription =
    Subscription { tokens: ACCESS_TOKENS, node: Node::Setting("waba_id"), place: Place::Bearer, fields: &[] };

/// The `WhatsApp` channel.
#[derive(Debug, Clone, Copy)]
pub struct WhatsApp;

impl Channel for WhatsApp {
    fn needs(&self) -> &'static [Need] {
        NEEDS
    }

    fn capabilities(&self) -> &'static Capabilities {
        &CAPABILITIES
    }

    fn verify<'a>(&self, request: &RawRequest<'a>, keys: &KeySet, now: UnixMillis) -> Result<Gate<'a>, VerifyError> {
        verify(request, keys, now, ACCESS_TOKENS)
    }

    fn parse(&self, request: &Verified<'_>) -> Parsed {
        parse::parse(request)
    }

    fn subscribing(&self) -> Option<&'static dyn Subscribing> {
        Some(&SUBSCRIPTION)
    }

    fn url_check(&self, keys: &KeySet, _now: UnixMillis, random: [u8; 16]) -> Option<UrlCheck> {
        url_check(keys, random)
    }

    fn fetching(&self) -> Option<&'static dyn Fetching> {
        Some(&media::Files)
    }

    fn api(&self) -> &'static str {
        API
    }

    fn render(&self, outbound: &Outbound, with: &Rendering<'_>) -> Result<Vec<WireCall>, RenderError> {
        render::render(outbound, with)
    }

    fn classify(&self, reply: &WireReply) -> Delivery {
        classify(reply)
    }
}

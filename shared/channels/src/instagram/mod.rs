//! Direct messages of Instagram professional accounts. Source: Instagram messaging (developers.facebook.com/docs/
//! instagram-platform), which shares Messenger's form.
//!
//! Keys: those of [`crate::meta`], and `access_tokens`: a token for each account, named by the account's id as webhooks
//! have it in `entry[].id`. It is the linked page's token; with Instagram Login it is the account's own, and the stack is
//! told that the API is at `https://graph.instagram.com`. `identity.account` is the account.
//! Settings: those of [`crate::meta`]. Without `app_id` no echo is taken for a person's, nor is one that names no app.
//! `keep_files`: `true` where customers have agreed that their files are kept; else only the addresses are.
//!
//! `{"app_secrets":[{"kid":"app","secret":"…"}],"verify_tokens":[{"kid":"1","secret":"…"}],`
//! `"access_tokens":[{"kid":"17841405822304914","secret":"EAAG…"}],"settings":{"app_id":"1517776481860111"}}`

use domain::{Capabilities, ChannelId, Delivery, Outbound, UnixMillis};
use serde_json::Value;

use crate::fit::FileKind;
use crate::meta::APP_NEEDS;
use crate::meta::messaging::{Dialect, parse, render};
use crate::meta::{API, Node, Place, Subscription, WINDOW, classify, url_check, verify};
use crate::settings::of_number;
use crate::{
    Channel, Gate, KeySet, Need, Parsed, RawRequest, RenderError, Rendering, Subscribing, UrlCheck, Verified,
    VerifyError, WireCall, WireReply,
};

/// The purpose of accounts' access tokens.
pub const ACCESS_TOKENS: &str = "access_tokens";

const NEEDS: &[Need] = &{
    let [secrets, tokens, app] = APP_NEEDS;
    let accounts = Need::keys(
        ACCESS_TOKENS,
        "an Instagram account's access token, named (`kid`) by the account's numeric id",
        of_number,
    );
    [secrets, tokens, accounts, app]
};

static CAPABILITIES: Capabilities = Capabilities {
    max_text_chars: 1000,
    max_text_bytes: Some(1000),
    max_quick_replies: 13,
    max_buttons: 3,
    max_choice_chars: 20,
    cards: true,
    files: true,
    reply_window_seconds: Some(WINDOW),
    human_window_seconds: Some(7 * WINDOW),
    ..Capabilities::PLAIN
};

static DIALECT: Dialect = Dialect {
    channel: ChannelId::Instagram,
    capabilities: &CAPABILITIES,
    tokens: ACCESS_TOKENS,
    files: &[FileKind::Image, FileKind::Audio, FileKind::Video],
    marks: false,
    typed: false,
};

/// Fields that pages and Instagram accounts both have.
static SUBSCRIPTION: Subscription = Subscription {
    tokens: ACCESS_TOKENS,
    node: Node::Me,
    place: Place::Query,
    fields: &["messages", "messaging_postbacks", "messaging_seen", "messaging_referral"],
};

/// The Instagram channel.
#[derive(Debug, Clone, Copy)]
pub struct Instagram;

impl Channel for Instagram {
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
        parse(request, &DIALECT)
    }

    fn subscribing(&self) -> Option<&'static dyn Subscribing> {
        Some(&SUBSCRIPTION)
    }

    fn url_check(&self, keys: &KeySet, _now: UnixMillis, random: [u8; 16]) -> Option<UrlCheck> {
        url_check(keys, random)
    }

    /// Meta's review refuses apps that keep customers' files without their consent.
    fn keeps_files(&self, keys: &KeySet) -> bool {
        keys.setting("keep_files").and_then(Value::as_bool).unwrap_or_default()
    }

    fn api(&self) -> &'static str {
        API
    }

    fn render(&self, outbound: &Outbound, with: &Rendering<'_>) -> Result<Vec<WireCall>, RenderError> {
        render(outbound, with, &DIALECT)
    }

    fn classify(&self, reply: &WireReply) -> Delivery {
        classify(reply)
    }
}

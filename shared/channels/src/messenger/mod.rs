//! Messenger, through Facebook pages. Source: Messenger Platform (developers.facebook.com/docs/messenger-platform).
//!
//! Keys: those of [`crate::meta`], and `page_tokens`: the pages' access tokens, each named by the page's id. One deployed
//! function serves all of them; `identity.account` is the page.
//! Settings: those of [`crate::meta`].
//!
//! `{"app_secrets":[{"kid":"app","secret":"…"}],"verify_tokens":[{"kid":"1","secret":"…"}],`
//! `"page_tokens":[{"kid":"102938475610293","secret":"EAAG…"}],"settings":{"app_id":"1517776481860111"}}`

use domain::{Capabilities, ChannelId, Delivery, Outbound, UnixMillis};

use crate::fit::FileKind;
use crate::meta::APP_NEEDS;
use crate::meta::messaging::{Dialect, parse, render};
use crate::meta::{API, Node, Place, Subscription, WINDOW, classify, url_check, verify};
use crate::settings::of_number;
use crate::{
    Channel, Gate, KeySet, Need, Parsed, RawRequest, RenderError, Rendering, Subscribing, UrlCheck, Verified,
    VerifyError, WireCall, WireReply,
};

/// The purpose of pages' access tokens.
pub const PAGE_TOKENS: &str = "page_tokens";

const NEEDS: &[Need] = &{
    let [secrets, tokens, app] = APP_NEEDS;
    let accounts = Need::keys(PAGE_TOKENS, "a page's access token, named (`kid`) by the page's numeric id", of_number);
    [secrets, tokens, accounts, app]
};

static CAPABILITIES: Capabilities = Capabilities {
    max_text_chars: 2000,
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
    channel: ChannelId::Messenger,
    capabilities: &CAPABILITIES,
    tokens: PAGE_TOKENS,
    files: &[FileKind::Image, FileKind::Audio, FileKind::Video, FileKind::File],
    marks: true,
    typed: true,
};

static SUBSCRIPTION: Subscription = Subscription {
    tokens: PAGE_TOKENS,
    node: Node::Account,
    place: Place::Query,
    fields: &[
        "messages",
        "messaging_postbacks",
        "messaging_optins",
        "messaging_referrals",
        "message_deliveries",
        "message_reads",
        "message_echoes",
    ],
};

/// The Messenger channel.
#[derive(Debug, Clone, Copy)]
pub struct Messenger;

impl Channel for Messenger {
    fn needs(&self) -> &'static [Need] {
        NEEDS
    }

    fn capabilities(&self) -> &'static Capabilities {
        &CAPABILITIES
    }

    fn verify<'a>(&self, request: &RawRequest<'a>, keys: &KeySet, now: UnixMillis) -> Result<Gate<'a>, VerifyError> {
        verify(request, keys, now, PAGE_TOKENS)
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

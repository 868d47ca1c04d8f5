//! The e-mail channel.

#![expect(clippy::wildcard_enum_match_arm, clippy::format_push_string, reason = "a test fails on whatever else comes")]

mod classify;
mod guard;
mod inbound;
mod news;
mod outbound;
mod quotes;
mod threads;

use domain::{ChannelId, Content, EventKind, Identity, InboundEvent, UnixMillis};
use serde_json::{Value, json};

use crate::{Channel as _, EVENT, EVENT_HEADER, Gate, KeySet, Parsed, RawRequest, VerifyError};

use super::Email;

pub(super) const NOW: UnixMillis = UnixMillis(1_800_000_000_000);
pub(super) const BOX: &str = "support@shop.example";

pub(super) fn keys() -> KeySet {
    let text = json!({
        "signing_keys": [{ "kid": "k2", "from": 1_700_000_000, "secret": "second" }, { "kid": "k1", "secret": "first" }],
        "settings": { "mailboxes": { "Support@shop.example": { "name": "示例 Shop" }, "sales@shop.example": {} } },
    });
    KeySet::from_json(&text.to_string()).unwrap()
}

pub(super) fn ann() -> Identity {
    Identity { channel: ChannelId::Email, account: BOX.to_owned(), user: "ann@example.com".to_owned() }
}

/// The record of a received mail.
pub(super) fn receipt(recipients: &[&str]) -> Value {
    let pass = || json!({ "status": "PASS" });
    json!({ "eventSource": "aws:ses", "ses": {
        "mail": { "messageId": "m1", "source": "ann@example.com" },
        "receipt": { "recipients": recipients, "spamVerdict": pass(), "virusVerdict": pass(), "dmarcVerdict": pass() },
    } })
}

/// A mail from Ann: these headers beside the usual ones, and this body.
pub(super) fn mail(headers: &str, body: &str) -> String {
    let from = if headers.contains("From:") { "" } else { "From: Ann <Ann@Example.com>\r\n" };
    let id = if headers.contains("Message-ID:") { "" } else { "Message-ID: <c1@example.com>\r\n" };
    let kind = if headers.contains("Content-Type:") { "" } else { "Content-Type: text/plain; charset=utf-8\r\n" };
    format!("{from}{id}{kind}MIME-Version: 1.0\r\n{headers}\r\n{body}")
}

pub(super) fn taken(record: &Value, raw: &[u8]) -> Result<Parsed, VerifyError> {
    let headers = [(EVENT_HEADER.to_owned(), record.to_string())];
    let request = RawRequest { method: EVENT, url: "aws:ses", headers: &headers, body: raw };
    match Email.verify(&request, &keys(), NOW)? {
        Gate::Accept(verified) => Ok(Email.parse(&verified)),
        Gate::Challenge(_) => panic!("no challenge"),
    }
}

pub(super) fn from_ann(raw: &str) -> Parsed {
    taken(&receipt(&[BOX]), raw.as_bytes()).unwrap()
}

pub(super) fn content(event: &InboundEvent) -> &Content {
    let EventKind::Message { content } = &event.kind else { panic!("{event:?}") };
    content
}

pub(super) fn text(parsed: &Parsed) -> &str {
    let [event] = parsed.events.as_slice() else { panic!("{parsed:?}") };
    let Content::Text { text } = content(event) else { panic!("{event:?}") };
    text
}

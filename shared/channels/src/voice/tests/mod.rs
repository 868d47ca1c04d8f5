//! What Twilio's side would do, and what ours makes of it.

mod answer;
mod classify;
mod events;
mod inbound;
mod recording;
mod render;
mod texting;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::{
    Author, ChannelId, Content, ConversationId, DeliveryId, EventKind, Identity, InboundEvent, Line, Message,
    MessageId, Outbound, ReplyHandle, Transport, UnixMillis,
};
use serde_json::{Value, json};

use super::Voice;
use crate::{Channel as _, Gate, KeySet, Parsed, RawRequest, VerifyError, hmac};

const DOOR: &str = "https://api.example.com/webhooks/voice";
const SID: &str = "AC00000000000000000000000000000001";
const CALL: &str = "CA00000000000000000000000000000001";
const TOKEN: &str = "12345678901234567890123456789012";
/// Callers choose a language, and hold the line for a person.
const MENU: &str = "+15550100001";
/// In Chinese, with a queue; on Mondays.
const QUEUE: &str = "+15550100002";
/// In English, with a person to call.
const DIAL: &str = "+15550100003";
/// In Chinese; nobody is ever there.
const CLOSED: &str = "+15550100004";
/// Another Twilio account's.
const FOREIGN: &str = "+15550100005";
/// In English; callers can have links as text messages.
const TEXTS: &str = "+15550100006";
/// From which they come.
const SENDER: &str = "+15550100007";
const USER: &str = "+8613800138000";
/// 2026-11-23, a Monday, noon in Shanghai.
const NOW: UnixMillis = UnixMillis(1_795_406_400_000);

fn keys() -> KeySet {
    let hours = |days: Value| json!({ "offset": "+08:00", "days": days });
    let stored = json!({
        "twilio_auth_tokens": [{ "kid": SID, "secret": TOKEN }, { "kid": "AC2", "secret": "another" }],
        "settings": { "accounts": {
            MENU: {},
            QUEUE: { "language": "zh", "transfer": { "enqueue": "support" }, "hours": hours(json!({ "mon": ["09:00-18:00"] })) },
            TEXTS: { "language": "en", "sms_from": SENDER },
            DIAL: { "language": "en", "transfer": { "dial": "+15550100009" }, "voices": { "en": "Polly.Amy" } },
            CLOSED: { "language": "zh", "hours": hours(json!({})), "min_confidence": 0.5 },
            FOREIGN: { "twilio_account": "AC2", "language": "en" },
        } },
    });
    KeySet::from_json(&stored.to_string()).unwrap()
}

/// A request of Twilio's.
#[derive(Debug, Clone)]
struct Request {
    url: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Request {
    /// To the door's address with this query, with these fields besides those of every request.
    fn new(number: &str, query: &str, more: &[(&str, &str)]) -> Self {
        let usual = [
            ("AccountSid", SID),
            ("CallSid", CALL),
            ("CallStatus", "in-progress"),
            ("Direction", "inbound"),
            ("From", USER),
            ("To", number),
        ];
        let mut fields: Vec<(&str, &str)> = usual.to_vec();
        for (name, value) in more {
            fields.retain(|(known, _)| known != name);
            fields.push((name, value));
        }
        fields.sort_unstable();
        let url = if query.is_empty() { DOOR.to_owned() } else { format!("{DOOR}?{query}") };
        let signed: String = fields.iter().flat_map(|(name, value)| [*name, *value]).collect();
        let signature = hmac::sha1(TOKEN.as_bytes(), &[url.as_bytes(), signed.as_bytes()]);
        let headers = [
            ("content-type", "application/x-www-form-urlencoded".to_owned()),
            ("x-twilio-signature", STANDARD.encode(signature)),
        ];
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish().into_bytes();
        Self { url, headers: headers.map(|(name, value)| (name.to_owned(), value)).to_vec(), body }
    }

    fn raw(&self) -> RawRequest<'_> {
        RawRequest { method: "POST", url: &self.url, headers: &self.headers, body: &self.body }
    }

    fn parsed(&self) -> Parsed {
        match Voice.verify(&self.raw(), &keys(), NOW).unwrap() {
            Gate::Accept(verified) => Voice.parse(&verified),
            Gate::Challenge(_) => panic!("Twilio checks no address"),
        }
    }

    fn refused(&self) -> VerifyError {
        Voice.verify(&self.raw(), &keys(), NOW).map(|_| ()).unwrap_err()
    }

    /// The one event that it holds.
    fn event(&self) -> InboundEvent {
        let parsed = self.parsed();
        let [event] = <[_; 1]>::try_from(parsed.events).unwrap();
        assert!(parsed.rejects.is_empty());
        event
    }
}

fn content(event: &InboundEvent) -> &Content {
    let EventKind::Message { content } = &event.kind else { panic!("{:?}", event.kind) };
    content
}

fn named(name: &str) -> Content {
    Content::Event { name: name.to_owned() }
}

fn text(text: &str) -> Content {
    Content::Text { text: text.to_owned() }
}

/// A delivery to the caller at a number, whose line is this one.
fn outbound(number: &str, language: &str, waits: bool, contents: &[(Author, Content)]) -> Outbound {
    let id = MessageId::derive(&[b"m"]);
    let message = |(seq, (author, content)): (u64, &(Author, Content))| Message {
        id: id.clone(),
        seq,
        author: *author,
        content: content.clone(),
        at: NOW,
    };
    let line = Some(Line { id: format!("{DOOR}?call={CALL}&lang={language}"), waits, texts: false });
    Outbound {
        id: DeliveryId::derive(&[b"d"]),
        identity: Identity { channel: ChannelId::Voice, account: number.to_owned(), user: USER.to_owned() },
        conversation: ConversationId::derive(&[b"c"]),
        transport: Transport::Voice,
        messages: (11..).zip(contents).map(message).collect(),
        asked_at: None,
        expires: None,
        reply: Some(ReplyHandle { token: String::new(), until: UnixMillis(0), line }),
    }
}

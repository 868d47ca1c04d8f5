//! What Weibo's side would do, and what ours makes of it.

mod answer;
mod classify;
mod inbound;
mod render;

use domain::{
    Author, ChannelId, Content, ConversationId, DeliveryId, Identity, Message, MessageId, Outbound, Transport,
    UnixMillis,
};
use serde_json::{Value, json};

use super::Weibo;
use crate::tencent::signature;
use crate::{Channel as _, Gate, KeySet, RawRequest, VerifyError};

const ACCOUNT: &str = "1902538057";
/// One more than a double holds exactly.
const USER: &str = "9007199254740993";
const SECRET: &str = "xyz123xyz";
const NOW: UnixMillis = UnixMillis(1_767_225_600_000);

fn set(value: &Value) -> KeySet {
    KeySet::from_json(&value.to_string()).unwrap()
}

fn keys() -> KeySet {
    set(&json!({
        "app_secrets": [{ "kid": ACCOUNT, "secret": "new" }, { "kid": ACCOUNT, "secret": SECRET }],
        "access_tokens": [{ "kid": ACCOUNT, "secret": "A&T" }],
    }))
}

/// A request as it came.
#[derive(Debug, Clone)]
struct Request {
    method: &'static str,
    url: String,
    body: Vec<u8>,
}

impl Request {
    fn raw(&self) -> RawRequest<'_> {
        RawRequest { method: self.method, url: &self.url, headers: &[], body: &self.body }
    }

    fn verify(&self, keys: &KeySet, now: UnixMillis) -> Result<Gate<'_>, VerifyError> {
        Weibo.verify(&self.raw(), keys, now)
    }
}

fn request(body: &str) -> Request {
    let timestamp = NOW.0.to_string();
    let signature = signature(&[SECRET, &timestamp, "57"]);
    let url = format!("https://x/webhooks/weibo?signature={signature}&timestamp={timestamp}&nonce=57");
    Request { method: "POST", url, body: body.into() }
}

fn push(kind: &str, text: &str, data: &Value) -> Value {
    json!({
        "type": kind, "receiver_id": 1_902_538_057_i64, "sender_id": 9_007_199_254_740_993_i64,
        "created_at": "Thu Jan 01 08:00:00 +0800 2026", "text": text, "data": data,
    })
}

fn outbound(contents: &[Content]) -> Outbound {
    let message = |(index, content): (usize, &Content)| Message {
        id: MessageId::derive(&[&index.to_be_bytes()]),
        seq: u64::try_from(index).unwrap() + 1,
        author: Author::Bot,
        content: content.clone(),
        at: NOW,
    };
    Outbound {
        id: DeliveryId::derive(&[b"d"]),
        identity: Identity { channel: ChannelId::Weibo, account: ACCOUNT.into(), user: USER.into() },
        conversation: ConversationId::derive(&[b"c"]),
        transport: Transport::Social,
        messages: contents.iter().enumerate().map(message).collect(),
        asked_at: None,
        expires: None,
        reply: None,
    }
}

fn words(text: &str) -> Content {
    Content::Text { text: text.to_owned() }
}

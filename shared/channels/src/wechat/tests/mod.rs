//! What WeChat's side would do, and what ours makes of it.

mod answer;
mod classify;
mod events;
mod parse;
mod render;
mod verify;

use domain::{
    Author, ChannelId, Content, ConversationId, DeliveryId, Identity, Message, MessageId, Outbound, Transport,
    UnixMillis,
};
use serde_json::{Value, json};

use super::WeChat;
use crate::tencent::{CipherKey, signature};
use crate::{Channel as _, Gate, KeySet, RawRequest, Verified, VerifyError};

const ACCOUNT: &str = "gh_0123456789ab";
const APP: &str = "wx0123456789abcdef";
const TOKEN: &str = "kefuTestToken";
/// Its last letter carries bits that a strict base 64 refuses.
const AES: &str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";
const USER: &str = "oTestOpenId0000000000000001";
const NOW: UnixMillis = UnixMillis(1_767_225_600_000);

/// The key set of one account, with more of its settings.
fn keys(more: &Value) -> KeySet {
    let mut account = json!({ "app_id": APP });
    account.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    set(&json!({
        "tokens": [{ "kid": ACCOUNT, "secret": TOKEN }],
        "encoding_aes_keys": [{ "kid": ACCOUNT, "secret": AES }],
        "app_secrets": [{ "kid": ACCOUNT, "secret": "app secret" }],
        "settings": { "accounts": { ACCOUNT: account } },
    }))
}

fn set(value: &Value) -> KeySet {
    KeySet::from_json(&value.to_string()).unwrap()
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
        WeChat.verify(&self.raw(), keys, now)
    }

    fn accepted(&self, keys: &KeySet) -> Verified<'_> {
        match self.verify(keys, NOW).unwrap() {
            Gate::Accept(verified) => verified,
            Gate::Challenge(_) => panic!("no address check"),
        }
    }

    fn refused(&self, keys: &KeySet) -> VerifyError {
        self.verify(keys, NOW).unwrap_err()
    }
}

/// A push that only its address is signed of.
fn plain(body: &str) -> Request {
    let timestamp = NOW.seconds().to_string();
    let signature = signature(&[TOKEN, &timestamp, "86"]);
    let url = format!("https://x/webhooks/wechat?signature={signature}&timestamp={timestamp}&nonce=86&openid={USER}");
    Request { method: "POST", url, body: body.into() }
}

/// A ciphered push, in XML.
fn safe(body: &str, key: &str, app: &str) -> Request {
    let sealed = CipherKey::from_text(key).unwrap().seal(body.as_bytes(), app, *b"0123456789abcdef");
    let timestamp = NOW.seconds().to_string();
    let url =
        format!("{}&encrypt_type=aes&msg_signature={}", plain("").url, signature(&[TOKEN, &timestamp, "86", &sealed]));
    let body =
        format!("<xml><ToUserName><![CDATA[{ACCOUNT}]]></ToUserName><Encrypt><![CDATA[{sealed}]]></Encrypt></xml>");
    Request { method: "POST", url, body: body.into() }
}

/// A message to the account, with more fields.
fn xml(fields: &str) -> String {
    format!(
        "<xml><ToUserName><![CDATA[{ACCOUNT}]]></ToUserName><FromUserName><![CDATA[{USER}]]></FromUserName>\
         <CreateTime>1767225600</CreateTime>{fields}</xml>"
    )
}

fn text(said: &str) -> String {
    xml(&format!("<MsgType><![CDATA[text]]></MsgType><Content><![CDATA[{said}]]></Content><MsgId>24</MsgId>"))
}

fn outbound(messages: &[(Author, Content)]) -> Outbound {
    let message = |(index, (author, content)): (usize, &(Author, Content))| Message {
        id: MessageId::derive(&[&index.to_be_bytes()]),
        seq: u64::try_from(index).unwrap() + 1,
        author: *author,
        content: content.clone(),
        at: NOW,
    };
    Outbound {
        id: DeliveryId::derive(&[b"d"]),
        identity: Identity { channel: ChannelId::WeChat, account: ACCOUNT.into(), user: USER.into() },
        conversation: ConversationId::derive(&[b"c"]),
        transport: Transport::Social,
        messages: messages.iter().enumerate().map(message).collect(),
        asked_at: None,
        expires: None,
        reply: None,
    }
}

fn said(text: &str) -> (Author, Content) {
    (Author::Bot, Content::Text { text: text.to_owned() })
}

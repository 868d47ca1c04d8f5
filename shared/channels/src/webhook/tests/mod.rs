//! The channel that a team describes itself.

mod classify;
mod events;
mod parse;
mod render;
mod settings;
mod verify;

use domain::UnixMillis;
use serde_json::{Value, json};

use super::{Webhook, sign};
use crate::{Channel as _, Gate, Key, KeySet, Parsed, RawRequest, VerifyError};

const NOW: UnixMillis = UnixMillis(1_767_225_600_500);
const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const SEND_SECRET: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBka";
const URL: &str = "https://x/webhooks/webhook?account=shop";

fn receive() -> Value {
    json!({ "user": "/from/id", "id": "/id", "text": "/text" })
}

fn send() -> Value {
    json!({ "url": "https://shop.example/messages", "body": { "to": "{{user}}", "text": "{{text}}" } })
}

fn keys(receive: &Value, send: &Value) -> KeySet {
    let other = json!({ "receive": { "user": "/u", "id": "/i", "text": "/t" } });
    let keys = json!({
        "receive_secrets": [{ "kid": "shop", "secret": SECRET }, { "kid": "depot", "secret": "whsec_ZGVwb3QgZGVwb3QgZGVwb3QgZGVwb3QhIQ==" }],
        "send_secrets": [{ "kid": "shop", "secret": SEND_SECRET }],
        "settings": { "accounts": { "shop": { "receive": receive, "send": send }, "depot": other } },
    });
    KeySet::from_json(&keys.to_string()).unwrap()
}

/// The headers of a signed request.
fn signed(body: &[u8], secret: &str, at: UnixMillis) -> Vec<(String, String)> {
    let key = Key { kid: String::new(), alg: None, from: None, secret: secret.to_owned() };
    let timestamp = at.seconds().to_string();
    let signature = sign::signature(&sign::secret(&key).unwrap(), "msg_1", &timestamp, body);
    let headers = [(sign::ID, "msg_1".to_owned()), (sign::TIMESTAMP, timestamp), (sign::SIGNATURE, signature)];
    headers.map(|(name, value)| (name.to_owned(), value)).to_vec()
}

fn check(body: &[u8], url: &str, headers: &[(String, String)], keys: &KeySet) -> Result<(String, Parsed), VerifyError> {
    let request = RawRequest { method: "POST", url, headers, body };
    match Webhook.verify(&request, keys, NOW)? {
        Gate::Accept(verified) => Ok((verified.principal().account.clone(), Webhook.parse(&verified))),
        Gate::Challenge(_) => panic!("nobody is challenged"),
    }
}

/// What a signed body holds, read by a mapping.
fn parsed(receive: &Value, body: &[u8]) -> Parsed {
    check(body, URL, &signed(body, SECRET, NOW), &keys(receive, &send())).unwrap().1
}

//! LINE by its own words: webhooks as LINE sends them, calls as its API takes them.

mod classify;
mod events;
mod parse;
mod render;
mod shown;
mod verify;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::UnixMillis;

use crate::hmac::sha256;
use crate::line::Line;
use crate::{Channel as _, Gate, KeySet, Parsed, RawRequest, VerifyError};

const BOT: &str = "U00000000000000000000000000000000";
const OTHER_BOT: &str = "U22222222222222222222222222222222";
const CUSTOMER: &str = "U11111111111111111111111111111111";
const NOW: UnixMillis = UnixMillis(1_767_225_600_500);

fn keys() -> KeySet {
    keys_with(&format!(r#""channel_secrets":[{{"kid":"{BOT}","secret":"one"}}]"#), "")
}

fn keys_with(secrets: &str, settings: &str) -> KeySet {
    let tokens = format!(r#""access_tokens":[{{"kid":"{BOT}","secret":"LINETOKEN"}}]"#);
    KeySet::from_json(&format!(r#"{{{secrets},{tokens},"settings":{{{settings}}}}}"#)).unwrap()
}

fn check(body: &[u8], signature: Option<&str>, keys: &KeySet) -> Result<(String, Parsed), VerifyError> {
    let headers: Vec<_> =
        signature.map(|signature| ("x-line-signature".to_owned(), signature.to_owned())).into_iter().collect();
    let request = RawRequest { method: "POST", url: "https://x/webhooks/line", headers: &headers, body };
    match Line.verify(&request, keys, NOW)? {
        Gate::Accept(verified) => Ok((verified.principal().account.clone(), Line.parse(&verified))),
        Gate::Challenge(_) => panic!("LINE has no challenge"),
    }
}

fn signature(secret: &str, body: &[u8]) -> String {
    STANDARD.encode(sha256(secret.as_bytes(), &[body]))
}

/// What a signed body holds.
fn parsed(body: &str) -> Parsed {
    check(body.as_bytes(), Some(&signature("one", body.as_bytes())), &keys()).unwrap().1
}

//! Who the visitor of the web pane is: the sandbox states it as a company's site would, so that the chat in its frame and
//! the page around it are the same visitor.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::control::problem;
use super::ids::digest;
use super::sign::hmac_sha256;
use super::wire::{Call, Reply, text};

/// Seconds for which it holds.
const SECONDS: i64 = 24 * 3600;

/// `GET /identity?user=`: a signed identity of the demo shop's customer of this name.
pub fn token(description: &Value, call: &Call, now: i64) -> Reply {
    let Some(user) = call.query("user").filter(|user| !user.is_empty()) else {
        return problem(400, "`user` is missing");
    };
    let key = description.pointer("/channels/web/identity_key").cloned().unwrap_or_default();
    let Ok(secret) = STANDARD.decode(text(&key, "/secret")) else {
        return problem(503, "the stack's identity key is no base 64");
    };
    if secret.is_empty() {
        return problem(503, "no stack is running");
    }
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let head = part(&json!({"alg": "HS256", "typ": "JWT", "kid": text(&key, "/kid")}));
    let subject = format!("sandbox-{}", digest(&user).chars().take(16).collect::<String>());
    let claims = part(&json!({"sub": subject, "aud": "frontdesk", "exp": now / 1000 + SECONDS}));
    let signature = URL_SAFE_NO_PAD.encode(hmac_sha256(&secret, format!("{head}.{claims}").as_bytes()));
    Reply::json(200, &json!({"identity": format!("{head}.{claims}.{signature}")}))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_as_rfc_7515_does_and_names_what_is_missing() {
        let asked = |query: &str| Call { query: query.to_owned(), ..Call::default() };
        let description = json!({"channels": {"web": {"identity_key": {"kid": "k1", "secret": STANDARD.encode("s")}}}});
        let reply: Value = serde_json::from_slice(&token(&description, &asked("user=a"), 1_000_000).body).unwrap();
        let parts: Vec<&str> = reply["identity"].as_str().unwrap().split('.').collect();
        let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(parts[1]).unwrap()).unwrap();
        assert_eq!((&claims["aud"], &claims["exp"]), (&json!("frontdesk"), &json!(1000 + SECONDS)));
        let signed = hmac_sha256(b"s", format!("{}.{}", parts[0], parts[1]).as_bytes());
        assert_eq!(URL_SAFE_NO_PAD.decode(parts[2]).unwrap(), signed);
        assert_eq!(token(&description, &asked(""), 0).status, 400);
        assert_eq!(token(&Value::Null, &asked("user=a"), 0).status, 503);
    }
}

//! What Messenger, Instagram and `WhatsApp` share: signed webhooks, the Graph API's tokens and errors.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Check, Hook, Moment, Patience, Taken};
use crate::sandbox::sign::hmac_hex;
use crate::sandbox::wire::{Call, Reply, text};

/// The window after a customer's message, and a person's longer one, in seconds.
pub const WINDOW: i64 = 24 * 3600;
/// The longer window of messages that a person has written.
pub const HUMAN_WINDOW: i64 = 7 * WINDOW;

/// An error of the Graph API, under its status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The HTTP status.
    pub status: u16,
    /// The code.
    pub code: i64,
    /// The subcode; 0: none.
    pub subcode: i64,
    /// What it says.
    pub message: &'static str,
}

impl Refused {
    /// One without a subcode.
    pub const fn new(status: u16, code: i64, message: &'static str) -> Self {
        Self { status, code, subcode: 0, message }
    }

    /// A parameter that is wrong.
    pub const fn wrong(message: &'static str) -> Self {
        Self::new(400, 100, message)
    }
}

impl From<Refused> for Reply {
    fn from(refused: Refused) -> Self {
        let mut error = json!({
            "message": refused.message,
            "type": "OAuthException",
            "code": refused.code,
            "fbtrace_id": "Asandbox00000000000000",
        });
        if let Some(fields) = error.as_object_mut().filter(|_| refused.subcode != 0) {
            fields.insert("error_subcode".to_owned(), json!(refused.subcode));
        }
        Self::json(refused.status, &json!({ "error": error }))
    }
}

impl From<Refused> for Taken {
    fn from(refused: Refused) -> Self {
        Reply::from(refused).into()
    }
}

/// The webhook of a body, signed over its bytes as they go out: with everything beyond ASCII escaped.
pub fn hook(body: &Value, moment: &Moment<'_>) -> Hook {
    let body = escaped(&body.to_string()).into_bytes();
    let signature = hmac_hex(text(moment.account, "/app_secret").as_bytes(), &body);
    let headers = vec![
        ("content-type", "application/json".to_owned()),
        ("user-agent", "facebookexternalua".to_owned()),
        ("x-hub-signature-256", format!("sha256={signature}")),
    ];
    Hook { query: String::new(), headers, body }
}

/// How the app's settings check the webhook's address.
pub fn check(moment: &mut Moment<'_>) -> Check {
    let text = moment.ids.number().to_string();
    let token: String =
        form_urlencoded::byte_serialize(self::text(moment.account, "/verify_token").as_bytes()).collect();
    Check::asking(format!("hub.mode=subscribe&hub.verify_token={token}&hub.challenge={text}"), text)
}

/// JSON as Meta writes and signs it.
fn escaped(text: &str) -> String {
    let written = text.encode_utf16().map(|unit| match u8::try_from(unit) {
        Ok(byte) if byte.is_ascii() => char::from(byte).to_string(),
        Ok(_) | Err(_) => format!("\\u{unit:04x}"),
    });
    written.collect()
}

/// A failed webhook comes again at once, and then less and less often for hours.
pub const PATIENCE: Patience =
    Patience { wait: Duration::from_secs(20), tries: 5, pause: Duration::from_secs(1), complaint: None };

/// What is called, below the version, if the caller may: its token must be the account's, and so must the proof, if there
/// is one.
///
/// # Errors
/// As the Graph API refuses it.
pub fn admitted<'a>(call: &'a Call, moment: &Moment<'_>) -> Result<&'a str, Refused> {
    let unknown = Refused::new(404, 2500, "Unknown path components");
    let (version, path) = call.path.trim_start_matches('/').split_once('/').ok_or(unknown)?;
    if !version.starts_with('v') {
        return Err(unknown);
    }
    let query = call.query("access_token");
    let Some(token) = call.bearer().or(query.as_deref()) else {
        return Err(Refused::new(401, 104, "An access token is required to request this resource."));
    };
    if token.is_empty() || token != text(moment.account, "/access_token") {
        return Err(Refused::new(401, 190, "Invalid OAuth access token - Cannot parse access token"));
    }
    if let Some(proof) = call.query("appsecret_proof")
        && proof != hmac_hex(text(moment.account, "/app_secret").as_bytes(), token.as_bytes())
    {
        return Err(Refused::wrong("Invalid appsecret_proof provided in the API argument"));
    }
    Ok(path)
}

/// The answer of a provider in trouble.
pub fn failure() -> Reply {
    Refused::new(500, 2, "An unexpected error has occurred. Please retry your request later.").into()
}

/// The answer of a provider that wants no call for a while.
pub fn busy(code: i64, seconds: u64) -> Reply {
    Reply::from(Refused::new(429, code, "Calls to this API have exceeded the rate limit."))
        .with("retry-after", seconds.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::ids::Ids;

    #[test]
    fn bodies_are_signed_as_they_are_sent() {
        let account = json!({"app_secret": "0123456789abcdef0123456789abcdef", "access_token": "PAGETOKEN"});
        let moment = Moment { account: &account, now: 0, ids: &mut Ids::from(0) };
        let hook = hook(&json!({"text": "你😀é"}), &moment);
        assert_eq!(String::from_utf8(hook.body.clone()).unwrap(), r#"{"text":"\u4f60\ud83d\ude00\u00e9"}"#);
        let signature = hmac_hex(b"0123456789abcdef0123456789abcdef", &hook.body);
        assert_eq!(hook.headers[2].1, format!("sha256={signature}"));
        let call =
            |query: &str| Call { path: "/v26.0/me/messages".to_owned(), query: query.to_owned(), ..Call::default() };
        // The proof of messaging-api-messenger's vector.
        let proof = "119928f7a8d4b1123a2945e797eddbb5af329d27467da2a0819bad143d097737";
        let right = format!("access_token=PAGETOKEN&appsecret_proof={proof}");
        assert_eq!(admitted(&call(&right), &moment).unwrap(), "me/messages");
        for (query, code) in [("", 104), ("access_token=x", 190), ("access_token=PAGETOKEN&appsecret_proof=1", 100)] {
            assert_eq!(admitted(&call(query), &moment).unwrap_err().code, code, "{query}");
        }
    }
}

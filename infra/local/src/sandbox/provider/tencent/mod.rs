//! What Tencent's channels share: signed and ciphered pushes, access tokens, answers with an error's code.

pub mod cipher;
pub mod tokens;
pub mod xml;

use std::time::Duration;

use serde_json::json;

use self::cipher::seal;
use self::xml::element;
use super::{Moment, Patience};
use crate::sandbox::sign::sorted_sha1;
use crate::sandbox::wire::Reply;

/// How Tencent and Weibo insist.
pub const PATIENCE: Patience =
    Patience { wait: Duration::from_secs(5), tries: 3, pause: Duration::ZERO, complaint: None };

/// An error's code with what it says.
pub type Refused = (i64, &'static str);

/// What goes with every push: when, and a number that does not come again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// Seconds since the epoch.
    pub timestamp: String,
    /// The number.
    pub nonce: String,
}

impl Stamp {
    /// Of a push that goes out now.
    pub fn now(moment: &mut Moment<'_>) -> Self {
        Self { timestamp: (moment.now / 1000).to_string(), nonce: moment.ids.number().to_string() }
    }

    /// The signature under a token, over a ciphered text too if there is one.
    pub fn signature(&self, token: &str, sealed: Option<&str>) -> String {
        let mut parts = vec![token, &self.timestamp, &self.nonce];
        parts.extend(sealed);
        sorted_sha1(&parts)
    }

    /// As parameters of a query.
    pub fn query(&self) -> String {
        format!("timestamp={}&nonce={}", self.timestamp, self.nonce)
    }
}

/// A ciphered text for a receiver, which is an app or a corporation; empty if the key is none.
pub fn sealed(key: &str, text: &str, receiver: &str, moment: &mut Moment<'_>) -> String {
    seal(key, text, receiver, moment.ids.bytes()).unwrap_or_default()
}

/// A push's body around a ciphered text.
pub fn envelope(to: &str, sealed: &str) -> String {
    format!("<xml>{}{}</xml>", element("ToUserName", to), element("Encrypt", sealed))
}

/// An answer with an error's code, under status 200 as all of Tencent's; 0: no error.
pub fn answer(code: i64, why: &str) -> Reply {
    Reply::json(200, &json!({"errcode": code, "errmsg": why}))
}

//! Calls of the REST API, and what it answers with when something is wrong.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::{Delivery, Rejection};
use serde::Deserialize;

use super::AUTH_TOKENS;
use crate::{HttpCall, KeySet, RenderError, WireReply};

/// Where the API is.
pub(crate) const API: &str = "https://api.twilio.com";

/// A POST of a form to one of the account's resources, such as `Messages.json`.
///
/// # Errors
/// The account has no auth token.
pub(crate) fn call(
    account: &str,
    resource: &str,
    fields: &[(&str, &str)],
    keys: &KeySet,
) -> Result<HttpCall, RenderError> {
    authorised(HttpCall::form(path(account, resource), fields), account, keys)
}

/// A GET of one of the account's resources, such as `Recordings/RE….wav`.
///
/// # Errors
/// The account has no auth token.
pub(crate) fn get(account: &str, resource: &str, keys: &KeySet) -> Result<HttpCall, RenderError> {
    authorised(HttpCall::get(path(account, resource)), account, keys)
}

fn path(account: &str, resource: &str) -> String {
    format!("/2010-04-01/Accounts/{account}/{resource}")
}

fn authorised(call: HttpCall, account: &str, keys: &KeySet) -> Result<HttpCall, RenderError> {
    let token =
        keys.of(AUTH_TOKENS, account).ok_or_else(|| RenderError(format!("no `{AUTH_TOKENS}` for {account}")))?;
    let credentials = STANDARD.encode(format!("{account}:{}", token.secret));
    Ok(call.with_header("authorization", format!("Basic {credentials}")))
}

/// A refusal of the API.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Failure {
    /// Twilio's error code; 0 where the answer has none.
    #[serde(default)]
    pub(crate) code: u32,
}

impl Failure {
    /// Reads an answer.
    pub(crate) fn of(reply: &WireReply) -> Self {
        serde_json::from_str(&reply.body).unwrap_or_default()
    }

    /// What an answer means by what is the same for every resource. A channel's own codes come before.
    pub(crate) fn meaning(&self, reply: &WireReply) -> Delivery {
        let misconfigured = |reason| Delivery::rejected(Rejection::Misconfigured, reason);
        match (reply.status, self.code) {
            (200..300, _) => Delivery::Sent,
            // Too many calls: of the account (20429), of the service (429).
            (0 | 408 | 429 | 500.., _) | (_, 20429) => Delivery::Retry { after: reply.retry_after },
            (_, 20003) | (401, _) => misconfigured("Twilio does not accept the account's auth token"),
            (_, 20005 | 20006 | 20008 | 10001 | 90010) | (403, _) => {
                misconfigured("the Twilio account is not active, or is not allowed to do this")
            }
            (404, _) => misconfigured("Twilio knows no such account or resource"),
            (1..200 | 300..400, _) => misconfigured("what answers is not Twilio's API"),
            (400..500, _) => Delivery::rejected(Rejection::Content, "Twilio finds the request wrong"),
        }
    }
}

//! Twilio: how it signs its webhooks, what they hold, and how its REST API is called and answers. Several channels go
//! through it; they read the same two purposes of their own key sets.
//!
//! Keys: `twilio_auth_tokens` (named by the account, `AC…`: they sign webhooks with SHA-1, and let calls in) and
//! `twilio_shared_keys` (named by the key's id, `webhooks_sharedkey_…`: they sign webhooks with SHA-256). Several of one
//! name hold together while a secret changes; calls go out with the first.
//!
//! Sources: www.twilio.com/docs/usage/webhooks/webhooks-security, the API's OpenAPI description (`twilio_api_v2010`) and
//! www.twilio.com/docs/api/errors.

mod fields;
mod message;
mod number;
mod rest;
mod signature;
mod verify;

pub(crate) use fields::Fields;
pub(crate) use message::{OPTED_OUT, message, undelivered};
pub(crate) use number::{Hook, probe, probed, texts};
pub(crate) use rest::{API, Failure, call, get};
pub(crate) use verify::verified;

use crate::{Key, Need};

/// The purpose of accounts' auth tokens.
pub const AUTH_TOKENS: &str = "twilio_auth_tokens";
/// The purpose of shared keys, where webhooks are signed with these.
pub const SHARED_KEYS: &str = "twilio_shared_keys";

/// What the channels that go through it need for their accounts.
pub(crate) const TOKEN_NEED: Need =
    Need::keys(AUTH_TOKENS, "an account's auth token, named (`kid`) by the account (AC and 32 digits)", of_account);

fn of_account(key: &Key) -> bool {
    key.kid.strip_prefix("AC").is_some_and(|id| id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests;

/// The signature of a form, as tests of channels need it.
#[cfg(test)]
pub(crate) fn signed_for_tests(token: &str, url: &str, body: &[u8]) -> String {
    signature::Algorithm::Token.sign(token, url, &Fields::of_form(body))
}

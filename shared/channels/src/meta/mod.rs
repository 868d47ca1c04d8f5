//! What Messenger, Instagram and `WhatsApp` have in common: one app of Meta's that signs what it sends, the Graph API and
//! its errors. Sources: Graph API v26.0 (developers.facebook.com/docs/graph-api).
//!
//! Keys of each of the three channels:
//! - `app_secrets`: the secrets of the company's app; the newest whose time has come signs our calls, any of them is taken
//!   in a webhook's signature.
//! - `verify_tokens`: what the console was told for the check of the address; any of them is taken.
//! - the accounts' access tokens, each named by the account's id: see the channel. An event for an account without one is
//!   a reject.
//!
//! Settings of each:
//! - `version`: of the Graph API, such as `v26.0`, which is what is called without it.
//! - `app_id`: the app's id. It tells our own messages from those of a person in the provider's inbox, and whether the
//!   account's webhooks still come to this app.

mod body;
mod errors;
#[cfg(test)]
mod events;
mod graph;
mod mark;
pub(crate) mod messaging;
mod subscription;
#[cfg(test)]
pub(crate) mod testing;
mod verify;

use crate::settings::{any_key, number};
use crate::{KeySet, Need};

pub(crate) use self::body::{Fault, Item, body, part, take, unknown};
pub(crate) use self::errors::{classify, refusal};
pub(crate) use self::graph::{As, Place};
pub(crate) use self::mark::Mark;
pub(crate) use self::subscription::{Node, Subscription};
pub(crate) use self::verify::{url_check, verify};

/// The purpose of the app's secrets.
pub const APP_SECRETS: &str = "app_secrets";
/// The purpose of the tokens with which the console checks the address.
pub const VERIFY_TOKENS: &str = "verify_tokens";

/// What each of the channels needs besides its accounts' tokens.
pub(crate) const APP_NEEDS: [Need; 3] = [
    Need::keys(APP_SECRETS, "the secret of the company's app at Meta", any_key),
    Need::keys(VERIFY_TOKENS, "what the console was told for the check of the address", any_key),
    Need::setting("app_id", "the id of the company's app at Meta: a number", number),
];

/// The Graph API.
pub(crate) const API: &str = "https://graph.facebook.com";

/// A day: after the customer's last message the company may write for so many seconds.
pub(crate) const WINDOW: u32 = 86_400;

/// The app's id, if it is set: a text, or the number that the console shows.
fn app_id(keys: &KeySet) -> Option<String> {
    let id = keys.setting("app_id")?;
    id.as_str().map(str::to_owned).or_else(|| id.as_u64().map(|id| id.to_string())).filter(|id| !id.is_empty())
}

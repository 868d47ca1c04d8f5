//! Trying a channel before a customer does: the provider's own check of our address, and harmless calls that tell whether
//! it takes the company's credentials.

use domain::{Delivery, UnixMillis};

use crate::{HttpCall, KeySet, RenderError, WireReply};

/// The request (GET) with which a provider checks that a webhook's address is the company's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UrlCheck {
    /// Its query, without the question mark.
    pub query: String,
    /// The body that it is to be answered with.
    pub expects: String,
}

/// Calls that change nothing.
pub trait Probing: Sync {
    /// One for each account.
    fn probes(&self, keys: &KeySet, now: UnixMillis) -> Vec<Probe>;

    /// What the answer about an account tells.
    ///
    /// # Errors
    /// What the provider's refusal means; never `Sent`.
    fn probed(&self, account: &str, reply: &WireReply, keys: &KeySet) -> Result<Probed, Delivery>;
}

/// A call that changes nothing.
#[derive(Debug)]
pub struct Probe {
    /// The company's account that it is about.
    pub account: String,
    /// The call; or the key that it lacks.
    pub call: Result<HttpCall, RenderError>,
}

/// What a provider that takes the credentials tells of the account.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Probed {
    /// Where it sends webhooks, if it says so; empty: nowhere.
    pub webhook: Option<String>,
    /// What it says is wrong.
    pub trouble: Option<String>,
}

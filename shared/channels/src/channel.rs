//! The trait that every channel implements, and the values that pass through it.

use std::borrow::Cow;
use std::fmt;

use domain::{Capabilities, Delivery, InboundEvent, Locale, Outbound, UnixMillis};

use crate::KeySet;

/// A way to reach customers. Five pure steps; whoever calls them does the IO.
pub trait Channel: Sync {
    /// What the channel can carry.
    fn capabilities(&self) -> &'static Capabilities;

    /// Checks who sent the request, over its raw bytes, with any key of the set that is valid at `now`.
    ///
    /// # Errors
    /// Why it is refused. No key, or none that fits, refuses.
    fn verify<'a>(&self, request: &RawRequest<'a>, keys: &KeySet, now: UnixMillis) -> Result<Gate<'a>, VerifyError>;

    /// Reads every event of a verified request. Never fails as a whole: what cannot be read is a [`Reject`].
    fn parse(&self, request: &Verified<'_>) -> Parsed;

    /// What the provider is answered once everything is queued; most providers only look at the status.
    fn acknowledgement(&self) -> Acknowledgement {
        Acknowledgement { content_type: "text/plain; charset=utf-8", body: "" }
    }

    /// Where the provider's API is, without a slash at the end; empty where no HTTP API is called. A stack may be told
    /// another address.
    fn api(&self) -> &'static str {
        ""
    }

    /// Turns a delivery into the provider's calls, in order, with the account's own keys.
    ///
    /// # Errors
    /// What the channel cannot carry in any form, or a key that is not set.
    fn render(&self, outbound: &Outbound, keys: &KeySet) -> Result<Vec<WireCall>, RenderError>;

    /// What the provider's answer to a call means.
    fn classify(&self, reply: &WireReply) -> Delivery;
}

/// A request as it came, undecoded.
#[derive(Debug, Clone, Copy)]
pub struct RawRequest<'a> {
    /// Upper-case HTTP method.
    pub method: &'a str,
    /// The exact public address, query included: some signatures cover it.
    pub url: &'a str,
    /// Header names in lower case, with values.
    pub headers: &'a [(String, String)],
    /// The body's bytes.
    pub body: &'a [u8],
}

impl RawRequest<'_> {
    /// A parameter of the address's query, decoded; the first, where it is there more than once.
    pub fn query(&self, name: &str) -> Option<String> {
        let (_, query) = self.url.split_once('?')?;
        let query = query.split('#').next().unwrap_or_default();
        form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    }

    /// A header's value, by lower-case name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// What verification let through.
#[derive(Debug)]
pub enum Gate<'a> {
    /// The provider checks the address: answer this and nothing else.
    Challenge(Challenge),
    /// A genuine request.
    Accept(Verified<'a>),
}

/// The answer to a provider's address check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge {
    /// The body, as plain text.
    pub body: String,
}

/// A request whose sender was checked. Only a channel's `verify` makes one.
#[derive(Debug)]
pub struct Verified<'a> {
    /// The body as it was checked; deciphered, where the channel ciphers.
    pub(crate) body: Cow<'a, [u8]>,
    pub(crate) principal: Principal,
    pub(crate) at: UnixMillis,
}

impl Verified<'_> {
    /// Who the request speaks for, where the channel's own proof names them.
    pub fn principal(&self) -> &Principal {
        &self.principal
    }
}

/// Whom a verified request speaks for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Principal {
    /// The company's account on the channel.
    pub account: String,
    /// The customer's id there, if the proof is theirs and not the provider's.
    pub user: String,
    /// The customer's language, if the proof tells.
    pub locale: Option<Locale>,
}

/// What a request held.
#[derive(Debug, Default, PartialEq)]
pub struct Parsed {
    /// The events, in order.
    pub events: Vec<InboundEvent>,
    /// What could not be read, each alone.
    pub rejects: Vec<Reject>,
}

/// A part of a request that cannot be taken. Texts are for the sender: they say what is wrong and how to mend it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reject {
    /// Path of the field at fault, such as `content.text`; empty when the whole body is.
    pub field: String,
    /// What is wrong with it.
    pub reason: String,
}

/// Why a request is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// No proof came with it.
    #[error("no credentials: {0}")]
    Missing(&'static str),
    /// The proof does not hold: forged, altered, or made with a key that is not ours.
    #[error("credentials refused: {0}")]
    Refused(&'static str),
    /// The proof held once.
    #[error("credentials expired")]
    Expired,
    /// Nothing can be verified because no key is set.
    #[error("no key `{0}` is set for this channel")]
    NoKey(&'static str),
}

/// A delivery that the channel cannot carry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("cannot be rendered: {0}")]
pub struct RenderError(pub String);

/// The answer to a request that was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Acknowledgement {
    /// Media type of the body.
    pub content_type: &'static str,
    /// The body.
    pub body: &'static str,
}

/// One call to a provider, as data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WireCall {
    /// Push text frames to every open socket of the identity.
    Push {
        /// The frames, in order.
        frames: Vec<String>,
    },
    /// An HTTP request to the provider's API.
    Http(HttpCall),
}

/// An HTTP request to a provider's API.
#[derive(Clone, PartialEq, Eq)]
pub struct HttpCall {
    /// Upper-case HTTP method.
    pub method: &'static str,
    /// What follows the API's address, from the first slash, query included. It may hold a token.
    pub target: String,
    /// Headers in lower case, with values. They may hold a token.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl HttpCall {
    /// A POST of JSON.
    pub fn json(target: String, body: &serde_json::Value) -> Self {
        // Ours: text keys and finite numbers. Raw UTF-8, which some providers insist on.
        let body = body.to_string().into_bytes();
        Self { method: "POST", target, headers: vec![("content-type", "application/json".to_owned())], body }
    }

    /// The same with one more header.
    #[must_use]
    pub fn with_header(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((name, value));
        self
    }
}

impl fmt::Debug for HttpCall {
    /// Without token and text.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpCall")
            .field("method", &self.method)
            .field("bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// A provider's answer, as data.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WireReply {
    /// HTTP status; 0 when the call certainly did not reach the provider.
    pub status: u16,
    /// Seconds of a `Retry-After` header.
    pub retry_after: Option<u32>,
    /// The body's beginning.
    pub body: String,
}

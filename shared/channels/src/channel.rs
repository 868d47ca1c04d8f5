//! The trait that every channel implements, and the values that pass through it.

use domain::{Capabilities, Delivery, Handle, Identity, InboundEvent, Locale, Outbound, UnixMillis};

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

    /// Turns a delivery into the provider's calls, in order.
    ///
    /// # Errors
    /// What the channel cannot carry in any form.
    fn render(&self, outbound: &Outbound) -> Result<Vec<WireCall>, RenderError>;

    /// What the provider's answer to a call means.
    fn classify(&self, reply: &WireReply) -> Delivery;

    /// The address that an identity is known by, where the channel's own user ids are addresses: nobody else can write
    /// as that identity.
    fn handle(&self, _identity: &Identity) -> Option<Handle> {
        None
    }
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
    pub(crate) body: &'a [u8],
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

/// One call to a provider, as data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WireCall {
    /// Push text frames to every open socket of the identity.
    Push {
        /// The frames, in order.
        frames: Vec<String>,
    },
}

/// A provider's answer, as data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WireReply {
    /// HTTP status; 0 when no answer came.
    pub status: u16,
    /// The body's beginning.
    pub body: String,
}

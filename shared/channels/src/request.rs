//! What comes in: requests as they came, what verification let through, and what they held.

use std::borrow::Cow;
use std::fmt;

use domain::{ChannelId, DedupId, EventKind, GroupId, Identity, InboundEvent, Locale, UnixMillis, UploadId};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The answer to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Media type of the body.
    pub content_type: &'static str,
    /// The body.
    pub body: String,
}

/// Messages wait at the provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pull {
    /// The channel.
    pub channel: ChannelId,
    /// The company's account there.
    pub account: String,
    /// What the provider gave with the news, to be let in with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
}

/// A page of fetched messages.
#[derive(Debug, Default, PartialEq)]
pub struct Page {
    /// What it holds.
    pub parsed: Parsed,
    /// The place after it.
    pub next: Option<String>,
    /// Whether there is more already.
    pub more: bool,
}

/// The method of what comes as an event of AWS. No HTTP door lets it through: whoever sees it knows that AWS itself, by
/// the function's permissions, has handed it over.
pub const EVENT: &str = "EVENT";

/// The header that holds the event's own JSON, where the body is the object that it names.
pub const EVENT_HEADER: &str = "event";

/// A request as it came, undecoded. An event of AWS comes as one too: its method is [`EVENT`], its address the source's
/// name (`aws:sns`), its body the event's own JSON.
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
    /// How the company has set the account up, on channels whose requests are read by that.
    pub setup: Option<Value>,
    /// The accounts that the company has set up, where one request holds events for several.
    pub accounts: Vec<String>,
    /// The company's own app, where the provider tells which app has sent a message.
    pub app: Option<String>,
}

/// What a request held.
#[derive(Debug, Default, PartialEq)]
pub struct Parsed {
    /// The events, in order.
    pub events: Vec<InboundEvent>,
    /// What could not be read, each alone.
    pub rejects: Vec<Reject>,
    /// Where messages wait to be fetched.
    pub pulls: Vec<Pull>,
    /// The files that came in it, for the events' attachments to name.
    pub files: Vec<ReceivedFile>,
    /// What is not taken on purpose, such as mail with a virus: the provider's id of it, and why. It is counted and logged.
    pub dropped: Vec<(String, &'static str)>,
    /// When the provider first sent it, on channels whose providers ask again: it tells which try this is.
    pub sent_at: Option<UnixMillis>,
    /// Whose reply the request asks for again, without the event itself: that came with an earlier one.
    pub awaits: Option<Awaited>,
    /// What the provider is answered, where that depends on the request; none: the channel's own.
    pub acknowledgement: Option<Acknowledgement>,
}

/// An event whose reply a request waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Awaited {
    /// Whose conversation it concerns.
    pub identity: Identity,
    /// The event.
    pub event: DedupId,
    /// Earlier events of theirs whose replies came too late for their own requests, oldest first: these are answered with
    /// it.
    pub before: Vec<DedupId>,
}

impl Awaited {
    /// The event that a request waits for: its only one, if that asks for anything.
    pub fn among(events: &[InboundEvent]) -> Option<Self> {
        let [event] = events else { return None };
        if matches!(&event.kind, EventKind::Message { content } if content.asks_nothing()) {
            return None;
        }
        Some(Self { identity: event.identity.clone(), event: event.id.clone(), before: vec![] })
    }
}

/// A customer's file that came whole in a request. The same request coming again gives it the same id.
#[derive(Clone, PartialEq, Eq)]
pub struct ReceivedFile {
    /// Whose.
    pub group: GroupId,
    /// Its id, which an attachment names.
    pub upload: UploadId,
    /// Media type that it is kept and shown under: never one that a browser would run.
    pub mime: String,
    /// The file.
    pub bytes: Vec<u8>,
}

impl fmt::Debug for ReceivedFile {
    /// Without what is in it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReceivedFile")
            .field("upload", &self.upload)
            .field("mime", &self.mime)
            .field("bytes", &self.bytes.len())
            .finish_non_exhaustive()
    }
}

/// Largest event that is taken, in bytes of its JSON: with its envelope it fits into a queue's message (256 KiB).
pub const MAX_EVENT_BYTES: usize = 200_000;

impl Parsed {
    /// The same with every event that no queue would take as a reject: it is quarantined alone, instead of keeping the
    /// whole request from being acknowledged for ever.
    #[must_use]
    pub fn bounded(mut self) -> Self {
        let size = |event: &InboundEvent| serde_json::to_vec(event).map_or(usize::MAX, |json| json.len());
        let (events, large) = self.events.into_iter().partition(|event| size(event) <= MAX_EVENT_BYTES);
        self.events = events;
        self.rejects.extend(large.iter().map(|event: &InboundEvent| {
            let reason = format!("is larger than {MAX_EVENT_BYTES} bytes");
            let text = serde_json::to_string(event).unwrap_or_default();
            let item = text.get(..text.floor_char_boundary(MAX_EVENT_BYTES)).map(str::to_owned);
            Reject { field: String::new(), reason, item }
        }));
        self
    }
}

/// A part of a request that cannot be taken. Texts are for the sender: they say what is wrong and how to mend it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reject {
    /// Path of the field at fault, such as `content.text`; empty when the whole body is.
    pub field: String,
    /// What is wrong with it.
    pub reason: String,
    /// The part itself, as it came, where a request holds several: somebody may mend it.
    pub item: Option<String>,
}

impl Reject {
    /// A whole body that cannot be read. It was genuine, so it is kept: as text, up to [`MAX_EVENT_BYTES`].
    pub(crate) fn of_body(field: impl Into<String>, reason: impl Into<String>, body: &[u8]) -> Self {
        let beginning = body.get(..MAX_EVENT_BYTES).unwrap_or(body);
        let item = (!body.is_empty()).then(|| String::from_utf8_lossy(beginning).into_owned());
        Self { field: field.into(), reason: reason.into(), item }
    }
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

/// The answer to a request that was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Acknowledgement {
    /// Media type of the body.
    pub content_type: &'static str,
    /// The body.
    pub body: &'static str,
}

impl Acknowledgement {
    /// Plain text.
    pub const fn text(body: &'static str) -> Self {
        Self { content_type: "text/plain; charset=utf-8", body }
    }
}

//! The queues' bodies. They carry their version `v`; readers take every version that was ever sent.

use channels::{Pull, Reject};
use domain::{ActionOrder, ChannelId, DedupId, EventKind, Fetch, InboundEvent, MediaNews, Outbound, Transport};
use serde::{Deserialize, Serialize};

use crate::Kind;

/// The newest version that is read.
const VERSION: u32 = 5;
/// The version of what was written before actions came back.
const FILES: u32 = 4;
/// The version of what was written before there was news of files besides their words.
const ANSWERS: u32 = 3;
/// The version of what was written before links could rest on addresses.
const EVENTS: u32 = 2;
/// The version of bodies that hold a customer's message or a delivery.
const MESSAGES: u32 = 1;

/// A body that is no envelope of ours. It never repeats the body.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EnvelopeError {
    /// Not the JSON that was agreed.
    #[error("not an envelope: line {line}, column {column}")]
    Malformed {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
    },
    /// A part of a provider's request that a channel could not read.
    #[error("{channel}: {field}: {reason}")]
    Unreadable {
        /// Whose request.
        channel: String,
        /// Path of the field at fault.
        field: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Written by a newer Frontdesk.
    #[error("envelope version {0} is newer than this function; deploy the newer one, then redrive")]
    TooNew(u32),
}

impl EnvelopeError {
    /// What can be done about it: while a deploy goes through, an older function may meet a newer body.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Malformed { .. } | Self::Unreadable { .. } => Kind::Permanent,
            Self::TooNew(_) => Kind::Transient,
        }
    }
}

#[derive(Serialize, Deserialize)]
struct Versioned<T> {
    v: u32,
    body: T,
}

#[derive(Deserialize)]
struct VersionOnly {
    v: u32,
}

fn write<T: Serialize>(v: u32, body: &T) -> String {
    // Our own types: text keys and finite numbers, so this cannot fail.
    let json = serde_json::to_string(&Versioned { v, body }).unwrap_or_default();
    // Noncharacters, which SQS refuses; in JSON they stand in texts only.
    json.replace('\u{fffe}', "\\ufffe").replace('\u{ffff}', "\\uffff")
}

fn read<T: for<'de> Deserialize<'de>>(text: &str) -> Result<T, EnvelopeError> {
    let malformed = |error: serde_json::Error| EnvelopeError::Malformed { line: error.line(), column: error.column() };
    let VersionOnly { v } = serde_json::from_str(text).map_err(malformed)?;
    if v > VERSION {
        return Err(EnvelopeError::TooNew(v));
    }
    serde_json::from_str::<Versioned<T>>(text).map(|envelope| envelope.body).map_err(malformed)
}

/// An event's queue body.
pub fn write_inbound(event: &InboundEvent) -> String {
    // The lowest version that can read it: a responder from before the other kinds waits for its successor.
    let v = match event.kind {
        EventKind::Message { .. } if is_first_of_all(event) => MESSAGES,
        EventKind::Message { .. }
        | EventKind::Seen { .. }
        | EventKind::AnsweredElsewhere { .. }
        | EventKind::IdentityLinked { address: Some(_), .. } => ANSWERS,
        EventKind::MediaReady(MediaNews { file: None, trouble: None, unheard: false, .. })
        | EventKind::IdentityLinked { address: None, .. }
        | EventKind::Agent { .. }
        | EventKind::Receipt { .. }
        | EventKind::Timer { .. }
        | EventKind::IdentitySeparated { .. }
        | EventKind::Forget => EVENTS,
        EventKind::MediaReady(_) => FILES,
        EventKind::ActionDone(_) => VERSION,
    };
    write(v, event)
}

/// Whether it holds nothing that came with further channels.
fn is_first_of_all(event: &InboundEvent) -> bool {
    let way = channels::channel(event.identity.channel).capabilities().transport;
    way == Transport::Web && event.reply.is_none() && event.grant.is_none()
}

/// Reads an event's queue body.
///
/// # Errors
/// Not an envelope, one from a newer version, or one of a part that nobody could read.
pub fn read_inbound(text: &str) -> Result<InboundEvent, EnvelopeError> {
    if text.starts_with(UNREADABLE) {
        let WithUnreadable { unreadable: Unreadable { channel, field, reason, .. } } = read(text)?;
        return Err(EnvelopeError::Unreadable { channel: channel.to_string(), field, reason });
    }
    read(text)
}

/// What the body of a part that could not be read begins with.
const UNREADABLE: &str = r#"{"v":3,"body":{"unreadable":"#;

#[derive(Serialize, Deserialize)]
struct WithUnreadable<T = Unreadable> {
    unreadable: T,
}

/// A part of a provider's request that could not be read, on its way to the dead letters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unreadable {
    /// Whose request.
    pub channel: ChannelId,
    /// Path of the field at fault.
    pub field: String,
    /// What is wrong with it.
    pub reason: String,
    /// The part as it came, or its beginning.
    pub item: String,
}

impl Unreadable {
    /// Bytes of a part that are kept: with its envelope it fits into a queue's message.
    const MOST_BYTES: usize = 150_000;

    /// What a channel could not read, if it says what it was.
    pub fn of(channel: ChannelId, reject: &Reject) -> Option<Self> {
        let item = reject.item.as_deref()?;
        let item = item.get(..item.floor_char_boundary(Self::MOST_BYTES)).unwrap_or_default().to_owned();
        Some(Self { channel, field: reject.field.clone(), reason: reject.reason.clone(), item })
    }

    /// The same part coming again has the same id. It is alone in its group too.
    pub fn id(&self) -> DedupId {
        let parts = [self.channel.as_str(), &self.field, &self.item].map(str::as_bytes);
        DedupId::derive(&[b"unreadable", parts[0], parts[1], parts[2]])
    }
}

/// The queue body of a part that could not be read.
pub fn write_unreadable(part: &Unreadable) -> String {
    write(ANSWERS, &WithUnreadable { unreadable: part })
}

/// The queue body of news whose messages must be fetched.
pub fn write_pull(pull: &Pull) -> String {
    write(MESSAGES, pull)
}

/// Reads the queue body of news.
///
/// # Errors
/// Not an envelope, or one from a newer version.
pub fn read_pull(text: &str) -> Result<Pull, EnvelopeError> {
    read(text)
}

/// The queue body of a file to fetch.
pub fn write_fetch(fetch: &Fetch) -> String {
    write(MESSAGES, fetch)
}

/// Reads the queue body of a file to fetch.
///
/// # Errors
/// Not an envelope, or one from a newer version.
pub fn read_fetch(text: &str) -> Result<Fetch, EnvelopeError> {
    read(text)
}

/// The queue body of an action's call.
pub fn write_action(order: &ActionOrder) -> String {
    write(MESSAGES, order)
}

/// Reads the queue body of an action's call.
///
/// # Errors
/// Not an envelope, or one from a newer version.
pub fn read_action(text: &str) -> Result<ActionOrder, EnvelopeError> {
    read(text)
}

/// A delivery's queue body.
pub fn write_outbound(outbound: &Outbound) -> String {
    write(MESSAGES, outbound)
}

/// Reads a delivery's queue body.
///
/// # Errors
/// Not an envelope, or one from a newer version.
pub fn read_outbound(text: &str) -> Result<Outbound, EnvelopeError> {
    read(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_channel_could_not_read_comes_back_as_its_reason() {
        let item = Some("字".repeat(100_000));
        let reject = Reject { field: "entry.0".to_owned(), reason: "is no object".to_owned(), item };
        let part = Unreadable::of(ChannelId::Web, &reject).unwrap();
        let body = write_unreadable(&part);
        assert!(body.len() < 200_000 && part.item.len() == 150_000);
        let error = read_inbound(&body).unwrap_err();
        assert_eq!((error.to_string().as_str(), error.kind()), ("web: entry.0: is no object", Kind::Permanent));
        assert_eq!(part.id(), part.clone().id());
    }

    #[test]
    fn a_body_holds_only_what_a_queue_takes() {
        let item = Some("a\u{fffe}\u{ffff}b".to_owned());
        let part = Unreadable::of(ChannelId::Web, &Reject { field: String::new(), reason: "bad".to_owned(), item });
        let part = part.unwrap();
        let body = write_unreadable(&part);
        assert!(body.contains(r"a\ufffe\uffffb") && !body.contains(['\u{fffe}', '\u{ffff}']), "{body}");
        assert_eq!(read::<WithUnreadable>(&body).unwrap().unreadable, part);
    }

    #[test]
    fn refuses_what_it_cannot_read_without_repeating_it() {
        assert_eq!(read_inbound(r#"{"v":6,"body":{"new":"shape"}}"#), Err(EnvelopeError::TooNew(6)));
        for body in ["", "null", "{}", r#"{"v":1}"#, r#"{"v":1,"body":{"id":"my phone is 13800138000"}}"#] {
            let error = read_inbound(body).unwrap_err();
            assert!(matches!(error, EnvelopeError::Malformed { .. }), "{body}");
            assert!(!error.to_string().contains("13800138000"));
        }
    }
}

//! The queues' bodies. They carry their version `v`; readers take every version that was ever sent.

use domain::{EventKind, InboundEvent, Outbound};
use serde::{Deserialize, Serialize};

use crate::Kind;

/// The newest version that is read.
const VERSION: u32 = 3;
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
    /// Written by a newer Frontdesk.
    #[error("envelope version {0} is newer than this function; deploy the newer one, then redrive")]
    TooNew(u32),
}

impl EnvelopeError {
    /// What can be done about it: while a deploy goes through, an older function may meet a newer body.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Malformed { .. } => Kind::Permanent,
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
    serde_json::to_string(&Versioned { v, body }).unwrap_or_default()
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
        EventKind::Message { .. } => MESSAGES,
        EventKind::IdentityLinked { address: Some(_), .. } => VERSION,
        EventKind::IdentityLinked { address: None, .. }
        | EventKind::Agent { .. }
        | EventKind::Receipt { .. }
        | EventKind::Timer { .. }
        | EventKind::MediaReady { .. }
        | EventKind::IdentitySeparated { .. }
        | EventKind::Forget => EVENTS,
    };
    write(v, event)
}

/// Reads an event's queue body.
///
/// # Errors
/// Not an envelope, or one from a newer version.
pub fn read_inbound(text: &str) -> Result<InboundEvent, EnvelopeError> {
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
    fn refuses_what_it_cannot_read_without_repeating_it() {
        assert_eq!(read_inbound(r#"{"v":4,"body":{"new":"shape"}}"#), Err(EnvelopeError::TooNew(4)));
        for body in ["", "null", "{}", r#"{"v":1}"#, r#"{"v":1,"body":{"id":"my phone is 13800138000"}}"#] {
            let error = read_inbound(body).unwrap_err();
            assert!(matches!(error, EnvelopeError::Malformed { .. }), "{body}");
            assert!(!error.to_string().contains("13800138000"));
        }
    }
}

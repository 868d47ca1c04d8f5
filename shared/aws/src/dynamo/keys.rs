//! Every key of the table, with what it is read by.
//!
//! | item | pk | sk | written by | read by |
//! |---|---|---|---|---|
//! | head | group | `HEAD` | responder, if its version is the one read | responder: `GetItem` |
//! | turn | group | `T#<dedup id>` | responder, if absent: the dedupe record | responder, when an event comes again |
//! | delivery | group | `D#<last seq, 12 digits>` | outbound: claim, then mark | visitor API: `Query` of `sk > D#<after>` |
//! | socket | group | `S#<connection id>` | web, on connect | outbound-web: `Query` of `S#` |
//!
//! All of one identity lies in one partition, named by its group id. No index is written.

use std::collections::HashMap;
use std::fmt::Display;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{DedupId, GroupId};

/// An item's attributes.
pub(crate) type Item = HashMap<String, AttributeValue>;

/// Partition key.
pub const PK: &str = "pk";
/// Sort key.
pub const SK: &str = "sk";
/// When the item may go, seconds since the epoch: the table's TTL attribute.
pub const TTL: &str = "ttl";
/// The shape of the item's body.
pub(crate) const V: &str = "v";
/// The item's content, as JSON.
pub(crate) const BODY: &str = "body";
/// The head's version, which a write is conditional on.
pub(crate) const VERSION: &str = "ver";
/// A delivery's state.
pub(crate) const STATE: &str = "state";
/// A delivery's id.
pub(crate) const DELIVERY: &str = "dlv";
/// When a delivery's claim ends, milliseconds since the epoch.
pub(crate) const LEASE: &str = "lease";
/// How many senders have claimed a delivery without saying that the provider did not get it.
pub(crate) const TRIES: &str = "tries";
/// How many of a delivery's calls the provider has taken.
pub(crate) const PARTS: &str = "parts";
/// Why a delivery failed.
pub(crate) const REASON: &str = "reason";

/// Sort key of the head.
pub const HEAD: &str = "HEAD";
/// First letters of a socket's sort key.
pub const SOCKET: &str = "S#";
/// Above every delivery's sort key.
pub const DELIVERY_END: &str = "D#~";

/// Sort key of a turn.
pub fn turn(event: &DedupId) -> String {
    format!("T#{event}")
}

/// The event of a turn, from the turn's sort key.
pub(crate) fn turn_event(sort: &str) -> Option<DedupId> {
    sort.strip_prefix("T#").and_then(DedupId::from_text)
}

/// Whether a sort key is a delivery's.
pub(crate) fn is_delivery(sort: &str) -> bool {
    sort.starts_with("D#")
}

/// Sort key of a delivery, by the seq of its last message.
pub fn delivery(last_seq: u64) -> String {
    format!("D#{last_seq:012}")
}

/// Sort key of a socket.
pub fn socket(connection: &str) -> String {
    format!("{SOCKET}{connection}")
}

pub(crate) fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

pub(crate) fn number(value: impl Display) -> AttributeValue {
    AttributeValue::N(format!("{value}"))
}

/// The key of an item.
pub(crate) fn key(group: &GroupId, sort: impl Into<String>) -> Item {
    HashMap::from([(PK.to_owned(), text(group.as_str())), (SK.to_owned(), text(sort))])
}

/// An item with its key, shape and body.
pub(crate) fn item(group: &GroupId, sort: impl Into<String>, body: String, ends: i64) -> Item {
    let mut item = key(group, sort);
    item.insert(V.to_owned(), number(1));
    item.insert(BODY.to_owned(), text(body));
    item.insert(TTL.to_owned(), number(ends));
    item
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deliveries_sort_by_seq_and_apart_from_the_rest() {
        let mut keys = [delivery(10), delivery(9), turn(&DedupId::derive(&[b"a"])), socket("x"), HEAD.to_owned()];
        keys.sort();
        assert_eq!(keys[0], "D#000000000009");
        assert_eq!(keys[1], "D#000000000010");
        assert!(delivery(999_999_999_999).as_str() < DELIVERY_END && DELIVERY_END < HEAD);
    }
}

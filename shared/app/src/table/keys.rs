//! Every key of the table, with what it is read by.
//!
//! | item | pk | sk | written by | read by |
//! |---|---|---|---|---|
//! | head | group | `HEAD` | responder, if its version is the one read | responder: `GetItem` |
//! | turn | group | `T#<dedup id>` | responder, if absent: the dedupe record | responder, when an event comes again |
//! | delivery | group | `D#<last seq, 12 digits>` | outbound: claim, then mark | visitor API: `Query` of `sk > D#<after>` |
//! | socket | group | `S#<connection id>` | web, on connect | outbound-web: `Query` of `S#` |
//! | member | customer | `I#<group>` | responder, in the commit of the turn that links | `cargo local`: `Query` of `I#` |
//! | handle | `H#<handle's key>` | `CUSTOMER` | web, when an account proves an address: if nobody has, or as contested | web, responder (first turn): `GetItem` |
//! | address | customer | `H#<handle's key>` | web, in the same transaction | `cargo local`: `Query` of `H#` |
//! | cursor | `P#<channel>#<account>` | `CURSOR` | puller, if its version is the one read | puller: `GetItem` |
//! | thread | `M#<its name>` | `THREAD` | outbound-email, once a mail has gone out | receive-email: `GetItem` |
//! | spending | `MODEL` | the day, since the epoch | responder, before and after it asks the language model | the same |
//! | people | `PEOPLE` | `SEEN` | responder, when a person acts, unless a later time stands there | responder, when a flow looks who is there: `GetItem` |
//! | unanswered | `U#<day>` | `<group>#<dedup id>` | responder, in the commit of a turn that shows a question unanswered | `cargo local`: `Query` of days, then `BatchGetItem` of the turns |
//! | errand | `FORGET` | the id that was given | `cargo local forget`, until it is done | the same, to go on |
//!
//! All of one identity lies in one partition, named by its group id; a member names the identity for its customer, an
//! address what its customer has proved. A cursor is an account's, not a person's, and stays; a
//! thread holds hashes and ids only, and so does what names a turn for its unanswered questions: the words are in the turn.
//! No index is written.

use domain::{ChannelId, DedupId, GroupId, HandleId, UnixMillis};

/// Partition key.
pub const PK: &str = "pk";
/// Sort key.
pub const SK: &str = "sk";
/// When the item may go, seconds since the epoch: the table's TTL attribute.
pub const TTL: &str = "ttl";
/// The shape of the item's body.
pub const V: &str = "v";
/// The item's content, as JSON.
pub const BODY: &str = "body";
/// The head's or cursor's version, which a write is conditional on.
pub const VERSION: &str = "ver";
/// A delivery's state.
pub const STATE: &str = "state";
/// A delivery's id.
pub const DELIVERY: &str = "dlv";
/// When a delivery's claim ends, milliseconds since the epoch.
pub const LEASE: &str = "lease";
/// How many senders have claimed a delivery without saying that the provider did not get it.
pub const TRIES: &str = "tries";
/// How many of a delivery's calls the provider has taken.
pub const PARTS: &str = "parts";
/// Why a delivery failed.
pub const REASON: &str = "reason";

/// The customer whose an address is; none: it is contested.
pub const OWNER: &str = "owner";

/// Sort key of the head.
pub const HEAD: &str = "HEAD";
/// Sort key of an account's cursor.
pub const CURSOR: &str = "CURSOR";
/// First letters of a socket's sort key.
pub const SOCKET: &str = "S#";
/// First letters of a member's sort key.
pub const MEMBER: &str = "I#";
/// First letters of a handle's partition key, and of an address's sort key.
pub const HANDLE: &str = "H#";
/// Sort key of a handle.
pub const CUSTOMER: &str = "CUSTOMER";
/// First letters of a thread's partition key.
pub const THREADS: &str = "M#";
/// Sort key of a thread.
pub const THREAD: &str = "THREAD";
/// Partition of what the language model has cost.
pub const MODEL: &str = "MODEL";
/// How many tokens the language model has taken in a day.
pub const TOKENS: &str = "tokens";
/// Partition of what is known of the company's people.
pub const PEOPLE: &str = "PEOPLE";
/// Sort key of when any of them was last at work.
pub const SEEN: &str = "SEEN";
/// When that was, milliseconds since the epoch.
pub const AT: &str = "at";
/// Partition of the errands of forgetting that are not done yet.
pub const ERRANDS: &str = "FORGET";
/// Above every delivery's sort key.
pub const DELIVERY_END: &str = "D#~";

/// What the sort keys of turns begin with.
pub const TURNS: &str = "T#";

/// Sort key of a turn.
pub fn turn(event: &DedupId) -> String {
    format!("{TURNS}{event}")
}

/// The event of a turn, from the turn's sort key.
pub fn turn_event(sort: &str) -> Option<DedupId> {
    sort.strip_prefix(TURNS).and_then(DedupId::from_text)
}

/// Whether a sort key is a delivery's.
pub fn is_delivery(sort: &str) -> bool {
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

/// Partition of an account's cursor.
pub fn pulled(channel: ChannelId, account: &str) -> String {
    format!("P#{channel}#{account}")
}

/// The day of a moment, since the epoch.
pub fn day_of(at: UnixMillis) -> i64 {
    at.0.div_euclid(24 * 60 * 60 * 1000)
}

/// Partition of a day's unanswered questions.
pub fn unanswered(day: i64) -> String {
    format!("U#{day:06}")
}

/// Sort key of an unanswered question, by the turn that shows it.
pub fn shown_by(group: &GroupId, event: &DedupId) -> String {
    format!("{group}#{event}")
}

/// The turn that shows an unanswered question, from its sort key.
pub fn showing(sort: &str) -> Option<(GroupId, DedupId)> {
    let (group, event) = sort.split_once('#')?;
    Some((group.parse().ok()?, DedupId::from_text(event)?))
}

/// Sort key of a day's spending.
pub fn day(day: i64) -> String {
    format!("{day:06}")
}

/// Partition of a thread, by one of its names.
pub fn thread(name: &str) -> String {
    format!("{THREADS}{name}")
}

/// Sort key of a customer's member.
pub fn member(group: &GroupId) -> String {
    format!("{MEMBER}{group}")
}

/// Partition key of a handle, and sort key of a customer's address.
pub fn handle(key: &HandleId) -> String {
    format!("{HANDLE}{key}")
}

/// The handle of an address, from its sort key.
pub fn address_handle(sort: &str) -> Option<HandleId> {
    sort.strip_prefix(HANDLE)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unanswered_question_leads_to_its_turn() {
        let (group, event) = (GroupId::derive(&[b"g"]), DedupId::derive(&[b"e"]));
        assert_eq!(showing(&shown_by(&group, &event)), Some((group.clone(), event)));
        assert_eq!(showing(group.as_str()), None);
        assert_eq!(unanswered(day_of(UnixMillis(86_400_000 * 20_000 + 5))), "U#020000");
    }

    #[test]
    fn deliveries_sort_by_seq_and_apart_from_the_rest() {
        let mut keys = [delivery(10), delivery(9), turn(&DedupId::derive(&[b"a"])), socket("x"), HEAD.to_owned()];
        keys.sort();
        assert_eq!(keys[0], "D#000000000009");
        assert_eq!(keys[1], "D#000000000010");
        assert!(delivery(999_999_999_999).as_str() < DELIVERY_END && DELIVERY_END < HEAD);
    }
}

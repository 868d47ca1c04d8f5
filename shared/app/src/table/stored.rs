//! The stored shapes of head, turn, delivery, member, address and cursor. What can be derived (message and delivery ids, group) is not stored:
//! a turn of a question and its answer stays below 1 KB, one write unit. Readers take every older `v`.

use channels::Thread;
use domain::{
    AlarmOrder, Author, Change, Content, Conversation, ConversationId, DedupId, DeliveryId, Identity, Message,
    MessageId, Outbound, OutboxEntry, Owner, ReplyHandle, Transport, Turn, Unanswered, UnixMillis, delivery_id,
    message_id,
};
use serde::{Deserialize, Serialize};

use crate::PortError;
use crate::customers::{Address, Member};
use crate::ports::Place;

/// The version that is written, but for heads: see [`head_version`].
pub const VERSION: u32 = 1;
/// The newest version that is read.
const NEWEST: u32 = 2;

/// What an item holds, as the table gave it.
#[derive(Debug, Clone, Copy)]
pub struct Stored<'a> {
    /// The attribute [`V`](super::keys::V).
    pub v: Option<u32>,
    /// The attribute [`BODY`](super::keys::BODY).
    pub body: Option<&'a str>,
}

#[derive(Serialize, Deserialize)]
struct StoredMessage {
    #[serde(rename = "s")]
    seq: u64,
    #[serde(rename = "w")]
    author: Author,
    #[serde(rename = "c")]
    content: Content,
    #[serde(rename = "t")]
    at: UnixMillis,
    /// Only where it cannot be derived.
    #[serde(rename = "i", default, skip_serializing_if = "Option::is_none")]
    id: Option<MessageId>,
}

#[derive(Serialize, Deserialize)]
struct StoredTurn {
    #[serde(rename = "c")]
    conversation: ConversationId,
    #[serde(rename = "t")]
    at: UnixMillis,
    #[serde(rename = "m")]
    messages: Vec<StoredMessage>,
    /// Not there in turns of before there were other events than messages.
    #[serde(rename = "n", default)]
    number: u64,
    #[serde(rename = "k", default, skip_serializing_if = "Vec::is_empty")]
    changes: Vec<Change>,
    #[serde(rename = "u", default, skip_serializing_if = "Vec::is_empty")]
    unanswered: Vec<Unanswered>,
    #[serde(rename = "o", default, skip_serializing_if = "Vec::is_empty")]
    outbox: Vec<StoredEntry>,
    #[serde(rename = "a", default, skip_serializing_if = "Option::is_none")]
    alarm: Option<AlarmOrder>,
}

#[derive(Serialize, Deserialize)]
struct StoredEntry {
    #[serde(rename = "x")]
    transport: Transport,
    #[serde(rename = "f")]
    first: usize,
    #[serde(rename = "n")]
    count: usize,
    #[serde(rename = "e", default, skip_serializing_if = "Option::is_none")]
    expires: Option<UnixMillis>,
    #[serde(rename = "r", default, skip_serializing_if = "Option::is_none")]
    reply: Option<ReplyHandle>,
}

#[derive(Serialize, Deserialize)]
struct StoredDelivery {
    #[serde(rename = "i")]
    id: DeliveryId,
    #[serde(rename = "w")]
    identity: Identity,
    #[serde(rename = "c")]
    conversation: ConversationId,
    #[serde(rename = "x")]
    transport: Transport,
    #[serde(rename = "m")]
    messages: Vec<StoredMessage>,
    #[serde(rename = "e", default, skip_serializing_if = "Option::is_none")]
    expires: Option<UnixMillis>,
    #[serde(rename = "r", default, skip_serializing_if = "Option::is_none")]
    reply: Option<ReplyHandle>,
}

#[derive(Serialize, Deserialize)]
struct StoredPlace {
    #[serde(rename = "n")]
    version: u64,
    #[serde(rename = "f")]
    since: UnixMillis,
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    cursor: Option<String>,
}

fn write<T: Serialize>(body: &T) -> String {
    // Our own types: text keys and finite numbers, so this cannot fail.
    serde_json::to_string(body).unwrap_or_default()
}

fn read<T: for<'de> Deserialize<'de>>(item: Stored<'_>) -> Result<T, PortError> {
    if item.v.is_none_or(|version| version > NEWEST) {
        return Err(PortError::transient("read a stored item", "its version is newer than this program"));
    }
    let body = item.body.ok_or_else(|| PortError::permanent("read a stored item", "it has no body"))?;
    serde_json::from_str(body).map_err(|error| {
        // The error's own text may repeat the body.
        PortError::permanent("read a stored item", format!("not its shape: column {}", error.column()))
    })
}

/// A head's body.
pub fn write_head(head: &Conversation) -> String {
    write(head)
}

/// The version under which a head is written: the lowest whose readers understand it. Those of before there were people,
/// alarms and links would drop what they do not know, so they wait for their successors.
pub fn head_version(head: &Conversation) -> u32 {
    let plain = matches!(head.owner, Owner::Bot) && head.alarm.is_none() && head.link.is_none();
    if plain && head.forgotten_at.is_none() && head.marks.is_empty() { VERSION } else { NEWEST }
}

/// Reads a head.
///
/// # Errors
/// Not its shape, or a newer one.
pub fn read_head(item: Stored<'_>) -> Result<Conversation, PortError> {
    read(item)
}

/// A thread's body.
pub fn write_thread(thread: &Thread) -> String {
    write(thread)
}

/// Reads a thread.
///
/// # Errors
/// Not the shape that was agreed, or a newer one.
pub fn read_thread(item: Stored<'_>) -> Result<Thread, PortError> {
    read(item)
}

/// A cursor's body.
pub fn write_place(place: &Place) -> String {
    let Place { version, since, cursor } = place.clone();
    write(&StoredPlace { version, since, cursor })
}

/// Reads a cursor.
///
/// # Errors
/// Not its shape, or a newer one.
pub fn read_place(item: Stored<'_>) -> Result<Place, PortError> {
    let StoredPlace { version, since, cursor } = read(item)?;
    Ok(Place { version, since, cursor })
}

/// A turn's body.
pub fn write_turn(turn: &Turn) -> String {
    let messages = turn.messages.iter().map(|message| stored(message, None)).collect();
    let outbox = turn
        .outbox
        .iter()
        .map(|entry| StoredEntry {
            transport: entry.transport,
            first: entry.first,
            count: entry.count,
            expires: entry.expires,
            reply: entry.reply.clone(),
        })
        .collect();
    write(&StoredTurn {
        conversation: turn.conversation.clone(),
        at: turn.at,
        messages,
        number: turn.number,
        changes: turn.changes.clone(),
        unanswered: turn.unanswered.clone(),
        outbox,
        alarm: turn.alarm,
    })
}

/// Reads the turn of an event.
///
/// # Errors
/// Not its shape, or a newer one.
pub fn read_turn(event: &DedupId, item: Stored<'_>) -> Result<Turn, PortError> {
    let stored: StoredTurn = read(item)?;
    let messages = stored.messages.into_iter().zip(0_u32..);
    let outbox = stored.outbox.into_iter().zip(0_u32..);
    Ok(Turn {
        id: event.clone(),
        number: stored.number,
        changes: stored.changes,
        unanswered: stored.unanswered,
        alarm: stored.alarm,
        conversation: stored.conversation,
        at: stored.at,
        messages: messages.map(|(message, index)| loaded(message, || message_id(event, index))).collect(),
        outbox: outbox
            .map(|(entry, index)| OutboxEntry {
                id: delivery_id(event, index),
                transport: entry.transport,
                first: entry.first,
                count: entry.count,
                expires: entry.expires,
                reply: entry.reply,
            })
            .collect(),
    })
}

/// A delivery's body, without when it was asked for.
pub fn write_delivery(outbound: &Outbound) -> String {
    let messages = outbound.messages.iter().map(|message| stored(message, Some(message.id.clone()))).collect();
    write(&StoredDelivery {
        id: outbound.id.clone(),
        identity: outbound.identity.clone(),
        conversation: outbound.conversation.clone(),
        transport: outbound.transport,
        messages,
        expires: outbound.expires,
        reply: outbound.reply.clone(),
    })
}

/// Reads a delivery.
///
/// # Errors
/// Not its shape, or a newer one.
pub fn read_delivery(item: Stored<'_>) -> Result<Outbound, PortError> {
    let stored: StoredDelivery = read(item)?;
    let id = stored.id.clone();
    let messages = stored.messages.into_iter();
    Ok(Outbound {
        messages: messages.map(|message| loaded(message, || MessageId::derive(&[id.as_str().as_bytes()]))).collect(),
        id: stored.id,
        identity: stored.identity,
        conversation: stored.conversation,
        transport: stored.transport,
        asked_at: None,
        expires: stored.expires,
        reply: stored.reply,
    })
}

/// A member's body.
pub fn write_member(member: &Member) -> String {
    write(member)
}

/// Reads a member.
///
/// # Errors
/// Not its shape, or a newer one.
pub fn read_member(item: Stored<'_>) -> Result<Member, PortError> {
    read(item)
}

/// An address's body.
pub fn write_address(address: &Address) -> String {
    write(address)
}

/// Reads an address.
///
/// # Errors
/// Not its shape, or a newer one.
pub fn read_address(item: Stored<'_>) -> Result<Address, PortError> {
    read(item)
}

fn stored(message: &Message, id: Option<MessageId>) -> StoredMessage {
    StoredMessage { seq: message.seq, author: message.author, content: message.content.clone(), at: message.at, id }
}

fn loaded(message: StoredMessage, derived: impl FnOnce() -> MessageId) -> Message {
    Message {
        id: message.id.unwrap_or_else(derived),
        seq: message.seq,
        author: message.author,
        content: message.content,
        at: message.at,
    }
}

#[cfg(test)]
mod tests {
    use domain::{Alarm, ChannelId, CustomerId, HandleKind, Link, Part, Proof, QuickReply, Why};
    use serde_json::Value;

    use super::*;

    fn identity() -> Identity {
        Identity { channel: ChannelId::Web, account: "default".into(), user: "vis_1".into() }
    }

    fn turn() -> Turn {
        let event = identity().dedup("message", "1");
        let message = |index: u32, author, content| Message {
            id: message_id(&event, index),
            seq: u64::from(index) + 1,
            author,
            content,
            at: UnixMillis(1_800_000_000_000),
        };
        let answer = Content::QuickReplies {
            text: "我们会在付款后 48 小时内发货，节假日顺延。".into(),
            replies: vec![QuickReply { title: "运费".into(), payload: "entry:delivery.cost".into() }],
        };
        Turn {
            conversation: Conversation::first(&identity(), UnixMillis(0)).id,
            at: UnixMillis(1_800_000_000_001),
            messages: vec![
                message(0, Author::Customer, Content::Text { text: "你们几天能发货？".into() }),
                message(1, Author::Bot, answer),
            ],
            outbox: vec![OutboxEntry {
                id: delivery_id(&event, 0),
                transport: Transport::Web,
                first: 0,
                count: 2,
                expires: None,
                reply: None,
            }],
            number: 7,
            changes: vec![Change::Reopened],
            unanswered: vec![],
            alarm: Some(AlarmOrder { set: Some(Alarm { at: UnixMillis(9), turn: 7 }), cancel: None }),
            id: event,
        }
    }

    fn of(body: &str) -> Stored<'_> {
        Stored { v: Some(VERSION), body: Some(body) }
    }

    fn head() -> Conversation {
        let mut head = Conversation::first(&identity(), UnixMillis(5));
        head.link = Some(Link { customer: CustomerId::derive(&[b"x"]), separated: false });
        head
    }

    fn member() -> Member {
        Member { identity: identity(), since: UnixMillis(6), proof: Proof::SignedIdentity }
    }

    fn address() -> Address {
        Address { kind: HandleKind::Email, at: UnixMillis(7) }
    }

    #[test]
    fn all_of_it_reads_back_whole() {
        let turn = turn();
        assert_eq!(read_turn(&turn.id, of(&write_turn(&turn))).unwrap(), turn);
        // How long the customer has waited is told when it goes out, and not kept.
        let outbound = Outbound { asked_at: None, ..turn.outbound(&identity()).remove(0) };
        assert_eq!(read_delivery(of(&write_delivery(&outbound))).unwrap(), outbound);
        assert_eq!(read_head(of(&write_head(&head()))).unwrap(), head());
        assert_eq!(read_member(of(&write_member(&member()))).unwrap(), member());
        assert_eq!(read_address(of(&write_address(&address()))).unwrap(), address());
    }

    #[test]
    fn what_was_not_answered_is_kept_with_its_turn() {
        let before = identity().dedup("message", "0");
        let unanswered = vec![
            Unanswered { why: Why::NotMeant, question: Some(before), part: None },
            Unanswered { why: Why::Unknown, question: None, part: Some(Part(3, 9)) },
        ];
        let turn = Turn { unanswered, ..turn() };
        let written = write_turn(&turn);
        assert_eq!(read_turn(&turn.id, of(&written)).unwrap(), turn);
        let body: Value = serde_json::from_str(&written).unwrap();
        assert_eq!(body["u"][1], serde_json::json!({"w": "unknown", "p": [3, 9]}));
        let older: Unanswered = serde_json::from_value(serde_json::json!({"w": "unknown"})).unwrap();
        assert_eq!(older.part, None);
    }

    #[test]
    fn the_shapes_stay() {
        let turn = turn();
        let delivery = write_delivery(&turn.outbound(&identity()).remove(0));
        let written =
            [write_head(&head()), write_turn(&turn), delivery, write_member(&member()), write_address(&address())];
        let written = written.map(|body| serde_json::from_str::<Value>(&body).unwrap());
        insta::assert_json_snapshot!(written);
    }

    /// Bodies as the table holds them since before there were agents, alarms and links.
    #[test]
    fn what_was_stored_before_is_still_read() {
        let body = |name: &str| {
            let path = format!("{}/../../events/table/{name}-v1.json", env!("CARGO_MANIFEST_DIR"));
            std::fs::read_to_string(path).unwrap()
        };
        let head = read_head(of(&body("head"))).unwrap();
        assert_eq!((head.version, head.seq, head.link.clone(), head.forgotten_at), (3, 6, None, None));
        assert_eq!(head.customer(), CustomerId::of(&head.identity));
        let event = identity().dedup("message", "1");
        let turn = read_turn(&event, of(&body("turn"))).unwrap();
        assert_eq!((turn.number, turn.messages.len(), turn.outbox.len(), turn.changes.len()), (0, 2, 1, 0));
        assert_eq!(turn.messages[1].id, message_id(&event, 1));
        let delivery = read_delivery(of(&body("delivery"))).unwrap();
        assert_eq!((delivery.last_seq(), delivery.expires), (2, None));
    }

    #[test]
    fn refuses_a_newer_shape_and_never_repeats_the_body() {
        let error = read_head(of(r#"{"secret":"13800138000"}"#)).unwrap_err();
        assert!(!format!("{error:?}").contains("13800138000"));
        let newer = Stored { v: Some(NEWEST + 1), body: Some("{}") };
        assert!(format!("{:?}", read_head(newer).unwrap_err()).contains("newer"));
    }
}

//! The stored shapes of head, turn and delivery. What can be derived (message and delivery ids, group) is not stored:
//! a turn of a question and its answer stays below 1 KB, one write unit. Readers take every older `v`.

use app::PortError;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::{
    AlarmOrder, Author, Change, Content, Conversation, ConversationId, DedupId, DeliveryId, Identity, Message,
    MessageId, Outbound, OutboxEntry, Transport, Turn, UnixMillis, delivery_id, message_id,
};
use serde::{Deserialize, Serialize};

use super::keys::{BODY, Item, V};

const VERSION: u32 = 1;

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
}

fn write<T: Serialize>(body: &T) -> String {
    // Our own types: text keys and finite numbers, so this cannot fail.
    serde_json::to_string(body).unwrap_or_default()
}

fn read<T: for<'de> Deserialize<'de>>(item: &Item) -> Result<T, PortError> {
    let version = item.get(V).and_then(|value| value.as_n().ok()).and_then(|text| text.parse::<u32>().ok());
    if version.is_none_or(|version| version > VERSION) {
        return Err(PortError::transient("read a stored item", "its version is newer than this function"));
    }
    let body = item.get(BODY).and_then(|value: &AttributeValue| value.as_s().ok());
    let body = body.ok_or_else(|| PortError::permanent("read a stored item", "it has no body"))?;
    serde_json::from_str(body).map_err(|error| {
        // The error's own text may repeat the body.
        PortError::permanent("read a stored item", format!("not its shape: column {}", error.column()))
    })
}

/// A head's body.
pub(super) fn write_head(head: &Conversation) -> String {
    write(head)
}

/// Reads a head.
pub(super) fn read_head(item: &Item) -> Result<Conversation, PortError> {
    read(item)
}

/// A turn's body.
pub(super) fn write_turn(turn: &Turn) -> String {
    let messages = turn.messages.iter().map(|message| stored(message, None)).collect();
    let outbox = turn
        .outbox
        .iter()
        .map(|entry| StoredEntry {
            transport: entry.transport,
            first: entry.first,
            count: entry.count,
            expires: entry.expires,
        })
        .collect();
    write(&StoredTurn {
        conversation: turn.conversation.clone(),
        at: turn.at,
        messages,
        number: turn.number,
        changes: turn.changes.clone(),
        outbox,
        alarm: turn.alarm,
    })
}

/// Reads the turn of an event.
pub(super) fn read_turn(event: &DedupId, item: &Item) -> Result<Turn, PortError> {
    let stored: StoredTurn = read(item)?;
    let messages = stored.messages.into_iter().zip(0_u32..);
    let outbox = stored.outbox.into_iter().zip(0_u32..);
    Ok(Turn {
        id: event.clone(),
        number: stored.number,
        changes: stored.changes,
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
            })
            .collect(),
    })
}

/// A delivery's body.
pub(super) fn write_delivery(outbound: &Outbound) -> String {
    let messages = outbound.messages.iter().map(|message| stored(message, Some(message.id.clone()))).collect();
    write(&StoredDelivery {
        id: outbound.id.clone(),
        identity: outbound.identity.clone(),
        conversation: outbound.conversation.clone(),
        transport: outbound.transport,
        messages,
        expires: outbound.expires,
    })
}

/// Reads a delivery.
pub(super) fn read_delivery(item: &Item) -> Result<Outbound, PortError> {
    let stored: StoredDelivery = read(item)?;
    let id = stored.id.clone();
    let messages = stored.messages.into_iter();
    Ok(Outbound {
        messages: messages.map(|message| loaded(message, || MessageId::derive(&[id.as_str().as_bytes()]))).collect(),
        id: stored.id,
        identity: stored.identity,
        conversation: stored.conversation,
        transport: stored.transport,
        expires: stored.expires,
    })
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
    use domain::Alarm;
    use domain::{ChannelId, QuickReply};

    use super::*;
    use crate::dynamo::keys;

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
            }],
            number: 7,
            changes: vec![Change::Reopened],
            alarm: Some(AlarmOrder { set: Some(Alarm { at: UnixMillis(9), turn: 7 }), cancel: None }),
            id: event,
        }
    }

    #[test]
    fn a_turn_and_its_delivery_read_back_whole() {
        let turn = turn();
        let group = identity().group();
        let item = keys::item(&group, keys::turn(&turn.id), write_turn(&turn), 0);
        assert_eq!(read_turn(&turn.id, &item).unwrap(), turn);
        let outbound = turn.outbound(&identity()).remove(0);
        let item = keys::item(&group, keys::delivery(2), write_delivery(&outbound), 0);
        assert_eq!(read_delivery(&item).unwrap(), outbound);
        let head = Conversation::first(&identity(), UnixMillis(5));
        assert_eq!(read_head(&keys::item(&group, keys::HEAD, write_head(&head), 0)).unwrap(), head);
    }

    #[test]
    fn refuses_a_newer_shape_and_never_repeats_the_body() {
        let mut item = keys::item(&identity().group(), "x", r#"{"secret":"13800138000"}"#.into(), 0);
        let error = read_head(&item).unwrap_err();
        assert!(!format!("{error:?}").contains("13800138000"));
        item.insert(V.into(), keys::number(2));
        assert!(format!("{:?}", read_head(&item).unwrap_err()).contains("newer"));
    }
}

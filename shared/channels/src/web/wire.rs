//! The message object of the visitor API: the same in `GET /v1/messages` and on the socket.

use domain::{Author, Content, Delivery, Message, MessageId, Outbound, Rejection};
use serde::Serialize;

use crate::{RenderError, WireCall, WireReply};

/// A message as visitors see it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WireMessage<'a> {
    /// The message.
    pub id: &'a MessageId,
    /// Its place, from 1, without gaps.
    pub seq: u64,
    /// Who wrote it.
    pub author: Author,
    /// What it says.
    pub content: &'a Content,
    /// When, as RFC 3339 in UTC.
    pub at: String,
}

impl<'a> From<&'a Message> for WireMessage<'a> {
    fn from(message: &'a Message) -> Self {
        Self {
            id: &message.id,
            seq: message.seq,
            author: message.author,
            content: &message.content,
            at: message.at.rfc3339(),
        }
    }
}

pub(super) fn render(outbound: &Outbound) -> Result<Vec<WireCall>, RenderError> {
    let frames = outbound.messages.iter().map(|message| serde_json::to_string(&WireMessage::from(message)));
    let frames: Result<Vec<String>, _> = frames.collect();
    frames.map(|frames| vec![WireCall::Push { frames }]).map_err(|error| RenderError(error.to_string()))
}

/// Answers of the socket API's `PostToConnection`: 410 the visitor has left, 413 and 400 never will do.
pub(super) fn classify(reply: &WireReply) -> Delivery {
    match reply.status {
        200..=299 => Delivery::Sent,
        410 => Delivery::Absent,
        400 | 403 | 413 => Delivery::rejected(Rejection::Content, &format!("the socket API answered {}", reply.status)),
        _ => Delivery::Retry { after: None },
    }
}

#[cfg(test)]
mod tests {
    use domain::{ChannelId, ConversationId, DeliveryId, Identity, QuickReply, Transport, UnixMillis};

    use super::*;

    #[test]
    fn a_frame_is_one_message_object() {
        let message = |seq, author, content| Message {
            id: MessageId::derive(&[&[u8::try_from(seq).unwrap()]]),
            seq,
            author,
            content,
            at: UnixMillis(1_800_000_000_123),
        };
        let outbound = Outbound {
            id: DeliveryId::derive(&[b"d"]),
            identity: Identity { channel: ChannelId::Web, account: "default".into(), user: "vis_1".into() },
            conversation: ConversationId::derive(&[b"c"]),
            transport: Transport::Web,
            asked_at: None,
            expires: None,
            reply: None,
            messages: vec![
                message(1, Author::Customer, Content::Text { text: "几天发货？\u{1F600}".into() }),
                message(
                    2,
                    Author::Bot,
                    Content::QuickReplies {
                        text: "48 小时内。".into(),
                        replies: vec![QuickReply { title: "运费".into(), payload: "entry:delivery.cost".into() }],
                    },
                ),
            ],
        };
        let calls = render(&outbound).unwrap();
        let [WireCall::Push { frames }] = calls.as_slice() else { panic!("one push: {calls:?}") };
        let frames: Vec<serde_json::Value> = frames.iter().map(|frame| serde_json::from_str(frame).unwrap()).collect();
        insta::assert_json_snapshot!(frames);
    }

    #[test]
    fn every_answer_has_a_meaning() {
        let table = [200, 400, 403, 410, 413, 429, 500, 504, 0]
            .map(|status| (status, format!("{:?}", classify(&WireReply { status, ..WireReply::default() }))));
        insta::assert_json_snapshot!(table);
    }
}

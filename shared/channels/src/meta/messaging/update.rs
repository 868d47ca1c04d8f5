//! Updates as they come.

use serde::Deserialize;
use serde_json::value::RawValue;

#[derive(Deserialize)]
pub(super) struct Entry<'a> {
    pub(super) id: String,
    /// What is ours. What comes under `standby` is another app's, and `changes` are no messages.
    #[serde(borrow)]
    pub(super) messaging: Option<Vec<&'a RawValue>>,
}

#[derive(Deserialize)]
pub(super) struct Update {
    pub(super) sender: Option<Party>,
    pub(super) recipient: Option<Party>,
    #[serde(default)]
    pub(super) timestamp: i64,
    pub(super) message: Option<Message>,
    pub(super) postback: Option<Postback>,
    pub(super) delivery: Option<Seen>,
    pub(super) read: Option<Seen>,
    pub(super) referral: Option<Nothing>,
    pub(super) optin: Option<Nothing>,
}

#[derive(Deserialize)]
pub(super) struct Party {
    pub(super) id: Option<String>,
}

/// Something of which only that it is there counts.
#[derive(Deserialize)]
pub(super) struct Nothing {}

#[derive(Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "the provider's flags")]
pub(super) struct Message {
    pub(super) mid: Option<String>,
    pub(super) text: Option<String>,
    pub(super) attachments: Option<Vec<Attachment>>,
    pub(super) quick_reply: Option<QuickReply>,
    #[serde(default)]
    pub(super) is_echo: bool,
    #[serde(default)]
    pub(super) is_deleted: bool,
    #[serde(default)]
    pub(super) is_unsupported: bool,
    #[serde(default)]
    pub(super) is_self: bool,
    pub(super) app_id: Option<AppId>,
    pub(super) metadata: Option<String>,
}

/// An app's id: a number, or a text.
#[derive(Deserialize, PartialEq)]
#[serde(try_from = "serde_json::Value")]
pub(super) struct AppId(pub(super) String);

impl TryFrom<serde_json::Value> for AppId {
    type Error = &'static str;

    fn try_from(value: serde_json::Value) -> Result<Self, Self::Error> {
        let text = value.as_str().map(str::to_owned).or_else(|| value.as_u64().map(|id| id.to_string()));
        text.map(Self).ok_or("neither a number nor a text")
    }
}

#[derive(Deserialize)]
pub(super) struct QuickReply {
    pub(super) payload: String,
}

#[derive(Deserialize)]
pub(super) struct Attachment {
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) title: Option<String>,
    pub(super) url: Option<String>,
    pub(super) payload: Option<Payload>,
}

#[derive(Deserialize)]
pub(super) struct Payload {
    pub(super) url: Option<String>,
    pub(super) title: Option<String>,
    pub(super) coordinates: Option<Coordinates>,
}

#[derive(Deserialize)]
pub(super) struct Coordinates {
    pub(super) lat: f64,
    pub(super) long: f64,
}

#[derive(Deserialize)]
pub(super) struct Postback {
    pub(super) mid: Option<String>,
    pub(super) title: Option<String>,
    pub(super) payload: Option<String>,
}

/// How far messages have come: up to a moment, or to one message.
#[derive(Deserialize)]
pub(super) struct Seen {
    pub(super) watermark: Option<i64>,
    pub(super) mid: Option<String>,
}

//! One message or event per request.

use domain::{Attachment, ChannelId, Content, EventKind, Identity, InboundEvent, UnixMillis};
use serde::Deserialize;
use serde::de::{self, Deserializer};
use serde_json::{Map, Value};

use crate::{Parsed, Reject, Verified};

/// A number of 64 bits, or its digits, exactly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Id(pub(super) String);

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::Number(number) if number.is_i64() || number.is_u64() => Ok(Self(number.to_string())),
            Value::String(text) if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) => Ok(Self(text)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) | Value::Object(_) => {
                Err(de::Error::custom("not an id"))
            }
        }
    }
}

#[derive(Deserialize)]
pub(super) struct Push {
    #[serde(rename = "type")]
    kind: String,
    receiver_id: Id,
    pub(super) sender_id: Id,
    created_at: String,
    #[serde(default)]
    text: Option<String>,
    #[serde(default)]
    data: Option<Map<String, Value>>,
}

pub(super) fn parse(request: &Verified<'_>) -> Parsed {
    let read = push(&request.body).and_then(|push| Ok((content(&push)?, push)));
    match read {
        Ok((content, push)) => {
            let event = content.map(|content| event(request, &push, content));
            let sent_at = event.as_ref().and_then(|_| sent_at(&push));
            Parsed { events: event.into_iter().collect(), sent_at, ..Parsed::default() }
        }
        Err((field, reason)) => {
            Parsed { rejects: vec![Reject::of_body(field, reason, &request.body)], ..Parsed::default() }
        }
    }
}

/// When Weibo first sent it: that stays the same when it asks again.
pub(super) fn sent_at(push: &Push) -> Option<UnixMillis> {
    const FORMAT: &str = "[weekday repr:short] [month repr:short] [day] [hour]:[minute]:[second] \
                          [offset_hour sign:mandatory][offset_minute] [year]";
    let format = time::format_description::parse_borrowed::<2>(FORMAT).ok()?;
    let sent = time::OffsetDateTime::parse(&push.created_at, &format).ok()?;
    Some(UnixMillis::from_seconds(sent.unix_timestamp()))
}

type Fault = (&'static str, String);

pub(super) fn push(body: &[u8]) -> Result<Push, Fault> {
    if body.trim_ascii_start().starts_with(b"<") {
        return Err(("", "XML: the console's format must be JSON".to_owned()));
    }
    serde_json::from_slice(body)
        .map_err(|error| ("", format!("not a push: line {}, column {}", error.line(), error.column())))
}

/// There is no message id. Of two messages of a person in the same second those are the same that say the same.
fn event(request: &Verified<'_>, push: &Push, content: Content) -> InboundEvent {
    let identity =
        Identity { channel: ChannelId::Weibo, account: push.receiver_id.0.clone(), user: push.sender_id.0.clone() };
    let said = serde_json::json!([push.created_at, push.kind, push.text, push.data]).to_string();
    InboundEvent::new(identity, &said, request.at, None, EventKind::Message { content })
}

/// What a push says; nothing of kinds that are not known, and of events that ask for no answer.
fn content(push: &Push) -> Result<Option<Content>, Fault> {
    let text = push.text.as_deref().map(str::trim).filter(|text| !text.is_empty());
    let content = match push.kind.as_str() {
        // An @mention is public; the answer to it is a private message all the same.
        "text" | "mention" => match text {
            Some(text) => Content::Text { text: text.to_owned() },
            None => Content::Event { name: "unsupported".to_owned() },
        },
        "image" => Content::Image(media(push, "photo.jpg", "image/jpeg")?),
        "voice" => Content::Audio(media(push, "voice.amr", "audio/amr")?),
        "position" => Content::Location {
            latitude: degrees(push, "latitude", 90.0)?,
            longitude: degrees(push, "longitude", 180.0)?,
            label: None,
        },
        "event" => return happened(push),
        _ => return Ok(None),
    };
    Ok(Some(content))
}

fn happened(push: &Push) -> Result<Option<Content>, Fault> {
    let subtype = datum(push, "subtype").ok_or_else(|| ("data.subtype", "missing".to_owned()))?;
    let name = match subtype.as_str() {
        "follow" | "scan_follow" => "follow",
        "unfollow" => "unfollow",
        "subscribe" => "subscribe",
        "unsubscribe" => "unsubscribe",
        "scan" => "scan",
        "click" => {
            let key = datum(push, "key").ok_or_else(|| ("data.key", "missing".to_owned()))?;
            return Ok(Some(Content::Postback { title: key.clone(), payload: key }));
        }
        // `view`: a menu's link was opened.
        _ => return Ok(None),
    };
    Ok(Some(Content::Event { name: name.to_owned() }))
}

/// A text or whole number of `data`.
fn datum(push: &Push, name: &str) -> Option<String> {
    match push.data.as_ref()?.get(name)? {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::Bool(_) | Value::String(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// A file by the id that is the receiver's; it is fetched with the access token.
fn media(push: &Push, name: &str, mime: &str) -> Result<Attachment, Fault> {
    let id = datum(push, "tovfid").ok_or_else(|| ("data.tovfid", "missing".to_owned()))?;
    let url = Some(format!("weibo-media:{id}"));
    Ok(Attachment { upload: None, url, name: name.to_owned(), mime: mime.to_owned(), size: 0 })
}

fn degrees(push: &Push, name: &str, most: f64) -> Result<f64, Fault> {
    let number = datum(push, name).and_then(|text| text.parse().ok()).filter(|number: &f64| number.abs() <= most);
    number.ok_or_else(|| ("data", format!("`{name}` is no number of degrees")))
}

//! One event, as LINE writes it.

use domain::{Attachment, Content};
use serde::Deserialize;

use super::message::TITLE_BELOW;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Event {
    #[serde(rename = "type")]
    kind: String,
    pub(super) mode: Option<String>,
    /// Milliseconds since the epoch, by LINE's clock.
    pub(super) timestamp: Option<i64>,
    pub(super) source: Option<Source>,
    pub(super) webhook_event_id: Option<String>,
    #[serde(default)]
    pub(super) delivery_context: DeliveryContext,
    pub(super) reply_token: Option<String>,
    message: Option<Message>,
    postback: Option<Postback>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Source {
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) user_id: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DeliveryContext {
    #[serde(default)]
    pub(super) is_redelivery: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Message {
    #[serde(rename = "type")]
    kind: String,
    id: String,
    text: Option<String>,
    content_provider: Option<ContentProvider>,
    file_name: Option<String>,
    file_size: Option<u64>,
    title: Option<String>,
    address: Option<String>,
    latitude: Option<f64>,
    longitude: Option<f64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ContentProvider {
    original_content_url: Option<String>,
}

#[derive(Deserialize)]
struct Postback {
    data: String,
}

/// What the event says; `None` for kinds that are nobody's message: a beacon, a membership, what a module is told. So is
/// `unsend`: the conversation has no word yet for a message taken back.
pub(super) fn content(event: &Event) -> Option<Content> {
    match (event.kind.as_str(), &event.message, &event.postback) {
        ("message", Some(message), _) => Some(said(message)),
        ("postback", _, Some(Postback { data })) => {
            // Buttons that others have made, such as a rich menu's, bring no title.
            let (payload, title) = data.rsplit_once(TITLE_BELOW).unwrap_or((data, data));
            Some(Content::Postback { payload: payload.to_owned(), title: title.to_owned() })
        }
        ("follow" | "unfollow", _, _) => Some(Content::Event { name: event.kind.clone() }),
        _ => None,
    }
}

fn said(message: &Message) -> Content {
    let file = |name, mime| attachment(message, name, mime);
    let known = match message.kind.as_str() {
        "image" => Some(Content::Image(file("photo.jpg", "image/jpeg"))),
        "video" => Some(Content::Video(file("video.mp4", "video/mp4"))),
        "audio" => Some(Content::Audio(file("voice.m4a", "audio/mp4"))),
        "file" => Some(Content::File(file("file", "application/octet-stream"))),
        "location" => place(message),
        // Some stickers carry a text that the customer wrote.
        _ => message
            .text
            .as_ref()
            .filter(|text| !text.trim().is_empty())
            .map(|text| Content::Text { text: text.clone() }),
    };
    known.unwrap_or(Content::Event { name: "unsupported".to_owned() })
}

fn place(message: &Message) -> Option<Content> {
    let label: Vec<&str> = [&message.title, &message.address].into_iter().flatten().map(String::as_str).collect();
    let label = Some(label.join("\n")).filter(|label| !label.is_empty());
    let degrees = |value: Option<f64>, most: f64| value.filter(|value| value.abs() <= most);
    let (latitude, longitude) = (degrees(message.latitude, 90.0)?, degrees(message.longitude, 180.0)?);
    Some(Content::Location { latitude, longitude, label })
}

/// A file at the address that LINE tells, or by its message's id: then it is fetched with the access token.
fn attachment(message: &Message, name: &str, mime: &str) -> Attachment {
    let elsewhere = message.content_provider.as_ref().and_then(|provider| provider.original_content_url.clone());
    let https = elsewhere.filter(|url| url.starts_with("https://"));
    Attachment {
        upload: None,
        url: Some(https.unwrap_or_else(|| format!("line-content:{}", message.id))),
        name: message.file_name.clone().filter(|name| !name.is_empty()).unwrap_or_else(|| name.to_owned()),
        mime: mime.to_owned(),
        size: message.file_size.unwrap_or_default(),
    }
}

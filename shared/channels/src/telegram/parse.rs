//! One update per request.

use domain::{Attachment, ChannelId, Content, EventKind, Identity, InboundEvent, Locale};
use serde::Deserialize;

use crate::{Parsed, Reject, Verified};

#[derive(Deserialize)]
#[expect(clippy::struct_field_names, reason = "Telegram's names")]
struct Update {
    update_id: i64,
    message: Option<Message>,
    callback_query: Option<Callback>,
    my_chat_member: Option<Membership>,
}

#[derive(Deserialize)]
struct Message {
    chat: Chat,
    from: Option<User>,
    text: Option<String>,
    caption: Option<String>,
    #[serde(default)]
    photo: Vec<File>,
    voice: Option<File>,
    audio: Option<File>,
    video: Option<File>,
    document: Option<File>,
    location: Option<Place>,
    contact: Option<Contact>,
}

#[derive(Deserialize)]
struct Chat {
    id: i64,
    #[serde(rename = "type")]
    kind: String,
}

#[derive(Deserialize)]
struct User {
    id: i64,
    language_code: Option<String>,
}

#[derive(Deserialize)]
#[expect(clippy::struct_field_names, reason = "Telegram's names")]
struct File {
    file_id: String,
    #[serde(default)]
    file_name: String,
    #[serde(default)]
    mime_type: String,
    #[serde(default)]
    file_size: u64,
}

#[derive(Deserialize)]
struct Place {
    latitude: f64,
    longitude: f64,
}

#[derive(Deserialize)]
struct Contact {
    phone_number: String,
}

#[derive(Deserialize)]
struct Callback {
    from: User,
    message: Option<CallbackMessage>,
    data: Option<String>,
}

#[derive(Deserialize)]
struct CallbackMessage {
    chat: Chat,
}

#[derive(Deserialize)]
struct Membership {
    chat: Chat,
    new_chat_member: Member,
}

#[derive(Deserialize)]
struct Member {
    status: String,
}

pub(super) fn parse(request: &Verified<'_>) -> Parsed {
    let update: Update = match serde_json::from_slice(&request.body) {
        Ok(update) => update,
        Err(error) => {
            let reason = format!("not an update: line {}, column {}", error.line(), error.column());
            return Parsed { rejects: vec![Reject::of_body("", reason, &request.body)], ..Parsed::default() };
        }
    };
    let event = said(&update).map(|(chat, language, content)| {
        let identity = Identity {
            channel: ChannelId::Telegram,
            account: request.principal().account.clone(),
            user: chat.id.to_string(),
        };
        let locale = language.and_then(Locale::from_tag);
        let kind = EventKind::Message { content };
        InboundEvent::new(identity, &update.update_id.to_string(), request.at, locale, kind)
    });
    Parsed { events: event.into_iter().collect(), ..Parsed::default() }
}

/// What a person said in a private chat, and in which language their app is; of groups and of what is not a message of
/// theirs (edits, channel posts, polls) nothing is taken.
fn said(update: &Update) -> Option<(&Chat, Option<&str>, Content)> {
    let (chat, language, content) = if let Some(message) = &update.message {
        let language = message.from.as_ref().and_then(|from| from.language_code.as_deref());
        (&message.chat, language, content(message))
    } else if let Some(callback) = &update.callback_query {
        let payload = callback.data.clone()?;
        let chat = &callback.message.as_ref()?.chat;
        // In a private chat both are the person.
        let content = Content::Postback { title: payload.clone(), payload };
        (chat, callback.from.language_code.as_deref().filter(|_| callback.from.id == chat.id), content)
    } else if let Some(membership) = &update.my_chat_member {
        let left = matches!(membership.new_chat_member.status.as_str(), "kicked" | "left");
        let name = if left { "unfollow" } else { "follow" };
        (&membership.chat, None, Content::Event { name: name.to_owned() })
    } else {
        return None;
    };
    (chat.kind == "private").then_some((chat, language, content))
}

fn content(message: &Message) -> Content {
    let text = message.text.as_ref().or(message.caption.as_ref()).filter(|text| !text.trim().is_empty());
    // The button that every chat with a bot begins with; after a link of the company's, with its parameter.
    if text.is_some_and(|text| text == "/start" || text.starts_with("/start ")) {
        return Content::Event { name: "enter".to_owned() };
    }
    // The last of a photo's sizes is the largest.
    let photo = message.photo.last().map(|file| Content::Image(attachment(file, "photo.jpg", "image/jpeg")));
    let voice = message.voice.as_ref().map(|file| Content::Audio(attachment(file, "voice.ogg", "audio/ogg")));
    let audio = || message.audio.as_ref().map(|file| Content::Audio(attachment(file, "audio.mp3", "audio/mpeg")));
    let video = || message.video.as_ref().map(|file| Content::Video(attachment(file, "video.mp4", "video/mp4")));
    let document =
        || message.document.as_ref().map(|file| Content::File(attachment(file, "file", "application/octet-stream")));
    let place = || {
        message.location.as_ref().map(|place| Content::Location {
            latitude: place.latitude,
            longitude: place.longitude,
            label: None,
        })
    };
    let contact = || message.contact.as_ref().map(|contact| Content::Text { text: contact.phone_number.clone() });
    let file = photo.or(voice).or_else(audio).or_else(video).or_else(document);
    file.or_else(|| text.map(|text| Content::Text { text: text.clone() }))
        .or_else(place)
        .or_else(contact)
        .unwrap_or(Content::Event { name: "unsupported".to_owned() })
}

/// A file by Telegram's own id: its address is asked for when it is fetched.
fn attachment(file: &File, name: &str, mime: &str) -> Attachment {
    let or = |given: &str, usual: &str| if given.is_empty() { usual.to_owned() } else { given.to_owned() };
    Attachment {
        upload: None,
        url: Some(format!("telegram-file:{}", file.file_id)),
        name: or(&file.file_name, name),
        mime: or(&file.mime_type, mime),
        size: file.file_size,
    }
}

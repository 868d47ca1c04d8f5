//! One fetched item: what a customer, a person of the company or `WeCom` itself did.

use domain::{Attachment, ChannelId, Content, DeliveryStatus, EventKind, Identity, InboundEvent, UnixMillis};
use serde::Deserialize;
use serde_json::Value;

use super::WINDOW_SECONDS;
use super::msgid::PartOf;
use crate::Pull;

/// Messages that a customer's message allows.
const ALLOWED: u32 = 5;
/// Seconds in which a welcome can be sent.
const WELCOME_SECONDS: u32 = 20;
/// What the reply token of a welcome begins with.
pub(super) const WELCOME: &str = "welcome:";

#[derive(Deserialize)]
struct Item {
    msgid: String,
    /// Seconds since the epoch.
    send_time: i64,
    origin: u8,
    msgtype: String,
    #[serde(default)]
    open_kfid: String,
    #[serde(default)]
    external_userid: String,
    text: Option<Text>,
    image: Option<Media>,
    voice: Option<Media>,
    video: Option<Media>,
    file: Option<Media>,
    location: Option<Place>,
    event: Option<Happened>,
}

#[derive(Deserialize)]
struct Text {
    content: String,
    #[serde(default)]
    menu_id: String,
}

#[derive(Deserialize)]
struct Media {
    media_id: String,
}

#[derive(Deserialize)]
struct Place {
    latitude: f64,
    longitude: f64,
    #[serde(default)]
    name: String,
    #[serde(default)]
    address: String,
}

#[derive(Deserialize)]
struct Happened {
    event_type: String,
    #[serde(default)]
    open_kfid: String,
    #[serde(default)]
    external_userid: String,
    #[serde(default)]
    welcome_code: String,
    #[serde(default)]
    fail_msgid: String,
    #[serde(default)]
    fail_type: u32,
    #[serde(default)]
    change_type: u32,
}

/// The event that an item is; `None` if it concerns no conversation.
///
/// # Errors
/// Why it cannot be read, without what it says.
pub(super) fn read(pull: &Pull, text: &str, now: UnixMillis) -> Result<Option<InboundEvent>, String> {
    let item: Item = serde_json::from_str(text)
        .map_err(|error| format!("not a message: line {}, column {}", error.line(), error.column()))?;
    let (account, user) = match &item.event {
        Some(event) if item.msgtype == "event" => (&event.open_kfid, &event.external_userid),
        Some(_) | None => (&item.open_kfid, &item.external_userid),
    };
    let identity = Identity { channel: ChannelId::Wecom, account: account.clone(), user: user.clone() };
    // What customers may be sent is counted from when they wrote, not from when we looked.
    let at = UnixMillis::from_seconds(item.send_time).min(now);
    let known = |happened: Option<(EventKind, Allows)>| {
        let Some((kind, allows)) = happened else { return Ok(None) };
        if identity.account != pull.account {
            return Err("`open_kfid` is another account's".to_owned());
        }
        if identity.user.is_empty() || item.msgid.is_empty() {
            return Err("`external_userid` or `msgid` is empty".to_owned());
        }
        Ok(Some(event(identity.clone(), &item.msgid, at, kind, allows)))
    };
    match item.origin {
        3 => known(Some((EventKind::Message { content: content(&item, text)? }, Allows::Answers))),
        4 => known(item.event.as_ref().and_then(happened)),
        // A person of the company, in WeCom's own app.
        5 => known(Some((EventKind::AnsweredElsewhere { content: content(&item, text)? }, Allows::Nothing))),
        _ => Ok(None),
    }
}

/// What an item allows us to send.
enum Allows {
    Nothing,
    Answers,
    Welcome(String),
}

fn event(identity: Identity, msgid: &str, at: UnixMillis, kind: EventKind, allows: Allows) -> InboundEvent {
    if let EventKind::Receipt { delivery, seq, status } = kind {
        return InboundEvent::receipt(identity, delivery, seq, status, at);
    }
    let event = InboundEvent::new(identity, msgid, at, None, kind);
    match allows {
        Allows::Nothing => event,
        Allows::Answers => event.granting(ALLOWED, WINDOW_SECONDS),
        Allows::Welcome(code) => {
            let until = at.plus_seconds(i64::from(WELCOME_SECONDS));
            event.answerable(&format!("{WELCOME}{code}"), until).granting(1, WELCOME_SECONDS)
        }
    }
}

/// What an event of `WeCom`'s means to a conversation.
fn happened(event: &Happened) -> Option<(EventKind, Allows)> {
    match event.event_type.as_str() {
        "enter_session" => {
            // Without a code nothing may be said: whoever only looks in again is no news.
            let code = Some(event.welcome_code.clone()).filter(|code| !code.is_empty())?;
            let content = Content::Event { name: "follow".to_owned() };
            Some((EventKind::Message { content }, Allows::Welcome(code)))
        }
        "msg_send_fail" => {
            // Of other programs' messages nothing is known here.
            let PartOf { delivery, seq, .. } = PartOf::named(&event.fail_msgid)?;
            let status = DeliveryStatus::Failed { reason: why(event.fail_type).to_owned() };
            Some((EventKind::Receipt { delivery, seq, status }, Allows::Nothing))
        }
        // From the pool, from one person to another, or opened again: a person has it in WeCom's app.
        "session_status_change" if matches!(event.change_type, 1 | 2 | 4) => {
            let content = Content::Event { name: "taken".to_owned() };
            Some((EventKind::AnsweredElsewhere { content }, Allows::Nothing))
        }
        _ => None,
    }
}

/// Why a message failed after it was taken.
fn why(fail_type: u32) -> &'static str {
    match fail_type {
        1 => "the account was deleted",
        2 => "the app is switched off",
        4 => "the customer wrote more than 48 hours ago",
        5 => "the session was closed",
        6 => "more than 5 messages since the customer wrote",
        8 => "the corporation is not verified",
        10 => "refused by the customer",
        11 => "nobody of the corporation has ever signed in to WeCom",
        12 => "customer service may not send this kind of message",
        13 => "WeCom finds the message unsafe",
        _ => "WeCom could not deliver it",
    }
}

/// What a message says.
fn content(item: &Item, text: &str) -> Result<Content, String> {
    let missing = || format!("no `{}` in a message of that kind", item.msgtype);
    let media = |media: &Option<Media>, name: &str, mime: &str| {
        let media = media.as_ref().ok_or_else(missing)?;
        Ok::<_, String>(attachment(&media.media_id, name, mime))
    };
    Ok(match item.msgtype.as_str() {
        "text" => said(item.text.as_ref().ok_or_else(missing)?),
        "image" => Content::Image(media(&item.image, "image.jpg", "image/jpeg")?),
        "voice" => Content::Audio(media(&item.voice, "voice.amr", "audio/amr")?),
        "video" => Content::Video(media(&item.video, "video.mp4", "video/mp4")?),
        "file" => Content::File(media(&item.file, "file", "application/octet-stream")?),
        "location" => place(item.location.as_ref().ok_or_else(missing)?),
        kind => shared(kind, text),
    })
}

/// A text, or a choice of a menu of ours.
fn said(text: &Text) -> Content {
    let Text { content, menu_id } = text;
    if menu_id.is_empty() || menu_id.starts_with(super::render::AS_TYPED) {
        return Content::Text { text: content.clone() };
    }
    Content::Postback { payload: menu_id.clone(), title: content.clone() }
}

/// A file by `WeCom`'s own id, which holds for three days: it is asked for when it is fetched.
fn attachment(media_id: &str, name: &str, mime: &str) -> Attachment {
    let url = Some(format!("wecom-media:{media_id}"));
    Attachment { upload: None, url, name: name.to_owned(), mime: mime.to_owned(), size: 0 }
}

fn place(place: &Place) -> Content {
    let label = [&place.name, &place.address].into_iter().find(|label| !label.is_empty());
    Content::Location { latitude: place.latitude, longitude: place.longitude, label: label.cloned() }
}

/// Something that was passed on (a link, a mini-program's page, a product, an order): its title and address, which is
/// what the customer speaks of.
fn shared(kind: &str, text: &str) -> Content {
    let item: Value = serde_json::from_str(text).unwrap_or_default();
    let part = |name: &str| item.get(kind)?.get(name)?.as_str().filter(|part| !part.trim().is_empty());
    let lines: Vec<&str> = [part("title"), part("url")].into_iter().flatten().collect();
    if lines.is_empty() {
        return Content::Event { name: "unsupported".to_owned() };
    }
    Content::Text { text: lines.join("\n") }
}

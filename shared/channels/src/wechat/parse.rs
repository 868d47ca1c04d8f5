//! One message or event per request.

use domain::{Attachment, ChannelId, Content, EventKind, Grant, Identity, InboundEvent, UnixMillis};

use super::event;
use crate::tencent::Fields;
use crate::{Parsed, Reject, Verified};

/// What a message allows the company to send.
const MESSAGE: Grant = Grant { messages: 5, seconds: 48 * 3600 };

/// What happened, and what it allows.
pub(super) struct Said {
    pub(super) kind: EventKind,
    pub(super) grant: Option<Grant>,
}

pub(super) fn parse(request: &Verified<'_>) -> Parsed {
    match read(request) {
        Ok((event, sent_at)) => Parsed { events: event.into_iter().collect(), sent_at, ..Parsed::default() },
        Err((field, reason)) => {
            Parsed { rejects: vec![Reject::of_body(field, reason, &request.body)], ..Parsed::default() }
        }
    }
}

/// A field that is wrong, and what is wrong with it.
pub(super) type Fault = (&'static str, String);

/// The event, if it is one, and when WeChat first sent it: that stays the same when it asks again.
fn read(request: &Verified<'_>) -> Result<(Option<InboundEvent>, Option<UnixMillis>), Fault> {
    let fields = Fields::of(&request.body).map_err(|reason| ("", reason))?;
    let sent_at = fields.get("CreateTime").and_then(|seconds| seconds.parse().ok()).map(UnixMillis::from_seconds);
    let event = event_of(request, &fields)?;
    let sent_at = sent_at.filter(|_| event.is_some());
    Ok((event, sent_at))
}

fn event_of(request: &Verified<'_>, fields: &Fields) -> Result<Option<InboundEvent>, Fault> {
    let user = needed(fields, "FromUserName")?;
    let account = request.principal().account.clone();
    // Verification compared it already where it was there.
    needed(fields, "ToUserName")?;
    let identity = Identity { channel: ChannelId::WeChat, account, user: user.to_owned() };
    let (id, said) = match needed(fields, "MsgType")? {
        "event" => (event_id(fields)?, event::said(fields)?),
        kind => {
            let content = content(kind, fields)?;
            let said = content.map(|content| Said { kind: EventKind::Message { content }, grant: Some(MESSAGE) });
            (needed(fields, "MsgId")?.to_owned(), said)
        }
    };
    Ok(said.map(|said| {
        let event = InboundEvent::new(identity, &id, request.at, None, said.kind);
        InboundEvent { grant: said.grant, ..event }
    }))
}

/// Events have no id. The vendor's advice is sender and second; what happened counts as well, since following by a code
/// is followed by other events in the same second.
fn event_id(fields: &Fields) -> Result<String, Fault> {
    let event = needed(fields, "Event")?;
    let key = fields.get("EventKey").unwrap_or_default();
    Ok(format!("{}:{event}:{key}", needed(fields, "CreateTime")?))
}

pub(super) fn needed<'a>(fields: &'a Fields, name: &'static str) -> Result<&'a str, Fault> {
    fields.get(name).ok_or_else(|| (name, "missing".to_owned()))
}

/// What a message says; nothing of a kind that is not known.
fn content(kind: &str, fields: &Fields) -> Result<Option<Content>, Fault> {
    let content = match kind {
        "text" => text(fields),
        "image" => Content::Image(media(fields, "photo.jpg", "image/jpeg")?),
        // What WeChat has heard in it saves hearing it again.
        "voice" => match fields.get("Recognition") {
            Some(text) => Content::Text { text: text.to_owned() },
            None if fields.get("Format") == Some("speex") => {
                Content::Audio(media(fields, "voice.spx", "audio/x-speex")?)
            }
            None => Content::Audio(media(fields, "voice.amr", "audio/amr")?),
        },
        "video" | "shortvideo" => Content::Video(media(fields, "video.mp4", "video/mp4")?),
        "location" => place(fields, "Location_X", "Location_Y")?,
        "link" => lines(fields, &["Title", "Description", "Url"]),
        "miniprogrampage" => lines(fields, &["Title", "PagePath"]),
        _ => return Ok(None),
    };
    Ok(Some(content))
}

/// A text, or the choice of a menu that was sent before.
fn text(fields: &Fields) -> Content {
    match (fields.get("Content"), fields.get("bizmsgmenuid")) {
        (title, Some(payload)) => {
            Content::Postback { payload: payload.to_owned(), title: title.unwrap_or(payload).to_owned() }
        }
        (Some(text), None) => Content::Text { text: text.to_owned() },
        (None, None) => Content::Event { name: "unsupported".to_owned() },
    }
}

/// A file by WeChat's own id: it is fetched with the account's access token, within three days.
fn media(fields: &Fields, name: &str, mime: &str) -> Result<Attachment, Fault> {
    let url = Some(format!("wechat-media:{}", needed(fields, "MediaId")?));
    Ok(Attachment { upload: None, url, name: name.to_owned(), mime: mime.to_owned(), size: 0 })
}

fn place(fields: &Fields, latitude: &'static str, longitude: &'static str) -> Result<Content, Fault> {
    let degrees = |name, most: f64| {
        let text = needed(fields, name)?;
        let number = text.parse().ok().filter(|number: &f64| number.abs() <= most);
        number.ok_or_else(|| (name, "no number of degrees".to_owned()))
    };
    let (latitude, longitude) = (degrees(latitude, 90.0)?, degrees(longitude, 180.0)?);
    Ok(Content::Location { latitude, longitude, label: fields.get("Label").map(str::to_owned) })
}

fn lines(fields: &Fields, names: &[&str]) -> Content {
    let lines: Vec<&str> = names.iter().filter_map(|name| fields.get(name)).collect();
    Content::Text { text: lines.join("\n") }
}

//! Calls of the Send API.

use domain::{Author, Button, Capabilities, Content, Message, Outbound, UnixMillis};
use serde_json::{Value, json};

use super::Dialect;
use crate::fit::{FileKind, Piece, fit};
use crate::markup::Marked;
use crate::meta::{As, Mark, Place, WINDOW};
use crate::{RenderError, Rendering, WireCall};

/// Longest text above a template's buttons, in characters.
const MAX_TEMPLATE_CHARS: usize = 640;
/// Longest line of a card, in characters.
const MAX_CARD_CHARS: usize = 80;
/// Longest payload of a choice, in characters.
const MAX_PAYLOAD_CHARS: usize = 1000;

pub(crate) fn render(
    outbound: &Outbound,
    with: &Rendering<'_>,
    dialect: &Dialect,
) -> Result<Vec<WireCall>, RenderError> {
    let mut bodies = vec![];
    for message in outbound.messages.iter().filter(|message| message.author != Author::Customer) {
        bodies.extend(messages(message, dialect)?);
    }
    let account = As {
        keys: with.keys,
        tokens: dialect.tokens,
        account: &outbound.identity.account,
        place: Place::Query,
        now: with.now,
    };
    let by_person = late(outbound, dialect.capabilities, with.now);
    let count = bodies.len();
    let calls = bodies.into_iter().enumerate().map(|(index, mut message)| {
        if let Some(message) = message.as_object_mut().filter(|_| dialect.marks) {
            let (delivery, seq) = (outbound.id.clone(), outbound.last_seq());
            let mark = Mark { delivery, seq, more: index + 1 < count, user: None };
            message.insert("metadata".to_owned(), json!(mark.to_string()));
        }
        let mut body = json!({ "recipient": { "id": outbound.identity.user }, "message": message });
        if let Some(body) = body.as_object_mut() {
            if by_person {
                body.insert("messaging_type".to_owned(), json!("MESSAGE_TAG"));
                body.insert("tag".to_owned(), json!("HUMAN_AGENT"));
            } else if dialect.typed {
                body.insert("messaging_type".to_owned(), json!("RESPONSE"));
            }
        }
        account.call("me/messages", &[], Some(&body)).map(WireCall::Http)
    });
    calls.collect()
}

/// Whether it is a person's message for which the usual window is over. `decide` has given it the longer one.
fn late(outbound: &Outbound, can: &Capabilities, now: UnixMillis) -> bool {
    let longer = can.human_window_seconds.unwrap_or(WINDOW).saturating_sub(WINDOW);
    let over = |expires: UnixMillis| expires.plus_seconds(-i64::from(longer)) < now;
    outbound.messages.iter().all(|message| message.author == Author::Agent) && outbound.expires.is_some_and(over)
}

/// A message as the ones that the API takes.
fn messages(message: &Message, dialect: &Dialect) -> Result<Vec<Value>, RenderError> {
    let content = &message.content;
    if let Some(card) = card(content, dialect.capabilities) {
        return Ok(vec![card]);
    }
    let kind = file_kind(content);
    let can = Capabilities {
        max_text_chars: if templated(content, dialect.capabilities) {
            MAX_TEMPLATE_CHARS
        } else {
            dialect.capabilities.max_text_chars
        },
        files: kind.is_some_and(|kind| dialect.files.contains(&kind)),
        ..dialect.capabilities.clone()
    };
    let quick = matches!(content, Content::QuickReplies { .. });
    let pieces = fit(content, &can)?.into_iter().map(|piece| match piece {
        Piece::Text { text, choices } if choices.is_empty() => json!({ "text": text }),
        Piece::Text { text, choices } if quick => {
            json!({ "text": text, "quick_replies": choices.iter().map(quick_reply).collect::<Vec<_>>() })
        }
        Piece::Text { text, choices } => {
            template(&json!({ "template_type": "button", "text": text, "buttons": buttons(&choices) }))
        }
        Piece::File { kind, url, .. } => {
            let kind = match kind {
                FileKind::Image => "image",
                FileKind::Audio => "audio",
                FileKind::Video => "video",
                FileKind::File => "file",
            };
            json!({ "attachment": { "type": kind, "payload": { "url": url } } })
        }
    });
    Ok(pieces.collect())
}

fn file_kind(content: &Content) -> Option<FileKind> {
    match content {
        Content::Image(_) => Some(FileKind::Image),
        Content::Audio(_) => Some(FileKind::Audio),
        Content::Video(_) => Some(FileKind::Video),
        Content::File(_) => Some(FileKind::File),
        Content::Text { .. }
        | Content::Location { .. }
        | Content::QuickReplies { .. }
        | Content::Buttons { .. }
        | Content::Card { .. }
        | Content::Postback { .. }
        | Content::Event { .. } => None,
    }
}

/// Whether the content's choices are a template's buttons.
fn templated(content: &Content, can: &Capabilities) -> bool {
    matches!(content, Content::Buttons { buttons, .. } | Content::Card { buttons, .. } if !buttons.is_empty())
        && can.shows_choices(content)
}

/// A card that fits as one; another is a text with buttons.
fn card(content: &Content, can: &Capabilities) -> Option<Value> {
    let Content::Card { title, text, image_url, buttons: below } = content else { return None };
    let text = match text.as_ref().map(|text| Marked::read(text, can.markup).parts(can)) {
        Some(mut parts) if parts.len() == 1 => parts.pop(),
        Some(_) => return None,
        None => None,
    };
    let short = |line: &String| !line.trim().is_empty() && line.chars().count() <= MAX_CARD_CHARS;
    let more = text.is_some() || image_url.is_some() || !below.is_empty();
    if !(short(title) && text.as_ref().is_none_or(short) && more && can.shows_choices(content)) {
        return None;
    }
    let mut element = json!({ "title": title });
    let fields = element.as_object_mut()?;
    fields.extend(text.map(|text| ("subtitle".to_owned(), json!(text))));
    fields.extend(image_url.iter().map(|url| ("image_url".to_owned(), json!(url))));
    if !below.is_empty() {
        fields.insert("buttons".to_owned(), buttons(below));
    }
    Some(template(&json!({ "template_type": "generic", "elements": [element] })))
}

fn template(payload: &Value) -> Value {
    json!({ "attachment": { "type": "template", "payload": payload } })
}

fn buttons(choices: &[Button]) -> Value {
    let buttons = choices.iter().map(|choice| match choice {
        Button::Postback { title, payload } => {
            json!({ "type": "postback", "title": title, "payload": meaning(title, payload) })
        }
        Button::Link { title, url } => json!({ "type": "web_url", "title": title, "url": url }),
    });
    buttons.collect()
}

fn quick_reply(choice: &Button) -> Value {
    let (Button::Postback { title, payload } | Button::Link { title, url: payload }) = choice;
    json!({ "content_type": "text", "title": title, "payload": meaning(title, payload) })
}

/// What comes back with a choice; what is too long comes back as the title.
fn meaning<'a>(title: &'a str, payload: &'a str) -> &'a str {
    if payload.is_empty() || payload.chars().count() > MAX_PAYLOAD_CHARS { title } else { payload }
}

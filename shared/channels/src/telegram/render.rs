//! `sendMessage` calls, and what the Bot API's answers mean.

use domain::{Author, Button, Content, Delivery, Outbound, QuickReply};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{BOT_TOKENS, CAPABILITIES};
use crate::split::split;
use crate::{HttpCall, KeySet, RenderError, WireCall, WireReply};

/// Longest payload of a button, in bytes.
const MAX_CALLBACK_BYTES: usize = 64;

pub(super) fn render(outbound: &Outbound, keys: &KeySet) -> Result<Vec<WireCall>, RenderError> {
    let account = &outbound.identity.account;
    let token = keys.of(BOT_TOKENS, account).ok_or_else(|| RenderError(format!("no `{BOT_TOKENS}` for this bot")))?;
    let target = format!("/bot{}/sendMessage", token.secret);
    let mut calls = vec![];
    for message in outbound.messages.iter().filter(|message| message.author != Author::Customer) {
        let (text, keyboard) = shown(&message.content)?;
        let parts = split(&text, CAPABILITIES.max_text_chars);
        let last = parts.len().saturating_sub(1);
        for (at, part) in parts.into_iter().enumerate() {
            let mut body = json!({ "chat_id": outbound.identity.user, "text": part });
            if let (true, Some(keyboard), Some(body)) = (at == last, &keyboard, body.as_object_mut()) {
                body.insert("reply_markup".to_owned(), keyboard.clone());
            }
            calls.push(WireCall::Http(HttpCall::json(target.clone(), &body)));
        }
    }
    Ok(calls)
}

/// The text of a message and the keys below it.
fn shown(content: &Content) -> Result<(String, Option<Value>), RenderError> {
    let file = |attachment: &domain::Attachment| {
        attachment.url.clone().ok_or_else(|| RenderError("a file without an address".to_owned()))
    };
    Ok(match content {
        Content::Text { text } => (text.clone(), None),
        Content::QuickReplies { text, replies } => (text.clone(), Some(choices(replies))),
        Content::Buttons { text, buttons } => (text.clone(), Some(keyboard(buttons))),
        Content::Card { title, text, buttons, .. } => {
            let text = text.as_ref().map_or_else(|| title.clone(), |text| format!("{title}\n{text}"));
            (text, (!buttons.is_empty()).then(|| keyboard(buttons)))
        }
        Content::Image(one) | Content::Audio(one) | Content::Video(one) | Content::File(one) => {
            (format!("{}\n{}", one.name, file(one)?), None)
        }
        Content::Location { latitude, longitude, label } => {
            let place = format!("https://maps.google.com/?q={latitude},{longitude}");
            (label.as_ref().map_or_else(|| place.clone(), |label| format!("{label}\n{place}")), None)
        }
        Content::Postback { title, .. } => (title.clone(), None),
        Content::Event { name } => return Err(RenderError(format!("the event `{name}` is nothing to send"))),
    })
}

fn choices(replies: &[QuickReply]) -> Value {
    json!({ "inline_keyboard": replies.iter().map(|reply| [key(&reply.title, &reply.payload)]).collect::<Vec<_>>() })
}

fn keyboard(buttons: &[Button]) -> Value {
    let keys = buttons.iter().map(|button| match button {
        Button::Postback { title, payload } => [key(title, payload)],
        Button::Link { title, url } => [json!({ "text": title, "url": url })],
    });
    json!({ "inline_keyboard": keys.collect::<Vec<_>>() })
}

/// A key; what is too long to come back as its payload comes back as its title.
fn key(title: &str, payload: &str) -> Value {
    let payload = if payload.len() > MAX_CALLBACK_BYTES { title } else { payload };
    let end = payload.floor_char_boundary(MAX_CALLBACK_BYTES);
    json!({ "text": title, "callback_data": payload.get(..end).unwrap_or_default() })
}

#[derive(Default, Deserialize)]
struct Answer {
    #[serde(default)]
    ok: bool,
    error_code: Option<u16>,
    #[serde(default)]
    description: String,
    #[serde(default)]
    parameters: Parameters,
}

#[derive(Default, Deserialize)]
struct Parameters {
    retry_after: Option<u32>,
}

/// Every failure of the Bot API is a JSON object with `error_code`, whatever the status.
pub(super) fn classify(reply: &WireReply) -> Delivery {
    let answer: Answer = serde_json::from_str(&reply.body).unwrap_or_default();
    let rejected = |reason: &str| Delivery::Rejected { reason: reason.to_owned() };
    if answer.ok && (200..300).contains(&reply.status) {
        return Delivery::Sent;
    }
    match answer.error_code.unwrap_or(reply.status) {
        400 if answer.description.contains("chat not found") => rejected("there is no such chat"),
        400 => rejected("Telegram finds the message wrong"),
        401 | 404 => rejected("the bot's token is not valid"),
        403 => rejected("blocked by the customer"),
        429 => Delivery::Retry { after: answer.parameters.retry_after.or(reply.retry_after) },
        _ => Delivery::Retry { after: reply.retry_after },
    }
}

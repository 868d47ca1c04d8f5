//! `sendMessage` calls, and what the Bot API's answers mean.

use domain::{Author, Button, Delivery, Outbound, Rejection};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{BOT_TOKENS, CAPABILITIES};
use crate::fit::{FileKind, Piece, fit};
use crate::{HttpCall, KeySet, RenderError, WireCall, WireReply};

/// Longest payload of a button, in bytes.
const MAX_CALLBACK_BYTES: usize = 64;

pub(super) fn render(outbound: &Outbound, keys: &KeySet) -> Result<Vec<WireCall>, RenderError> {
    let account = &outbound.identity.account;
    let token = keys.of(BOT_TOKENS, account).ok_or_else(|| RenderError(format!("no `{BOT_TOKENS}` for this bot")))?;
    let mut calls = vec![];
    for message in outbound.messages.iter().filter(|message| message.author != Author::Customer) {
        for piece in fit(&message.content, &CAPABILITIES)? {
            let (method, mut body) = match piece {
                Piece::Text { text, choices } if choices.is_empty() => {
                    ("sendMessage", json!({ "text": text, "parse_mode": "HTML" }))
                }
                Piece::Text { text, choices } => {
                    let keyboard = keyboard(&choices);
                    ("sendMessage", json!({ "text": text, "parse_mode": "HTML", "reply_markup": keyboard }))
                }
                Piece::File { kind, url, .. } => match kind {
                    FileKind::Image => ("sendPhoto", json!({ "photo": url })),
                    FileKind::Audio => ("sendAudio", json!({ "audio": url })),
                    FileKind::Video => ("sendVideo", json!({ "video": url })),
                    FileKind::File => ("sendDocument", json!({ "document": url })),
                },
            };
            if let Some(body) = body.as_object_mut() {
                body.insert("chat_id".to_owned(), json!(outbound.identity.user));
            }
            calls.push(WireCall::Http(HttpCall::json(format!("/bot{}/{method}", token.secret), &body)));
        }
    }
    Ok(calls)
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
    if answer.ok && (200..300).contains(&reply.status) {
        return Delivery::Sent;
    }
    match answer.error_code.unwrap_or(reply.status) {
        400 if answer.description.contains("chat not found") => {
            Delivery::rejected(Rejection::Blocked, "there is no such chat")
        }
        400 => Delivery::rejected(Rejection::Content, "Telegram finds the message wrong"),
        401 | 404 => Delivery::rejected(Rejection::Misconfigured, "the bot's token is not valid"),
        403 => Delivery::rejected(Rejection::Blocked, "blocked by the customer"),
        429 => Delivery::Retry { after: answer.parameters.retry_after.or(reply.retry_after) },
        _ => Delivery::Retry { after: reply.retry_after },
    }
}

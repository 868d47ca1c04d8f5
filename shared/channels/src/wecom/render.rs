//! `send_msg` calls; a welcome goes as `send_msg_on_event`.

use domain::{Author, Button, Capabilities, Content, Message, Outbound, UnixMillis};
use serde_json::{Map, Value, json};

use super::CAPABILITIES;
use super::msgid::PartOf;
use super::news::WELCOME;
use crate::fit::{Piece, fit};
use crate::split::split;
use crate::{HttpCall, RenderError, TokenPlace, WireCall};

/// Longest text above a menu, in bytes.
const MAX_HEAD_BYTES: usize = 1024;
/// Longest id of a choice, in bytes.
const MAX_ID_BYTES: usize = 64;
/// What the id of a choice begins with whose payload is too long to come back: its title counts as typed.
pub(super) const AS_TYPED: &str = "~";

pub(super) fn render(outbound: &Outbound, now: UnixMillis) -> Result<Vec<WireCall>, RenderError> {
    let handle = outbound.reply.as_ref().filter(|handle| handle.until > now);
    let mut welcome = handle.and_then(|handle| handle.token.strip_prefix(WELCOME));
    let mut calls = vec![];
    for message in outbound.messages.iter().filter(|message| message.author != Author::Customer) {
        for piece in fit(&message.content, &CAPABILITIES)? {
            for (kind, content) in contents(piece)? {
                let part = u8::try_from(calls.len()).map_err(|_| RenderError("more than 256 messages".to_owned()))?;
                let name = PartOf { delivery: outbound.id.clone(), seq: outbound.last_seq(), part }.name();
                let mut body = Map::from_iter([
                    ("msgid".to_owned(), json!(name)),
                    ("msgtype".to_owned(), json!(kind)),
                    (kind.to_owned(), content),
                ]);
                // A code is good for one message.
                let target = if let Some(code) = welcome.take() {
                    body.insert("code".to_owned(), json!(code));
                    "/cgi-bin/kf/send_msg_on_event"
                } else {
                    body.insert("touser".to_owned(), json!(outbound.identity.user));
                    body.insert("open_kfid".to_owned(), json!(outbound.identity.account));
                    "/cgi-bin/kf/send_msg"
                };
                let call = HttpCall::json(target.to_owned(), &Value::Object(body));
                calls.push(WireCall::Http(call.needing_token(TokenPlace::Query("access_token"))));
            }
        }
    }
    Ok(calls)
}

/// The messages that a piece becomes, by type: one, or two where the text above a menu is too long for it.
fn contents(piece: Piece) -> Result<Vec<(&'static str, Value)>, RenderError> {
    let (text, choices) = match piece {
        Piece::Text { text, choices } => (text, choices),
        Piece::File { .. } => return Err(RenderError("a file that was not uploaded".to_owned())),
    };
    if choices.is_empty() {
        return Ok(vec![("text", json!({ "content": text }))]);
    }
    let short = Capabilities { max_text_bytes: Some(MAX_HEAD_BYTES), ..CAPABILITIES.clone() };
    let mut parts: Vec<&str> = split(&text, &short).into_iter().filter_map(|part| text.get(part)).collect();
    let head = parts.pop().unwrap_or_default();
    let mut contents: Vec<_> = parts.into_iter().map(|part| ("text", json!({ "content": part }))).collect();
    contents.push(("msgmenu", menu(head, &choices)));
    Ok(contents)
}

/// How many calls the messages become; what cannot be sent counts as one.
pub(super) fn calls(messages: &[Message]) -> usize {
    let sent = messages.iter().filter(|message| message.author != Author::Customer);
    let become_calls = |content: &Content| {
        let pieces = fit(content, &CAPABILITIES)?;
        pieces.into_iter().map(|piece| contents(piece).map(|contents| contents.len())).sum::<Result<usize, _>>()
    };
    sent.map(|message| become_calls(&message.content).unwrap_or(1)).sum()
}

fn menu(head: &str, choices: &[Button]) -> Value {
    let items = choices.iter().enumerate().map(|(place, choice)| match choice {
        Button::Postback { title, payload } => {
            json!({ "type": "click", "click": { "id": id(payload, place), "content": title } })
        }
        Button::Link { title, url } => json!({ "type": "view", "view": { "url": url, "content": title } }),
    });
    let items: Vec<Value> = items.collect();
    if head.is_empty() { json!({ "list": items }) } else { json!({ "head_content": head, "list": items }) }
}

fn id(payload: &str, place: usize) -> String {
    let fits = (1..=MAX_ID_BYTES).contains(&payload.len()) && !payload.starts_with(AS_TYPED);
    if fits { payload.to_owned() } else { format!("{AS_TYPED}{place}") }
}

//! Calls of the Cloud API's `messages`.

use std::collections::BTreeSet;

use domain::{Author, Button, Capabilities, Message, Outbound, QuickReply};
use serde_json::{Value, json};

use super::media::place;
use super::{ACCESS_TOKENS, CAPABILITIES};
use crate::fit::{FileKind, Piece, fit};
use crate::meta::{As, Mark, WINDOW};
use crate::{KeySet, RenderError, Rendering, WireCall};

/// Longest text above choices, in characters.
const MAX_INTERACTIVE_CHARS: usize = 1024;
/// Longest text in a template's variable: the template's own words need some room.
const MAX_TEMPLATE_CHARS: usize = 900;
/// How many choices are shown as buttons; more are a list.
const MAX_REPLY_BUTTONS: usize = 3;
/// Longest title of a button, in characters.
const MAX_BUTTON_CHARS: usize = 20;
/// Longest id of a choice, in characters.
const MAX_ID_CHARS: usize = 200;

pub(super) fn render(outbound: &Outbound, with: &Rendering<'_>) -> Result<Vec<WireCall>, RenderError> {
    let template = with.keys.setting("reopen_template");
    let late = late(outbound, with);
    let mut bodies = vec![];
    for message in outbound.messages.iter().filter(|message| message.author != Author::Customer) {
        // What may have to go in a template is cut for one at once, so that it is as many calls later as now.
        let reopens = template.filter(|_| message.author == Author::Agent);
        for piece in pieces(message, reopens.is_some())? {
            bodies.push(match reopens.filter(|_| late) {
                Some(template) => reopening(template, &piece)?,
                None => body(piece, with.keys),
            });
        }
    }
    let place = place(with.keys);
    let identity = &outbound.identity;
    let number = As { keys: with.keys, tokens: ACCESS_TOKENS, account: &identity.account, place, now: with.now };
    let path = format!("{}/messages", identity.account);
    let count = bodies.len();
    let calls = bodies.into_iter().enumerate().map(|(index, (kind, value))| {
        let mark = Mark {
            delivery: outbound.id.clone(),
            seq: outbound.last_seq(),
            more: index + 1 < count,
            user: Some(identity.user.clone()),
        };
        // Who hides their number is known by an id such as `US.13491208655302741918`.
        let to = if identity.user.contains('.') { "recipient" } else { "to" };
        let body = json!({
            "messaging_product": "whatsapp",
            "recipient_type": "individual",
            to: identity.user,
            "type": kind,
            kind: value,
            "biz_opaque_callback_data": mark.to_string(),
        });
        number.call(&path, &[], Some(&body)).map(WireCall::Http)
    });
    calls.collect()
}

/// Whether it is a person's message for which the usual window is over. `decide` has given it the longer one.
fn late(outbound: &Outbound, with: &Rendering<'_>) -> bool {
    let longer = i64::from(CAPABILITIES.human_window_seconds.unwrap_or(WINDOW).saturating_sub(WINDOW));
    outbound.messages.iter().all(|message| message.author == Author::Agent)
        && outbound.expires.is_some_and(|expires| expires.plus_seconds(-longer) < with.now)
}

/// The message's pieces. `short`: each must fit in a template.
fn pieces(message: &Message, short: bool) -> Result<Vec<Piece>, RenderError> {
    let content = &message.content;
    let choices = content.postbacks();
    let shown = !choices.is_empty() && CAPABILITIES.shows_choices(content) && distinct(&choices);
    let most = if shown { MAX_INTERACTIVE_CHARS } else { CAPABILITIES.max_text_chars };
    let max_text_chars = if short { most.min(MAX_TEMPLATE_CHARS) } else { most };
    let max = if shown { CAPABILITIES.max_buttons } else { 0 };
    fit(content, &Capabilities { max_text_chars, max_buttons: max, max_quick_replies: max, ..CAPABILITIES.clone() })
}

fn choice(button: &Button) -> (&str, &str) {
    let (Button::Postback { title, payload } | Button::Link { title, url: payload }) = button;
    (title, id(title, payload))
}

/// Whether no two choices look the same or come back the same, which the provider does not take.
fn distinct(choices: &[QuickReply]) -> bool {
    let titles: BTreeSet<&str> = choices.iter().map(|choice| choice.title.trim()).collect();
    let ids: BTreeSet<&str> = choices.iter().map(|choice| id(&choice.title, &choice.payload)).collect();
    titles.len() == choices.len() && ids.len() == choices.len() && !titles.contains("")
}

/// What comes back with a choice; what is too long comes back as the title.
fn id<'a>(title: &'a str, payload: &'a str) -> &'a str {
    let payload = payload.trim();
    if payload.is_empty() || payload.chars().count() > MAX_ID_CHARS { title } else { payload }
}

/// A message's type and what it says.
fn body(piece: Piece, keys: &KeySet) -> (&'static str, Value) {
    match piece {
        Piece::Text { text, choices } if choices.is_empty() => ("text", json!({ "body": text, "preview_url": false })),
        Piece::Text { text, choices } => ("interactive", interactive(&text, &choices, keys)),
        Piece::File { kind: FileKind::Image, url, .. } => ("image", json!({ "link": url })),
        Piece::File { kind: FileKind::Audio, url, .. } => ("audio", json!({ "link": url })),
        Piece::File { kind: FileKind::Video, url, .. } => ("video", json!({ "link": url })),
        Piece::File { kind: FileKind::File, url, file } => ("document", json!({ "link": url, "filename": file.name })),
    }
}

fn interactive(text: &str, choices: &[Button], keys: &KeySet) -> Value {
    let choices: Vec<(&str, &str)> = choices.iter().map(choice).collect();
    let short = choices.iter().all(|(title, _)| title.chars().count() <= MAX_BUTTON_CHARS);
    if choices.len() <= MAX_REPLY_BUTTONS && short {
        let reply = |(title, id): &(&str, &str)| json!({ "type": "reply", "reply": { "id": id, "title": title } });
        let buttons: Vec<Value> = choices.iter().map(reply).collect();
        return json!({ "type": "button", "body": { "text": text }, "action": { "buttons": buttons } });
    }
    let rows: Vec<Value> = choices.iter().map(|(title, id)| json!({ "id": id, "title": title })).collect();
    let action = json!({ "button": list_button(text, keys), "sections": [{ "rows": rows }] });
    json!({ "type": "list", "body": { "text": text }, "action": action })
}

/// What is written on the button that opens the list: as the company has set it, else in the text's language.
fn list_button<'k>(text: &str, keys: &'k KeySet) -> &'k str {
    let usual =
        if text.chars().any(|letter| ('\u{4e00}'..='\u{9fff}').contains(&letter)) { "请选择" } else { "Choose" };
    let set = keys.text("list_button").filter(|set| (1..=MAX_BUTTON_CHARS).contains(&set.chars().count()));
    set.unwrap_or(usual)
}

/// A person's words in the template that may be sent at any time. Variables hold no line breaks.
fn reopening(template: &Value, piece: &Piece) -> Result<(&'static str, Value), RenderError> {
    let setting = |name: &str| {
        let value = template.get(name).and_then(Value::as_str);
        value.ok_or_else(|| RenderError(format!("the setting `reopen_template` has no `{name}`")))
    };
    let words = match piece {
        Piece::Text { text, choices } => {
            let titles = choices.iter().map(|button| format!(" [{}]", choice(button).0));
            format!("{text}{}", titles.collect::<String>())
        }
        Piece::File { file, url, .. } => format!("{} {url}", file.name),
    };
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    let variable = json!({ "type": "text", "text": words });
    Ok((
        "template",
        json!({
            "name": setting("name")?,
            "language": { "policy": "deterministic", "code": setting("language")? },
            "components": [{ "type": "body", "parameters": [variable] }],
        }),
    ))
}

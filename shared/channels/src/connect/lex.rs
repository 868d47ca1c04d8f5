//! What Lex V2 is answered.

use serde_json::{Map, Value, json};

use super::asked::OURS;
use super::flow::Status;
use super::said::Said;
use super::turn::Turn;
use super::words;
use crate::ear::Language;

/// Messages of one answer at most.
const MESSAGES: usize = 5;
/// Characters of a message at most.
const MAX_TEXT: usize = 1024;
/// Buttons of a card at most.
pub(super) const BUTTONS: usize = 5;
/// Characters of a button at most, as it is shown and as it comes back.
pub(super) const MAX_BUTTON: usize = 50;
/// Bytes of all the session's attributes at most, a little less than Lex takes.
const MAX_ATTRIBUTES: usize = 11_000;

/// The answer: the session's attributes with ours, the intent closed if a person takes over, and what is said.
pub(super) fn answer(
    status: Status,
    said: &Said,
    (turn, late): (&Turn, &str),
    language: Language,
    (attributes, intent): (&Map<String, Value>, Option<&Value>),
) -> Value {
    let messages = messages(said, language);
    // Nothing can be asked without words.
    let over = status == Status::Transfer || messages.is_empty();
    let mut state = json!({
        "dialogAction": { "type": if over { "Close" } else { "ElicitIntent" } },
        "sessionAttributes": with_ours(attributes, status, turn, late),
    });
    // Where the customer is to go on, which intent it is stays open.
    if let (true, Some(intent), Some(state)) = (over, intent.and_then(Value::as_object), state.as_object_mut()) {
        let slots = intent.get("slots").cloned().filter(Value::is_object).unwrap_or_else(|| json!({}));
        let name = intent.get("name").cloned().unwrap_or_default();
        state.insert("intent".to_owned(), json!({ "name": name, "slots": slots, "state": "Fulfilled" }));
    }
    json!({ "sessionState": state, "messages": messages })
}

/// Whatever is not given back is lost to the session.
fn with_ours(attributes: &Map<String, Value>, status: Status, turn: &Turn, late: &str) -> Map<String, Value> {
    let ours = [("status", status.name().to_owned()), ("turn", turn.text()), ("late", late.to_owned())];
    let ours = ours.map(|(name, value)| (format!("{OURS}{name}"), Value::String(value)));
    let mut left = MAX_ATTRIBUTES;
    let fits = |(name, value): &(&String, &Value)| {
        let size = name.len() + value.as_str().map_or(0, str::len);
        let fits = value.is_string() && size <= left;
        left -= if fits { size } else { 0 };
        fits
    };
    let theirs = attributes.iter().filter(|(name, _)| !name.starts_with(OURS)).filter(fits);
    theirs.map(|(name, value)| (name.clone(), value.clone())).chain(ours).collect()
}

/// The texts, and the choices as a card below them.
fn messages(said: &Said, language: Language) -> Vec<Value> {
    let room = if said.buttons.is_empty() { MESSAGES } else { MESSAGES - 1 };
    let texts = said.texts.iter().map(|text| text.chars().take(MAX_TEXT).collect::<String>());
    let texts = texts.filter(|text| !text.trim().is_empty()).take(room);
    let mut messages: Vec<Value> = texts.map(|text| json!({ "contentType": "PlainText", "content": text })).collect();
    if !said.buttons.is_empty() {
        let buttons = said.buttons.iter().take(BUTTONS);
        let buttons: Vec<Value> = buttons.map(|title| json!({ "text": title, "value": title })).collect();
        let card = json!({ "title": words::choose(language), "buttons": buttons });
        messages.push(json!({ "contentType": "ImageResponseCard", "imageResponseCard": card }));
    }
    messages
}

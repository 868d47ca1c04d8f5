//! What the Send API takes.

use serde_json::Value;

use super::Kind;
use crate::sandbox::provider::graph::Refused;
use crate::sandbox::shown::{Choice, Look, Shown};
use crate::sandbox::wire::{list, text};

const MAX_QUICK: usize = 13;
const MAX_BUTTONS: usize = 3;
/// Longest title, in characters.
const MAX_TITLE: usize = 20;
/// Longest text above a template's buttons, in characters.
const MAX_TEMPLATE: usize = 640;

/// A message as the customer sees it.
///
/// # Errors
/// It would not be taken.
pub(super) fn read(kind: Kind, message: &Value) -> Result<Shown, Refused> {
    let mut shown = Shown { text: text(message, "/text").to_owned(), ..Shown::default() };
    let long = match kind {
        Kind::Messenger => shown.text.chars().count() > 2000,
        Kind::Instagram => shown.text.len() > 1000,
    };
    if long {
        return Err(Refused::wrong("(#100) Length of param message[text] must be less than or equal to 2000"));
    }
    let payload = message.pointer("/attachment/payload").unwrap_or(&Value::Null);
    match text(message, "/attachment/type") {
        "" if shown.text.trim().is_empty() => return Err(Refused::wrong("(#100) Message cannot be empty")),
        "" => {}
        "image" => text(payload, "/url").clone_into(&mut shown.image),
        "audio" | "video" | "file" => text(payload, "/url").clone_into(&mut shown.link),
        "template" => template(payload, &mut shown)?,
        _ => return Err(Refused::wrong("(#100) param message[attachment][type] is not one of those allowed")),
    }
    let quick = list(message, "/quick_replies");
    if quick.len() > MAX_QUICK {
        return Err(Refused::wrong("(#100) Too many elements: quick_replies has at most 13"));
    }
    if !quick.is_empty() {
        shown.look = Look::Quick;
        shown.choices = quick.iter().map(|reply| titled(reply, "payload")).collect::<Result<_, _>>()?;
    }
    Ok(shown)
}

fn template(payload: &Value, shown: &mut Shown) -> Result<(), Refused> {
    let element = match text(payload, "/template_type") {
        "button" => {
            text(payload, "/text").clone_into(&mut shown.text);
            if shown.text.is_empty() || shown.text.chars().count() > MAX_TEMPLATE {
                return Err(Refused::wrong("(#100) The text of a button template must have 1 to 640 characters"));
            }
            payload
        }
        "generic" => {
            let element = payload.pointer("/elements/0").ok_or(Refused::wrong("(#100) elements is empty"))?;
            text(element, "/title").clone_into(&mut shown.title);
            text(element, "/subtitle").clone_into(&mut shown.text);
            text(element, "/image_url").clone_into(&mut shown.image);
            if shown.title.is_empty() || [&shown.title, &shown.text].iter().any(|line| line.chars().count() > 80) {
                return Err(Refused::wrong("(#100) Titles and subtitles must have at most 80 characters"));
            }
            element
        }
        _ => return Err(Refused::wrong("(#100) Unknown template_type")),
    };
    let buttons = list(element, "/buttons");
    if buttons.len() > MAX_BUTTONS {
        return Err(Refused::wrong("(#100) A template has at most 3 buttons"));
    }
    shown.choices = buttons
        .iter()
        .map(|button| match text(button, "/type") {
            "web_url" => Ok(Choice::link(text(button, "/title"), text(button, "/url"))),
            _ => titled(button, "payload"),
        })
        .collect::<Result<_, _>>()?;
    Ok(())
}

fn titled(choice: &Value, payload: &str) -> Result<Choice, Refused> {
    let title = text(choice, "/title");
    let payload = choice.get(payload).and_then(Value::as_str).unwrap_or_default();
    let fits = !title.is_empty() && title.chars().count() <= MAX_TITLE && !payload.is_empty() && payload.len() <= 4000;
    fits.then(|| Choice::payload(title, payload))
        .ok_or(Refused::wrong("(#100) A title must have 1 to 20 characters, a payload 1 to 1000"))
}

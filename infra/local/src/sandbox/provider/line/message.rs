//! The messages of a call, as the customer sees them.

use serde_json::{Value, json};

use crate::sandbox::provider::Taken;
use crate::sandbox::shown::{Choice, Look, Shown};
use crate::sandbox::wire::{Reply, list, text};

const MAX_MESSAGES: usize = 5;
/// Longest text, in UTF-16 units.
const MAX_TEXT: usize = 5000;
const MAX_QUICK: usize = 13;
/// Longest label, in characters.
const MAX_LABEL: usize = 20;

/// The messages of a call.
///
/// # Errors
/// LINE would not take them: its answer.
pub(super) fn checked(asked: &Value) -> Result<Vec<Shown>, Taken> {
    let messages = list(asked, "/messages");
    if messages.is_empty() || messages.len() > MAX_MESSAGES {
        return Err(fault("messages", "Size must be between 1 and 5"));
    }
    let shown = messages
        .iter()
        .enumerate()
        .map(|(at, message)| one(message).map_err(|(field, why)| fault(&format!("messages[{at}].{field}"), why)));
    shown.collect()
}

fn one(message: &Value) -> Result<Shown, (&'static str, &'static str)> {
    let mut shown = Shown::default();
    match text(message, "/type") {
        "text" => {
            text(message, "/text").clone_into(&mut shown.text);
            if shown.text.trim().is_empty() {
                return Err(("text", "May not be empty"));
            }
            if shown.text.encode_utf16().count() > MAX_TEXT {
                return Err(("text", "Length must be between 0 and 5000"));
            }
        }
        "template" => {
            if text(message, "/altText").is_empty() {
                return Err(("altText", "May not be empty"));
            }
            text(message, "/template/title").clone_into(&mut shown.title);
            text(message, "/template/text").clone_into(&mut shown.text);
            text(message, "/template/thumbnailImageUrl").clone_into(&mut shown.image);
            let most = if shown.title.is_empty() && shown.image.is_empty() { 160 } else { 60 };
            if shown.text.is_empty() || shown.text.encode_utf16().count() > most {
                return Err(("template.text", "Length must be between 1 and 160, or 60 with a title or image"));
            }
            let actions = list(message, "/template/actions");
            if actions.is_empty() || actions.len() > 4 {
                return Err(("template.actions", "Size must be between 1 and 4"));
            }
            shown.choices = actions.iter().map(choice).collect::<Result<_, _>>()?;
        }
        "image" => text(message, "/originalContentUrl").clone_into(&mut shown.image),
        "video" | "audio" => text(message, "/originalContentUrl").clone_into(&mut shown.link),
        "flex" => text(message, "/altText").clone_into(&mut shown.text),
        "location" => shown.text = format!("{}\n{}", text(message, "/title"), text(message, "/address")),
        _ => return Err(("type", "Must be one of the following values: [text, image, video, audio, template, …]")),
    }
    let quick = list(message, "/quickReply/items");
    if quick.len() > MAX_QUICK {
        return Err(("quickReply.items", "Size must be between 1 and 13"));
    }
    if !quick.is_empty() {
        let choices = quick.iter().map(|item| choice(item.get("action").unwrap_or(&Value::Null)));
        shown.choices = choices.collect::<Result<_, _>>()?;
        shown.look = Look::Quick;
    }
    Ok(shown)
}

fn choice(action: &Value) -> Result<Choice, (&'static str, &'static str)> {
    let label = text(action, "/label");
    if label.is_empty() || label.chars().count() > MAX_LABEL {
        return Err(("action.label", "Length must be between 1 and 20"));
    }
    match text(action, "/type") {
        "postback" if text(action, "/data").chars().count() <= 300 => Ok(Choice::payload(label, text(action, "/data"))),
        "message" => Ok(Choice::payload(label, text(action, "/text"))),
        "uri" => Ok(Choice::link(label, text(action, "/uri"))),
        _ => Err(("action", "Must be a postback (data up to 300), message or uri action")),
    }
}

fn fault(property: &str, why: &str) -> Taken {
    let details = json!([{"message": why, "property": property}]);
    Reply::json(400, &json!({"message": "The request body has 1 error(s)", "details": details})).into()
}

//! What the Cloud API takes.

use serde_json::Value;

use crate::sandbox::provider::graph::Refused;
use crate::sandbox::shown::{Choice, Look, Shown};
use crate::sandbox::wire::{list, text};

/// A message as the customer sees it.
///
/// # Errors
/// It would not be taken.
pub(super) fn read(kind: &str, asked: &Value) -> Result<Shown, Refused> {
    let what = asked.get(kind).unwrap_or(&Value::Null);
    let mut shown = Shown::default();
    match kind {
        "text" => {
            text(what, "/body").clone_into(&mut shown.text);
            if shown.text.trim().is_empty() || text(what, "/body").chars().count() > 4096 {
                return Err(Refused::wrong("(#100) Param text['body'] must be between 1 and 4096 characters long."));
            }
        }
        "interactive" => interactive(what, &mut shown)?,
        "image" => text(what, "/link").clone_into(&mut shown.image),
        "audio" | "video" | "document" => text(what, "/link").clone_into(&mut shown.link),
        "template" => {
            if text(what, "/name").is_empty() || text(what, "/language/code").is_empty() {
                return Err(Refused::new(404, 132_001, "(#132001) Template name does not exist in the translation"));
            }
            text(what, "/components/0/parameters/0/text").clone_into(&mut shown.text);
            shown.title = format!("[{}]", text(what, "/name"));
        }
        _ => return Err(Refused::new(400, 131_051, "(#131051) Unsupported message type")),
    }
    Ok(shown)
}

fn interactive(what: &Value, shown: &mut Shown) -> Result<(), Refused> {
    text(what, "/body/text").clone_into(&mut shown.text);
    if shown.text.is_empty() || text(what, "/body/text").chars().count() > 1024 {
        return Err(Refused::wrong(
            "(#100) Param interactive['body']['text'] must be between 1 and 1024 characters long.",
        ));
    }
    let wrong = Refused::new(400, 131_009, "(#131009) Parameter value is not valid");
    let most = |title: &str, chars: usize| !title.is_empty() && title.chars().count() <= chars;
    let (rows, look, chars, count): (Vec<(&str, &str)>, _, _, _) = match text(what, "/type") {
        "button" => {
            let buttons = list(what, "/action/buttons").iter();
            let buttons = buttons.map(|button| (text(button, "/reply/id"), text(button, "/reply/title")));
            (buttons.collect(), Look::Buttons, 20, 3)
        }
        "list" => {
            if !most(text(what, "/action/button"), 20) {
                return Err(wrong);
            }
            let rows = list(what, "/action/sections").iter().flat_map(|section| list(section, "/rows"));
            (rows.map(|row| (text(row, "/id"), text(row, "/title"))).collect(), Look::List, 24, 10)
        }
        _ => return Err(wrong),
    };
    let mut ids: Vec<&str> = rows.iter().map(|(id, _)| *id).collect();
    ids.sort_unstable();
    ids.dedup();
    let fits = rows.iter().all(|(id, title)| !id.is_empty() && most(title, chars));
    if rows.is_empty() || rows.len() > count || !fits || ids.len() < rows.len() {
        return Err(wrong);
    }
    shown.look = look;
    shown.choices = rows.iter().map(|(id, title)| Choice::payload(title, id)).collect();
    Ok(())
}

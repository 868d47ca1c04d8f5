//! What customers do, as LINE tells it.

use serde_json::{Value, json};

use crate::sandbox::people::Person;
use crate::sandbox::provider::media::{Kind, Shelf};
use crate::sandbox::provider::{Act, Moment, Said};

/// The event of what a customer does; with a reply token, unless they have left.
///
/// # Errors
/// LINE has no such thing.
pub(super) fn of(
    said: &Said,
    person: &mut Person,
    files: &mut Shelf,
    moment: &mut Moment<'_>,
) -> Result<Value, String> {
    let mut event = match &said.act {
        Act::Text(text) => {
            let id = moment.ids.number().to_string();
            let quote = moment.ids.hex(32);
            json!({"type": "message", "message": {"id": id, "type": "text", "quoteToken": quote, "text": text}})
        }
        Act::Media(file) => {
            let id = moment.ids.number().to_string();
            files.keep(&id, &said.user, file);
            let kind = file.kind.of(["image", "audio", "video", "file"]);
            let mut message = json!({"id": id, "type": kind, "contentProvider": {"type": "line"}});
            if let Some(fields) = message.as_object_mut().filter(|_| file.kind == Kind::File) {
                fields.insert("fileName".to_owned(), json!(file.name));
                fields.insert("fileSize".to_owned(), json!(file.bytes.len()));
            }
            json!({"type": "message", "message": message})
        }
        Act::Choose { payload, .. } => json!({"type": "postback", "postback": {"data": payload}}),
        Act::Event { name, .. } if name == "follow" => {
            let again = std::mem::take(&mut person.blocked);
            json!({"type": "follow", "follow": {"isUnblocked": again}})
        }
        Act::Event { name, .. } if matches!(name.as_str(), "unfollow" | "block") => {
            person.blocked = true;
            json!({"type": "unfollow"})
        }
        Act::Event { name, .. } => return Err(format!("LINE has no event `{name}`: follow, unfollow")),
        Act::Receipt { .. } => return Err("LINE tells bots of no receipt".to_owned()),
    };
    let token = moment.ids.hex(32);
    if let Some(fields) = event.as_object_mut() {
        fields.insert("mode".to_owned(), json!("active"));
        fields.insert("timestamp".to_owned(), json!(moment.now));
        fields.insert("source".to_owned(), json!({"type": "user", "userId": said.user}));
        let id = moment.ids.hex(24).to_uppercase();
        fields.insert("webhookEventId".to_owned(), json!(format!("01{id}")));
        if !person.blocked {
            fields.insert("replyToken".to_owned(), json!(token));
        }
    }
    Ok(event)
}

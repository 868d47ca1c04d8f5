//! Customer-service messages.

use serde_json::Value;

use crate::sandbox::provider::tencent::Refused;
use crate::sandbox::shown::{Choice, Look, Shown};
use crate::sandbox::wire::{list, text};

/// Longest text, in bytes.
const MAX_TEXT: usize = 2048;

/// A message as the customer sees it.
///
/// # Errors
/// WeChat would not take it.
pub(super) fn read(asked: &Value) -> Result<Shown, Refused> {
    let kind = text(asked, "/msgtype");
    let what = asked.get(kind).unwrap_or(&Value::Null);
    let mut shown = Shown::default();
    match kind {
        "text" => text(what, "/content").clone_into(&mut shown.text),
        "msgmenu" => {
            let tail = text(what, "/tail_content");
            shown.text = [text(what, "/head_content"), tail].join(if tail.is_empty() { "" } else { "\n" });
            shown.look = Look::Menu;
            let lines = list(what, "/list").iter();
            shown.choices = lines.map(|line| Choice::payload(text(line, "/content"), text(line, "/id"))).collect();
        }
        "news" => {
            if list(what, "/articles").len() != 1 {
                return Err((45_008, "article size out of limit"));
            }
            text(what, "/articles/0/title").clone_into(&mut shown.title);
            text(what, "/articles/0/description").clone_into(&mut shown.text);
            text(what, "/articles/0/url").clone_into(&mut shown.link);
            text(what, "/articles/0/picurl").clone_into(&mut shown.image);
        }
        "image" | "voice" | "video" => return Err((40_007, "invalid media_id")),
        _ => return Err((40_008, "invalid message type")),
    }
    if shown.text.is_empty() && shown.title.is_empty() {
        return Err((44_004, "empty content"));
    }
    if shown.text.len() > MAX_TEXT {
        return Err((45_002, "content size out of limit"));
    }
    Ok(shown)
}

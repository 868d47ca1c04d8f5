//! Messages to customers.

use std::collections::{BTreeSet, VecDeque};

use serde_json::Value;

use crate::sandbox::provider::Moment;
use crate::sandbox::provider::tencent::Refused;
use crate::sandbox::shown::{Choice, Look, Shown};
use crate::sandbox::wire::{list, text};

/// Longest text, in bytes.
const MAX_TEXT: usize = 2048;
/// Longest text above or below a menu.
const MAX_HEAD: usize = 1024;
const MAX_ITEMS: usize = 10;
/// Longest id of a menu's item, and longest words on it.
const MAX_ID: usize = 64;
const MAX_LABEL: usize = 128;
/// Longest name that the company gives a message.
const MAX_NAME: usize = 32;
/// Most names that are remembered.
const MOST: usize = 10_000;

/// A message as the customer sees it.
///
/// # Errors
/// `WeCom` would not take it.
pub(super) fn read(asked: &Value) -> Result<Shown, Refused> {
    let kind = text(asked, "/msgtype");
    let what = asked.get(kind).unwrap_or(&Value::Null);
    let mut shown = Shown::default();
    match kind {
        "text" => {
            text(what, "/content").clone_into(&mut shown.text);
            sized(&shown.text, MAX_TEXT)?;
            if shown.text.is_empty() {
                return Err((44_004, "empty content"));
            }
        }
        "msgmenu" => menu(what, &mut shown)?,
        "link" => {
            text(what, "/title").clone_into(&mut shown.title);
            text(what, "/desc").clone_into(&mut shown.text);
            text(what, "/url").clone_into(&mut shown.link);
            sized(&shown.title, 128)?;
            sized(&shown.text, 512)?;
        }
        // Nothing was uploaded here.
        "image" | "voice" | "video" | "file" => return Err((40_007, "invalid media_id")),
        _ => return Err((40_008, "invalid message type")),
    }
    Ok(shown)
}

fn menu(what: &Value, shown: &mut Shown) -> Result<(), Refused> {
    let parts = [text(what, "/head_content"), text(what, "/tail_content")];
    for part in parts {
        sized(part, MAX_HEAD)?;
    }
    shown.text = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n");
    shown.look = Look::Menu;
    let items = list(what, "/list");
    if items.len() > MAX_ITEMS {
        return Err((95_008, "menu item count out of limit"));
    }
    for item in items {
        let kind = text(item, "/type");
        let part = item.get(kind).unwrap_or(&Value::Null);
        let label = text(part, "/content");
        sized(label, if kind == "text" { MAX_TEXT } else { MAX_LABEL })?;
        if label.is_empty() {
            return Err((44_004, "empty content"));
        }
        match kind {
            "click" => {
                sized(text(part, "/id"), MAX_ID)?;
                shown.choices.push(Choice::payload(label, text(part, "/id")));
            }
            "view" => shown.choices.push(Choice::link(label, text(part, "/url"))),
            "text" => shown.text = format!("{}\n{label}", shown.text),
            _ => return Err((95_009, "invalid menu item type")),
        }
    }
    if shown.text.is_empty() && shown.choices.is_empty() {
        return Err((44_004, "empty content"));
    }
    Ok(())
}

fn sized(text: &str, most: usize) -> Result<(), Refused> {
    if text.len() <= most { Ok(()) } else { Err((45_002, "content size out of limit")) }
}

/// The names that the company gave its messages: each is good for one.
#[derive(Debug, Default)]
pub(super) struct Named {
    names: BTreeSet<String>,
    order: VecDeque<String>,
}

impl Named {
    /// The message's name, or a new one if the company gave it none.
    ///
    /// # Errors
    /// It is no name, or another message's. The vendor says that this is an error, and not which.
    pub(super) fn check(&self, asked: &Value, moment: &mut Moment<'_>) -> Result<String, Refused> {
        let name = text(asked, "/msgid");
        let letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        if name.len() > MAX_NAME || !name.bytes().all(letter) {
            return Err((40_058, "invalid msgid"));
        }
        if self.names.contains(name) {
            return Err((40_058, "duplicate msgid"));
        }
        Ok(if name.is_empty() { moment.ids.hex(32) } else { name.to_owned() })
    }

    /// A message has this name now.
    pub(super) fn name(&mut self, name: &str) {
        self.names.insert(name.to_owned());
        self.order.push_back(name.to_owned());
        if self.order.len() > MOST {
            self.order.pop_front().map(|oldest| self.names.remove(&oldest));
        }
    }
}

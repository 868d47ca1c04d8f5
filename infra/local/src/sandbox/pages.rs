//! The sandbox's pages.

use std::fs;
use std::path::{Component, Path, PathBuf};

use serde_json::{Value, json};

use super::play::CHANNELS;
use super::wire::{Reply, list, text};
use crate::stack;

/// A page or file; `None` if there is none at this path.
pub fn page(path: &str) -> Option<Reply> {
    let file = file(path)?;
    let body = fs::read(&file).ok()?;
    Some(Reply { status: 200, kind: kind(&file), headers: vec![], body })
}

/// What the pages must know of the stack, and no secret.
pub fn stack_script(description: &Value) -> Reply {
    let channels = description.get("channels").and_then(Value::as_object).into_iter().flatten();
    let played: Vec<&str> = channels
        .filter(|(_, channel)| channel.get("webhook_url").or(channel.get("smtp_url")).is_some())
        .map(|(name, _)| name.as_str())
        .filter(|name| CHANNELS.contains(name))
        .collect();
    let known = json!({
        "api_url": text(description, "/api_url"),
        "socket_url": text(description, "/socket_url"),
        "widget_url": text(description, "/channels/web/widget_url"),
        "chat_url": text(description, "/channels/web/chat_url"),
        "mailboxes": mailboxes(description),
        "channels": played,
    });
    let body = format!("window.FRONTDESK_STACK = {known};\n");
    Reply { status: 200, kind: "text/javascript; charset=utf-8", headers: vec![], body: body.into_bytes() }
}

/// The company's mailboxes, the one that is meant unless another is named first.
fn mailboxes(description: &Value) -> Vec<&str> {
    let first = text(description, "/channels/email/mailbox");
    let all = list(description, "/channels/email/mailboxes").iter().filter_map(Value::as_str);
    Some(first).filter(|first| !first.is_empty()).into_iter().chain(all.filter(|mailbox| *mailbox != first)).collect()
}

/// The file behind a path, if the path stays inside the sandbox's folder.
fn file(path: &str) -> Option<PathBuf> {
    let inside = Path::new(path.trim_start_matches('/'));
    if !inside.components().all(|part| matches!(part, Component::Normal(_))) {
        return None;
    }
    let mut file = stack::root().join("shared/ui/sandbox").join(inside);
    if file.is_dir() {
        file.push("index.html");
    }
    file.is_file().then_some(file)
}

fn kind(path: &Path) -> &'static str {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("json") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("webp") => "image/webp",
        Some("woff2") => "font/woff2",
        Some(_) | None => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_path_leads_out_of_the_folder() {
        for path in ["/../src/lib.rs", "/a/../../src/lib.rs", "//etc/passwd", "/./index.html"] {
            assert!(!matches!(file(path), Some(found) if !found.starts_with(stack::root().join("shared/ui/sandbox"))));
        }
        assert_eq!(file("/../src/lib.rs"), None);
    }

    #[test]
    fn the_pages_learn_no_secret() {
        let description = json!({
            "api_url": "http://a",
            "channels": {"web": {"chat_url": "http://a/chat"}, "telegram": {"webhook_url": "x", "bot_token": "secret"}},
        });
        let mail = json!({"mailbox": "b@x", "mailboxes": ["a@x", "b@x"]});
        assert_eq!(mailboxes(&json!({"channels": {"email": mail}})), ["b@x", "a@x"]);
        let script = String::from_utf8(stack_script(&description).body).unwrap();
        assert!(script.starts_with("window.FRONTDESK_STACK = {"), "{script}");
        assert!(script.contains(r#""channels":["telegram"]"#) && !script.contains("secret"), "{script}");
        assert!(stack_script(&Value::Null).body.ends_with(b"};\n"));
    }
}

//! What customers do, as WeChat pushes it.

use serde_json::{Value, json};

use crate::sandbox::people::Person;
use crate::sandbox::provider::media::{Kind, Shelf};
use crate::sandbox::provider::tencent::xml::element;
use crate::sandbox::provider::tencent::{Stamp, envelope, sealed};
use crate::sandbox::provider::{Act, Hook, Moment, Said};
use crate::sandbox::wire::text;

/// What a message allows: 5 in 48 hours; what a menu, following and a code allow: 3 in a minute.
const MESSAGE: (u32, i64) = (5, 48 * 3600);
const TOUCH: (u32, i64) = (3, 60);

/// The push of what a customer does, before it is ciphered.
///
/// # Errors
/// WeChat has no such thing.
pub(super) fn event(
    said: &Said,
    person: &mut Person,
    files: &mut Shelf,
    moment: &mut Moment<'_>,
) -> Result<Value, String> {
    let id = moment.ids.number().to_string();
    let media = moment.ids.hex(32);
    let (fields, allowed) = match &said.act {
        Act::Text(words) => (vec![("MsgType", "text"), ("Content", words.as_str()), ("MsgId", &id)], Some(MESSAGE)),
        Act::Media(file) => {
            files.keep(&media, &said.user, file);
            let kind = match file.kind {
                Kind::Image => "image",
                Kind::Voice => "voice",
                Kind::Video => "video",
                Kind::File => return Err("WeChat takes no other files than pictures, sounds and films".to_owned()),
            };
            let mut fields = vec![("MsgType", kind), ("MediaId", &media), ("MsgId", &id)];
            if file.kind == Kind::Voice {
                fields.push(("Format", "amr"));
            }
            (fields, Some(MESSAGE))
        }
        // A line of a menu in the chat is sent as a message; it counts as the menu does.
        Act::Choose { title, payload, look } if look == "menu" => {
            let fields = vec![("MsgType", "text"), ("Content", title), ("bizmsgmenuid", payload), ("MsgId", &id)];
            (fields, Some(TOUCH))
        }
        Act::Choose { payload, .. } => (happened("CLICK", payload), Some(TOUCH)),
        Act::Event { name, about } => match name.as_str() {
            "follow" => {
                person.blocked = false;
                (happened("subscribe", about), Some(TOUCH))
            }
            "unfollow" | "block" => {
                person.blocked = true;
                (happened("unsubscribe", ""), None)
            }
            "scan" => (happened("SCAN", about), Some(TOUCH)),
            "menu" => (happened("CLICK", about), Some(TOUCH)),
            // WeChat has heard what was said.
            "voice" => {
                let voice = vec![
                    ("MsgType", "voice"),
                    ("MediaId", "m1"),
                    ("Format", "amr"),
                    ("Recognition", about),
                    ("MsgId", &id),
                ];
                (voice, Some(MESSAGE))
            }
            _ => return Err(format!("WeChat has no event `{name}`: follow, unfollow, scan, menu, voice")),
        },
        Act::Receipt { .. } => return Err("WeChat tells of no receipt".to_owned()),
    };
    if let Some((messages, seconds)) = allowed {
        person.allow(messages, seconds, moment.now);
    }
    let mut body = format!(
        "<xml>{}{}<CreateTime>{}</CreateTime>",
        element("ToUserName", text(moment.account, "/account")),
        element("FromUserName", &said.user),
        moment.now / 1000
    );
    body.extend(fields.into_iter().map(|(name, value)| match name {
        "MsgId" => format!("<MsgId>{value}</MsgId>"),
        _ => element(name, value),
    }));
    body.push_str("</xml>");
    let mode = Some(text(&said.wishes, "/mode")).filter(|mode| !mode.is_empty());
    let mode = mode.unwrap_or(text(moment.account, "/mode"));
    Ok(json!({"body": body, "user": said.user, "mode": mode}))
}

fn happened<'a>(name: &'a str, key: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![("MsgType", "event"), ("Event", name), ("EventKey", key)]
}

/// The request with a push, ciphered unless its mode is plain.
pub(super) fn hook(event: &Value, moment: &mut Moment<'_>) -> Hook {
    let (account, plain) = (moment.account, text(event, "/body"));
    let (token, stamp) = (text(account, "/token"), Stamp::now(moment));
    let mut query =
        format!("signature={}&{}&openid={}", stamp.signature(token, None), stamp.query(), text(event, "/user"));
    let body = if text(event, "/mode") == "plain" {
        plain.to_owned()
    } else {
        let sealed = sealed(text(account, "/encoding_aes_key"), plain, text(account, "/app_id"), moment);
        query.extend(["&encrypt_type=aes&msg_signature=", &stamp.signature(token, Some(&sealed))]);
        envelope(text(account, "/account"), &sealed)
    };
    Hook { query, headers: vec![("content-type", "text/xml".to_owned())], body: body.into_bytes() }
}

//! What happens around a conversation: following, menus, codes.

use domain::{Content, EventKind, Grant};

use super::parse::{Fault, Said, needed};
use crate::tencent::Fields;

/// What following, a menu and a code allow the company to send.
const TOUCH: Grant = Grant { messages: 3, seconds: 60 };
/// What entering a mini-program's customer service allows.
const ENTER: Grant = Grant { messages: 2, seconds: 60 };

/// What an event means. Nothing is made of those that ask for no answer: opening a menu's link, where somebody is, menus
/// whose result comes as a message of its own, results of mass and template messages; nor of those that are not known.
pub(super) fn said(fields: &Fields) -> Result<Option<Said>, Fault> {
    let said = match needed(fields, "Event")? {
        "subscribe" => happened("follow", Some(TOUCH)),
        "unsubscribe" => happened("unfollow", None),
        "SCAN" => happened("scan", Some(TOUCH)),
        "user_enter_tempsession" => happened("enter", Some(ENTER)),
        "CLICK" => chosen(needed(fields, "EventKey")?, needed(fields, "EventKey")?),
        // A menu that reads a code: its key says what for.
        "scancode_push" | "scancode_waitmsg" => {
            let key = needed(fields, "EventKey")?;
            chosen(key, fields.get("ScanCodeInfo/ScanResult").unwrap_or(key))
        }
        // A person has taken the customer in WeChat's own customer-service desk.
        "kf_create_session" | "kf_switch_session" => {
            let content = Content::Event { name: "session".to_owned() };
            Said { kind: EventKind::AnsweredElsewhere { content }, grant: None }
        }
        _ => return Ok(None),
    };
    Ok(Some(said))
}

fn happened(name: &str, grant: Option<Grant>) -> Said {
    Said { kind: EventKind::Message { content: Content::Event { name: name.to_owned() } }, grant }
}

fn chosen(payload: &str, title: &str) -> Said {
    let content = Content::Postback { payload: payload.to_owned(), title: title.to_owned() };
    Said { kind: EventKind::Message { content }, grant: Some(TOUCH) }
}

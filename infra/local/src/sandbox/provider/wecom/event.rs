//! What customers and the company's people do, as items of the inbox.

use serde_json::{Value, json};

use super::MESSAGE;
use super::welcome::Welcomes;
use crate::sandbox::people::{People, Session};
use crate::sandbox::provider::media::unplayed;
use crate::sandbox::provider::{Act, Moment, Said};
use crate::sandbox::wire::text;

/// Seconds without a message between the two after which a customer who looks in may be welcomed.
const STRANGER: i64 = 48 * 3600;
/// Why a message failed: the customer refuses them.
pub(super) const REFUSED: u32 = 10;
/// How a conversation came to a person, and how it ended.
const TAKEN: u32 = 1;
const ENDED: u32 = 3;
/// Who did something: the customer, `WeCom`, a person of the company.
const CUSTOMER: u8 = 3;
const SYSTEM: u8 = 4;
const COLLEAGUE: u8 = 5;

/// The items of what somebody does.
///
/// # Errors
/// `WeCom` has no such thing.
pub(super) fn items(
    said: &Said,
    people: &mut People,
    welcomes: &mut Welcomes,
    moment: &mut Moment<'_>,
) -> Result<Vec<Value>, String> {
    let user = &said.user;
    let (kind, content) = match &said.act {
        Act::Text(words) => ("text", json!({"content": words})),
        Act::Choose { title, payload, .. } => ("text", json!({"content": title, "menu_id": payload})),
        Act::Event { name, about } => match name.as_str() {
            "follow" | "enter" => return Ok(vec![entered(user, people, welcomes, moment)]),
            "block" => {
                people.acts(user, moment.now).blocked = true;
                return Err("blocked; WeCom tells of it only when a message fails".to_owned());
            }
            // A person of the company writes in WeCom's own app: they take the conversation first.
            "inbox" => {
                let held = std::mem::replace(&mut people.acts(user, moment.now).session, Session::Person);
                let taken = (held != Session::Person).then(|| session(user, TAKEN, moment));
                let answered = message(user, (COLLEAGUE, "text", json!({"content": about})), moment);
                return Ok(taken.into_iter().chain([answered]).collect());
            }
            "end" => {
                people.acts(user, moment.now).session = Session::Ended;
                return Ok(vec![session(user, ENDED, moment)]);
            }
            "image" | "voice" | "video" | "file" => (name.as_str(), json!({"media_id": moment.ids.hex(40)})),
            _ => {
                return Err(format!(
                    "WeCom has no event `{name}`: enter, block, inbox, end, image, voice, video, file"
                ));
            }
        },
        act @ Act::Media(_) => return Err(unplayed(act)),
        Act::Receipt { .. } => return Err("WeCom tells of no receipt".to_owned()),
    };
    let person = people.acts(user, moment.now);
    person.allow(MESSAGE.0, MESSAGE.1, moment.now);
    // After the end a message begins anew.
    if person.session == Session::Ended {
        person.session = Session::Open;
    }
    Ok(vec![message(user, (CUSTOMER, kind, content), moment)])
}

/// A message that failed after it was taken.
pub(super) fn failed(user: &str, message: &str, why: u32, moment: &mut Moment<'_>) -> Value {
    happened(json!({"event_type": "msg_send_fail", "fail_msgid": message, "fail_type": why}), user, moment)
}

/// A customer opens the chat. Who has not been here for long may be welcomed.
fn entered(user: &str, people: &mut People, welcomes: &mut Welcomes, moment: &mut Moment<'_>) -> Value {
    let known = people.known(user).is_some_and(|person| person.wrote_within(STRANGER, moment.now));
    people.acts(user, moment.now).blocked = false;
    let mut event = json!({"event_type": "enter_session", "scene": "sandbox"});
    if let Some(fields) = event.as_object_mut().filter(|_| !known) {
        fields.insert("welcome_code".to_owned(), json!(welcomes.issue(user, moment)));
    }
    happened(event, user, moment)
}

fn session(user: &str, change: u32, moment: &mut Moment<'_>) -> Value {
    let event =
        json!({"event_type": "session_status_change", "change_type": change, "new_servicer_userid": "colleague"});
    happened(event, user, moment)
}

fn happened(mut event: Value, user: &str, moment: &mut Moment<'_>) -> Value {
    if let Some(fields) = event.as_object_mut() {
        fields.insert("open_kfid".to_owned(), json!(text(moment.account, "/open_kfid")));
        fields.insert("external_userid".to_owned(), json!(user));
    }
    item((SYSTEM, "event", event), moment)
}

fn message(user: &str, what: (u8, &str, Value), moment: &mut Moment<'_>) -> Value {
    let mut item = item(what, moment);
    if let Some(fields) = item.as_object_mut() {
        fields.insert("open_kfid".to_owned(), json!(text(moment.account, "/open_kfid")));
        fields.insert("external_userid".to_owned(), json!(user));
    }
    item
}

fn item((origin, kind, content): (u8, &str, Value), moment: &mut Moment<'_>) -> Value {
    json!({"msgid": moment.ids.hex(32), "send_time": moment.now / 1000, "origin": origin, "msgtype": kind, kind: content})
}

//! Messenger and Instagram: the Send API and its webhooks.

use serde_json::{Value, json};

use super::graph::{self, HUMAN_WINDOW, Refused, WINDOW};
use super::media::unplayed;
use super::{Act, Hook, Moment, Patience, Provider, Said, Taken};
use crate::sandbox::ids::digits;
use crate::sandbox::people::People;
use crate::sandbox::shown::{Choice, Look, Shown};
use crate::sandbox::wire::{Call, Reply, list, text};

const MAX_QUICK: usize = 13;
const MAX_BUTTONS: usize = 3;
/// Longest title, in characters.
const MAX_TITLE: usize = 20;
/// Longest text above a template's buttons, in characters.
const MAX_TEMPLATE: usize = 640;

/// Which of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A page's Messenger.
    Messenger,
    /// An Instagram account's messages.
    Instagram,
}

/// Messenger or Instagram.
#[derive(Debug)]
pub struct Messenger {
    kind: Kind,
    people: People,
}

impl Messenger {
    /// One of the two.
    pub fn of(kind: Kind) -> Self {
        Self { kind, people: People::default() }
    }
}

impl Provider for Messenger {
    fn user(&self, name: &str) -> String {
        let is_id = name.len() >= 10 && name.bytes().all(|byte| byte.is_ascii_digit());
        if is_id { name.to_owned() } else { digits(name, 16) }
    }

    fn says(&mut self, said: &Said, moment: &mut Moment<'_>) -> Result<Value, String> {
        let account = text(moment.account, "/account").to_owned();
        let mid = format!("m_{}", moment.ids.hex(40));
        let person = self.people.acts(&said.user, moment.now);
        let item = match &said.act {
            Act::Text(words) => json!({"message": {"mid": mid, "text": words}}),
            Act::Choose { title, payload, look } if look == "quick" => {
                json!({"message": {"mid": mid, "text": title, "quick_reply": {"payload": payload}}})
            }
            Act::Choose { title, payload, .. } => json!({"postback": {"mid": mid, "title": title, "payload": payload}}),
            Act::Event { name, .. } if name == "follow" => {
                person.blocked = false;
                json!({"postback": {"mid": mid, "title": "Get Started", "payload": "GET_STARTED"}})
            }
            // Nobody is told.
            Act::Event { name, .. } if matches!(name.as_str(), "block" | "unfollow") => {
                person.blocked = true;
                return Err("blocked; Meta tells no webhook of it".to_owned());
            }
            // A person of the company writes in the provider's own inbox.
            Act::Event { name, about } if name == "inbox" => {
                let echo = json!({"is_echo": true, "app_id": 263_902_037_430_900_i64, "mid": mid, "text": about});
                let item = json!({"message": echo, "sender": {"id": account}, "recipient": {"id": said.user}});
                return Ok(timed(item, moment.now));
            }
            act @ Act::Media(_) => return Err(unplayed(act)),
            Act::Event { name, .. } => return Err(format!("there is no event `{name}`: follow, block, inbox")),
            Act::Receipt { status, message } => match (self.kind, status.as_str()) {
                (Kind::Messenger, "delivered") => {
                    json!({"delivery": {"mids": [message], "watermark": moment.now}})
                }
                (Kind::Messenger, _) => json!({"read": {"watermark": moment.now}}),
                (Kind::Instagram, "read") => json!({"read": {"mid": message}}),
                (Kind::Instagram, _) => return Err("Instagram tells only what was read".to_owned()),
            },
        };
        let mut item = timed(item, moment.now);
        if let Some(fields) = item.as_object_mut() {
            fields.insert("sender".to_owned(), json!({"id": said.user}));
            fields.insert("recipient".to_owned(), json!({"id": account}));
        }
        Ok(item)
    }

    fn hook(&self, event: &Value, _attempt: u32, moment: &mut Moment<'_>) -> Hook {
        let object = match self.kind {
            Kind::Messenger => "page",
            Kind::Instagram => "instagram",
        };
        let account = text(moment.account, "/account");
        let entry = json!({"id": account, "time": moment.now, "messaging": [event]});
        graph::hook(&json!({"object": object, "entry": [entry]}), moment)
    }

    fn patience(&self) -> Patience {
        graph::PATIENCE
    }

    fn addressee(&self, call: &Call) -> Option<String> {
        Some(text(&call.json(), "/recipient/id").to_owned()).filter(|user| !user.is_empty())
    }

    fn take(&mut self, call: &Call, moment: &mut Moment<'_>) -> Taken {
        let path = match graph::admitted(call, moment) {
            Ok(path) => path,
            Err(refused) => return refused.into(),
        };
        let account = text(moment.account, "/account");
        let (node, edge) = path.split_once('/').unwrap_or((path, ""));
        if node != "me" && node != account {
            return Refused::new(400, 100, "Unsupported request - the object does not exist or is not yours").into();
        }
        match (call.method.as_str(), edge) {
            ("POST", "messages") => self.send(&call.json(), moment).unwrap_or_else(Taken::from),
            ("GET", "subscribed_apps") => {
                let app = json!({"id": text(moment.account, "/app_id"), "subscribed_fields": ["messages"]});
                Reply::json(200, &json!({"data": [app]})).into()
            }
            ("POST", "subscribed_apps") => Reply::json(200, &json!({"success": true})).into(),
            _ => Refused::new(400, 100, "Unsupported request").into(),
        }
    }

    fn failure(&self) -> Reply {
        graph::failure()
    }

    fn busy(&self, seconds: u64) -> Reply {
        graph::busy(613, seconds)
    }
}

impl Messenger {
    fn send(&mut self, asked: &Value, moment: &mut Moment<'_>) -> Result<Taken, Refused> {
        let user = text(asked, "/recipient/id");
        if user.is_empty() {
            return Err(Refused::wrong("(#100) The parameter recipient is required."));
        }
        if asked.get("sender_action").is_some() {
            return Ok(Reply::json(200, &json!({"recipient_id": user})).into());
        }
        let human = text(asked, "/messaging_type") == "MESSAGE_TAG" && text(asked, "/tag") == "HUMAN_AGENT";
        let window = if human { HUMAN_WINDOW } else { WINDOW };
        if let Some(person) = self.people.known(user) {
            if person.blocked {
                return Err(Refused {
                    subcode: 1_545_041,
                    ..Refused::new(400, 551, "This person isn't available right now.")
                });
            }
            if !person.wrote_within(window, moment.now) {
                let why = "This message is sent outside of allowed window.";
                return Err(Refused { subcode: 2_018_278, ..Refused::new(400, 10, why) });
            }
        }
        let message = asked.get("message").ok_or(Refused::wrong("(#100) The parameter message is required."))?;
        let mut shown = self.message(message)?;
        let id = format!("m_{}", moment.ids.hex(40));
        user.clone_into(&mut shown.user);
        shown.id.clone_from(&id);
        let reply = Reply::json(200, &json!({"recipient_id": user, "message_id": id}));
        Ok(Taken { reply, shown: vec![shown] })
    }

    fn message(&self, message: &Value) -> Result<Shown, Refused> {
        let mut shown = Shown { text: text(message, "/text").to_owned(), ..Shown::default() };
        let long = match self.kind {
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

fn timed(mut item: Value, now: i64) -> Value {
    if let Some(fields) = item.as_object_mut() {
        fields.insert("timestamp".to_owned(), json!(now));
    }
    item
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::ids::Ids;

    const USER: &str = "1234567890123456";

    fn account() -> Value {
        json!({"account": "102938475610293", "app_secret": "s", "access_token": "t"})
    }

    fn says(messenger: &mut Messenger, act: Act, now: i64) -> Result<Value, String> {
        let said = Said { user: USER.to_owned(), act, chinese: false, wishes: Value::Null };
        messenger.says(&said, &mut Moment { account: &account(), now, ids: &mut Ids::from(now) })
    }

    fn send(messenger: &mut Messenger, body: &Value, now: i64) -> (u16, i64, i64, Vec<Shown>) {
        let (method, path, query) = ("POST".to_owned(), "/v26.0/me/messages".to_owned(), "access_token=t".to_owned());
        let call = Call { method, path, query, body: body.to_string().into_bytes(), ..Call::default() };
        let taken = messenger.take(&call, &mut Moment { account: &account(), now, ids: &mut Ids::from(now) });
        let answer: Value = serde_json::from_slice(&taken.reply.body).unwrap();
        let error = |name: &str| answer["error"][name].as_i64().unwrap_or_default();
        (taken.reply.status, error("code"), error("error_subcode"), taken.shown)
    }

    fn message(message: &Value) -> Value {
        json!({"messaging_type": "RESPONSE", "recipient": {"id": USER}, "message": message})
    }

    #[test]
    fn outside_the_window_only_a_person_may_write_and_only_for_a_week() {
        let day = WINDOW * 1000;
        let late = |tag: bool| {
            let mut body = message(&json!({"text": "x"}));
            if tag {
                body["messaging_type"] = json!("MESSAGE_TAG");
                body["tag"] = json!("HUMAN_AGENT");
            }
            body
        };
        for (now, tag, outcome) in [
            (day - 1, false, (200, 0, 0)),
            (day, false, (400, 10, 2_018_278)),
            (day, true, (200, 0, 0)),
            (7 * day, true, (400, 10, 2_018_278)),
        ] {
            let mut messenger = Messenger::of(Kind::Messenger);
            says(&mut messenger, Act::Text("hi".to_owned()), 0).unwrap();
            let (status, code, subcode, shown) = send(&mut messenger, &late(tag), now);
            assert_eq!((status, code, subcode), outcome, "{now} {tag}");
            assert_eq!(shown.len(), usize::from(status == 200));
        }
        // Of somebody who never spoke here, nothing is known.
        assert_eq!(send(&mut Messenger::of(Kind::Messenger), &late(false), 9 * day).0, 200);
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let quick = |count: usize, title: &str| {
            let reply = json!({"content_type": "text", "title": title, "payload": "p"});
            json!({"text": "x", "quick_replies": vec![reply; count]})
        };
        let chinese = "长".repeat(334);
        for (kind, body, status) in [
            (Kind::Messenger, json!({"text": "x".repeat(2000)}), 200),
            (Kind::Messenger, json!({"text": "x".repeat(2001)}), 400),
            (Kind::Instagram, json!({"text": chinese}), 400),
            (Kind::Messenger, json!({"text": chinese}), 200),
            (Kind::Messenger, json!({"text": " "}), 400),
            (Kind::Messenger, quick(13, "ok"), 200),
            (Kind::Messenger, quick(14, "ok"), 400),
            (Kind::Messenger, quick(1, &"t".repeat(21)), 400),
        ] {
            assert_eq!(send(&mut Messenger::of(kind), &message(&body), 0).0, status, "{kind:?} {body}");
        }
        let buttons = json!([{"type": "postback", "title": "A", "payload": "a"}, {"type": "web_url", "title": "B", "url": "https://b"}]);
        let payload = json!({"template_type": "button", "text": "pick", "buttons": buttons});
        let body = message(&json!({"attachment": {"type": "template", "payload": payload}}));
        let (_, _, _, shown) = send(&mut Messenger::of(Kind::Messenger), &body, 0);
        assert_eq!(shown[0].choices, [Choice::payload("A", "a"), Choice::link("B", "https://b")]);
    }

    #[test]
    fn webhooks_have_metas_form() {
        let mut messenger = Messenger::of(Kind::Instagram);
        let choose =
            |look: &str| Act::Choose { title: "甲".to_owned(), payload: "a".to_owned(), look: look.to_owned() };
        let quick = says(&mut messenger, choose("quick"), 5).unwrap();
        assert_eq!((&quick["message"]["quick_reply"]["payload"], &quick["sender"]["id"]), (&json!("a"), &json!(USER)));
        let button = says(&mut messenger, choose("button"), 5).unwrap();
        assert_eq!((&button["postback"]["payload"], &button["timestamp"]), (&json!("a"), &json!(5)));
        let hook = messenger.hook(&quick, 0, &mut Moment { account: &account(), now: 5, ids: &mut Ids::from(1) });
        let body: Value = serde_json::from_slice(&hook.body).unwrap();
        assert_eq!((&body["object"], &body["entry"][0]["messaging"][0]), (&json!("instagram"), &quick));
        says(&mut messenger, Act::Event { name: "block".to_owned(), about: String::new() }, 5).unwrap_err();
        assert_eq!(send(&mut messenger, &message(&json!({"text": "x"})), 6).1, 551);
    }
}

//! Messenger and Instagram: the Send API and its webhooks. Whatever is sent comes back as an echo, and with receipts.

mod message;

use serde_json::{Value, json};

use super::graph::{self, HUMAN_WINDOW, Refused, WINDOW};
use super::media::unplayed;
use super::subscription::{Subscription, UNTOLD};
use super::{Act, Check, Hook, Moment, News, Patience, Provider, Said, Taken};
use crate::sandbox::ids::digits;
use crate::sandbox::people::People;
use crate::sandbox::shown::Shown;
use crate::sandbox::wire::{Call, Reply, plain, text};

/// The app of the provider's own inbox.
const INBOX: i64 = 263_902_037_430_900;

/// What a page's webhooks can be of.
const PAGE_FIELDS: &[&str] = &[
    "messages",
    "messaging_postbacks",
    "messaging_optins",
    "messaging_referrals",
    "message_deliveries",
    "message_reads",
    "message_echoes",
    "message_reactions",
    "messaging_handovers",
];
/// What an Instagram account's webhooks can be of.
const INSTAGRAM_FIELDS: &[&str] =
    &["messages", "messaging_postbacks", "messaging_seen", "messaging_referral", "message_reactions", "comments"];

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
    subscription: Subscription,
}

impl Messenger {
    /// One of the two.
    pub fn of(kind: Kind) -> Self {
        let fields = match kind {
            Kind::Messenger => PAGE_FIELDS,
            Kind::Instagram => INSTAGRAM_FIELDS,
        };
        Self { kind, people: People::default(), subscription: Subscription::to(fields) }
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
        if let Act::Receipt { status, message } = &said.act {
            return self.receipt(&said.user, status, message, moment);
        }
        // A person of the company writes in the provider's own inbox; the customer does nothing.
        if let Act::Event { name, about } = &said.act
            && name == "inbox"
        {
            let echo = json!({"is_echo": true, "app_id": INBOX, "mid": mid, "text": about});
            return Ok(update(json!({"message": echo}), (&account, &said.user), moment.now));
        }
        let person = self.people.acts(&said.user, moment.now);
        person.keeps_open(&said.wishes);
        if !self.subscription.holds() {
            return Err(UNTOLD.to_owned());
        }
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
            act @ Act::Media(_) => return Err(unplayed(act)),
            Act::Event { name, .. } => return Err(format!("there is no event `{name}`: follow, block, inbox")),
            Act::Receipt { .. } => Value::Null,
        };
        Ok(update(item, (&said.user, &account), moment.now))
    }

    fn hook(&self, event: &Value, _attempt: u32, moment: &mut Moment<'_>) -> Hook {
        let object = match self.kind {
            Kind::Messenger => "page",
            Kind::Instagram => "instagram",
        };
        let account = text(moment.account, "/account");
        // What happens at the same time comes together.
        let updates = event.as_array().cloned().unwrap_or_else(|| vec![event.clone()]);
        let entry = json!({"id": account, "time": moment.now, "messaging": updates});
        graph::hook(&json!({"object": object, "entry": [entry]}), moment)
    }

    fn check(&self, moment: &mut Moment<'_>) -> Option<Check> {
        Some(graph::check(moment))
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
            (_, "subscribed_apps") => self.subscription.take(call, json!({"id": text(moment.account, "/app_id")})),
            _ => Refused::new(400, 100, "Unsupported request").into(),
        }
    }

    fn unsubscribe(&mut self) -> bool {
        self.subscription.end();
        true
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
        let shown = message::read(self.kind, message)?;
        let id = format!("m_{}", moment.ids.hex(40));
        let reply = Reply::json(200, &json!({"recipient_id": user, "message_id": id}));
        let news =
            vec![self.news(user, &id, message, moment)].into_iter().filter(|_| self.subscription.holds()).collect();
        Ok(Taken { reply, shown: vec![Shown { user: user.to_owned(), id, ..shown }], news })
    }

    /// What becomes of a message: it comes back as an echo, has arrived, and is read at once where the chat is open.
    fn news(&mut self, user: &str, id: &str, message: &Value, moment: &Moment<'_>) -> News {
        let account = text(moment.account, "/account");
        let app: i64 = plain(moment.account, "/app_id").and_then(|app| app.parse().ok()).unwrap_or_default();
        let mut echo = json!({"is_echo": true, "app_id": app, "mid": id});
        if let Some(fields) = echo.as_object_mut() {
            let kept = ["text", "metadata", "attachment"];
            fields.extend(kept.into_iter().filter_map(|name| Some((name.to_owned(), message.get(name)?.clone()))));
        }
        let mut updates = vec![update(json!({"message": echo}), (account, user), moment.now)];
        let open = self.people.known(user).is_some_and(|person| person.open);
        let told = ["delivered", "read"].into_iter().filter(|status| *status == "delivered" || open);
        let told: Vec<(&str, Value)> =
            told.filter_map(|status| Some((status, self.receipt(user, status, id, moment).ok()?))).collect();
        let statuses: Vec<&str> = told.iter().map(|(status, _)| *status).collect();
        let what = json!({"echo": true, "receipts": statuses, "message": id});
        updates.extend(told.into_iter().map(|(_, update)| update));
        News { user: user.to_owned(), event: json!(updates), what }
    }

    /// That a message has arrived, or was read.
    fn receipt(&self, user: &str, status: &str, message: &str, moment: &Moment<'_>) -> Result<Value, String> {
        let item = match (self.kind, status) {
            (Kind::Messenger, "delivered") => json!({"delivery": {"mids": [message], "watermark": moment.now}}),
            (Kind::Messenger, _) => json!({"read": {"watermark": moment.now}}),
            (Kind::Instagram, "read") => json!({"read": {"mid": message}}),
            (Kind::Instagram, _) => return Err("Instagram tells only what was read".to_owned()),
        };
        Ok(update(item, (user, text(moment.account, "/account")), moment.now))
    }
}

/// An update from somebody to somebody.
fn update(mut item: Value, (from, to): (&str, &str), now: i64) -> Value {
    if let Some(fields) = item.as_object_mut() {
        fields.insert("sender".to_owned(), json!({"id": from}));
        fields.insert("recipient".to_owned(), json!({"id": to}));
        fields.insert("timestamp".to_owned(), json!(now));
    }
    item
}

#[cfg(test)]
mod tests;

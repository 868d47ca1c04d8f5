//! `WhatsApp`: the Cloud API. Of whatever is sent it tells what became of it.

mod message;

use std::collections::{BTreeMap, VecDeque};

use serde_json::{Value, json};

use super::graph::{self, Refused, WINDOW};
use super::media::{Kind, Shelf};
use super::subscription::{Subscription, UNTOLD};
use super::{Act, Check, Hook, Moment, News, Patience, Provider, Said, Taken};
use crate::sandbox::ids::digits;
use crate::sandbox::people::People;
use crate::sandbox::wire::{Call, Reply, text};

/// Most messages of which receipts can be sent.
const MOST: usize = 5_000;

/// `WhatsApp`.
#[derive(Debug)]
pub struct WhatsApp {
    people: People,
    subscription: Subscription,
    /// What the company wrote on its messages, to be given back in receipts; by the messages' ids.
    marks: BTreeMap<String, Value>,
    sent: VecDeque<String>,
    files: Shelf,
}

impl Default for WhatsApp {
    fn default() -> Self {
        let (people, marks, sent, files) = Default::default();
        Self { people, subscription: Subscription::to(&[]), marks, sent, files }
    }
}

impl Provider for WhatsApp {
    fn user(&self, name: &str) -> String {
        let number = name.trim_start_matches('+');
        let is_number = number.len() >= 7 && number.bytes().all(|byte| byte.is_ascii_digit());
        if is_number { number.to_owned() } else { format!("86139{}", digits(name, 8)) }
    }

    fn says(&mut self, said: &Said, moment: &mut Moment<'_>) -> Result<Value, String> {
        let seconds = (moment.now / 1000).to_string();
        let id = format!("wamid.{}", moment.ids.hex(48).to_uppercase());
        if let Act::Receipt { status, message } = &said.act {
            return Ok(json!({"statuses": [self.status(&said.user, status, message, moment.now)]}));
        }
        // A person of the company writes in the app on the company's phone; the customer does nothing.
        if let Act::Event { name, about } = &said.act
            && name == "inbox"
        {
            let (from, to) = (text(moment.account, "/account"), &said.user);
            let echo = json!({"from": from, "to": to, "id": id, "timestamp": seconds, "type": "text", "text": {"body": about}});
            return Ok(json!({"message_echoes": [echo]}));
        }
        let person = self.people.acts(&said.user, moment.now);
        person.keeps_open(&said.wishes);
        if !self.subscription.holds() {
            return Err(UNTOLD.to_owned());
        }
        let (kind, what) = match &said.act {
            Act::Text(words) => ("text", json!({"body": words})),
            Act::Media(file) => {
                let media = moment.ids.number().to_string();
                self.files.keep(&media, &said.user, file);
                let kind = file.kind.of(["image", "audio", "video", "document"]);
                let mut told = json!({"id": media, "mime_type": file.mime, "sha256": moment.ids.hex(64)});
                if let Some(fields) = told.as_object_mut() {
                    match file.kind {
                        Kind::Voice => fields.insert("voice".to_owned(), json!(true)),
                        Kind::File => fields.insert("filename".to_owned(), json!(file.name)),
                        Kind::Image | Kind::Video => None,
                    };
                }
                (kind, told)
            }
            Act::Choose { title, payload, look } => {
                let kind = if look == "list" { "list_reply" } else { "button_reply" };
                ("interactive", json!({"type": kind, kind: {"id": payload, "title": title}}))
            }
            Act::Event { name, .. } if name == "follow" => {
                person.blocked = false;
                ("text", json!({"body": "Hi"}))
            }
            Act::Event { name, .. } if matches!(name.as_str(), "block" | "unfollow") => {
                person.blocked = true;
                return Err("blocked; WhatsApp tells no webhook of it".to_owned());
            }
            Act::Event { name, .. } => return Err(format!("WhatsApp has no event `{name}`: follow, block, inbox")),
            Act::Receipt { .. } => ("text", Value::Null),
        };
        let contact = json!({"profile": {"name": "Customer"}, "wa_id": said.user});
        let message = json!({"from": said.user, "id": id, "timestamp": seconds, "type": kind, kind: what});
        Ok(json!({"contacts": [contact], "messages": [message]}))
    }

    fn hook(&self, event: &Value, _attempt: u32, moment: &mut Moment<'_>) -> Hook {
        let mut value = event.clone();
        if let Some(fields) = value.as_object_mut() {
            fields.insert("messaging_product".to_owned(), json!("whatsapp"));
            let number = text(moment.account, "/account");
            let metadata = json!({"display_phone_number": "15550001111", "phone_number_id": number});
            fields.insert("metadata".to_owned(), metadata);
        }
        let field = if event.get("message_echoes").is_some() { "smb_message_echoes" } else { "messages" };
        let change = json!({"field": field, "value": value});
        let entry = json!({"id": text(moment.account, "/waba_id"), "changes": [change]});
        graph::hook(&json!({"object": "whatsapp_business_account", "entry": [entry]}), moment)
    }

    fn check(&self, moment: &mut Moment<'_>) -> Option<Check> {
        Some(graph::check(moment))
    }

    fn patience(&self) -> Patience {
        graph::PATIENCE
    }

    fn addressee(&self, call: &Call) -> Option<String> {
        Some(text(&call.json(), "/to").trim_start_matches('+').to_owned())
            .filter(|user| !user.is_empty())
            .or_else(|| self.files.whose(call))
    }

    fn take(&mut self, call: &Call, moment: &mut Moment<'_>) -> Taken {
        // The address of a file is another host's, and wants the token too.
        if let Some(id) = call.path.strip_prefix("/media/") {
            let known = call.bearer().is_some_and(|token| token == text(moment.account, "/access_token"));
            return match self.files.get(id).filter(|_| known) {
                Some((kept, _)) => kept.reply().into(),
                None => Reply::text(if known { 404 } else { 401 }, "").into(),
            };
        }
        let path = match graph::admitted(call, moment) {
            Ok(path) => path.to_owned(),
            Err(refused) => return refused.into(),
        };
        if call.method == "GET"
            && let Some((kept, _)) = self.files.get(&path)
        {
            let (host, size) = (call.header("host").unwrap_or_default(), kept.file.bytes.len());
            let url = format!("http://{host}/whatsapp/media/{path}");
            let told = json!({
                "messaging_product": "whatsapp", "url": url, "mime_type": kept.file.mime, "file_size": size, "id": path,
            });
            return Reply::json(200, &told).into();
        }
        if path == format!("{}/subscribed_apps", text(moment.account, "/waba_id")) {
            let app = json!({"whatsapp_business_api_data": {"id": text(moment.account, "/app_id")}});
            return self.subscription.take(call, app);
        }
        let messages = format!("{}/messages", text(moment.account, "/account"));
        if call.method != "POST" || path != messages {
            return Refused::new(400, 100, "Unsupported request").into();
        }
        self.send(&call.json(), moment).unwrap_or_else(Taken::from)
    }

    fn unsubscribe(&mut self) -> bool {
        self.subscription.end();
        true
    }

    fn failure(&self) -> Reply {
        graph::failure()
    }

    fn busy(&self, seconds: u64) -> Reply {
        graph::busy(130_429, seconds)
    }
}

impl WhatsApp {
    fn send(&mut self, asked: &Value, moment: &mut Moment<'_>) -> Result<Taken, Refused> {
        if text(asked, "/messaging_product") != "whatsapp" {
            return Err(Refused::wrong("(#100) The parameter messaging_product is required."));
        }
        if text(asked, "/status") == "read" {
            return Ok(Reply::json(200, &json!({"success": true})).into());
        }
        let user = text(asked, "/to").trim_start_matches('+').to_owned();
        if user.is_empty() || self.user(&user) != user {
            return Err(Refused::wrong("(#100) The parameter to is required."));
        }
        let kind = text(asked, "/type");
        if let Some(person) = self.people.known(&user) {
            if person.blocked {
                return Err(Refused::new(400, 131_026, "(#131026) Message undeliverable"));
            }
            if kind != "template" && !person.wrote_within(WINDOW, moment.now) {
                return Err(Refused::new(400, 131_047, "(#131047) Re-engagement message"));
            }
        }
        let mut shown = message::read(kind, asked)?;
        let id = format!("wamid.{}", moment.ids.hex(48).to_uppercase());
        shown.user.clone_from(&user);
        shown.id.clone_from(&id);
        if let Some(mark) = asked.get("biz_opaque_callback_data") {
            if self.sent.len() >= MOST {
                self.sent.pop_front().map(|oldest| self.marks.remove(&oldest));
            }
            self.sent.push_back(id.clone());
            self.marks.insert(id.clone(), mark.clone());
        }
        let reply = Reply::json(
            200,
            &json!({
                "messaging_product": "whatsapp",
                "contacts": [{"input": text(asked, "/to"), "wa_id": user}],
                "messages": [{"id": id}],
            }),
        );
        let open = self.people.known(&user).is_some_and(|person| person.open);
        let statuses = ["sent", "delivered", "read"].into_iter().filter(|status| *status != "read" || open);
        let statuses: Vec<&str> = statuses.collect();
        let told: Vec<Value> = statuses.iter().map(|status| self.status(&user, status, &id, moment.now)).collect();
        let what = json!({"receipts": statuses, "message": id});
        let news = vec![News { user, event: json!({"statuses": told}), what }];
        let news = news.into_iter().filter(|_| self.subscription.holds()).collect();
        Ok(Taken { reply, shown: vec![shown], news })
    }

    /// What became of a message, with what the company wrote on it.
    fn status(&self, user: &str, status: &str, message: &str, now: i64) -> Value {
        let seconds = (now / 1000).to_string();
        let mut told = json!({"id": message, "status": status, "timestamp": seconds, "recipient_id": user});
        if let (Some(fields), Some(mark)) = (told.as_object_mut(), self.marks.get(message)) {
            fields.insert("biz_opaque_callback_data".to_owned(), mark.clone());
        }
        told
    }
}

#[cfg(test)]
mod tests;

//! `WhatsApp`: the Cloud API.

use std::collections::{BTreeMap, VecDeque};

use serde_json::{Value, json};

use super::graph::{self, Refused, WINDOW};
use super::media::{Kind, Shelf};
use super::{Act, Hook, Moment, Patience, Provider, Said, Taken};
use crate::sandbox::ids::digits;
use crate::sandbox::people::People;
use crate::sandbox::shown::{Choice, Look, Shown};
use crate::sandbox::wire::{Call, Reply, list, text};

/// Most messages of which receipts can be sent.
const MOST: usize = 5_000;

/// `WhatsApp`.
#[derive(Debug, Default)]
pub struct WhatsApp {
    people: People,
    /// What the company wrote on its messages, to be given back in receipts; by the messages' ids.
    marks: BTreeMap<String, Value>,
    sent: VecDeque<String>,
    files: Shelf,
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
            let mut receipt = json!({"id": message, "status": status, "timestamp": seconds, "recipient_id": said.user});
            if let (Some(fields), Some(mark)) = (receipt.as_object_mut(), self.marks.get(message)) {
                fields.insert("biz_opaque_callback_data".to_owned(), mark.clone());
            }
            return Ok(json!({"statuses": [receipt]}));
        }
        let person = self.people.acts(&said.user, moment.now);
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
            Act::Event { name, .. } => return Err(format!("WhatsApp has no event `{name}`: follow, block")),
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
        let change = json!({"field": "messages", "value": value});
        let entry = json!({"id": text(moment.account, "/waba_id"), "changes": [change]});
        graph::hook(&json!({"object": "whatsapp_business_account", "entry": [entry]}), moment)
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
        let messages = format!("{}/messages", text(moment.account, "/account"));
        if call.method != "POST" || path != messages {
            return Refused::new(400, 100, "Unsupported request").into();
        }
        self.send(&call.json(), moment).unwrap_or_else(Taken::from)
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
        let mut shown = message(kind, asked)?;
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
        Ok(Taken { reply, shown: vec![shown] })
    }
}

fn message(kind: &str, asked: &Value) -> Result<Shown, Refused> {
    let what = asked.get(kind).unwrap_or(&Value::Null);
    let mut shown = Shown::default();
    match kind {
        "text" => {
            text(what, "/body").clone_into(&mut shown.text);
            if shown.text.trim().is_empty() || text(what, "/body").chars().count() > 4096 {
                return Err(Refused::wrong("(#100) Param text['body'] must be between 1 and 4096 characters long."));
            }
        }
        "interactive" => interactive(what, &mut shown)?,
        "image" => text(what, "/link").clone_into(&mut shown.image),
        "audio" | "video" | "document" => text(what, "/link").clone_into(&mut shown.link),
        "template" => {
            if text(what, "/name").is_empty() || text(what, "/language/code").is_empty() {
                return Err(Refused::new(404, 132_001, "(#132001) Template name does not exist in the translation"));
            }
            text(what, "/components/0/parameters/0/text").clone_into(&mut shown.text);
            shown.title = format!("[{}]", text(what, "/name"));
        }
        _ => return Err(Refused::new(400, 131_051, "(#131051) Unsupported message type")),
    }
    Ok(shown)
}

fn interactive(what: &Value, shown: &mut Shown) -> Result<(), Refused> {
    text(what, "/body/text").clone_into(&mut shown.text);
    if shown.text.is_empty() || text(what, "/body/text").chars().count() > 1024 {
        return Err(Refused::wrong(
            "(#100) Param interactive['body']['text'] must be between 1 and 1024 characters long.",
        ));
    }
    let wrong = Refused::new(400, 131_009, "(#131009) Parameter value is not valid");
    let most = |title: &str, chars: usize| !title.is_empty() && title.chars().count() <= chars;
    let (rows, look, chars, count): (Vec<(&str, &str)>, _, _, _) = match text(what, "/type") {
        "button" => {
            let buttons = list(what, "/action/buttons").iter();
            let buttons = buttons.map(|button| (text(button, "/reply/id"), text(button, "/reply/title")));
            (buttons.collect(), Look::Buttons, 20, 3)
        }
        "list" => {
            if !most(text(what, "/action/button"), 20) {
                return Err(wrong);
            }
            let rows = list(what, "/action/sections").iter().flat_map(|section| list(section, "/rows"));
            (rows.map(|row| (text(row, "/id"), text(row, "/title"))).collect(), Look::List, 24, 10)
        }
        _ => return Err(wrong),
    };
    let mut ids: Vec<&str> = rows.iter().map(|(id, _)| *id).collect();
    ids.sort_unstable();
    ids.dedup();
    let fits = rows.iter().all(|(id, title)| !id.is_empty() && most(title, chars));
    if rows.is_empty() || rows.len() > count || !fits || ids.len() < rows.len() {
        return Err(wrong);
    }
    shown.look = look;
    shown.choices = rows.iter().map(|(id, title)| Choice::payload(title, id)).collect();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::ids::Ids;

    const USER: &str = "8613800138000";

    fn account() -> Value {
        json!({"account": "106540352242922", "waba_id": "1022", "app_secret": "s", "access_token": "t"})
    }

    fn says(whatsapp: &mut WhatsApp, act: Act, now: i64) -> Result<Value, String> {
        let said = Said { user: USER.to_owned(), act, chinese: false, wishes: Value::Null };
        whatsapp.says(&said, &mut Moment { account: &account(), now, ids: &mut Ids::from(now) })
    }

    fn send(whatsapp: &mut WhatsApp, message: &Value, now: i64) -> (Value, Vec<Shown>) {
        let mut body = json!({"messaging_product": "whatsapp", "to": USER, "biz_opaque_callback_data": "d:1"});
        body.as_object_mut().unwrap().extend(message.as_object().unwrap().clone());
        let headers = vec![("authorization".to_owned(), "Bearer t".to_owned())];
        let (method, path) = ("POST".to_owned(), "/v26.0/106540352242922/messages".to_owned());
        let call = Call { method, path, headers, body: body.to_string().into_bytes(), ..Call::default() };
        let taken = whatsapp.take(&call, &mut Moment { account: &account(), now, ids: &mut Ids::from(now) });
        (serde_json::from_slice(&taken.reply.body).unwrap(), taken.shown)
    }

    #[test]
    fn after_a_day_only_a_template_goes() {
        let mut whatsapp = WhatsApp::default();
        says(&mut whatsapp, Act::Text("hi".to_owned()), 0).unwrap();
        let text = json!({"type": "text", "text": {"body": "x"}});
        assert_eq!(send(&mut whatsapp, &text, WINDOW * 1000 - 1).1.len(), 1);
        assert_eq!(send(&mut whatsapp, &text, WINDOW * 1000).0["error"]["code"], 131_047);
        let template = json!({"type": "template", "template": {"name": "reply", "language": {"code": "en"}}});
        assert_eq!(send(&mut whatsapp, &template, WINDOW * 1000).1.len(), 1);
        says(&mut whatsapp, Act::Event { name: "block".to_owned(), about: String::new() }, 9).unwrap_err();
        assert_eq!(send(&mut whatsapp, &text, 10).0["error"]["code"], 131_026);
    }

    #[test]
    fn receipts_give_the_mark_back() {
        let mut whatsapp = WhatsApp::default();
        let (answer, shown) = send(&mut whatsapp, &json!({"type": "text", "text": {"body": "x"}}), 0);
        assert_eq!(answer["messages"][0]["id"], shown[0].id.as_str());
        let read = Act::Receipt { status: "read".to_owned(), message: shown[0].id.clone() };
        let event = says(&mut whatsapp, read, 1000).unwrap();
        let status = &event["statuses"][0];
        assert_eq!((&status["biz_opaque_callback_data"], &status["timestamp"]), (&json!("d:1"), &json!("1")));
        let hook = whatsapp.hook(&event, 0, &mut Moment { account: &account(), now: 0, ids: &mut Ids::from(0) });
        let body: Value = serde_json::from_slice(&hook.body).unwrap();
        assert_eq!(body["entry"][0]["changes"][0]["value"]["metadata"]["phone_number_id"], "106540352242922");
    }

    #[test]
    fn choices_have_limits() {
        let rows = |kind: &str, count: usize| {
            let ids = (0..count).map(|id| (id.to_string(), format!("choice {id}")));
            let action = match kind {
                "button" => {
                    json!({"buttons": ids.map(|(id, title)| json!({"type": "reply", "reply": {"id": id, "title": title}})).collect::<Vec<_>>()})
                }
                _ => {
                    json!({"button": "Choose", "sections": [{"rows": ids.map(|(id, title)| json!({"id": id, "title": title})).collect::<Vec<_>>()}]})
                }
            };
            json!({"type": "interactive", "interactive": {"type": kind, "body": {"text": "x"}, "action": action}})
        };
        for (kind, count, taken, look) in [
            ("button", 3, true, Look::Buttons),
            ("button", 4, false, Look::Buttons),
            ("list", 10, true, Look::List),
            ("list", 11, false, Look::List),
            ("list", 0, false, Look::List),
        ] {
            let (answer, shown) = send(&mut WhatsApp::default(), &rows(kind, count), 0);
            assert_eq!(shown.len(), usize::from(taken), "{kind} {count}: {answer}");
            assert!(shown.iter().all(|shown| shown.look == look && shown.choices.len() == count));
        }
        let mut whatsapp = WhatsApp::default();
        let choose = Act::Choose { title: "A".to_owned(), payload: "a".to_owned(), look: "list".to_owned() };
        let event = says(&mut whatsapp, choose, 0).unwrap();
        assert_eq!(event["messages"][0]["interactive"]["list_reply"], json!({"id": "a", "title": "A"}));
    }
}

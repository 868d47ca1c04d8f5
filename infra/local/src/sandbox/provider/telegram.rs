//! Telegram: Bot API 10.1.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Act, Hook, Moment, Patience, Provider, Said, Taken};
use crate::sandbox::ids::digits;
use crate::sandbox::people::People;
use crate::sandbox::shown::{Choice, Look, Shown};
use crate::sandbox::wire::{Call, Reply, list, plain, text};

/// Longest text, in characters, and longest payload of a button, in bytes.
const MAX_TEXT: usize = 4096;
const MAX_CAPTION: usize = 1024;
const MAX_PAYLOAD: usize = 64;
/// The tags that `parse_mode: "HTML"` knows.
const TAGS: &[&str] = &[
    "b", "strong", "i", "em", "u", "ins", "s", "strike", "del", "a", "code", "pre", "blockquote", "tg-spoiler", "span",
];

/// Telegram.
#[derive(Debug, Default)]
pub struct Telegram {
    people: People,
}

impl Provider for Telegram {
    fn user(&self, name: &str) -> String {
        let is_id = name.parse::<i64>().is_ok_and(|id| id > 0);
        if is_id { name.to_owned() } else { digits(name, 10) }
    }

    fn says(&mut self, said: &Said, moment: &mut Moment<'_>) -> Result<Value, String> {
        let person = self.people.acts(&said.user, moment.now);
        let id: i64 = said.user.parse().unwrap_or_default();
        let from = json!({
            "id": id,
            "is_bot": false,
            "first_name": "Customer",
            "language_code": if said.chinese { "zh-hans" } else { "en" },
        });
        let chat = json!({"id": id, "first_name": "Customer", "type": "private"});
        let (update, number, date) = (moment.ids.number(), moment.ids.number(), moment.now / 1000);
        let message = |text: &str| json!({"message_id": number, "from": from, "chat": chat, "date": date, "text": text});
        Ok(match &said.act {
            Act::Text(text) => json!({"update_id": update, "message": message(text)}),
            Act::Choose { payload, .. } => json!({"update_id": update, "callback_query": {
                "id": number.to_string(),
                "from": from,
                "message": {"message_id": number, "chat": chat, "date": date, "text": ""},
                "chat_instance": said.user,
                "data": payload,
            }}),
            Act::Event { name, .. } if name == "follow" => {
                person.blocked = false;
                json!({"update_id": update, "message": message("/start")})
            }
            Act::Event { name, .. } if matches!(name.as_str(), "unfollow" | "block") => {
                person.blocked = true;
                let bot = json!({"id": bot_id(moment.account), "is_bot": true, "first_name": "Frontdesk"});
                json!({"update_id": update, "my_chat_member": {
                    "chat": chat,
                    "from": from,
                    "date": date,
                    "old_chat_member": {"user": bot, "status": "member"},
                    "new_chat_member": {"user": bot, "status": "kicked", "until_date": 0},
                }})
            }
            Act::Event { name, .. } => return Err(format!("Telegram has no event `{name}`: follow, unfollow")),
            Act::Receipt { .. } => return Err("Telegram tells bots of no receipt".to_owned()),
        })
    }

    fn hook(&self, event: &Value, _attempt: u32, moment: &mut Moment<'_>) -> Hook {
        let secret = text(moment.account, "/secret_token").to_owned();
        let headers = vec![("content-type", "application/json".to_owned()), ("x-telegram-bot-api-secret-token", secret)];
        Hook { query: String::new(), headers, body: event.to_string().into_bytes() }
    }

    /// Any status but 2xx is tried again "a reasonable amount of times".
    fn patience(&self) -> Patience {
        Patience { wait: Duration::from_secs(60), tries: 6, pause: Duration::from_secs(1), complaint: None }
    }

    /// A method's call can be the answer to the webhook.
    fn heard(&mut self, _said: &Said, body: &[u8], moment: &mut Moment<'_>) -> Result<Vec<Shown>, String> {
        let answer: Value = serde_json::from_slice(body).unwrap_or_default();
        let method = text(&answer, "/method").to_owned();
        Ok(if method.is_empty() { vec![] } else { self.act(&method, &answer, moment).shown })
    }

    fn addressee(&self, call: &Call) -> Option<String> {
        plain(&parameters(call), "/chat_id")
    }

    fn take(&mut self, call: &Call, moment: &mut Moment<'_>) -> Taken {
        let Some((token, method)) = call.path.strip_prefix("/bot").and_then(|rest| rest.split_once('/')) else {
            return refused(404, "Not Found");
        };
        if token != text(moment.account, "/bot_token") {
            return refused(401, "Unauthorized");
        }
        self.act(method, &parameters(call), moment)
    }

    fn failure(&self) -> Reply {
        refused(500, "Internal Server Error").reply
    }

    fn busy(&self, seconds: u64) -> Reply {
        let description = format!("Too Many Requests: retry after {seconds}");
        let parameters = json!({"retry_after": seconds});
        let body = json!({"ok": false, "error_code": 429, "description": description, "parameters": parameters});
        Reply::json(429, &body).with("retry-after", seconds.to_string())
    }
}

impl Telegram {
    fn act(&mut self, method: &str, asked: &Value, moment: &mut Moment<'_>) -> Taken {
        let bot = bot_id(moment.account);
        match method {
            "sendMessage" | "sendPhoto" | "sendAudio" | "sendVideo" | "sendDocument" => {
                self.send(method, asked, moment).unwrap_or_else(|(status, why)| refused(status, why))
            }
            "sendChatAction" | "answerCallbackQuery" => taken(&json!(true)),
            "getMe" => taken(&json!({"id": bot, "is_bot": true, "first_name": "Frontdesk", "username": "frontdesk_bot"})),
            _ => refused(404, "Not Found"),
        }
    }

    fn send(&mut self, method: &str, asked: &Value, moment: &mut Moment<'_>) -> Result<Taken, (u16, &'static str)> {
        let user = plain(asked, "/chat_id").ok_or((400, "Bad Request: chat_id is empty"))?;
        let chat = user.parse::<i64>().ok().filter(|id| *id > 0).ok_or((400, "Bad Request: chat not found"))?;
        if self.people.known(&user).is_some_and(|person| person.blocked) {
            return Err((403, "Forbidden: bot was blocked by the user"));
        }
        let file = match method {
            "sendPhoto" => "/photo",
            "sendAudio" => "/audio",
            "sendVideo" => "/video",
            "sendDocument" => "/document",
            _ => "",
        };
        let words = text(asked, if file.is_empty() { "/text" } else { "/caption" });
        let words = if text(asked, "/parse_mode") == "HTML" { without_tags(words)? } else { words.to_owned() };
        let most = if file.is_empty() { MAX_TEXT } else { MAX_CAPTION };
        if words.chars().count() > most {
            return Err((400, "Bad Request: message is too long"));
        }
        if file.is_empty() && words.trim().is_empty() {
            return Err((400, "Bad Request: message text is empty"));
        }
        if !file.is_empty() && text(asked, file).is_empty() {
            return Err((400, "Bad Request: there is no file in the request"));
        }
        let id = moment.ids.number();
        let mut shown = Shown::text(&user, &id.to_string(), &words).with(Look::Buttons, keys(asked)?);
        if !file.is_empty() {
            let url = text(asked, file).to_owned();
            if method == "sendPhoto" { shown.image = url } else { shown.link = url }
        }
        let result = json!({
            "message_id": id,
            "from": {"id": bot_id(moment.account), "is_bot": true, "first_name": "Frontdesk"},
            "chat": {"id": chat, "type": "private"},
            "date": moment.now / 1000,
            "text": words,
        });
        Ok(Taken { shown: vec![shown], ..taken(&result) })
    }
}

/// The parameters, as JSON or as a form; in a form `reply_markup` is JSON in a text.
fn parameters(call: &Call) -> Value {
    if call.header("content-type").is_some_and(|kind| kind.starts_with("application/json")) {
        return call.json();
    }
    let fields = form_urlencoded::parse(&call.body).map(|(name, value)| {
        let markup = (name == "reply_markup").then(|| serde_json::from_str(&value).ok()).flatten();
        (name.into_owned(), markup.unwrap_or_else(|| json!(value)))
    });
    Value::Object(fields.collect())
}

fn keys(asked: &Value) -> Result<Vec<Choice>, (u16, &'static str)> {
    let rows = list(asked, "/reply_markup/inline_keyboard").iter().flat_map(|row| list(row, ""));
    rows.map(|key| {
        let (title, payload, url) = (text(key, "/text"), text(key, "/callback_data"), text(key, "/url"));
        if title.is_empty() {
            return Err((400, "Bad Request: text buttons are unallowed in the inline keyboard"));
        }
        if !url.is_empty() {
            return Ok(Choice::link(title, url));
        }
        if payload.is_empty() || payload.len() > MAX_PAYLOAD {
            return Err((400, "Bad Request: BUTTON_DATA_INVALID"));
        }
        Ok(Choice::payload(title, payload))
    })
    .collect()
}

/// The text of Telegram's HTML; every tag must be known, and closed in order.
fn without_tags(html: &str) -> Result<String, (u16, &'static str)> {
    const WRONG: (u16, &str) = (400, "Bad Request: can't parse entities");
    let (mut words, mut open) = (String::new(), vec![]);
    let mut parts = html.split('<');
    words.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let (tag, rest) = part.split_once('>').ok_or(WRONG)?;
        let closes = tag.strip_prefix('/');
        let name = closes.unwrap_or(tag).split_whitespace().next().unwrap_or_default();
        let known = TAGS.iter().find(|known| **known == name).ok_or(WRONG)?;
        if closes.is_none() {
            open.push(known);
        } else if open.pop() != Some(known) {
            return Err(WRONG);
        }
        words.push_str(rest);
    }
    if !open.is_empty() {
        return Err(WRONG);
    }
    Ok(words.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&"))
}

fn bot_id(account: &Value) -> i64 {
    plain(account, "/bot_id").and_then(|id| id.parse().ok()).unwrap_or_default()
}

fn taken(result: &Value) -> Taken {
    Reply::json(200, &json!({"ok": true, "result": result})).into()
}

fn refused(status: u16, description: &str) -> Taken {
    Reply::json(status, &json!({"ok": false, "error_code": status, "description": description})).into()
}

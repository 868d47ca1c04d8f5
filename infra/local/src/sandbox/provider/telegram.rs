//! Telegram: Bot API 10.1.

use std::time::Duration;

use serde_json::{Value, json};

use super::media::{Kind, Shelf};
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
    "b",
    "strong",
    "i",
    "em",
    "u",
    "ins",
    "s",
    "strike",
    "del",
    "a",
    "code",
    "pre",
    "blockquote",
    "tg-spoiler",
    "span",
];

/// Telegram.
#[derive(Debug, Default)]
pub struct Telegram {
    people: People,
    files: Shelf,
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
        let message =
            |text: &str| json!({"message_id": number, "from": from, "chat": chat, "date": date, "text": text});
        Ok(match &said.act {
            Act::Text(text) => json!({"update_id": update, "message": message(text)}),
            Act::Media(file) => {
                let id = moment.ids.hex(32);
                self.files.keep(&id, &said.user, file);
                let mut told = json!({"file_id": id, "file_unique_id": id, "file_size": file.bytes.len()});
                let more = file.kind.of([
                    json!({"width": 1, "height": 1}),
                    json!({"duration": 1, "mime_type": file.mime}),
                    json!({"width": 1, "height": 1, "duration": 1, "mime_type": file.mime}),
                    json!({"file_name": file.name, "mime_type": file.mime}),
                ]);
                if let (Some(told), Value::Object(more)) = (told.as_object_mut(), more) {
                    told.extend(more);
                }
                let told = if file.kind == Kind::Image { json!([told]) } else { told };
                let name = file.kind.of(["photo", "voice", "video", "document"]);
                json!({"update_id": update, "message": {
                    "message_id": number, "from": from, "chat": chat, "date": date, name: told,
                }})
            }
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
        let headers =
            vec![("content-type", "application/json".to_owned()), ("x-telegram-bot-api-secret-token", secret)];
        Hook { query: String::new(), headers, body: event.to_string().into_bytes() }
    }

    /// Any status but 2xx is tried again "a reasonable amount of times".
    fn patience(&self) -> Patience {
        Patience { wait: Duration::from_mins(1), tries: 6, pause: Duration::from_secs(1), complaint: None }
    }

    /// A method's call can be the answer to the webhook.
    fn heard(&mut self, _said: &Said, body: &[u8], moment: &mut Moment<'_>) -> Result<Vec<Shown>, String> {
        let answer: Value = serde_json::from_slice(body).unwrap_or_default();
        let method = text(&answer, "/method").to_owned();
        Ok(if method.is_empty() { vec![] } else { self.act(&method, &answer, moment).shown })
    }

    fn addressee(&self, call: &Call) -> Option<String> {
        plain(&parameters(call), "/chat_id").or_else(|| self.files.whose(call))
    }

    fn take(&mut self, call: &Call, moment: &mut Moment<'_>) -> Taken {
        let file = call.path.strip_prefix("/file");
        let Some((token, method)) =
            file.unwrap_or(&call.path).strip_prefix("/bot").and_then(|rest| rest.split_once('/'))
        else {
            return refused(404, "Not Found");
        };
        if token != text(moment.account, "/bot_token") {
            return refused(401, "Unauthorized");
        }
        if file.is_some() {
            let kept = self.files.get(method.trim_start_matches("files/"));
            return kept.map_or_else(|| refused(404, "Not Found"), |(kept, _)| kept.reply().into());
        }
        if method == "getFile" {
            let id = call.query("file_id").unwrap_or_default();
            return match self.files.get(&id) {
                Some((kept, _)) => {
                    let size = kept.file.bytes.len();
                    taken(
                        &json!({"file_id": id, "file_unique_id": id, "file_size": size, "file_path": format!("files/{id}")}),
                    )
                }
                None => refused(400, "Bad Request: invalid file_id"),
            };
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
            "getWebhookInfo" => {
                let url = text(moment.account, "/webhook_url");
                taken(&json!({"url": url, "has_custom_certificate": false, "pending_update_count": 0}))
            }
            "getMe" => {
                taken(&json!({"id": bot, "is_bot": true, "first_name": "Frontdesk", "username": "frontdesk_bot"}))
            }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::ids::Ids;

    fn account() -> Value {
        json!({"secret_token": "s3cret", "bot_id": "123", "bot_token": "123:abc"})
    }

    fn act(telegram: &mut Telegram, act: Act) -> Result<Value, String> {
        let said = Said { user: "42".to_owned(), act, chinese: true, wishes: Value::Null };
        telegram.says(&said, &mut Moment { account: &account(), now: 1_767_225_600_000, ids: &mut Ids::from(1) })
    }

    fn send(telegram: &mut Telegram, path: &str, body: &Value) -> (u16, Value, Vec<Shown>) {
        let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        let body = body.to_string().into_bytes();
        let call = Call { method: "POST".to_owned(), path: path.to_owned(), headers, body, ..Call::default() };
        let moment = &mut Moment { account: &account(), now: 0, ids: &mut Ids::from(9) };
        let taken = telegram.take(&call, moment);
        (taken.reply.status, serde_json::from_slice(&taken.reply.body).unwrap(), taken.shown)
    }

    #[test]
    fn updates_have_telegrams_form() {
        let mut telegram = Telegram::default();
        let update = act(&mut telegram, Act::Text("你好".to_owned())).unwrap();
        assert_eq!(update["message"]["chat"], json!({"id": 42, "first_name": "Customer", "type": "private"}));
        assert_eq!((&update["message"]["date"], &update["message"]["text"]), (&json!(1_767_225_600), &json!("你好")));
        let choose = Act::Choose { title: "A".to_owned(), payload: "a".to_owned(), look: String::new() };
        let update = act(&mut telegram, choose).unwrap();
        assert_eq!(
            (&update["callback_query"]["data"], &update["callback_query"]["from"]["id"]),
            (&json!("a"), &json!(42))
        );
        let hook = telegram.hook(&update, 0, &mut Moment { account: &account(), now: 0, ids: &mut Ids::from(1) });
        assert!(hook.headers.contains(&("x-telegram-bot-api-secret-token", "s3cret".to_owned())));
        assert!(act(&mut telegram, Act::Receipt { status: "read".to_owned(), message: "1".to_owned() }).is_err());
        assert_eq!((telegram.user("77"), telegram.user("anna").len()), ("77".to_owned(), 10));
    }

    #[test]
    fn what_telegram_refuses_is_refused_in_its_words() {
        let long = "长".repeat(4097);
        let payload = json!({"inline_keyboard": [[{"text": "A", "callback_data": "x".repeat(65)}]]});
        for (path, body, status, description) in [
            ("/bot123:abd/sendMessage", json!({"chat_id": 42, "text": "x"}), 401, "Unauthorized"),
            ("/bot123:abc/sendPigeon", json!({}), 404, "Not Found"),
            ("/bot123:abc/sendMessage", json!({"text": "x"}), 400, "Bad Request: chat_id is empty"),
            ("/bot123:abc/sendMessage", json!({"chat_id": 42, "text": " "}), 400, "Bad Request: message text is empty"),
            ("/bot123:abc/sendMessage", json!({"chat_id": 42, "text": long}), 400, "Bad Request: message is too long"),
            (
                "/bot123:abc/sendMessage",
                json!({"chat_id": 42, "text": "<b>x", "parse_mode": "HTML"}),
                400,
                "Bad Request: can't parse entities",
            ),
            (
                "/bot123:abc/sendMessage",
                json!({"chat_id": 42, "text": "x", "reply_markup": payload}),
                400,
                "Bad Request: BUTTON_DATA_INVALID",
            ),
        ] {
            let (found, answer, shown) = send(&mut Telegram::default(), path, &body);
            let code = json!({"ok": false, "error_code": status, "description": description});
            assert_eq!((found, answer, shown), (status, code, vec![]));
        }
    }

    #[test]
    fn a_message_is_shown_with_its_keys_until_the_bot_is_blocked() {
        let mut telegram = Telegram::default();
        let keys =
            json!({"inline_keyboard": [[{"text": "甲", "callback_data": "a"}], [{"text": "去", "url": "https://x"}]]});
        let body = json!({"chat_id": "42", "text": "<b>1 &lt; 2</b>", "parse_mode": "HTML", "reply_markup": keys});
        let (status, answer, shown) = send(&mut telegram, "/bot123:abc/sendMessage", &body);
        assert_eq!((status, &answer["ok"], &answer["result"]["chat"]["id"]), (200, &json!(true), &json!(42)));
        let choices = vec![Choice::payload("甲", "a"), Choice::link("去", "https://x")];
        assert_eq!(shown, [Shown::text("42", "10", "1 < 2").with(Look::Buttons, choices)]);
        let event = |name: &str| Act::Event { name: name.to_owned(), about: String::new() };
        let left = act(&mut telegram, event("unfollow")).unwrap();
        assert_eq!(left["my_chat_member"]["new_chat_member"]["status"], "kicked");
        let (status, answer, _) = send(&mut telegram, "/bot123:abc/sendMessage", &body);
        assert_eq!((status, &answer["error_code"]), (403, &json!(403)));
        act(&mut telegram, event("follow")).unwrap();
        assert_eq!(send(&mut telegram, "/bot123:abc/sendMessage", &body).0, 200);
    }
}

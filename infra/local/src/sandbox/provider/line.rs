//! LINE's Messaging API.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use serde_json::{Value, json};

use super::media::{Kind, Shelf};
use super::{Act, Hook, Moment, Patience, Provider, Said, Taken};
use crate::sandbox::ids::digest;
use crate::sandbox::people::People;
use crate::sandbox::shown::{Choice, Look, Shown};
use crate::sandbox::sign::hmac_base64;
use crate::sandbox::wire::{Call, Reply, list, plain, text};

/// How long a reply token works, in milliseconds.
const REPLY_MILLIS: i64 = 60_000;
/// How long a retry key is remembered.
const RETRY_MILLIS: i64 = 24 * 3_600_000;
const MAX_MESSAGES: usize = 5;
/// Longest text, in UTF-16 units.
const MAX_TEXT: usize = 5000;
const MAX_QUICK: usize = 13;
/// Longest label, in characters.
const MAX_LABEL: usize = 20;
/// Most reply tokens and retry keys that are remembered.
const MOST: usize = 10_000;

/// LINE.
#[derive(Debug, Default)]
pub struct Line {
    people: People,
    /// Whose a reply token is, until when it works, and whether it was used.
    tokens: BTreeMap<String, Token>,
    issued: VecDeque<String>,
    /// When a retry key was accepted, and with what.
    retries: BTreeMap<String, (i64, Value)>,
    files: Shelf,
}

#[derive(Debug)]
struct Token {
    user: String,
    until: i64,
    used: bool,
}

impl Provider for Line {
    fn user(&self, name: &str) -> String {
        let hex = |rest: &str| rest.len() == 32 && rest.bytes().all(|byte| byte.is_ascii_hexdigit());
        if name.strip_prefix('U').is_some_and(hex) {
            return name.to_owned();
        }
        format!("U{}", digest(name).chars().take(32).collect::<String>())
    }

    fn says(&mut self, said: &Said, moment: &mut Moment<'_>) -> Result<Value, String> {
        let person = self.people.acts(&said.user, moment.now);
        let mut event = match &said.act {
            Act::Text(text) => {
                let id = moment.ids.number().to_string();
                let quote = moment.ids.hex(32);
                json!({"type": "message", "message": {"id": id, "type": "text", "quoteToken": quote, "text": text}})
            }
            Act::Media(file) => {
                let id = moment.ids.number().to_string();
                self.files.keep(&id, &said.user, file);
                let kind = file.kind.of(["image", "audio", "video", "file"]);
                let mut message = json!({"id": id, "type": kind, "contentProvider": {"type": "line"}});
                if let Some(fields) = message.as_object_mut().filter(|_| file.kind == Kind::File) {
                    fields.insert("fileName".to_owned(), json!(file.name));
                    fields.insert("fileSize".to_owned(), json!(file.bytes.len()));
                }
                json!({"type": "message", "message": message})
            }
            Act::Choose { payload, .. } => json!({"type": "postback", "postback": {"data": payload}}),
            Act::Event { name, .. } if name == "follow" => {
                let again = std::mem::take(&mut person.blocked);
                json!({"type": "follow", "follow": {"isUnblocked": again}})
            }
            Act::Event { name, .. } if matches!(name.as_str(), "unfollow" | "block") => {
                person.blocked = true;
                json!({"type": "unfollow"})
            }
            Act::Event { name, .. } => return Err(format!("LINE has no event `{name}`: follow, unfollow")),
            Act::Receipt { .. } => return Err("LINE tells bots of no receipt".to_owned()),
        };
        let token = moment.ids.hex(32);
        let answerable = !person.blocked;
        if let Some(fields) = event.as_object_mut() {
            fields.insert("mode".to_owned(), json!("active"));
            fields.insert("timestamp".to_owned(), json!(moment.now));
            fields.insert("source".to_owned(), json!({"type": "user", "userId": said.user}));
            let id = moment.ids.hex(24).to_uppercase();
            fields.insert("webhookEventId".to_owned(), json!(format!("01{id}")));
            if answerable {
                fields.insert("replyToken".to_owned(), json!(token));
            }
        }
        if answerable {
            self.remember(token, &said.user, moment.now + REPLY_MILLIS, false);
        }
        Ok(event)
    }

    fn hook(&self, event: &Value, attempt: u32, moment: &mut Moment<'_>) -> Hook {
        let mut event = event.clone();
        if let Some(fields) = event.as_object_mut() {
            fields.insert("deliveryContext".to_owned(), json!({"isRedelivery": attempt > 0}));
        }
        let body = json!({"destination": text(moment.account, "/destination"), "events": [event]}).to_string();
        let signature = hmac_base64(text(moment.account, "/channel_secret").as_bytes(), body.as_bytes());
        let headers = vec![
            ("content-type", "application/json; charset=utf-8".to_owned()),
            ("user-agent", "LineBotWebhook/2.0".to_owned()),
            ("x-line-signature", signature),
        ];
        Hook { query: String::new(), headers, body: body.into_bytes() }
    }

    /// Redelivery is off at LINE until somebody turns it on; here it is on.
    fn patience(&self) -> Patience {
        Patience { wait: Duration::from_secs(10), tries: 4, pause: Duration::from_secs(2), complaint: None }
    }

    fn addressee(&self, call: &Call) -> Option<String> {
        let asked = call.json();
        let by_token = || self.tokens.get(text(&asked, "/replyToken")).map(|token| token.user.clone());
        plain(&asked, "/to").or_else(|| plain(&asked, "/chatId")).or_else(by_token).or_else(|| self.files.whose(call))
    }

    fn take(&mut self, call: &Call, moment: &mut Moment<'_>) -> Taken {
        let token = text(moment.account, "/access_token");
        if token.is_empty() || call.bearer() != Some(token) {
            let why = "Authentication failed. Confirm that the access token in the authorization header is valid.";
            return refused(401, why);
        }
        let content = call.path.strip_prefix("/v2/bot/message/").and_then(|path| path.strip_suffix("/content"));
        if let Some(id) = content {
            return match self.files.get(id) {
                // Sounds and films are prepared first.
                Some((kept, 0)) if matches!(kept.file.kind, Kind::Voice | Kind::Video) => {
                    Reply::json(202, &json!({})).into()
                }
                Some((kept, _)) => kept.reply().into(),
                None => refused(404, "Not found"),
            };
        }
        match (call.method.as_str(), call.path.as_str()) {
            ("POST", "/v2/bot/message/reply") => self.reply(&call.json(), moment),
            ("POST", "/v2/bot/message/push") => self.push(call, moment),
            ("POST", "/v2/bot/chat/loading/start") => Reply::json(202, &json!({})).into(),
            ("GET", "/v2/bot/info") => {
                let id = text(moment.account, "/destination");
                Reply::json(200, &json!({"userId": id, "displayName": "Frontdesk", "chatMode": "bot"})).into()
            }
            _ => refused(404, "Not found"),
        }
    }

    fn failure(&self) -> Reply {
        refused(500, "Internal server error").reply
    }

    fn busy(&self, seconds: u64) -> Reply {
        refused(429, "The API rate limit has been exceeded. Try again later.")
            .reply
            .with("retry-after", seconds.to_string())
    }
}

impl Line {
    fn remember(&mut self, token: String, person: &str, until: i64, used: bool) {
        self.issued.push_back(token.clone());
        self.tokens.insert(token, Token { user: person.to_owned(), until, used });
        if self.issued.len() > MOST {
            self.issued.pop_front().map(|oldest| self.tokens.remove(&oldest));
        }
    }

    /// A token that was not given here works once too: somebody else played the customer.
    fn reply(&mut self, asked: &Value, moment: &mut Moment<'_>) -> Taken {
        let token = text(asked, "/replyToken");
        let messages = match checked(asked) {
            Ok(messages) => messages,
            Err(refused) => return refused,
        };
        let user = match self.tokens.get_mut(token) {
            Some(known) if known.used || known.until < moment.now => return refused(400, "Invalid reply token"),
            Some(known) => {
                known.used = true;
                known.user.clone()
            }
            None if token.is_empty() => return refused(400, "The request body has 1 error(s)"),
            None => {
                self.remember(token.to_owned(), "", moment.now, true);
                String::new()
            }
        };
        self.accept(&user, messages, moment)
    }

    fn push(&mut self, call: &Call, moment: &mut Moment<'_>) -> Taken {
        let asked = call.json();
        let user = text(&asked, "/to").to_owned();
        if self.user(&user) != user {
            return refused(400, "The property, 'to', in the request body is invalid (line: -, column: -)");
        }
        let messages = match checked(&asked) {
            Ok(messages) => messages,
            Err(refused) => return refused,
        };
        let Some(key) = call.header("x-line-retry-key") else { return self.accept(&user, messages, moment) };
        if !is_uuid(key) {
            return refused(400, "The value for the 'X-Line-Retry-Key' parameter is invalid");
        }
        self.retries.retain(|_, (at, _)| *at + RETRY_MILLIS > moment.now);
        if let Some((_, sent)) = self.retries.get(key) {
            let mut body = json!({"message": "The retry key is already accepted"});
            if let Some(fields) = body.as_object_mut() {
                fields.insert("sentMessages".to_owned(), sent.clone());
            }
            return Reply::json(409, &body).with("x-line-accepted-request-id", digest(key)).into();
        }
        let taken = self.accept(&user, messages, moment);
        let answer: Value = serde_json::from_slice(&taken.reply.body).unwrap_or_default();
        if self.retries.len() < MOST {
            self.retries.insert(key.to_owned(), (moment.now, answer.get("sentMessages").cloned().unwrap_or_default()));
        }
        taken
    }

    /// LINE accepts messages to those who have blocked the account as well; they do not see them.
    fn accept(&mut self, user: &str, messages: Vec<Shown>, moment: &mut Moment<'_>) -> Taken {
        let hidden = user.is_empty() || self.people.known(user).is_some_and(|person| person.blocked);
        let (mut sent, mut shown) = (vec![], vec![]);
        for message in messages {
            let id = moment.ids.number().to_string();
            sent.push(json!({"id": id, "quoteToken": moment.ids.hex(32)}));
            shown.push(Shown { user: user.to_owned(), id, ..message });
        }
        if hidden {
            shown.clear();
        }
        Taken { reply: Reply::json(200, &json!({"sentMessages": sent})), shown }
    }
}

/// The messages of a call, if LINE would take them.
fn checked(asked: &Value) -> Result<Vec<Shown>, Taken> {
    let messages = list(asked, "/messages");
    if messages.is_empty() || messages.len() > MAX_MESSAGES {
        return Err(fault("messages", "Size must be between 1 and 5"));
    }
    let shown = messages
        .iter()
        .enumerate()
        .map(|(at, message)| one(message).map_err(|(field, why)| fault(&format!("messages[{at}].{field}"), why)));
    shown.collect()
}

fn one(message: &Value) -> Result<Shown, (&'static str, &'static str)> {
    let mut shown = Shown::default();
    match text(message, "/type") {
        "text" => {
            text(message, "/text").clone_into(&mut shown.text);
            if shown.text.trim().is_empty() {
                return Err(("text", "May not be empty"));
            }
            if shown.text.encode_utf16().count() > MAX_TEXT {
                return Err(("text", "Length must be between 0 and 5000"));
            }
        }
        "template" => {
            if text(message, "/altText").is_empty() {
                return Err(("altText", "May not be empty"));
            }
            text(message, "/template/title").clone_into(&mut shown.title);
            text(message, "/template/text").clone_into(&mut shown.text);
            text(message, "/template/thumbnailImageUrl").clone_into(&mut shown.image);
            let most = if shown.title.is_empty() && shown.image.is_empty() { 160 } else { 60 };
            if shown.text.is_empty() || shown.text.encode_utf16().count() > most {
                return Err(("template.text", "Length must be between 1 and 160, or 60 with a title or image"));
            }
            let actions = list(message, "/template/actions");
            if actions.is_empty() || actions.len() > 4 {
                return Err(("template.actions", "Size must be between 1 and 4"));
            }
            shown.choices = actions.iter().map(choice).collect::<Result<_, _>>()?;
        }
        "image" => text(message, "/originalContentUrl").clone_into(&mut shown.image),
        "video" | "audio" => text(message, "/originalContentUrl").clone_into(&mut shown.link),
        "flex" => text(message, "/altText").clone_into(&mut shown.text),
        "location" => shown.text = format!("{}\n{}", text(message, "/title"), text(message, "/address")),
        _ => return Err(("type", "Must be one of the following values: [text, image, video, audio, template, …]")),
    }
    let quick = list(message, "/quickReply/items");
    if quick.len() > MAX_QUICK {
        return Err(("quickReply.items", "Size must be between 1 and 13"));
    }
    if !quick.is_empty() {
        let choices = quick.iter().map(|item| choice(item.get("action").unwrap_or(&Value::Null)));
        shown.choices = choices.collect::<Result<_, _>>()?;
        shown.look = Look::Quick;
    }
    Ok(shown)
}

fn choice(action: &Value) -> Result<Choice, (&'static str, &'static str)> {
    let label = text(action, "/label");
    if label.is_empty() || label.chars().count() > MAX_LABEL {
        return Err(("action.label", "Length must be between 1 and 20"));
    }
    match text(action, "/type") {
        "postback" if text(action, "/data").chars().count() <= 300 => Ok(Choice::payload(label, text(action, "/data"))),
        "message" => Ok(Choice::payload(label, text(action, "/text"))),
        "uri" => Ok(Choice::link(label, text(action, "/uri"))),
        _ => Err(("action", "Must be a postback (data up to 300), message or uri action")),
    }
}

fn is_uuid(key: &str) -> bool {
    let parts: Vec<&str> = key.split('-').collect();
    let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
    lengths == [8, 4, 4, 4, 12] && parts.concat().bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn fault(property: &str, why: &str) -> Taken {
    let details = json!([{"message": why, "property": property}]);
    Reply::json(400, &json!({"message": "The request body has 1 error(s)", "details": details})).into()
}

fn refused(status: u16, why: &str) -> Taken {
    Reply::json(status, &json!({"message": why})).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::ids::Ids;

    const USER: &str = "U4af4980629aabbccddeeff0011223344";

    fn account() -> Value {
        json!({"destination": "Ubot", "channel_secret": "s", "access_token": "t"})
    }

    fn says(line: &mut Line, act: Act, now: i64) -> Value {
        let said = Said { user: USER.to_owned(), act, chinese: false, wishes: Value::Null };
        line.says(&said, &mut Moment { account: &account(), now, ids: &mut Ids::from(now) }).unwrap()
    }

    fn call(line: &mut Line, path: &str, body: &Value, key: Option<&str>, now: i64) -> Taken {
        let mut headers = vec![("authorization".to_owned(), "Bearer t".to_owned())];
        headers.extend(key.map(|key| ("x-line-retry-key".to_owned(), key.to_owned())));
        let body = body.to_string().into_bytes();
        let (method, path) = ("POST".to_owned(), path.to_owned());
        let call = Call { method, path, headers, body, ..Call::default() };
        line.take(&call, &mut Moment { account: &account(), now, ids: &mut Ids::from(now) })
    }

    #[test]
    fn the_signature_is_lines() {
        // Of line-bot-sdk and @line/bot-sdk: the body is signed as it is sent.
        let line = Line::default();
        let hook = line.hook(
            &json!({"type": "unfollow"}),
            1,
            &mut Moment { account: &account(), now: 0, ids: &mut Ids::from(0) },
        );
        let body: Value = serde_json::from_slice(&hook.body).unwrap();
        assert_eq!(body["events"][0]["deliveryContext"]["isRedelivery"], true);
        assert!(hook.headers.contains(&("x-line-signature", hmac_base64(b"s", &hook.body))));
    }

    #[test]
    fn a_reply_token_works_once_and_for_a_minute() {
        let text = json!([{"type": "text", "text": "hi"}]);
        for (later, twice, statuses) in [(60_000, true, vec![200, 400]), (60_001, false, vec![400])] {
            let mut line = Line::default();
            let event = says(&mut line, Act::Text("x".to_owned()), 5);
            let body = json!({"replyToken": event["replyToken"], "messages": text});
            let times = if twice { 2 } else { 1 };
            let found = (0..times).map(|_| call(&mut line, "/v2/bot/message/reply", &body, None, 5 + later));
            assert_eq!(found.map(|taken| taken.reply.status).collect::<Vec<_>>(), statuses, "{later}");
        }
        let mut line = Line::default();
        let body = json!({"replyToken": "of somebody else", "messages": text});
        let found = (0..2).map(|_| call(&mut line, "/v2/bot/message/reply", &body, None, 5).reply.status);
        assert_eq!(found.collect::<Vec<_>>(), [200, 400]);
    }

    #[test]
    fn a_repeated_retry_key_is_a_conflict_and_shows_nothing_again() {
        let mut line = Line::default();
        let body = json!({"to": USER, "messages": [{"type": "text", "text": "hi"}]});
        let key = Some("123e4567-e89b-12d3-a456-426614174000");
        let first = call(&mut line, "/v2/bot/message/push", &body, key, 0);
        let again = call(&mut line, "/v2/bot/message/push", &body, key, 1);
        assert_eq!((first.reply.status, first.shown.len(), again.reply.status, again.shown.len()), (200, 1, 409, 0));
        let sent = |taken: &Taken| serde_json::from_slice::<Value>(&taken.reply.body).unwrap()["sentMessages"].clone();
        assert_eq!(sent(&first), sent(&again));
        assert_eq!(call(&mut line, "/v2/bot/message/push", &body, Some("1"), 2).reply.status, 400);
        assert_eq!(call(&mut line, "/v2/bot/message/push", &body, key, RETRY_MILLIS).reply.status, 200);
    }

    #[test]
    fn wrong_messages_are_named_and_the_blocked_see_nothing() {
        let mut line = Line::default();
        for (messages, property) in [
            (json!([]), "messages"),
            (json!([{"type": "text", "text": "x"}, {"type": "text", "text": "y".repeat(5001)}]), "messages[1].text"),
            (json!([{"type": "poem"}]), "messages[0].type"),
        ] {
            let taken = call(&mut line, "/v2/bot/message/push", &json!({"to": USER, "messages": messages}), None, 0);
            let answer: Value = serde_json::from_slice(&taken.reply.body).unwrap();
            assert_eq!((taken.reply.status, &answer["details"][0]["property"]), (400, &json!(property)));
        }
        let quick = json!({"items": [{"type": "action", "action": {"type": "postback", "label": "甲", "data": "a"}}]});
        let body = json!({"to": USER, "messages": [{"type": "text", "text": "hi", "quickReply": quick}]});
        let taken = call(&mut line, "/v2/bot/message/push", &body, None, 0);
        assert_eq!((taken.shown[0].look, &taken.shown[0].choices), (Look::Quick, &vec![Choice::payload("甲", "a")]));
        says(&mut line, Act::Event { name: "unfollow".to_owned(), about: String::new() }, 0);
        let taken = call(&mut line, "/v2/bot/message/push", &body, None, 0);
        assert_eq!((taken.reply.status, taken.shown.len()), (200, 0));
    }
}

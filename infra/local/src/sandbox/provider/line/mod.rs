//! LINE's Messaging API.

mod event;
mod message;
mod remembered;

use std::time::Duration;

use serde_json::{Value, json};

use self::remembered::{Replies, Retries, Used};
use super::media::{Kind, Shelf};
use super::{Check, Hook, Moment, Patience, Provider, Said, Taken};
use crate::sandbox::ids::digest;
use crate::sandbox::people::People;
use crate::sandbox::shown::Shown;
use crate::sandbox::sign::hmac_base64;
use crate::sandbox::wire::{Call, Reply, plain, text};

/// LINE.
#[derive(Debug, Default)]
pub struct Line {
    people: People,
    replies: Replies,
    retries: Retries,
    files: Shelf,
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
        let event = event::of(said, person, &mut self.files, moment)?;
        let token = text(&event, "/replyToken");
        if !token.is_empty() {
            self.replies.issue(token, &said.user, moment.now);
        }
        Ok(event)
    }

    fn hook(&self, event: &Value, attempt: u32, moment: &mut Moment<'_>) -> Hook {
        let mut event = event.clone();
        if let Some(fields) = event.as_object_mut() {
            fields.insert("deliveryContext".to_owned(), json!({"isRedelivery": attempt > 0}));
        }
        signed(&[event], moment)
    }

    /// The console's button "Verify": a webhook without events.
    fn check(&self, moment: &mut Moment<'_>) -> Option<Check> {
        Some(Check { method: "POST", hook: signed(&[], moment), expected: None })
    }

    /// Redelivery is off at LINE until somebody turns it on; here it is on.
    fn patience(&self) -> Patience {
        Patience { wait: Duration::from_secs(10), tries: 4, pause: Duration::from_secs(2), complaint: None }
    }

    fn addressee(&self, call: &Call) -> Option<String> {
        let asked = call.json();
        let by_token = || self.replies.user(text(&asked, "/replyToken"));
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
            ("GET", "/v2/bot/channel/webhook/endpoint") => {
                let endpoint = text(moment.account, "/webhook_url");
                Reply::json(200, &json!({"endpoint": endpoint, "active": true})).into()
            }
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
    fn reply(&mut self, asked: &Value, moment: &mut Moment<'_>) -> Taken {
        let messages = match message::checked(asked) {
            Ok(messages) => messages,
            Err(refused) => return refused,
        };
        match self.replies.redeem(text(asked, "/replyToken"), moment.now) {
            Ok(user) => self.accept(&user, messages, moment),
            Err(Used::Missing) => refused(400, "The request body has 1 error(s)"),
            Err(Used::Before) => refused(400, "Invalid reply token"),
        }
    }

    fn push(&mut self, call: &Call, moment: &mut Moment<'_>) -> Taken {
        let asked = call.json();
        let user = text(&asked, "/to").to_owned();
        if self.user(&user) != user {
            return refused(400, "The property, 'to', in the request body is invalid (line: -, column: -)");
        }
        let messages = match message::checked(&asked) {
            Ok(messages) => messages,
            Err(refused) => return refused,
        };
        let Some(key) = call.header("x-line-retry-key") else { return self.accept(&user, messages, moment) };
        if !is_uuid(key) {
            return refused(400, "The value for the 'X-Line-Retry-Key' parameter is invalid");
        }
        if let Some(sent) = self.retries.accepted(key, moment.now) {
            let body = json!({"message": "The retry key is already accepted", "sentMessages": sent});
            return Reply::json(409, &body).with("x-line-accepted-request-id", digest(key)).into();
        }
        let taken = self.accept(&user, messages, moment);
        let answer: Value = serde_json::from_slice(&taken.reply.body).unwrap_or_default();
        self.retries.accept(key, answer.get("sentMessages").cloned().unwrap_or_default(), moment.now);
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
        Taken::showing(Reply::json(200, &json!({"sentMessages": sent})), shown)
    }
}

/// A webhook with events.
fn signed(events: &[Value], moment: &Moment<'_>) -> Hook {
    let body = json!({"destination": text(moment.account, "/destination"), "events": events}).to_string();
    let signature = hmac_base64(text(moment.account, "/channel_secret").as_bytes(), body.as_bytes());
    let headers = vec![
        ("content-type", "application/json; charset=utf-8".to_owned()),
        ("user-agent", "LineBotWebhook/2.0".to_owned()),
        ("x-line-signature", signature),
    ];
    Hook { query: String::new(), headers, body: body.into_bytes() }
}

fn is_uuid(key: &str) -> bool {
    let parts: Vec<&str> = key.split('-').collect();
    let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
    lengths == [8, 4, 4, 4, 12] && parts.concat().bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn refused(status: u16, why: &str) -> Taken {
    Reply::json(status, &json!({"message": why})).into()
}

#[cfg(test)]
mod tests;

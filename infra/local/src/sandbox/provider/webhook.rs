//! Somebody's own system that speaks the generic channel: signed JSON in both directions (Standard Webhooks).

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::media::unplayed;
use super::{Act, Hook, Moment, Patience, Provider, Said, Taken};
use crate::sandbox::shown::{Choice, Look, Shown};
use crate::sandbox::sign::hmac_base64;
use crate::sandbox::wire::{Call, Reply, list, text};

/// Seconds by which the sender's clock may differ.
pub(super) const CLOCK: i64 = 300;
/// Most messages whose ids are remembered.
const MOST: usize = 10_000;

/// The system.
#[derive(Debug, Default)]
pub struct Webhook {
    /// The `webhook-id`s that were taken.
    taken: std::collections::VecDeque<String>,
}

impl Provider for Webhook {
    fn user(&self, name: &str) -> String {
        name.to_owned()
    }

    fn says(&mut self, said: &Said, moment: &mut Moment<'_>) -> Result<Value, String> {
        let id = format!("msg_{}", moment.ids.hex(24));
        let from = json!({"id": said.user});
        let locale = if said.chinese { "zh" } else { "en" };
        Ok(match &said.act {
            Act::Text(words) => json!({"id": id, "type": "message", "from": from, "locale": locale, "text": words}),
            Act::Choose { title, payload, .. } => {
                let button = json!({"label": title, "value": payload});
                json!({"id": id, "type": "message", "from": from, "locale": locale, "button": button})
            }
            act @ Act::Media(_) => return Err(unplayed(act)),
            Act::Event { name, .. } => return Err(format!("this system has no event `{name}`")),
            Act::Receipt { .. } => return Err("this system tells of no receipt".to_owned()),
        })
    }

    fn hook(&self, event: &Value, _attempt: u32, moment: &mut Moment<'_>) -> Hook {
        let body = json!({"messages": [event]}).to_string();
        let (id, time) = (text(event, "/id"), (moment.now / 1000).to_string());
        let signature = signature(text(moment.account, "/receive_secret"), id, &time, body.as_bytes());
        let headers = vec![
            ("content-type", "application/json".to_owned()),
            ("webhook-id", id.to_owned()),
            ("webhook-timestamp", time),
            ("webhook-signature", signature),
        ];
        Hook { query: String::new(), headers, body: body.into_bytes() }
    }

    fn patience(&self) -> Patience {
        Patience { wait: Duration::from_secs(15), tries: 4, pause: Duration::from_secs(1), complaint: None }
    }

    fn addressee(&self, call: &Call) -> Option<String> {
        Some(text(&call.json(), "/to").to_owned()).filter(|user| !user.is_empty())
    }

    fn take(&mut self, call: &Call, moment: &mut Moment<'_>) -> Taken {
        let header = |name: &str| call.header(name).unwrap_or_default();
        let (id, time) = (header("webhook-id"), header("webhook-timestamp"));
        let right = signature(text(moment.account, "/send_secret"), id, time, &call.body);
        let near = time.parse::<i64>().is_ok_and(|time| (time - moment.now / 1000).abs() <= CLOCK);
        if !header("webhook-signature").split(' ').any(|given| given == right) || !near {
            return Reply::json(401, &json!({"error": "the signature does not hold"})).into();
        }
        let asked = call.json();
        if text(&asked, "/to").is_empty() || (text(&asked, "/text").is_empty() && asked.get("file").is_none()) {
            return Reply::json(400, &json!({"error": "`to` and `text` must be there"})).into();
        }
        let done = Reply::json(200, &json!({}));
        if self.taken.iter().any(|taken| taken == id) {
            return done.into();
        }
        self.taken.push_back(id.to_owned());
        if self.taken.len() > MOST {
            self.taken.pop_front();
        }
        let choices = list(&asked, "/choices").iter().map(|choice| match text(choice, "/url") {
            "" => Choice::payload(text(choice, "/title"), text(choice, "/payload")),
            url => Choice::link(text(choice, "/title"), url),
        });
        let mut shown =
            Shown::text(text(&asked, "/to"), id, text(&asked, "/text")).with(Look::Buttons, choices.collect());
        text(&asked, "/file/url").clone_into(&mut shown.link);
        Taken::showing(done, vec![shown])
    }

    fn failure(&self) -> Reply {
        Reply::json(500, &json!({"error": "out of order"}))
    }

    fn busy(&self, seconds: u64) -> Reply {
        Reply::json(429, &json!({"error": "too many requests"})).with("retry-after", seconds.to_string())
    }
}

/// `v1,` and the signature over id, time and body.
pub(super) fn signature(secret: &str, id: &str, time: &str, body: &[u8]) -> String {
    let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap_or_default()).unwrap_or_default();
    let mut text = format!("{id}.{time}.").into_bytes();
    text.extend(body);
    format!("v1,{}", hmac_base64(&key, &text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::ids::Ids;

    #[test]
    fn signs_as_standard_webhooks_does() {
        // The example of the specification's own libraries.
        let body = br#"{"test": 2432232314}"#;
        let signed =
            signature("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", body);
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn a_message_is_taken_once_and_only_signed() {
        let account = json!({"send_secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"});
        let mut system = Webhook::default();
        let mut post = |id: &str, spoil: bool, now: i64| {
            let body =
                json!({"to": "u", "text": "hi", "choices": [{"title": "A", "payload": "a"}]}).to_string().into_bytes();
            let mut signed = signature(text(&account, "/send_secret"), id, "100", &body);
            signed.extend(spoil.then_some('x'));
            let headers = [("webhook-id", id), ("webhook-timestamp", "100"), ("webhook-signature", &signed)];
            let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
            let call = Call { headers, body, ..Call::default() };
            let taken = system.take(&call, &mut Moment { account: &account, now, ids: &mut Ids::from(0) });
            (taken.reply.status, taken.shown.len())
        };
        assert_eq!(post("a", true, 100_000), (401, 0));
        assert_eq!(post("a", false, 401_000), (401, 0), "too old");
        assert_eq!(post("a", false, 100_000), (200, 1));
        assert_eq!(post("a", false, 100_000), (200, 0));
        assert_eq!(post("b", false, 100_000), (200, 1));
    }
}

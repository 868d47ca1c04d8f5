//! The demo shop's own systems behind HTTPS: signed calls only, and each is done once.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};
use time::OffsetDateTime;

use super::webhook::{CLOCK, signature};
use super::{Act, Hook, Moment, Patience, Provider, Said, Taken};
use crate::sandbox::wire::{Call, Reply, text};

/// Most calls whose answers are remembered.
const MOST: usize = 10_000;

/// The systems.
#[derive(Debug, Default)]
pub struct Shop {
    /// Answers by `webhook-id`: the same call again is not done again.
    answers: BTreeMap<String, Value>,
}

impl Provider for Shop {
    fn user(&self, name: &str) -> String {
        name.to_owned()
    }

    fn says(&mut self, said: &Said, _moment: &mut Moment<'_>) -> Result<Value, String> {
        let Said {
            act: Act::Text(_) | Act::Choose { .. } | Act::Event { .. } | Act::Media(_) | Act::Receipt { .. },
            ..
        } = said;
        Err("nobody writes here: these are the company's own systems".to_owned())
    }

    fn hook(&self, _event: &Value, _attempt: u32, _moment: &mut Moment<'_>) -> Hook {
        Hook::default()
    }

    fn patience(&self) -> Patience {
        Patience { wait: Duration::ZERO, tries: 0, pause: Duration::ZERO, complaint: None }
    }

    fn addressee(&self, call: &Call) -> Option<String> {
        Some(text(&call.json(), "/conversation").to_owned()).filter(|conversation| !conversation.is_empty())
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
        let name = call.path.trim_start_matches('/');
        if text(&asked, "/id") != id || text(&asked, "/name") != name {
            return Reply::json(400, &json!({"error": "header, address and body are not of one call"})).into();
        }
        if let Some(answer) = self.answers.get(id) {
            return Reply::json(200, answer).into();
        }
        let now = OffsetDateTime::from_unix_timestamp(moment.now / 1000).unwrap_or(OffsetDateTime::UNIX_EPOCH);
        let Some(answer) = shop::carry_out(name, &asked, now) else {
            return Reply::json(404, &json!({"error": "nobody does this here"})).into();
        };
        if self.answers.len() >= MOST {
            self.answers.pop_first();
        }
        self.answers.insert(id.to_owned(), answer.clone());
        Reply::json(200, &answer).into()
    }

    fn failure(&self) -> Reply {
        Reply::json(500, &json!({"error": "out of order"}))
    }

    fn busy(&self, seconds: u64) -> Reply {
        Reply::json(429, &json!({"error": "too many requests"})).with("retry-after", seconds.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::ids::Ids;

    const NOW: i64 = 1_800_000_000_000;

    fn post(shop: &mut Shop, path: &str, id: &str, body: &Value, spoil: bool) -> (u16, Value) {
        let account = json!({"send_secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"});
        let (body, time) = (body.to_string().into_bytes(), (NOW / 1000).to_string());
        let mut signed = signature(text(&account, "/send_secret"), id, &time, &body);
        signed.extend(spoil.then_some('x'));
        let headers = [("webhook-id", id), ("webhook-timestamp", &time), ("webhook-signature", &signed)];
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        let call = Call { path: path.to_owned(), headers, body, ..Call::default() };
        let reply = shop.take(&call, &mut Moment { account: &account, now: NOW, ids: &mut Ids::from(0) }).reply;
        (reply.status, serde_json::from_slice(&reply.body).unwrap())
    }

    fn asks(shop: &mut Shop, name: &str, id: &str, input: &Value) -> Value {
        let body = json!({"id": id, "name": name, "input": input, "locale": "zh"});
        let (status, answer) = post(shop, &format!("/{name}"), id, &body, false);
        assert_eq!(status, 200, "{answer}");
        answer
    }

    #[test]
    fn a_call_is_done_once_and_only_signed() {
        let shop = &mut Shop::default();
        let body = |order: &str| json!({"id": "act_1", "name": "return_request", "input": {"order": order}});
        assert_eq!(post(shop, "/return_request", "act_1", &body("21"), true).0, 401);
        assert_eq!(post(shop, "/order_status", "act_1", &body("21"), false).0, 400);
        assert_eq!(post(shop, "/return_request", "act_2", &body("21"), false).0, 400);
        assert!(shop.answers.is_empty());
        let (_, first) = post(shop, "/return_request", "act_1", &body("21"), false);
        let (_, again) = post(shop, "/return_request", "act_1", &body("20"), false);
        assert_eq!((&first, shop.answers.len()), (&again, 1));
        let other = asks(shop, "return_request", "act_3", &json!({"order": "21"}));
        assert_ne!(other, first);
        let unknown = json!({"id": "act_4", "name": "bake", "input": {}});
        assert_eq!(post(shop, "/bake", "act_4", &unknown, false).0, 404);
    }
}

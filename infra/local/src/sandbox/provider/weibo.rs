//! Weibo's fans service.

use serde_json::{Value, json};
use time::OffsetDateTime;
use time::macros::{format_description, offset};

use super::media::unplayed;
use super::tencent::PATIENCE;
use super::{Act, Check, Hook, Moment, Patience, Provider, Said, Taken};
use crate::sandbox::ids::digits;
use crate::sandbox::people::People;
use crate::sandbox::shown::Shown;
use crate::sandbox::sign::sorted_sha1;
use crate::sandbox::wire::{Call, Reply, list, plain, text};

/// Seconds after a message in which it may be answered.
const WINDOW: i64 = 48 * 3600;
/// A text must have fewer characters.
const MAX_TEXT: usize = 300;

/// Weibo.
#[derive(Debug, Default)]
pub struct Weibo {
    people: People,
}

impl Provider for Weibo {
    fn user(&self, name: &str) -> String {
        let is_id = name.parse::<i64>().is_ok_and(|id| id > 0);
        if is_id { name.to_owned() } else { digits(name, 10) }
    }

    fn says(&mut self, said: &Said, moment: &mut Moment<'_>) -> Result<Value, String> {
        let person = self.people.acts(&said.user, moment.now);
        let happened = |subtype: &str, key: &str| ("event", String::new(), json!({"subtype": subtype, "key": key}));
        let (kind, words, data) = match &said.act {
            Act::Text(words) => ("text", words.clone(), json!({})),
            Act::Choose { payload, .. } => happened("click", payload),
            Act::Event { name, about } => match name.as_str() {
                "follow" | "subscribe" | "scan" => {
                    person.blocked = false;
                    happened(name, about)
                }
                "menu" => happened("click", about),
                "unfollow" | "unsubscribe" => {
                    person.blocked = true;
                    happened(name, about)
                }
                "mention" => {
                    ("mention", about.clone(), json!({"subtype": "mention", "key": moment.ids.number().to_string()}))
                }
                _ => {
                    return Err(format!(
                        "Weibo has no event `{name}`: follow, unfollow, subscribe, unsubscribe, menu, scan, mention"
                    ));
                }
            },
            act @ Act::Media(_) => return Err(unplayed(act)),
            Act::Receipt { .. } => return Err("Weibo tells of no receipt".to_owned()),
        };
        let form = format_description!(
            "[weekday repr:short] [month repr:short] [day] [hour]:[minute]:[second] [offset_hour sign:mandatory][offset_minute] [year]"
        );
        let time = OffsetDateTime::from_unix_timestamp(moment.now / 1000).map(|time| time.to_offset(offset!(+8)));
        let time = time.ok().and_then(|time| time.format(form).ok()).unwrap_or_default();
        let id = |text: &str| text.parse::<i64>().unwrap_or_default();
        Ok(json!({
            "type": kind,
            "receiver_id": id(text(moment.account, "/account")),
            "sender_id": id(&said.user),
            "created_at": time,
            "text": words,
            "data": data,
        }))
    }

    /// Only time and nonce are signed.
    fn hook(&self, event: &Value, _attempt: u32, moment: &mut Moment<'_>) -> Hook {
        let headers = vec![("content-type", "application/json".to_owned())];
        Hook { query: signed(moment), headers, body: event.to_string().into_bytes() }
    }

    fn check(&self, moment: &mut Moment<'_>) -> Option<Check> {
        let text = moment.ids.number().to_string();
        Some(Check::asking(format!("{}&echostr={text}", signed(moment)), text))
    }

    fn patience(&self) -> Patience {
        PATIENCE
    }

    fn heard(&mut self, said: &Said, body: &[u8], moment: &mut Moment<'_>) -> Result<Vec<Shown>, String> {
        if body.trim_ascii().is_empty() {
            return Ok(vec![]);
        }
        let answer: Value = serde_json::from_slice(body).map_err(|_| "the answer is no JSON")?;
        if plain(&answer, "/receiver_id").as_deref() != Some(&said.user)
            || plain(&answer, "/sender_id") != plain(moment.account, "/account")
        {
            return Err("the answer is for somebody else".to_owned());
        }
        let data = form_urlencoded::parse(format!("data={}", text(&answer, "/data")).as_bytes())
            .find_map(|(name, value)| (name == "data").then(|| serde_json::from_str(&value).ok()).flatten())
            .ok_or("the answer's data is not URL-encoded JSON")?;
        let shown = message(text(&answer, "/type"), &data).map_err(|(_, why)| why.to_owned())?;
        Ok(vec![Shown { user: said.user.clone(), ..shown }])
    }

    fn addressee(&self, call: &Call) -> Option<String> {
        call.form("receiver_id")
    }

    fn take(&mut self, call: &Call, moment: &mut Moment<'_>) -> Taken {
        if call.method != "POST" || call.path != "/2/messages/reply.json" {
            return refused(404, 10_020, "request api not found!").into();
        }
        match self.send(call, moment) {
            Ok(taken) => taken,
            Err((code, why)) => refused(if code == 10_022 { 403 } else { 400 }, code, why).into(),
        }
    }

    fn failure(&self) -> Reply {
        refused(503, 10_001, "System error")
    }

    fn busy(&self, seconds: u64) -> Reply {
        refused(403, 10_023, "User requests out of rate limit!").with("retry-after", seconds.to_string())
    }
}

impl Weibo {
    fn send(&mut self, call: &Call, moment: &mut Moment<'_>) -> Result<Taken, (i64, &'static str)> {
        let token = call.form("access_token").unwrap_or_default();
        if token.is_empty() || token != text(moment.account, "/access_token") {
            return Err((21_332, "invalid_access_token"));
        }
        let user = call.form("receiver_id").filter(|user| self.user(user) == *user);
        let user = user.ok_or((10_017, "parameter (receiver_id)'s value invalid"))?;
        let data = call.form("data").and_then(|data| serde_json::from_str(&data).ok());
        let data: Value = data.ok_or((10_017, "parameter (data)'s value invalid"))?;
        let shown = message(&call.form("type").unwrap_or_default(), &data)?;
        if let Some(person) = self.people.known(&user) {
            if person.blocked {
                return Err((20_301, "not your follower"));
            }
            if !person.wrote_within(WINDOW, moment.now) {
                // The vendor does not say which code this is.
                return Err((10_014, "Insufficient app permissions!"));
            }
        }
        let id = moment.ids.number().to_string();
        let reply = Reply::json(
            200,
            &json!({"result": true, "sender_id": text(moment.account, "/account"), "receiver_id": user, "type": "text"}),
        );
        Ok(Taken::showing(reply, vec![Shown { user, id, ..shown }]))
    }
}

/// The query of a request: the app's secret signs time and nonce.
fn signed(moment: &mut Moment<'_>) -> String {
    let (timestamp, nonce) = (moment.now.to_string(), moment.ids.number().to_string());
    let signature = sorted_sha1(&[text(moment.account, "/app_secret"), &timestamp, &nonce]);
    format!("signature={signature}&timestamp={timestamp}&nonce={nonce}")
}

fn message(kind: &str, data: &Value) -> Result<Shown, (i64, &'static str)> {
    let mut shown = Shown::default();
    match kind {
        "text" => {
            text(data, "/text").clone_into(&mut shown.text);
            if shown.text.trim().is_empty() {
                return Err((20_008, "content is null!"));
            }
            if shown.text.chars().count() >= MAX_TEXT {
                return Err((20_012, "text too long, please input text less than 300 characters!"));
            }
        }
        "articles" => {
            let count = list(data, "/articles").len();
            if count == 0 || count > 8 {
                return Err((10_017, "parameter (articles)'s value invalid"));
            }
            text(data, "/articles/0/display_name").clone_into(&mut shown.title);
            text(data, "/articles/0/summary").clone_into(&mut shown.text);
            text(data, "/articles/0/image").clone_into(&mut shown.image);
            text(data, "/articles/0/url").clone_into(&mut shown.link);
        }
        _ => return Err((10_017, "parameter (type)'s value invalid")),
    }
    Ok(shown)
}

fn refused(status: u16, code: i64, why: &str) -> Reply {
    Reply::json(status, &json!({"error": why, "error_code": code, "request": "/2/messages/reply.json"}))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::ids::Ids;

    const USER: &str = "2489518277";

    fn account() -> Value {
        json!({"account": "1902538057", "app_secret": "xyz123xyz", "access_token": "t"})
    }

    fn says(weibo: &mut Weibo, act: Act, now: i64) -> Value {
        let said = Said { user: USER.to_owned(), act, chinese: true, wishes: Value::Null };
        weibo.says(&said, &mut Moment { account: &account(), now, ids: &mut Ids::from(now) }).unwrap()
    }

    fn send(weibo: &mut Weibo, text: &str, now: i64) -> (Value, Vec<Shown>) {
        let data = json!({"text": text}).to_string();
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.extend_pairs([("access_token", "t"), ("type", "text"), ("receiver_id", USER), ("data", &data)]);
        let (method, path) = ("POST".to_owned(), "/2/messages/reply.json".to_owned());
        let call = Call { method, path, body: form.finish().into_bytes(), ..Call::default() };
        let taken = weibo.take(&call, &mut Moment { account: &account(), now, ids: &mut Ids::from(now) });
        (serde_json::from_slice(&taken.reply.body).unwrap(), taken.shown)
    }

    #[test]
    fn pushes_have_weibos_form() {
        let push = says(&mut Weibo::default(), Act::Text("退款".to_owned()), 1_342_433_360_000);
        assert_eq!(push["created_at"], "Mon Jul 16 18:09:20 +0800 2012");
        assert_eq!((&push["sender_id"], &push["receiver_id"]), (&json!(2_489_518_277_i64), &json!(1_902_538_057)));
        let hook = Weibo::default().hook(&push, 0, &mut Moment { account: &account(), now: 5, ids: &mut Ids::from(6) });
        assert_eq!(hook.query, format!("signature={}&timestamp=5&nonce=7", sorted_sha1(&["xyz123xyz", "5", "7"])));
    }

    #[test]
    fn two_days_and_three_hundred_characters() {
        let mut weibo = Weibo::default();
        says(&mut weibo, Act::Text("x".to_owned()), 0);
        assert_eq!(send(&mut weibo, &"长".repeat(299), 1).1.len(), 1);
        assert_eq!(send(&mut weibo, &"长".repeat(300), 1).0["error_code"], 20_012);
        assert_eq!(send(&mut weibo, "x", WINDOW * 1000 - 1).1.len(), 1);
        assert_eq!(send(&mut weibo, "x", WINDOW * 1000).0["error_code"], 10_014);
        says(&mut weibo, Act::Event { name: "unfollow".to_owned(), about: String::new() }, 0);
        assert_eq!(send(&mut weibo, "x", 1).0["error_code"], 20_301);
    }

    #[test]
    fn a_passive_answer_is_url_encoded_json() {
        let mut weibo = Weibo::default();
        let said = Said { user: USER.to_owned(), act: Act::Text(String::new()), chinese: true, wishes: Value::Null };
        let account = account();
        let mut heard = |data: &str, to: i64| {
            let body =
                json!({"result": true, "sender_id": 1_902_538_057, "receiver_id": to, "type": "text", "data": data});
            weibo.heard(
                &said,
                body.to_string().as_bytes(),
                &mut Moment { account: &account, now: 0, ids: &mut Ids::from(0) },
            )
        };
        assert_eq!(heard("%7B%22text%22%3A%22%E5%A5%BD%22%7D", 2_489_518_277).unwrap()[0].text, "好");
        heard("%7B%22text%22%3A%22%E5%A5%BD%22%7D", 1).unwrap_err();
        heard("{", 2_489_518_277).unwrap_err();
    }
}

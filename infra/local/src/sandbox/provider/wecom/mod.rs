//! 微信客服 (`WeCom`): callbacks that only say that there is news, pages in which it is fetched, messages to customers.

mod event;
mod inbox;
mod message;
mod push;
mod welcome;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use self::inbox::Inbox;
use self::message::Named;
use self::welcome::Welcomes;
use super::tencent::tokens::{Locked, Tokens};
use super::tencent::{self, PATIENCE, Refused};
use super::{Check, Hook, Moment, News, Patience, Provider, Said, Taken};
use crate::sandbox::people::{Denied, People, Session};
use crate::sandbox::shown::Shown;
use crate::sandbox::wire::{Call, Reply, text};

/// What a message of the customer allows: 5 in 48 hours.
const MESSAGE: (u32, i64) = (5, 48 * 3600);

/// `WeCom`.
#[derive(Debug, Default)]
pub struct WeCom {
    people: People,
    tokens: Tokens,
    inbox: Inbox,
    welcomes: Welcomes,
    sent: Named,
}

impl Provider for WeCom {
    fn user(&self, name: &str) -> String {
        let letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        if name.len() >= 8 && name.starts_with("wm") && name.bytes().all(letter) {
            return name.to_owned();
        }
        let digest = URL_SAFE_NO_PAD.encode(Sha256::digest(name));
        format!("wm{}", digest.chars().take(30).collect::<String>())
    }

    /// What happens comes to lie in the inbox; the callback only says so. Behind a forged callback there is nothing.
    fn says(&mut self, said: &Said, moment: &mut Moment<'_>) -> Result<Value, String> {
        let items = event::items(said, &mut self.people, &mut self.welcomes, moment)?;
        if said.wishes.get("forged").and_then(Value::as_bool).unwrap_or_default() {
            return Ok(push::news(&moment.ids.hex(48), moment.account));
        }
        Ok(self.news(items, moment))
    }

    fn hook(&self, event: &Value, _attempt: u32, moment: &mut Moment<'_>) -> Hook {
        push::hook(event, moment)
    }

    fn check(&self, moment: &mut Moment<'_>) -> Option<Check> {
        Some(push::check(moment))
    }

    fn patience(&self) -> Patience {
        PATIENCE
    }

    /// Who asks for a page asks about nobody.
    fn addressee(&self, call: &Call) -> Option<String> {
        let asked = call.json();
        let by_code = || self.welcomes.user(text(&asked, "/code"));
        Some(text(&asked, "/touser").to_owned()).filter(|user| !user.is_empty()).or_else(by_code)
    }

    fn take(&mut self, call: &Call, moment: &mut Moment<'_>) -> Taken {
        let asked = call.json();
        let taken = match (call.method.as_str(), call.path.as_str()) {
            ("GET", "/cgi-bin/gettoken") => self.token(call, moment).map(Taken::from),
            ("POST", path) => self.admitted(call, moment).and_then(|()| match path {
                "/cgi-bin/kf/sync_msg" => self.inbox.page(&asked, moment).map(Taken::from),
                "/cgi-bin/kf/send_msg" => self.send(&asked, moment),
                "/cgi-bin/kf/send_msg_on_event" => self.welcome(&asked, moment),
                _ => Err((40_066, "invalid url")),
            }),
            _ => Err((43_002, "require POST method")),
        };
        taken.unwrap_or_else(|(code, why)| tencent::answer(code, why).into())
    }

    fn failure(&self) -> Reply {
        Reply::text(500, "")
    }

    /// `WeCom` says so under status 200. For how long only the header says, as a gateway before it might: `WeCom` itself
    /// counts by the minute.
    fn busy(&self, seconds: u64) -> Reply {
        tencent::answer(45_009, "api freq out of limit").with("retry-after", seconds.to_string())
    }
}

impl WeCom {
    /// Puts items into the inbox; the callback that says so.
    fn news(&mut self, items: Vec<Value>, moment: &mut Moment<'_>) -> Value {
        for item in items {
            self.inbox.put(item, moment);
        }
        push::news(&self.inbox.token(moment), moment.account)
    }

    /// The token that holds now, or a new one.
    fn token(&mut self, call: &Call, moment: &mut Moment<'_>) -> Result<Reply, Refused> {
        let corp = call.query("corpid").ok_or((41_002, "corpid missing"))?;
        if corp.is_empty() || corp != text(moment.account, "/corp_id") {
            return Err((40_013, "invalid corpid"));
        }
        let secret = call.query("corpsecret").ok_or((41_004, "corpsecret missing"))?;
        if secret.is_empty() || secret != text(moment.account, "/corp_secret") {
            return Err((40_001, "invalid credential"));
        }
        let (token, seconds) = self.tokens.given(&corp, 0, moment);
        Ok(Reply::json(200, &json!({"errcode": 0, "errmsg": "ok", "access_token": token, "expires_in": seconds})))
    }

    fn admitted(&self, call: &Call, moment: &Moment<'_>) -> Result<(), Refused> {
        self.tokens.admit(call.query("access_token").as_deref(), moment.now).map_err(|locked| match locked {
            Locked::Missing => (41_001, "access_token missing"),
            Locked::Unknown => (40_014, "invalid access_token"),
            Locked::Ended => (42_001, "access_token expired"),
        })
    }

    fn send(&mut self, asked: &Value, moment: &mut Moment<'_>) -> Result<Taken, Refused> {
        if text(asked, "/open_kfid") != text(moment.account, "/open_kfid") {
            return Err((95_000, "invalid open_kfid"));
        }
        let user = text(asked, "/touser");
        if self.user(user) != user {
            return Err((40_096, "invalid external userid"));
        }
        let shown = message::read(asked)?;
        let id = self.sent.check(asked, moment)?;
        let mut refuses = false;
        if let Some(person) = self.people.known(user) {
            // Programs may write while the conversation is new or theirs.
            if person.session != Session::Open {
                return Err((95_018, "send msg session status invalid"));
            }
            person.spend(moment.now).map_err(|denied| match denied {
                Denied::Ended => (95_002, "send msg time limit"),
                Denied::Spent => (95_001, "send msg count limit"),
            })?;
            refuses = person.blocked;
        }
        self.sent.name(&id);
        let reply = named(&id);
        if refuses {
            // Such a message is taken, and only then does it turn out that it cannot be delivered.
            let item = event::failed(user, &id, event::REFUSED, moment);
            let event = self.news(vec![item], moment);
            let what = json!({"failed": id});
            return Ok(Taken { news: vec![News { user: user.to_owned(), event, what }], ..Taken::from(reply) });
        }
        Ok(Taken::showing(reply, vec![Shown { user: user.to_owned(), id, ..shown }]))
    }

    fn welcome(&mut self, asked: &Value, moment: &mut Moment<'_>) -> Result<Taken, Refused> {
        let shown = message::read(asked)?;
        let id = self.sent.check(asked, moment)?;
        let user = self.welcomes.redeem(text(asked, "/code"), moment.now)?;
        self.sent.name(&id);
        Ok(Taken::showing(named(&id), vec![Shown { user, id, ..shown }]))
    }
}

fn named(id: &str) -> Reply {
    Reply::json(200, &json!({"errcode": 0, "errmsg": "ok", "msgid": id}))
}

#[cfg(test)]
mod tests;

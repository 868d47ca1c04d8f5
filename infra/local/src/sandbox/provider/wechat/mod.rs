//! WeChat's Official Accounts: pushes in plain and safe mode, passive answers, customer-service messages.

mod answer;
mod message;
mod push;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::media::Shelf;
use super::tencent::tokens::{Locked, Tokens};
use super::tencent::{self, PATIENCE, Refused, Stamp};
use super::{Check, Hook, Moment, Patience, Provider, Said, Taken};
use crate::sandbox::people::{Denied, People};
use crate::sandbox::shown::Shown;
use crate::sandbox::wire::{Call, Reply, text};

/// Seconds before an access token's end from when on there is a new one.
const TOKEN_OVERLAP: i64 = 300;

/// WeChat.
#[derive(Debug, Default)]
pub struct WeChat {
    people: People,
    tokens: Tokens,
    files: Shelf,
}

impl Provider for WeChat {
    fn user(&self, name: &str) -> String {
        let letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        if name.len() >= 6 && name.starts_with('o') && name.bytes().all(letter) {
            return name.to_owned();
        }
        let digest = URL_SAFE_NO_PAD.encode(Sha256::digest(name));
        format!("o{}", digest.chars().take(27).collect::<String>())
    }

    fn says(&mut self, said: &Said, moment: &mut Moment<'_>) -> Result<Value, String> {
        push::event(said, self.people.acts(&said.user, moment.now), &mut self.files, moment)
    }

    fn hook(&self, event: &Value, _attempt: u32, moment: &mut Moment<'_>) -> Hook {
        push::hook(event, moment)
    }

    /// The text that is to come back is plain in every mode.
    fn check(&self, moment: &mut Moment<'_>) -> Option<Check> {
        let (stamp, text) = (Stamp::now(moment), moment.ids.number().to_string());
        let signature = stamp.signature(self::text(moment.account, "/token"), None);
        Some(Check::asking(format!("signature={signature}&{}&echostr={text}", stamp.query()), text))
    }

    fn patience(&self) -> Patience {
        Patience { complaint: Some("该公众号暂时无法提供服务，请稍后再试"), ..PATIENCE }
    }

    fn heard(&mut self, said: &Said, body: &[u8], moment: &mut Moment<'_>) -> Result<Vec<Shown>, String> {
        answer::read(&String::from_utf8_lossy(body), &said.user, moment.account)
    }

    fn addressee(&self, call: &Call) -> Option<String> {
        Some(text(&call.json(), "/touser").to_owned())
            .filter(|user| !user.is_empty())
            .or_else(|| self.files.whose(call))
    }

    fn take(&mut self, call: &Call, moment: &mut Moment<'_>) -> Taken {
        let taken = match (call.method.as_str(), call.path.as_str()) {
            ("POST", "/cgi-bin/stable_token") => self.token(&call.json(), moment).map(Taken::from),
            ("POST", "/cgi-bin/message/custom/send") => {
                self.admitted(call, moment.now).and_then(|()| self.send(call, moment))
            }
            ("POST", "/cgi-bin/message/custom/typing") => {
                self.admitted(call, moment.now).map(|()| tencent::answer(0, "ok").into())
            }
            ("GET", "/cgi-bin/media/get") => self.admitted(call, moment.now).and_then(|()| {
                let kept = self.files.get(&call.query("media_id").unwrap_or_default());
                kept.map(|(kept, _)| kept.reply().into()).ok_or((40_007, "invalid media_id"))
            }),
            _ => return Reply::text(404, "").into(),
        };
        taken.unwrap_or_else(|(code, why)| tencent::answer(code, why).into())
    }

    fn failure(&self) -> Reply {
        Reply::text(500, "")
    }

    /// WeChat says so under status 200, and not for how long.
    fn busy(&self, _seconds: u64) -> Reply {
        tencent::answer(45_011, "api minute-quota reach limit, must slower retry next minute")
    }
}

impl WeChat {
    /// The token that holds now, or a new one.
    fn token(&mut self, asked: &Value, moment: &mut Moment<'_>) -> Result<Reply, Refused> {
        if text(asked, "/grant_type") != "client_credential" {
            return Err((40_002, "invalid grant_type"));
        }
        let app = text(asked, "/appid");
        let account = account_of(moment.account, app).ok_or((40_013, "invalid appid"))?;
        if text(asked, "/secret") != text(account, "/app_secret") {
            return Err((40_125, "invalid appsecret"));
        }
        if asked.get("force_refresh").and_then(Value::as_bool).unwrap_or_default() {
            self.tokens.end(app, moment.now);
        }
        let (token, seconds) = self.tokens.given(app, TOKEN_OVERLAP, moment);
        Ok(Reply::json(200, &json!({"access_token": token, "expires_in": seconds})))
    }

    fn admitted(&self, call: &Call, now: i64) -> Result<(), Refused> {
        self.tokens.admit(call.query("access_token").as_deref(), now).map_err(|locked| match locked {
            Locked::Missing => (41_001, "access_token missing"),
            Locked::Unknown => (40_001, "invalid credential, access_token is invalid or not latest"),
            Locked::Ended => (42_001, "access_token expired"),
        })
    }

    fn send(&mut self, call: &Call, moment: &mut Moment<'_>) -> Result<Taken, Refused> {
        if call.body.windows(2).any(|two| two == b"\\u") {
            return Err((40_033, "invalid charset. please check your request, if include \\uxxxx will create fail!"));
        }
        let asked = call.json();
        let user = text(&asked, "/touser");
        if self.user(user) != user {
            return Err((40_003, "invalid openid"));
        }
        let shown = message::read(&asked)?;
        if let Some(person) = self.people.known(user) {
            if person.blocked {
                return Err((43_004, "require subscribe"));
            }
            person.spend(moment.now).map_err(|denied| match denied {
                Denied::Ended => (45_015, "response out of time limit or subscription is canceled"),
                Denied::Spent => (45_047, "out of response count limit"),
            })?;
        }
        let id = moment.ids.number().to_string();
        Ok(Taken::showing(tencent::answer(0, "ok"), vec![Shown { user: user.to_owned(), id, ..shown }]))
    }
}

/// The account with this app: the first one, or one of `accounts`.
fn account_of<'a>(first: &'a Value, app: &str) -> Option<&'a Value> {
    let others = first.get("accounts").and_then(Value::as_object).into_iter().flatten().map(|(_, other)| other);
    std::iter::once(first).chain(others).find(|account| !app.is_empty() && text(account, "/app_id") == app)
}

#[cfg(test)]
mod tests;

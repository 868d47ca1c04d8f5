//! Twilio's Programmable Voice: calls that go from document to document, each fetched from the door with a signed request.
//!
//! Who says something calls first, chooses a language if they are asked, and then speaks; a text of digits is pressed.
//! Events: `call` (and hear the greeting), `hangup`, `silence` (what is asked for is not said), `mumble` (what they say is
//! hardly recognised), `voicemail` (a message of `about` seconds is left), `wait` (the queue's announcement, at place
//! `about`), `answered` (a person takes the call), `unanswered`, `over` (the person hangs up).
//! What was recorded is a second of silence, which is there when it is asked for the second time.

mod state;
pub mod twiml;

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use self::state::{Call, Stage};
use super::media::{Kind, Sent, Shelf, sample};
use super::{Act, Hook, Moment, Patience, Provider, Said, Taken, twilio};
use crate::sandbox::ids::digits;
use crate::sandbox::shown::Shown;
use crate::sandbox::sign::hmac_sha1_base64;
use crate::sandbox::wire::{Call as Request, Reply, text};

/// Characters of a document that is sent to a call at most.
const MAX_TWIML: usize = 4000;
/// Most callers who are remembered.
const MOST: usize = 2000;

/// Twilio.
#[derive(Debug, Default)]
pub struct Voice {
    /// The last call of each caller.
    calls: BTreeMap<String, Call>,
    /// In which order they came.
    order: VecDeque<String>,
    /// The messages that they left, each by its id and `.wav`.
    recordings: Shelf,
}

impl Provider for Voice {
    fn user(&self, name: &str) -> String {
        let is_number = name.strip_prefix('+').is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()));
        if is_number { name.to_owned() } else { format!("+1{}", digits(name, 10)) }
    }

    fn says(&mut self, said: &Said, moment: &mut Moment<'_>) -> Result<Value, String> {
        let user = &said.user;
        let on = self.calls.get(user).is_some_and(|call| call.stage != Stage::Over);
        let begins = !on && !matches!(&said.act, Act::Event { name, .. } if name != "call");
        if begins {
            let call = Call::new(format!("CA{}", moment.ids.hex(32)), said, moment.account);
            self.order.push_back(user.clone());
            if self.order.len() > MOST
                && let Some(oldest) = self.order.pop_front()
            {
                self.calls.remove(&oldest);
            }
            self.calls.insert(user.clone(), call);
        }
        let call = self.calls.get_mut(user).ok_or("nobody is on the line: the event `call` calls")?;
        call.chinese = said.chinese;
        let words = match &said.act {
            Act::Text(words) => Some(words),
            Act::Choose { title, .. } => Some(title),
            Act::Event { .. } => None,
            act @ Act::Media(_) => return Err(super::media::unplayed(act)),
            Act::Receipt { .. } => return Err("a telephone tells of no receipt".to_owned()),
        };
        if let Some(words) = words {
            call.pending = Some(words.clone());
        }
        if begins {
            return Ok(call.begins());
        }
        match &said.act {
            Act::Event { name, about } => {
                let request = call.event(name, about, moment)?;
                if let Some(id) = request.pointer("/form/RecordingSid").and_then(Value::as_str) {
                    let (bytes, mime) = sample(Kind::Voice);
                    let (name, mime) = (format!("{id}.wav"), mime.to_owned());
                    self.recordings.keep(&name.clone(), user, &Sent { kind: Kind::Voice, name, mime, bytes });
                }
                Ok(request)
            }
            Act::Text(_) | Act::Choose { .. } | Act::Media(_) | Act::Receipt { .. } => {
                call.says_pending().ok_or_else(|| "nobody listens now".to_owned())
            }
        }
    }

    fn follows(&mut self, user: &str, _moment: &mut Moment<'_>) -> Option<Value> {
        self.calls.get_mut(user)?.next()
    }

    /// What Twilio calls an application error ends the call.
    fn gives_up(&mut self, user: &str) {
        if let Some(call) = self.calls.get_mut(user) {
            call.stage = Stage::Over;
        }
    }

    /// The signature: HMAC-SHA1 by the auth token over the address and the fields, name by name.
    fn hook(&self, event: &Value, _attempt: u32, moment: &mut Moment<'_>) -> Hook {
        let query = text(event, "/query").to_owned();
        let mut url = text(moment.account, "/public_url").to_owned();
        if !query.is_empty() {
            url.extend(["?", &query]);
        }
        let fields: BTreeMap<&str, &str> = event
            .get("form")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
            .filter_map(|(name, value)| Some((name.as_str(), value.as_str()?)))
            .collect();
        url.extend(fields.iter().flat_map(|(name, value)| [*name, *value]));
        let signature = hmac_sha1_base64(text(moment.account, "/auth_token").as_bytes(), url.as_bytes());
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(&fields).finish();
        let headers = vec![
            ("content-type", "application/x-www-form-urlencoded; charset=UTF-8".to_owned()),
            ("x-twilio-signature", signature),
            ("user-agent", "TwilioProxy/1.1".to_owned()),
        ];
        Hook { query, headers, body: body.into_bytes() }
    }

    /// As `#rc=2&rp=5xx,ct,rt` behind the door's address asks for it.
    fn patience(&self) -> Patience {
        Patience {
            wait: Duration::from_secs(15),
            tries: 3,
            pause: Duration::ZERO,
            complaint: Some("We are sorry, an application error has occurred. Goodbye."),
        }
    }

    fn heard(&mut self, said: &Said, body: &[u8], _moment: &mut Moment<'_>) -> Result<Vec<Shown>, String> {
        let call = self.calls.get_mut(&said.user).ok_or("there is no such call")?;
        if !call.awaits_document {
            return Ok(vec![]);
        }
        let verbs = twiml::read(&String::from_utf8_lossy(body))?;
        Ok(shown(&said.user, &call.run(&verbs)?))
    }

    fn addressee(&self, call: &Request) -> Option<String> {
        let Some(sid) = sid(call) else { return self.recordings.whose(call) };
        self.calls.iter().find(|(_, call)| call.sid == sid).map(|(user, _)| user.clone())
    }

    /// Text messages are seen on the phone of text messages.
    fn elsewhere(&self, call: &Request) -> Option<&'static str> {
        (call.method == "POST" && call.path.ends_with("/Messages.json")).then_some("sms")
    }

    fn take(&mut self, call: &Request, moment: &mut Moment<'_>) -> Taken {
        let refused = |status, code: u32, why: &str| {
            let body = json!({"code": code, "message": why, "more_info": format!("https://www.twilio.com/docs/errors/{code}"), "status": status});
            Taken::from(Reply::json(status, &body))
        };
        let account = text(moment.account, "/account_sid");
        let credentials = STANDARD.encode(format!("{account}:{}", text(moment.account, "/auth_token")));
        if call.header("authorization") != Some(&format!("Basic {credentials}")) {
            return refused(401, 20003, "Authenticate");
        }
        if let Some(reply) = twilio::asked(call, moment.account, "voice", text(moment.account, "/webhook_url")) {
            return reply.into();
        }
        if let Some((of, name)) = recording(call) {
            return match self.recordings.get(name).filter(|_| call.method == "GET" && of == account) {
                // It takes Twilio a while until a recording can be had.
                Some((kept, asked)) if asked > 0 => kept.reply().into(),
                Some(_) | None => refused(404, 20404, "The requested resource was not found"),
            };
        }
        let Some(sid) = sid(call).filter(|_| call.method == "POST" && call.path.contains(account)) else {
            return refused(404, 20404, "The requested resource was not found");
        };
        let sid = sid.to_owned();
        let Some((user, under_way)) = self.calls.iter_mut().find(|(_, call)| call.sid == sid) else {
            return refused(404, 20404, "The requested resource was not found");
        };
        if under_way.stage == Stage::Over {
            return refused(400, 21220, "Call is not in-progress. Cannot redirect.");
        }
        let document = call.form("Twiml").unwrap_or_default();
        if document.is_empty() || document.chars().count() > MAX_TWIML {
            return refused(400, 21601, "Twiml must have 1 to 4000 characters");
        }
        match twiml::read(&document).and_then(|verbs| under_way.run(&verbs)) {
            Ok(lines) => {
                let shown = shown(user, &lines);
                Taken::showing(Reply::json(200, &json!({"sid": sid, "status": "in-progress"})), shown)
            }
            Err(why) => refused(400, 12100, &why),
        }
    }

    fn failure(&self) -> Reply {
        Reply::json(500, &json!({"code": 20500, "message": "Internal Server Error", "status": 500}))
    }

    fn busy(&self, seconds: u64) -> Reply {
        let body = json!({"code": 20429, "message": "Too Many Requests", "status": 429});
        Reply::json(429, &body).with("retry-after", seconds.to_string())
    }
}

/// What is heard of one document is one message.
fn shown(user: &str, lines: &[String]) -> Vec<Shown> {
    if lines.is_empty() { vec![] } else { vec![Shown::text(user, "", &lines.join("\n"))] }
}

/// The account and the file's name of the recording that a request of the API is about.
fn recording(call: &Request) -> Option<(&str, &str)> {
    call.path.strip_prefix("/2010-04-01/Accounts/")?.split_once("/Recordings/")
}

/// The call that a request of the API is about.
fn sid(call: &Request) -> Option<&str> {
    let (_, rest) = call.path.split_once("/Calls/")?;
    rest.strip_suffix(".json")
}

#[cfg(test)]
mod tests;

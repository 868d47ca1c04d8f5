//! A call, and where it is.

use serde_json::{Map, Value, json};

use super::twiml::Verb;
use super::{Moment, Said};
use crate::sandbox::wire::text;

/// The number that stands for a caller who withholds their own.
const ANONYMOUS: &str = "+266696687";

/// Where a call is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// A document is being fetched.
    Fetching,
    /// Somebody listens, and sends what they hear there. Whether it is keys alone.
    Gathering {
        /// The query of the address.
        action: String,
        /// Whether no speech is heard.
        keys: bool,
    },
    /// A message is recorded.
    Recording {
        /// Where it is told.
        action: String,
    },
    /// In a queue.
    Queued {
        /// Where what is heard meanwhile is fetched.
        wait: String,
        /// Where it is told that the queue was left.
        action: String,
        /// Whether a person has taken it.
        taken: bool,
    },
    /// A person is called.
    Dialling {
        /// Where it is told that they have answered.
        answered: String,
        /// Where it is told how it went.
        action: String,
        /// Whether they have answered.
        taken: bool,
    },
    /// It has ended.
    Over,
}

/// A call.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub(super) sid: String,
    pub(super) stage: Stage,
    /// What the caller will say as soon as somebody listens.
    pub(super) pending: Option<String>,
    /// Which language they choose.
    pub(super) chinese: bool,
    /// Whether the answer to the last request is looked at.
    pub(super) awaits_document: bool,
    account: String,
    from: String,
    to: String,
    /// Requests that follow by themselves.
    due: Vec<Value>,
}

impl Call {
    pub(super) fn new(id: String, said: &Said, account: &Value) -> Self {
        let withheld = said.wishes.get("withheld").and_then(Value::as_bool).unwrap_or_default();
        Self {
            sid: id,
            stage: Stage::Fetching,
            pending: None,
            chinese: said.chinese,
            awaits_document: true,
            account: text(account, "/account_sid").to_owned(),
            from: if withheld { ANONYMOUS.to_owned() } else { said.user.clone() },
            to: text(account, "/account").to_owned(),
            due: vec![],
        }
    }

    /// The first request.
    pub(super) fn begins(&self) -> Value {
        self.request("", &[("CallStatus", "ringing")])
    }

    /// A request to an address of this query.
    fn request(&self, query: &str, more: &[(&str, &str)]) -> Value {
        let fields = [
            ("AccountSid", self.account.as_str()),
            ("ApiVersion", "2010-04-01"),
            ("CallSid", &self.sid),
            ("CallStatus", "in-progress"),
            ("Called", &self.to),
            ("Caller", &self.from),
            ("Direction", "inbound"),
            ("From", &self.from),
            ("To", &self.to),
        ];
        let form: Map<String, Value> =
            fields.iter().chain(more).map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
        json!({"query": query, "form": form, "looked_at": true})
    }

    /// What the caller wanted to say, if somebody listens; who is asked for a language chooses it first.
    pub(super) fn says_pending(&mut self) -> Option<Value> {
        let Stage::Gathering { action, keys } = self.stage.clone() else { return None };
        self.pending.as_ref()?;
        if keys && action.contains("about=language") {
            let key = if self.chinese { "1" } else { "2" };
            return Some(self.goes_on(&action, &[("Digits", key)]));
        }
        let words = self.pending.take()?;
        let pressed = words.bytes().all(|byte| byte.is_ascii_digit() || byte == b'*');
        Some(if pressed {
            self.goes_on(&action, &[("Digits", &words)])
        } else {
            self.goes_on(&action, &[("SpeechResult", &words), ("Confidence", "0.91")])
        })
    }

    /// The next document is fetched there.
    fn goes_on(&mut self, query: &str, more: &[(&str, &str)]) -> Value {
        self.stage = Stage::Fetching;
        self.awaits_document = true;
        self.request(query, more)
    }

    /// A request whose answer nobody looks at.
    fn tells(&mut self, query: &str, more: &[(&str, &str)]) -> Value {
        self.awaits_document = false;
        let mut request = self.request(query, more);
        if let Some(fields) = request.as_object_mut() {
            fields.insert("looked_at".to_owned(), json!(false));
        }
        request
    }

    /// What the caller, or the person at the other end, does.
    pub(super) fn event(&mut self, name: &str, about: &str, moment: &mut Moment<'_>) -> Result<Value, String> {
        let stage = self.stage.clone();
        let wrong = || Err(format!("the call is not where `{name}` can happen: {stage:?}"));
        Ok(match (name, stage.clone()) {
            ("hangup", Stage::Over) => return wrong(),
            ("hangup", _) => self.ends(),
            ("call", _) => return Err("they are on the line already".to_owned()),
            ("silence", Stage::Gathering { action, .. }) => self.goes_on(&action, &[]),
            ("mumble", Stage::Gathering { action, .. }) => {
                self.goes_on(&action, &[("SpeechResult", about), ("Confidence", "0.12")])
            }
            ("voicemail", Stage::Recording { action }) => {
                let recording = format!("RE{}", moment.ids.hex(32));
                let url = format!("https://api.twilio.com/2010-04-01/Accounts/{}/Recordings/{recording}", self.account);
                let seconds = if about.is_empty() { "7" } else { about };
                let more = [
                    ("RecordingUrl", url.as_str()),
                    ("RecordingSid", &recording),
                    ("RecordingDuration", seconds),
                    ("Digits", "#"),
                ];
                self.goes_on(&action, &more)
            }
            ("wait", Stage::Queued { wait, taken: false, .. }) => self.announcement(&wait, about),
            ("answered", Stage::Queued { wait, action, .. }) => {
                self.stage = Stage::Queued { wait: wait.clone(), action, taken: true };
                self.announcement(&wait, about)
            }
            ("answered", Stage::Dialling { answered, action, .. }) => {
                self.stage = Stage::Dialling { answered: answered.clone(), action, taken: true };
                let leg = format!("CA{}", moment.ids.hex(32));
                let parent = self.sid.clone();
                let more = [("CallSid", leg.as_str()), ("ParentCallSid", &parent), ("Direction", "outbound-dial")];
                self.tells(&answered, &more)
            }
            ("over", Stage::Queued { action, taken: true, .. }) => self.goes_on(&action, &[("QueueResult", "bridged")]),
            ("over", Stage::Dialling { action, taken: true, .. }) => {
                self.goes_on(&action, &[("DialCallStatus", "completed")])
            }
            ("unanswered", Stage::Queued { action, taken: false, .. }) => {
                self.goes_on(&action, &[("QueueResult", "leave")])
            }
            ("unanswered", Stage::Dialling { action, taken: false, .. }) => {
                self.goes_on(&action, &[("DialCallStatus", "no-answer")])
            }
            ("silence" | "mumble" | "voicemail" | "wait" | "answered" | "unanswered" | "over", _) => return wrong(),
            _ => {
                return Err(format!(
                    "Twilio has no event `{name}`: call, hangup, silence, mumble, voicemail, wait, answered, unanswered, over"
                ));
            }
        })
    }

    fn announcement(&mut self, wait: &str, place: &str) -> Value {
        let place = if place.is_empty() { "1" } else { place };
        self.awaits_document = true;
        self.request(wait, &[("QueuePosition", place), ("QueueTime", "0"), ("CurrentQueueSize", place)])
    }

    /// The call is over, which the number's status callback is told.
    fn ends(&mut self) -> Value {
        self.stage = Stage::Over;
        self.pending = None;
        self.due.clear();
        self.tells("", &[("CallStatus", "completed"), ("CallDuration", "42")])
    }

    /// The request that follows by itself.
    pub(super) fn next(&mut self) -> Option<Value> {
        if self.due.is_empty() {
            return self.says_pending();
        }
        let next = self.due.remove(0);
        self.awaits_document = next.get("looked_at") == Some(&Value::Bool(true));
        Some(next)
    }

    /// Does what a document says; what is heard of it.
    ///
    /// # Errors
    /// It leads to no address of the door.
    pub(super) fn run(&mut self, verbs: &[Verb]) -> Result<Vec<String>, String> {
        // What was to follow from the document before is void.
        self.due.clear();
        let waiting = matches!(self.stage, Stage::Queued { .. });
        let mut heard = vec![];
        for verb in verbs {
            match verb.name.as_str() {
                "Say" => heard.push(verb.text.clone()),
                "Play" => heard.push(format!("♪ {}", verb.text)),
                "Gather" => {
                    heard.extend(verb.inner.iter().filter(|inner| inner.name == "Say").map(|inner| inner.text.clone()));
                    let keys = !verb.get("input").contains("speech");
                    self.stage = Stage::Gathering { action: query(verb.get("action"))?, keys };
                    return Ok(heard);
                }
                "Redirect" => {
                    let next = query(&verb.text)?;
                    self.stage = Stage::Fetching;
                    self.due.push(self.request(&next, &[]));
                    return Ok(heard);
                }
                "Record" => {
                    self.stage = Stage::Recording { action: query(verb.get("action"))? };
                    return Ok(heard);
                }
                "Enqueue" => {
                    let (wait, action) = (query(verb.get("waitUrl"))?, query(verb.get("action"))?);
                    self.stage = Stage::Queued { wait: wait.clone(), action, taken: false };
                    let announcement = self.announcement(&wait, "2");
                    self.due.push(announcement);
                    return Ok(heard);
                }
                "Dial" => {
                    let number = verb.inner.first().ok_or("nobody is to be called")?;
                    let answered = query(number.get("statusCallback"))?;
                    let action = query(verb.get("action"))?;
                    self.stage = Stage::Dialling { answered, action, taken: false };
                    return Ok(heard);
                }
                "Hangup" => break,
                _ => {}
            }
        }
        if waiting {
            // What is heard in a queue is heard again and again.
            return Ok(heard);
        }
        let end = self.ends();
        self.due.push(end);
        Ok(heard)
    }
}

/// The query of an address at the door; what stands behind `#` is for Twilio itself.
fn query(address: &str) -> Result<String, String> {
    let address = address.split('#').next().unwrap_or_default();
    let (door, query) = address.split_once('?').ok_or_else(|| format!("11100 not an address: `{address}`"))?;
    let right = door.starts_with("https://") && door.ends_with("/webhooks/voice");
    right.then(|| query.to_owned()).ok_or_else(|| format!("11100 not the door's address: `{address}`"))
}

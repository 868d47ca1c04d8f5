//! Amazon Connect and Lex V2: each step of a contact invokes the function and waits for what it returns, as a flow's block
//! and a bot's code hook do. AWS proves that by the function's permissions; here the emulator's own account invokes it.
//!
//! Who writes begins a contact. The wish `mode: "voice"` makes it a call; the account `bot` is a Lex bot's. Events: `call`
//! (come, and hear the greeting), `silence`, `hangup`, `again` (the last invocation once more, as after a lost answer).

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::{Act, Hook, Moment, Patience, Provider, Said, Taken};
use crate::sandbox::ids::digits;
use crate::sandbox::shown::{Choice, Look, Shown};
use crate::sandbox::wire::{Call, Reply, list, text};

/// Bytes of what a flow takes back at most.
const MAX_MAP: usize = 32 * 1024;
/// Characters of a message of Lex's at most.
const MAX_TEXT: usize = 1024;
/// Most contacts that are remembered.
const MOST: usize = 2000;
/// What the emulator takes as its root's: it checks no signature of that.
const ROOT: &str =
    "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/lambda/aws4_request, SignedHeaders=host, Signature=0";

/// A contact, or a session.
#[derive(Clone, Debug, Default)]
struct Contact {
    id: String,
    /// What the function gave back to be handed over with the next step.
    kept: Map<String, Value>,
    /// The step before, whole.
    last: Value,
    waits: bool,
}

/// Connect's and Lex's side.
#[derive(Debug, Default)]
pub struct Connect {
    contacts: BTreeMap<String, Contact>,
    order: VecDeque<String>,
}

impl Connect {
    fn contact(&mut self, user: &str, moment: &mut Moment<'_>) -> &mut Contact {
        if !self.contacts.contains_key(user) {
            self.order.push_back(user.to_owned());
            if self.order.len() > MOST
                && let Some(oldest) = self.order.pop_front()
            {
                self.contacts.remove(&oldest);
            }
        }
        let contact = self.contacts.entry(user.to_owned()).or_default();
        if contact.id.is_empty() {
            contact.id = moment.ids.hex(32);
        }
        contact
    }
}

impl Provider for Connect {
    fn user(&self, name: &str) -> String {
        let is_number = name.strip_prefix('+').is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit()));
        if is_number { name.to_owned() } else { format!("+1{}", digits(name, 10)) }
    }

    fn says(&mut self, said: &Said, moment: &mut Moment<'_>) -> Result<Value, String> {
        let (words, event) = match &said.act {
            Act::Text(words) => (words.as_str(), ""),
            Act::Choose { title, .. } => (title.as_str(), ""),
            Act::Event { name, .. } => match name.as_str() {
                "call" | "silence" => ("", ""),
                "hangup" => ("", "left"),
                "again" => {
                    let last = self.contacts.get(&said.user).map(|contact| contact.last.clone());
                    return last.filter(|last| !last.is_null()).ok_or_else(|| "nothing was invoked yet".to_owned());
                }
                other => return Err(format!("a contact does not `{other}`")),
            },
            act @ Act::Media(_) => return Err(super::media::unplayed(act)),
            Act::Receipt { .. } => return Err("a contact tells of no receipt".to_owned()),
        };
        let request = moment.ids.hex(32);
        let (instance, alias) = (text(moment.account, "/instance_arn"), text(moment.account, "/bot_alias_arn"));
        let contact = self.contact(&said.user, moment);
        let voice = text(&said.wishes, "/mode") == "voice";
        contact.last = if alias.is_empty() {
            let mut parameters = contact.kept.clone();
            parameters.insert("said".to_owned(), json!(words));
            if !event.is_empty() {
                parameters.insert("event".to_owned(), json!(event));
            }
            step(contact, &parameters, instance, said, voice)
        } else if event.is_empty() {
            utterance(&said.user, &contact.kept, alias, words, &request, (said.chinese, voice))
        } else {
            return Err("a bot is not told of the end".to_owned());
        };
        if event == "left" {
            let last = contact.last.clone();
            *contact = Contact::default();
            return Ok(last);
        }
        Ok(contact.last.clone())
    }

    fn hook(&self, event: &Value, _attempt: u32, _moment: &mut Moment<'_>) -> Hook {
        let headers = vec![
            ("authorization", ROOT.to_owned()),
            ("content-type", "application/json".to_owned()),
            ("x-amz-invocation-type", "RequestResponse".to_owned()),
        ];
        Hook { query: String::new(), headers, body: event.to_string().into_bytes() }
    }

    /// The flow asks again by itself, with the same parameters.
    fn follows(&mut self, user: &str, _moment: &mut Moment<'_>) -> Option<Value> {
        let contact = self.contacts.get_mut(user)?;
        let again = std::mem::take(&mut contact.waits);
        again.then(|| contact.last.clone())
    }

    /// The flow's error branch leads to the block again, twice.
    fn patience(&self) -> Patience {
        Patience { wait: Duration::from_secs(8), tries: 3, pause: Duration::ZERO, complaint: Some("Sorry. Goodbye.") }
    }

    fn heard(&mut self, said: &Said, body: &[u8], _moment: &mut Moment<'_>) -> Result<Vec<Shown>, String> {
        let answer: Value = serde_json::from_slice(body).map_err(|_| "what came back is no JSON")?;
        if answer.get("errorMessage").is_some() {
            return Err("the function has failed".to_owned());
        }
        let Some(contact) = self.contacts.get_mut(&said.user) else { return Ok(vec![]) };
        if answer.get("sessionState").is_some() {
            let shown = bot(&said.user, &answer)?;
            contact.kept = answer
                .pointer("/sessionState/sessionAttributes")
                .and_then(Value::as_object)
                .cloned()
                .unwrap_or_default();
            return Ok(shown);
        }
        let map = answer.as_object().ok_or("a flow takes an object")?;
        if body.len() > MAX_MAP || map.values().any(|value| !value.is_string()) {
            return Err("a flow takes texts, and 32 KB of them".to_owned());
        }
        let given = |name: &str| Some((name.to_owned(), map.get(name)?.clone()));
        contact.kept = ["turn", "late"].into_iter().filter_map(given).collect();
        contact.waits = text(&answer, "/status") == "wait";
        let note = text(&answer, "/status").to_owned();
        let reply = text(&answer, "/reply");
        Ok(if reply.is_empty() { vec![] } else { vec![Shown { note, ..Shown::text(&said.user, "", reply) }] })
    }

    fn addressee(&self, _call: &Call) -> Option<String> {
        None
    }

    /// Nothing is called.
    fn take(&mut self, _call: &Call, _moment: &mut Moment<'_>) -> Taken {
        Reply::json(404, &json!({"message": "nobody plays this operation"})).into()
    }

    fn failure(&self) -> Reply {
        Reply::json(500, &json!({"message": "Internal failure"}))
    }

    fn busy(&self, seconds: u64) -> Reply {
        Reply::json(429, &json!({"message": "Too Many Requests"})).with("retry-after", seconds.to_string())
    }
}

/// What a flow's block hands over.
fn step(contact: &Contact, parameters: &Map<String, Value>, instance: &str, said: &Said, voice: bool) -> Value {
    let endpoint = |address: &str| json!({"Address": address, "Type": "TELEPHONE_NUMBER"});
    json!({
        "Name": "ContactFlowEvent",
        "Details": {
            "ContactData": {
                "Attributes": {}, "Channel": if voice { "VOICE" } else { "CHAT" }, "ContactId": contact.id,
                "InitialContactId": contact.id, "PreviousContactId": contact.id,
                "CustomerEndpoint": endpoint(&said.user), "SystemEndpoint": endpoint("+18005550100"),
                "InitiationMethod": if voice { "INBOUND" } else { "API" }, "InstanceARN": instance,
                "LanguageCode": if said.chinese { "zh-CN" } else { "en-US" }, "Queue": null,
                "MediaStreams": {"Customer": {"Audio": null}}, "References": {},
            },
            "Parameters": parameters,
        },
    })
}

/// What a bot's code hook hands over.
fn utterance(
    session: &str,
    attributes: &Map<String, Value>,
    alias: &str,
    words: &str,
    request: &str,
    (chinese, voice): (bool, bool),
) -> Value {
    let (bot, alias) = alias.split_once("bot-alias/").and_then(|(_, ids)| ids.split_once('/')).unwrap_or_default();
    let intent = json!({
        "name": "FallbackIntent", "slots": {}, "state": "ReadyForFulfillment", "confirmationState": "None",
    });
    json!({
        "messageVersion": "1.0", "invocationSource": "FulfillmentCodeHook",
        "inputMode": if voice { "Speech" } else { "Text" }, "responseContentType": "text/plain; charset=utf-8",
        "sessionId": session, "inputTranscript": words,
        "bot": {
            "id": bot, "name": "shop", "aliasId": alias, "aliasName": "live",
            "localeId": if chinese { "zh_CN" } else { "en_US" }, "version": "1",
        },
        "interpretations": [{"intent": intent, "interpretationSource": "Lex"}],
        "proposedNextState": {"dialogAction": {"type": "Close"}, "intent": intent},
        "sessionState": {
            "activeContexts": [], "sessionAttributes": attributes, "intent": intent, "originatingRequestId": request,
        },
        "transcriptions": [],
    })
}

/// What a bot says, as far as Lex would take it.
fn bot(user: &str, answer: &Value) -> Result<Vec<Shown>, String> {
    let kind = text(answer, "/sessionState/dialogAction/type");
    let messages = list(answer, "/messages");
    match (kind, messages.len()) {
        ("Close", 0..=5) | ("ElicitIntent", 1..=5) => {}
        _ => return Err(format!("Lex takes no `{kind}` with {} messages", messages.len())),
    }
    if kind == "Close" && text(answer, "/sessionState/intent/state").is_empty() {
        return Err("an intent that is closed has a state".to_owned());
    }
    let mut shown: Vec<Shown> = vec![];
    for message in messages {
        let card = message.get("imageResponseCard");
        match (text(message, "/contentType"), card, shown.last_mut()) {
            ("PlainText", None, _) if (1..=MAX_TEXT).contains(&text(message, "/content").chars().count()) => {
                shown.push(Shown::text(user, "", text(message, "/content")));
            }
            ("ImageResponseCard", Some(card), Some(last)) if list(card, "/buttons").len() <= 5 => {
                last.look = Look::Buttons;
                let buttons = list(card, "/buttons").iter();
                last.choices = buttons.map(|one| Choice::payload(text(one, "/text"), text(one, "/value"))).collect();
            }
            _ => return Err("Lex does not take such a message".to_owned()),
        }
    }
    if let Some(last) = shown.last_mut() {
        text(answer, "/sessionState/sessionAttributes/frontdesk_status").clone_into(&mut last.note);
    }
    Ok(shown)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::ids::Ids;

    const USER: &str = "+13105550100";

    fn said(act: Act, wishes: Value) -> Said {
        Said { user: USER.to_owned(), act, chinese: false, wishes }
    }

    fn with<T>(account: &Value, ids: &mut Ids, act: impl FnOnce(&mut Moment<'_>) -> T) -> T {
        act(&mut Moment { account, now: 0, ids })
    }

    #[test]
    fn a_flow_hands_back_what_it_was_given_and_asks_again_by_itself() {
        let (mut connect, mut ids) = (Connect::default(), Ids::from(1));
        let account = json!({"instance_arn": "arn:instance"});
        let words = said(Act::Text("hello".to_owned()), Value::Null);
        let first = with(&account, &mut ids, |moment| connect.says(&words, moment)).unwrap();
        assert_eq!(first["Details"]["Parameters"], json!({"said": "hello"}));
        let wait = br#"{"status":"wait","reply":"One moment","turn":"","late":"abc"}"#;
        let shown = with(&account, &mut ids, |moment| connect.heard(&words, wait, moment)).unwrap();
        assert_eq!((shown[0].text.as_str(), shown[0].note.as_str()), ("One moment", "wait"));
        let again = with(&account, &mut ids, |moment| connect.follows(USER, moment)).unwrap();
        assert_eq!(again, first, "the very same");
        let answer = br#"{"status":"listen","reply":"Hi","turn":"2","late":""}"#;
        with(&account, &mut ids, |moment| connect.heard(&words, answer, moment)).unwrap();
        assert_eq!(with(&account, &mut ids, |moment| connect.follows(USER, moment)), None);
        let next = with(&account, &mut ids, |moment| connect.says(&words, moment)).unwrap();
        assert_eq!(next["Details"]["Parameters"], json!({"said": "hello", "turn": "2", "late": ""}));
        for bad in [&b"[]"[..], b"{\"turn\":2}", b"", b"{\"errorMessage\":\"x\"}"] {
            assert!(with(&account, &mut ids, |moment| connect.heard(&words, bad, moment)).is_err());
        }
    }

    #[test]
    fn lex_takes_what_is_documented() {
        let card = json!({"contentType": "ImageResponseCard", "imageResponseCard": {"title": "t", "buttons": [{"text": "a", "value": "b"}]}});
        let plain = json!({"contentType": "PlainText", "content": "Hi"});
        let answer = |kind: &str, state: &str, messages: Value| {
            let state = json!({"dialogAction": {"type": kind}, "intent": {"state": state}, "sessionAttributes": {}});
            json!({"sessionState": state, "messages": messages})
        };
        let shown = bot(USER, &answer("ElicitIntent", "", json!([plain, card]))).unwrap();
        assert_eq!((shown.len(), shown[0].choices.len()), (1, 1));
        assert!(bot(USER, &answer("Close", "Fulfilled", json!([]))).is_ok());
        for bad in [
            answer("ElicitIntent", "", json!([])),
            answer("Close", "", json!([plain])),
            answer("Delegate", "", json!([plain])),
            answer("ElicitIntent", "", json!([card])),
            answer("ElicitIntent", "", json!([{"contentType": "PlainText", "content": "x".repeat(1025)}])),
        ] {
            assert!(bot(USER, &bad).is_err(), "{bad}");
        }
    }
}

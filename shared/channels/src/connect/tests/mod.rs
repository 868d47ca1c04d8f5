//! What a flow or Lex hands over, and what ours makes of it.

mod answer;
mod inbound;
mod source;

use std::fs;
use std::path::Path;

use domain::{
    Author, ChannelId, Content, ConversationId, DedupId, DeliveryId, EventKind, Identity, InboundEvent, Line, Message,
    MessageId, Outbound, ReplyHandle, Transport, UnixMillis,
};
use serde_json::{Value, json};

use super::Connect;
use crate::{AnswerWith, Channel as _, EVENT, Gate, KeySet, Parsed, RawRequest, Unanswered, VerifyError};

const INSTANCE: &str = "arn:aws:connect:us-east-1:111122223333:instance/12345678-1234-1234-1234-123456789012";
const ALIAS: &str = "arn:aws:lex:us-east-1:111122223333:bot-alias/ABCDEFGHIJ/TSTALIASID";
const CONTACT: &str = "5ca32fbd-8f92-46af-92a5-6b0f970f0efe";
const SESSION: &str = "913a2a34-46e7-4b9c-8b6d-0c6d2b9b0a11";
const CALLER: &str = "+8613800138000";
const NOW: UnixMillis = UnixMillis(1_795_406_400_000);

fn keys() -> KeySet {
    let stored = json!({
        "sources": [{ "kid": "hotline", "secret": INSTANCE }, { "kid": "shop-bot", "secret": ALIAS }],
        "settings": { "accounts": { "hotline": { "language": "en" } } },
    });
    KeySet::from_json(&stored.to_string()).unwrap()
}

/// A whole event of `events/connect`.
fn event(name: &str) -> Value {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../events/connect").join(name);
    serde_json::from_slice(&fs::read(file).unwrap()).unwrap()
}

/// A call's step with these parameters.
fn flow(parameters: &Value) -> Value {
    let mut event = event("flow-begins.json");
    event["Details"]["Parameters"] = parameters.clone();
    event
}

/// What is typed or said to the bot in a session with these attributes.
fn lex(file: &str, said: &str, attributes: &Value) -> Value {
    let mut event = event(file);
    event["inputTranscript"] = json!(said);
    event["sessionState"]["sessionAttributes"] = attributes.clone();
    event["sessionState"]["originatingRequestId"] = json!(format!("request for {said}"));
    event
}

fn parsed(event: &Value) -> Result<Parsed, VerifyError> {
    let body = event.to_string();
    let raw = RawRequest { method: EVENT, url: "aws:lambda", headers: &[], body: body.as_bytes() };
    match Connect.verify(&raw, &keys(), NOW)? {
        Gate::Accept(verified) => Ok(Connect.parse(&verified)),
        Gate::Challenge(_) => panic!("AWS checks no address"),
    }
}

/// The one event that it holds.
fn one(event: &Value) -> InboundEvent {
    let parsed = parsed(event).unwrap();
    assert_eq!(parsed.rejects, vec![]);
    let [event] = <[_; 1]>::try_from(parsed.events).unwrap();
    event
}

fn content(event: &InboundEvent) -> &Content {
    let EventKind::Message { content } = &event.kind else { panic!("{:?}", event.kind) };
    content
}

fn text(text: &str) -> Content {
    Content::Text { text: text.to_owned() }
}

fn named(name: &str) -> Content {
    Content::Event { name: name.to_owned() }
}

/// A delivery of these contents; `waits`: the customer waits for a person from now on.
fn outbound(waits: bool, contents: &[(Author, Content)]) -> Outbound {
    let message = |(seq, (author, content)): (u64, &(Author, Content))| Message {
        id: MessageId::derive(&[b"m"]),
        seq,
        author: *author,
        content: content.clone(),
        at: NOW,
    };
    Outbound {
        id: DeliveryId::derive(&[b"d"]),
        identity: Identity { channel: ChannelId::Connect, account: "hotline".to_owned(), user: CALLER.to_owned() },
        conversation: ConversationId::derive(&[b"c"]),
        transport: Transport::Voice,
        messages: (11..).zip(contents).map(message).collect(),
        asked_at: None,
        expires: None,
        reply: Some(ReplyHandle {
            token: String::new(),
            until: NOW,
            line: Some(Line { id: CONTACT.to_owned(), waits, texts: false }),
        }),
    }
}

/// What the event is answered with this delivery, or without any.
fn answered(event: &Value, with_what: Result<&Outbound, Unanswered>) -> Value {
    let (body, keys) = (event.to_string(), keys());
    let raw = RawRequest { method: EVENT, url: "aws:lambda", headers: &[], body: body.as_bytes() };
    let with = AnswerWith { request: &raw, keys: &keys, now: NOW, random: [0; 16] };
    let answering = Connect.answering().unwrap();
    let answer = match with_what {
        Ok(outbound) => answering.answer(outbound, &with).unwrap(),
        Err(why) => answering.otherwise(why, &with),
    };
    let answer = answer.unwrap();
    assert_eq!(answer.content_type, "application/json");
    serde_json::from_str(&answer.body).unwrap()
}

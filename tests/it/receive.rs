//! The door for events of AWS: records, what they name in a bucket, files that come whole, callers that wait, failures.

use std::sync::LazyLock;

use app::answers::KnowledgeBot;
use app::envelope::read_inbound;
use channels::web::Web;
use channels::{
    Acknowledgement, Answer, AnswerWith, Answering, Channel, Doors, EVENT, EVENT_HEADER, Gate, KeySet, Parsed,
    RawRequest, ReceivedFile, RenderError, Rendering, Verified, VerifyError, Waits, WireCall, WireReply,
};
use domain::{Capabilities, ChannelId, Content, Delivery, EventKind, InboundEvent, Outbound, UnixMillis, UploadId};
use receive::{Answers, Deps, handle};
use serde_json::{Value, json};
use testkit::World;

use crate::support::{event, responder_of, shop_bot};

/// A channel that comes as events; its messages are the web's.
struct Posted;

static HEADERS: LazyLock<Vec<(String, String)>> = LazyLock::new(|| {
    let token = event("web/send-message.json")["headers"]["authorization"].as_str().unwrap().to_owned();
    vec![("authorization".to_owned(), token)]
});

impl Channel for Posted {
    fn capabilities(&self) -> &'static Capabilities {
        Web.capabilities()
    }

    fn doors(&self) -> Doors {
        Doors::Events
    }

    fn stored(&self, event: &RawRequest<'_>) -> Option<String> {
        let event: Value = serde_json::from_slice(event.body).ok()?;
        Some(event["key"].as_str()?.to_owned())
    }

    fn verify<'a>(&self, request: &RawRequest<'a>, keys: &KeySet, now: UnixMillis) -> Result<Gate<'a>, VerifyError> {
        let stored = request.header(EVENT_HEADER).is_none_or(|event| event.contains(r#""key":"#));
        if request.method != EVENT || !["aws:lambda", "aws:test"].contains(&request.url) || !stored {
            return Err(VerifyError::Refused("no event"));
        }
        Web.verify(&RawRequest { method: "POST", headers: &HEADERS, ..*request }, keys, now)
    }

    fn parse(&self, request: &Verified<'_>) -> Parsed {
        let parsed = Web.parse(request);
        let text = |event: &InboundEvent| text(event).unwrap();
        let file = |event: &InboundEvent| ReceivedFile {
            group: event.identity.group(),
            upload: UploadId::derive(&[event.id.as_str().as_bytes()]),
            mime: "text/plain".to_owned(),
            bytes: text(event).into_bytes(),
        };
        let files = parsed.events.iter().filter(|event| text(event).starts_with("file")).map(file).collect();
        Parsed { files, ..parsed }
    }

    fn acknowledgement(&self) -> Acknowledgement {
        Acknowledgement::text(r#"{"taken":true}"#)
    }

    fn answering(&self) -> Option<&'static dyn Answering> {
        Some(&Posted)
    }

    fn render(&self, _outbound: &Outbound, _with: &Rendering<'_>) -> Result<Vec<WireCall>, RenderError> {
        Ok(vec![])
    }

    fn classify(&self, _reply: &WireReply) -> Delivery {
        Delivery::Sent
    }
}

impl Answering for Posted {
    fn waits(&self, _keys: &KeySet) -> Option<Waits> {
        Some(Waits { patience_millis: 8_000, tries: 1, lets_go: true })
    }

    fn answer(&self, outbound: &Outbound, _with: &AnswerWith<'_>) -> Result<Option<Answer>, RenderError> {
        let body = json!({ "said": outbound.messages.last().map(|message| message.seq) }).to_string();
        Ok(Some(Answer { content_type: "application/json", body }))
    }
}

fn deps(world: &World) -> Deps {
    Deps {
        channels: |_| &Posted,
        channel: ChannelId::Web,
        secrets: Box::new(world.clone()),
        inbound: Box::new(world.clone()),
        objects: Some(Box::new(world.clone())),
        threads: None,
        files: Some(Box::new(world.clone())),
        clock: Box::new(world.clone()),
        answers: None,
    }
}

fn world() -> World {
    World::new(KnowledgeBot::without_knowledge())
}

/// A message, as event or object.
fn said(number: usize, text: &str) -> Value {
    let id = format!("0b8f3f2e-53a6-4b63-9d3c-{number:012}");
    json!({ "eventSource": "aws:test", "client_id": id, "content": { "type": "text", "text": text } })
}

fn text(event: &InboundEvent) -> Option<String> {
    let EventKind::Message { content: Content::Text { text } } = &event.kind else { return None };
    Some(text.clone())
}

fn texts(world: &World) -> Vec<String> {
    let events = world.inbound().into_iter().map(|message| read_inbound(&message.body).unwrap());
    events.map(|event| text(&event).unwrap()).collect()
}

#[tokio::test]
async fn every_record_is_taken_and_what_comes_again_has_the_same_id() {
    let world = world();
    let deps = deps(&world);
    let event = json!({ "Records": [said(1, "a"), said(2, "b"), { "eventSource": "aws:test", "client_id": 7 }] });
    assert_eq!(handle(&deps, &event).await, Ok(json!({ "taken": true })));
    assert_eq!(texts(&world), ["a", "b"]);
    let ids = || world.inbound().iter().map(|message| message.dedup.clone()).collect::<Vec<_>>();
    let first = ids();
    handle(&deps, &event).await.unwrap();
    assert_eq!(ids()[..2], first[..]);
    assert_eq!(handle(&deps, &json!({ "Records": [] })).await, Ok(json!({ "taken": true })), "nothing is no fault");
}

#[tokio::test]
async fn an_object_that_an_event_names_is_fetched_first() {
    let world = world();
    world.put_object("m1", said(1, "from the bucket").to_string().as_bytes());
    let deps = deps(&world);
    handle(&deps, &json!({ "key": "m1" })).await.unwrap();
    assert_eq!(texts(&world), ["from the bucket"]);
    for (key, broken) in [("gone", None), ("m1", Some("objects"))] {
        world.break_part(broken);
        assert!(handle(&deps, &json!({ "key": key })).await.is_err(), "{key}");
    }
    world.break_part(None);
    let without = Deps { objects: None, ..deps };
    assert!(handle(&without, &json!({ "key": "m1" })).await.is_err());
    assert_eq!(texts(&world).len(), 1);
}

#[tokio::test]
async fn a_file_is_kept_before_the_message_that_names_it() {
    let world = world();
    let event = said(1, "file one");
    world.break_part(Some("files"));
    assert!(handle(&deps(&world), &event).await.is_err());
    assert!(world.inbound().is_empty(), "a message whose file is not there");
    world.break_part(None);
    for _ in 0..2 {
        handle(&deps(&world), &event).await.unwrap();
    }
    let message = read_inbound(&world.inbound()[0].body).unwrap();
    let files = world.files(&message.identity.group());
    assert_eq!(files.len(), 1, "the same file has the same id");
    assert_eq!((files[0].1.as_str(), files[0].2.as_slice()), ("text/plain", &b"file one"[..]));
    assert!(handle(&Deps { files: None, ..deps(&world) }, &event).await.is_err());
}

#[tokio::test]
async fn a_record_that_fails_keeps_no_other_from_being_taken_and_the_event_comes_again() {
    let world = world();
    let event = json!({ "Records": [{ "key": "gone" }, said(2, "b"), { "eventSource": "aws:forged" }] });
    let error = handle(&deps(&world), &event).await.unwrap_err().to_string();
    assert_eq!(texts(&world), ["b"]);
    assert_eq!(error, "web: fetch what an event names failed", "the first failure, and nothing of the event");
    world.break_part(Some("inbound"));
    assert!(handle(&deps(&world), &said(3, "c")).await.is_err());
}

#[tokio::test]
async fn a_caller_that_waits_gets_the_answer() {
    let world = World::new(shop_bot());
    let answers = Answers {
        conversations: Box::new(world.clone()),
        deliveries: Box::new(world.clone()),
        random: Box::new(world.clone()),
    };
    let deps = Deps { answers: Some(answers), ..deps(&world) };
    let event = said(1, "你们几天能发货？");
    assert_eq!(handle(&deps, &event).await, Ok(json!({ "taken": true })), "nobody has answered in time");
    let desk = app::process::Responder { channels: |_| &Posted, ..responder_of(&world) };
    app::process::process(&desk, &world.inbound()[0].body).await.unwrap();
    assert_eq!(handle(&deps, &event).await, Ok(json!({ "said": 2 })));
}

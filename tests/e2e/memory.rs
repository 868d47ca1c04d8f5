//! The memory that the responder holds once it has answered: with the sentence encoder, as it is deployed, and without.

use std::path::Path;

use app::envelope::write_inbound;
use domain::{ChannelId, Content, EventKind, Identity, InboundEvent, UnixMillis};
use serde_json::{Value, json};
use tests::history::History;
use tests::lambda::{Function, Settings};
use tests::processes::Processes;
use tests::{Stack, Visitor};
use uuid::Uuid;

/// Bytes at most with the encoder, and without it.
const WITH: u64 = 130_000_000;
const WITHOUT: u64 = 64_000_000;

/// What customers write: greetings, questions of both languages, one that leads to a choice, one that nothing answers,
/// flows, and something long.
const TURNS: [&str; 10] = [
    "hello",
    "how many days until my parcel is delivered?",
    "你们几天能发货？那运费呢？",
    "do you ship abroad?",
    "发票怎么开",
    "refund",
    "who won the chess championship in 1972",
    "I want to return order A-10293",
    "我想预约到店",
    "My lamp arrived yesterday, and when I had put it on the table and plugged it in, it went on for a moment, then off, \
     and has stayed dark since then whatever I tried; what shall I do with it, and who pays for sending it back to you?",
];

/// As an event source mapping hands it over.
fn asked(at: usize, text: &str) -> Value {
    let user = format!("vis_memory_{}", Uuid::new_v4().simple());
    let identity = Identity { channel: ChannelId::Web, account: "memory".to_owned(), user };
    let group = identity.group();
    let kind = EventKind::Message { content: Content::Text { text: text.to_owned() } };
    let event = InboundEvent::new(identity, "1", UnixMillis(1_767_225_600_000), None, kind);
    let attributes = json!({
        "ApproximateReceiveCount": "1", "MessageGroupId": group, "MessageDeduplicationId": event.id,
    });
    let record = json!({
        "messageId": format!("m{at}"), "receiptHandle": format!("r{at}"), "body": write_inbound(&event),
        "attributes": attributes,
    });
    json!({ "Records": [record] })
}

/// The responder's binary with the deployed settings, its package in this folder, after two rounds of turns.
async fn held_by(stack: &Stack, package: &str) -> u64 {
    let settings = Settings::deployed(stack, "responder", "responder", &[("LAMBDA_TASK_ROOT", package)]);
    let function = Function::new(settings, History::default());
    for _ in 0..2 {
        for (at, text) in TURNS.iter().enumerate() {
            let answer = function.invoke(&asked(at, text), vec![]).await.answer();
            assert_eq!(answer, json!({ "batchItemFailures": [] }), "{text}");
        }
    }
    function.resident().unwrap()
}

#[expect(clippy::cast_precision_loss, reason = "shown with one decimal")]
fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

#[tokio::test]
async fn the_responder_fits_its_memory_with_the_encoder_and_without() {
    let Some(stack) = Stack::running() else { return };
    if Processes::of(&stack, "responder").is_none() {
        return;
    }
    let package = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/lambda/responder");
    let bare = Path::new(env!("CARGO_TARGET_TMPDIR")).join("responder-without-encoder");
    std::fs::create_dir_all(&bare).unwrap();
    let without = held_by(&stack, bare.to_str().unwrap()).await;
    assert!(without <= WITHOUT, "without the encoder: {without} bytes");
    println!("the responder without the encoder holds {:.1} MB (at most 64)", megabytes(without));

    if !Path::new(package).join("encoder.fduse").exists() {
        println!("skipped: the stack runs without the encoder; `cargo local encoder` says why it cannot be had");
        return;
    }
    let with = held_by(&stack, package).await;
    assert!(with > without, "the encoder is loaded: {with} and {without} bytes");
    assert!(with <= WITH, "with the encoder: {with} bytes");

    // The deployed one has answered others too, in processes of the emulator's.
    for locale in ["zh", "en"] {
        let visitor = Visitor::open(&stack, &json!({ "locale": locale })).await;
        for text in &TURNS[1..5] {
            visitor.ask(text).await;
        }
    }
    let deployed = Processes::of(&stack, "responder").and_then(|processes| processes.resident()).unwrap();
    assert!(deployed > without && deployed <= WITH, "deployed: {deployed} bytes");
    println!(
        "the responder with the encoder holds {:.1} MB, as deployed {:.1} MB (at most 130)",
        megabytes(with),
        megabytes(deployed)
    );
}

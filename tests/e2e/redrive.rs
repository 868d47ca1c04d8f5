//! Dead letters on their way back, with `cargo local redrive` on the running stack.

use std::time::Duration;

use app::ports::Clock as _;
use aws::SystemClock;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::{Message, MessageSystemAttributeName};
use domain::{Content, EventKind, InboundEvent, VisitorId};
use serde_json::json;
use tests::{Stack, Visitor, until};

use crate::mail::Person;

/// The inbound dead-letter queue, in which other tests' records may lie too.
pub(crate) struct Dlq<'a> {
    stack: &'a Stack,
    sqs: Client,
    url: &'a str,
}

impl<'a> Dlq<'a> {
    pub(crate) async fn of(stack: &'a Stack) -> Self {
        Self { stack, sqs: Client::new(&stack.sdk(None).await), url: stack.text("/queues/inbound_dlq") }
    }

    async fn put(&self, group: &str, dedup: &str, body: &str) {
        let send = self.sqs.send_message().queue_url(self.url).message_body(body).message_group_id(group);
        send.message_deduplication_id(dedup).send().await.unwrap();
    }

    /// The record of a group, once it is there; every record stays where it is and visible.
    pub(crate) async fn record_of(&self, group: &str) -> Message {
        until("the dead letter", Duration::from_mins(1), async || {
            let mut seen = vec![];
            loop {
                let received = self.receive().await;
                let end = received.is_empty();
                seen.extend(received);
                if end {
                    break;
                }
            }
            for message in &seen {
                let show = self.sqs.change_message_visibility().queue_url(self.url).visibility_timeout(0);
                show.receipt_handle(message.receipt_handle().unwrap()).send().await.unwrap();
            }
            seen.into_iter().find(|message| is_of(message, group))
        })
        .await
    }

    async fn receive(&self) -> Vec<Message> {
        let receive = self.sqs.receive_message().queue_url(self.url).max_number_of_messages(10).visibility_timeout(30);
        let receive = receive.message_system_attribute_names(MessageSystemAttributeName::MessageGroupId);
        receive.message_attribute_names("reason").send().await.unwrap().messages.unwrap_or_default()
    }

    pub(crate) async fn delete(&self, message: &Message) {
        let receipt = message.receipt_handle().unwrap();
        self.sqs.delete_message().queue_url(self.url).receipt_handle(receipt).send().await.unwrap();
    }

    fn redrive(&self, arguments: &[&str]) -> String {
        let output = self.stack.local(&[&["redrive", "inbound"], arguments].concat());
        String::from_utf8(output.stdout).unwrap()
    }
}

fn is_of(message: &Message, group: &str) -> bool {
    message.attributes().unwrap()[&MessageSystemAttributeName::MessageGroupId] == group
}

#[tokio::test]
async fn dead_letters_are_answered_once_and_the_hopeless_come_back() {
    let Some(stack) = Stack::running() else { return };
    let dlq = Dlq::of(&stack).await;
    let visitor = Visitor::open(&stack, &json!({})).await;
    let id: VisitorId = serde_json::from_value(visitor.session["visitor_id"].clone()).unwrap();
    let identity = channels::web::session::identity(&id);
    let group = identity.group();
    let kind = EventKind::Message { content: Content::Text { text: "你们几天能发货？".to_owned() } };
    let event = InboundEvent::new(identity, "redriven", SystemClock.now(), None, kind);
    let body = app::envelope::write_inbound(&event);
    let hopeless = uuid::Uuid::new_v4().to_string();
    dlq.put(&hopeless, &hopeless, "zebra-canary, no envelope").await;
    dlq.put(group.as_str(), event.id.as_str(), &body).await;

    // Twice: the first look neither moved nor hid them.
    for look in 1..=2 {
        let shown = dlq.redrive(&["--dry-run"]);
        for group in [&hopeless, group.as_str()] {
            assert!(shown.contains(&format!("group {group}: ")), "look {look}: {shown}");
        }
        assert!(!shown.contains("canary") && !shown.contains("发货") && shown.contains("moved none"), "{shown}");
    }
    let page: serde_json::Value = visitor.get("/v1/messages?after=0").await.json().await.unwrap();
    assert_eq!(page["messages"], json!([]));

    let said = dlq.redrive(&[]);
    let end = said.lines().last().unwrap();
    assert!(end.starts_with("moved ") && end.contains(" groups, ") && end.ends_with(" left"), "{said}");
    visitor.messages(2).await;
    let back = dlq.record_of(&hopeless).await;
    let reason = back.message_attributes().unwrap()["reason"].string_value().unwrap();
    assert!(reason.starts_with("not an envelope"), "{reason}");
    assert_eq!(back.body(), Some("zebra-canary, no envelope"));

    // Once more, and with the same event dead a second time: what was answered is not answered again.
    dlq.put(group.as_str(), &uuid::Uuid::new_v4().to_string(), &body).await;
    dlq.redrive(&["--rate", "5"]);
    let answer = visitor.ask("how do I return a broken item").await;
    let messages = visitor.messages(4).await;
    assert_eq!(messages.len(), 4, "two questions and two answers: {messages:?}");
    assert_eq!(messages[3]["content"]["text"], answer.as_str());
    dlq.delete(&dlq.record_of(&hopeless).await).await;
}

#[tokio::test]
async fn an_unknown_dead_letter_queue_is_answered_with_the_known_ones() {
    let Some(stack) = Stack::running() else { return };
    let mut command = std::process::Command::new("cargo");
    command.args(["local", "redrive", "inbox", "--port-base", &stack.port().to_string()]);
    let output = command.current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/..")).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        !output.status.success()
            && said.contains(
                "there are actions, inbound, media, outbound-email, outbound-sms, outbound-social, outbound-voice, outbound-web"
            ),
        "{said}"
    );
}

#[tokio::test]
async fn mail_that_no_function_took_is_handed_over_once() {
    let Some(stack) = Stack::running() else { return };
    let person = Person::of(&stack);
    let key = format!("redrive-{}", uuid::Uuid::new_v4().simple());
    let kind = "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n";
    let mail = format!(
        "From: {}\r\nMessage-ID: <lost@example.com>\r\nSubject: lost\r\n{kind}\r\ndo you ship abroad?",
        person.address
    );
    let bucket = stack.text("/channels/email/mail_bucket");
    let name = format!("{}-dlq", stack.text("/channels/email/function"));
    let answers = stack.aws(&json!([
        { "service": "s3", "operation": "put_object", "arguments": { "Bucket": bucket, "Key": key, "Body": mail } },
        { "service": "sqs", "operation": "get_queue_url", "arguments": { "QueueName": name } },
    ]));
    let url = answers[1]["QueueUrl"].as_str().unwrap();
    let pass = json!({ "status": "PASS" });
    let event = |key: &str| {
        let receipt = json!({
            "recipients": [person.mailbox], "spamVerdict": pass, "virusVerdict": pass, "dmarcVerdict": pass,
        });
        let ses = json!({ "mail": { "messageId": key, "source": person.address }, "receipt": receipt });
        json!({ "Records": [{ "eventSource": "aws:ses", "ses": ses }] }).to_string()
    };
    // As Lambda puts it there: the event as it was, and why in an attribute.
    let put = |key: &str, why: &str| {
        let why = json!({ "ErrorMessage": { "DataType": "String", "StringValue": why } });
        let arguments = json!({ "QueueUrl": url, "MessageBody": event(key), "MessageAttributes": why });
        let sent = stack.aws(&json!([{ "service": "sqs", "operation": "send_message", "arguments": arguments }]));
        sent[0]["MessageId"].as_str().unwrap().to_owned()
    };
    let redrive = |arguments: &[&str]| {
        let output = stack.local(&[&["redrive", "receive-email"], arguments].concat());
        String::from_utf8(output.stdout).unwrap()
    };
    // One whose mail was never there; the other comes twice, as after a run that broke off.
    let missing = format!("{key}-missing");
    let (hopeless, good) = (put(&missing, "zebra: gone"), put(&key, "zebra: late"));
    let again = put(&key, "zebra: late");
    for look in 1..=2 {
        let shown = redrive(&["--dry-run"]);
        assert!([&hopeless, &good, &again].iter().all(|id| shown.contains(id.as_str())), "look {look}: {shown}");
        assert!(shown.contains("reason: zebra: gone") && shown.contains("handed over none"), "{shown}");
        assert!(!shown.contains(&person.address) && !shown.contains("Records"), "{shown}");
    }
    assert_eq!(person.has(0).await.len(), 0);
    let said = redrive(&["--rate", "50"]);
    assert!(said.starts_with("handed over ") && said.trim_end().ends_with(" left"), "{said}");
    person.has(1).await;
    let shown = redrive(&["--dry-run"]);
    assert!(shown.contains(&hopeless) && !shown.contains(&good) && !shown.contains(&again), "{shown}");
    // A mail after it marks the end of what the second copy could have caused.
    person.sends(&person.mailbox, &format!("{kind}Subject: next\r\n"), b"how do I return a broken item").await;
    assert_eq!(person.has(2).await.len(), 2, "the same event twice, one answer");

    // Its mail comes after all; then it is taken, too.
    let late = json!({ "Bucket": bucket, "Key": missing, "Body": mail.replace("<lost@", "<late@") });
    stack.aws(&json!([{ "service": "s3", "operation": "put_object", "arguments": late }]));
    redrive(&[]);
    assert_eq!(person.has(3).await.len(), 3);
    assert!(!redrive(&["--dry-run"]).contains(&hopeless));
    let gone = json!({ "Bucket": bucket, "Key": missing });
    stack.aws(&json!([{ "service": "s3", "operation": "delete_object", "arguments": gone }]));
}

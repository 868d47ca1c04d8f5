//! AWS two-way messages, as SNS hands them over.

use serde_json::{Value, json};

use super::*;
use crate::EVENT;

/// A record of SNS with this message.
fn record(topic: &str, message: &str) -> Value {
    json!({
        "EventSource": "aws:sns", "EventVersion": "1.0",
        "EventSubscriptionArn": format!("{topic}:2bcfbf39-05c3-41de-beaa-fcfcc21c8f55"),
        "Sns": {
            "Type": "Notification", "MessageId": "95df01b4-ee98-5cb9-9903-4c221d41eb5e", "TopicArn": topic, "Subject": null,
            "Message": message, "Timestamp": "2026-01-01T00:00:00.000Z", "SignatureVersion": "1", "Signature": "EXAMPLE",
            "SigningCertUrl": "EXAMPLE", "UnsubscribeUrl": "EXAMPLE", "MessageAttributes": {},
        },
    })
}

fn message(from: &str, to: &str, body: &str) -> String {
    json!({
        "originationNumber": from, "destinationNumber": to, "messageKeyword": "KEYWORD_1", "messageBody": body,
        "inboundMessageId": "cae173d2-66b9-564c-8309-21f858e9fb84", "previousPublishedMessageId": "wJalr",
    })
    .to_string()
}

fn comes(record: &Value) -> Result<Parsed, VerifyError> {
    let body = record.to_string();
    door(&RawRequest { method: EVENT, url: "aws:sns", headers: &[], body: body.as_bytes() }, &keys())
}

#[test]
fn a_message_comes_from_the_topic_of_its_number() {
    let parsed = comes(&record(TOPIC, &message(ANN, AWS, "我的快递呢?\n急"))).unwrap();
    assert_eq!(said(&parsed), [(AWS, ANN, &text("我的快递呢?\n急"))]);
    let stop = comes(&record(TOPIC, &message(ANN, AWS, "STOP"))).unwrap();
    assert_eq!(said(&stop), [(AWS, ANN, &event("opt_out"))]);
    assert_eq!(said(&stop)[0].1, ANN);
    assert_eq!(stop.events[0].id, parsed.events[0].id, "one message id is one message");
}

#[test]
fn other_topics_and_other_events_are_refused() {
    let good = record(TOPIC, &message(ANN, AWS, "hi"));
    let mut queue = good.clone();
    queue["EventSource"] = json!("aws:sqs");
    let elsewhere = record("arn:aws:sns:us-east-1:999999999999:sms-inbound", &message(ANN, AWS, "hi"));
    for refused in [queue, elsewhere, json!({}), json!([]), json!("x"), json!({ "Sns": {} })] {
        assert!(matches!(comes(&refused), Err(VerifyError::Refused(_))), "{refused}");
    }
    // The method is what tells an event of AWS: no HTTP door lets it through.
    let body = good.to_string();
    let request = RawRequest { method: "POST", url: "aws:sns", headers: &[], body: body.as_bytes() };
    assert!(door(&request, &keys()).is_err());
    let none = KeySet::from_json(r#"{"settings":{"accounts":{"+12125550101":{"provider":"aws"}}}}"#).unwrap();
    let request = RawRequest { method: EVENT, ..request };
    assert_eq!(door(&request, &none), Err(VerifyError::NoKey("aws_topics")));
}

#[test]
fn what_cannot_be_read_is_kept_and_what_is_new_is_passed_over() {
    for (message, field) in [
        ("not JSON".to_owned(), "Sns.Message"),
        (message("22395", AWS, "hi"), "Sns.Message.originationNumber"),
        (message(ANN, TWILIO, "hi"), "Sns.Message.destinationNumber"),
        // Another topic's number.
        (message(ANN, "+12125550102", "hi"), "Sns.Message.destinationNumber"),
        (r#"{"originationNumber":"+14155550100"}"#.to_owned(), "Sns.Message"),
        (message(ANN, AWS, "hi").replace("cae173d2-66b9-564c-8309-21f858e9fb84", ""), "Sns.Message.inboundMessageId"),
        ("7".to_owned(), "Sns.Message"),
    ] {
        let parsed = comes(&record(TOPIC, &message)).unwrap();
        let [reject] = &parsed.rejects[..] else { panic!("{message}: {parsed:?}") };
        assert_eq!((reject.field.as_str(), parsed.events.len()), (field, 0), "{message}");
        assert!(reject.item.is_some() && !reject.reason.contains(ANN), "{reject:?}");
    }
    let new = comes(&record(TOPIC, r#"{"eventType":"TEXT_DELIVERED","messageId":"x"}"#)).unwrap();
    assert_eq!(new, Parsed::default());
}

#[test]
fn a_whole_event_is_taken() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../events/sms/aws-message.json");
    let event: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    let parsed = comes(&event["Records"][0]).unwrap();
    assert_eq!(said(&parsed), [(AWS, "+14255550182", &text("我的快递呢?\n急"))]);
}

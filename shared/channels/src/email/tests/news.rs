//! What becomes known of our own mail.

use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::{Content, DeliveryId, DeliveryStatus, EventKind};
use serde_json::{Value, json};

use super::{BOX, NOW, ann, keys, mail, taken};
use crate::email::Email;
use crate::{Channel as _, EVENT, Gate, Parsed, RawRequest};

fn told(kind: &str, about: &Value) -> Parsed {
    let mut message = json!({
        "eventType": kind,
        "mail": { "messageId": "s1", "source": format!("Shop <{BOX}>"), "tags": {
            "delivery": [DeliveryId::derive(&[b"d"]).to_string()],
            "seq": ["7"],
            "user": [URL_SAFE_NO_PAD.encode("ann@example.com")],
        } },
    });
    message.as_object_mut().unwrap().extend(about.as_object().unwrap().clone());
    let record = json!({ "EventSource": "aws:sns", "Sns": { "Message": message.to_string() } }).to_string();
    let request = RawRequest { method: EVENT, url: "aws:sns", headers: &[], body: record.as_bytes() };
    let Gate::Accept(verified) = Email.verify(&request, &keys(), NOW).unwrap() else { panic!("accepted") };
    Email.parse(&verified)
}

/// The name of what becomes of it, and for failures the reason's beginning.
fn became(kind: &str, about: &Value) -> String {
    let parsed = told(kind, about);
    let Some(event) = parsed.events.first() else { return "nothing".to_owned() };
    assert_eq!(event.identity, ann());
    match &event.kind {
        EventKind::Receipt { delivery, seq, status } => {
            assert_eq!((delivery, *seq), (&DeliveryId::derive(&[b"d"]), 7));
            match status {
                DeliveryStatus::Failed { reason } => reason.clone(),
                other => format!("{other:?}"),
            }
        }
        EventKind::Message { content: Content::Event { name } } => name.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn bounces_fail_and_an_out_of_office_does_not() {
    for (kind, subkind, wanted) in [
        ("Permanent", "General", "the address does not take mail"),
        ("Permanent", "NoEmail", "there is no such address"),
        ("Permanent", "Suppressed", "blocked: "),
        ("Permanent", "OnAccountSuppressionList", "blocked: "),
        ("Transient", "General", "nothing"),
        ("Transient", "MailboxFull", "the customer's mailbox is full"),
        ("Transient", "MessageTooLarge", "the mail is too large"),
        ("Transient", "ContentRejected", "the customer's mail system"),
        ("Transient", "AttachmentRejected", "the customer's mail system"),
        ("Undetermined", "Undetermined", "MaybeSent"),
    ] {
        let about = json!({ "bounce": { "bounceType": kind, "bounceSubType": subkind, "feedbackId": "f" } });
        let found = became("Bounce", &about);
        assert!(found.starts_with(wanted), "{kind} {subkind}: {found}");
    }
}

#[test]
fn other_news_is_what_it_is() {
    let complaint = |kind: &str| json!({ "complaint": { "complaintFeedbackType": kind, "feedbackId": kind } });
    assert_eq!(became("Delivery", &json!({ "delivery": {} })), "Delivered");
    assert_eq!(became("Complaint", &complaint("abuse")), "complaint");
    assert_eq!(became("Complaint", &complaint("not-spam")), "complaint_withdrawn");
    assert!(became("Reject", &json!({})).contains("virus"));
    for kind in ["Send", "Open", "Click", "DeliveryDelay", "Something new"] {
        assert_eq!(became(kind, &json!({})), "nothing", "{kind}");
    }
    let again = |kind: &str| told("Complaint", &complaint(kind)).events[0].id.clone();
    assert!(again("abuse") == again("abuse") && again("abuse") != again("not-spam"));
}

#[test]
fn news_of_mail_that_is_not_ours_is_nothing() {
    for about in [
        json!({ "mail": {} }),
        json!({ "mail": { "source": "other@example.com", "tags": {} } }),
        json!({ "mail": null }),
    ] {
        assert_eq!(told("Delivery", &about), Parsed::default(), "{about}");
    }
}

/// Whole events of SNS, as Lambda hands them over.
#[test]
fn whole_events_are_what_they_are_called() {
    for (name, wanted) in [
        ("bounce", "Receipt { delivery: DeliveryId(\"dlv_51cbdf8bnevxsfbq9z63j0xwwm\"), seq: 2, status: Failed"),
        ("delivery", "Receipt { delivery: DeliveryId(\"dlv_51cbdf8bnevxsfbq9z63j0xwwm\"), seq: 2, status: Delivered"),
        ("complaint", "Message { content: Event { name: \"complaint\""),
    ] {
        let event = event(name);
        let record = event["Records"][0].to_string();
        let request = RawRequest { method: EVENT, url: "aws:sns", headers: &[], body: record.as_bytes() };
        let Gate::Accept(verified) = Email.verify(&request, &keys(), NOW).unwrap() else { panic!("accepted") };
        let parsed = Email.parse(&verified);
        let found = format!("{:?}", parsed.events[0].kind);
        assert!(found.starts_with(wanted), "{name}: {found}");
        assert_eq!(parsed.events[0].identity, ann());
    }
    let receipt = event("receipt")["Records"][0].clone();
    let parsed = taken(&receipt, mail("Subject: Order 1001\r\n", "hello").as_bytes()).unwrap();
    assert_eq!(parsed.events[0].identity, ann());
}

fn event(name: &str) -> Value {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../events/email").join(format!("{name}.json"));
    serde_json::from_slice(&fs::read(file).unwrap()).unwrap()
}

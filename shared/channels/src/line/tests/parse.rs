use domain::{Content, EventKind, InboundEvent, ReplyHandle};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::{Principal, Verified};

/// An event of the customer, with these fields instead of the usual ones.
fn event(fields: &Value) -> Value {
    let mut event = json!({
        "type": "message", "mode": "active", "timestamp": NOW.0 - 500, "replyToken": "RT",
        "webhookEventId": "01FZ", "deliveryContext": { "isRedelivery": false },
        "source": { "type": "user", "userId": CUSTOMER },
        "message": { "type": "text", "id": "1", "quoteToken": "q", "text": "你好" },
    });
    event.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    event
}

fn sent(events: &[Value]) -> Parsed {
    parsed(&json!({ "destination": BOT, "events": events }).to_string())
}

fn one(fields: &Value) -> InboundEvent {
    let mut parsed = sent(&[event(fields)]);
    assert_eq!((parsed.events.len(), parsed.rejects.len()), (1, 0), "{fields}");
    parsed.events.remove(0)
}

fn message(fields: &Value) -> Content {
    let EventKind::Message { content } = one(fields).kind else { panic!("no message: {fields}") };
    content
}

#[test]
fn every_kind_of_message_is_read() {
    let file = |content: Content| {
        let (Content::Image(file) | Content::Audio(file) | Content::Video(file) | Content::File(file)) = content else {
            panic!("no file: {content:?}")
        };
        (file.url.unwrap(), file.name, file.mime, file.size)
    };
    let own = json!({ "type": "line" });
    let text = |text: &str| Content::Text { text: text.to_owned() };
    let event = |name: &str| Content::Event { name: name.to_owned() };
    assert_eq!(message(&json!({})), text("你好"));
    assert_eq!(
        message(
            &json!({ "message": { "type": "sticker", "id": "2", "packageId": "1", "stickerId": "2", "text": "hi" } })
        ),
        text("hi")
    );
    for unsupported in ["sticker", "hologram"] {
        assert_eq!(message(&json!({ "message": { "type": unsupported, "id": "2" } })), event("unsupported"));
    }
    let image = message(&json!({ "message": { "type": "image", "id": "77", "contentProvider": own } }));
    assert!(matches!(image, Content::Image(_)));
    assert_eq!(file(image), ("line-content:77".into(), "photo.jpg".into(), "image/jpeg".into(), 0));
    let external = json!({ "type": "external", "originalContentUrl": "https://a.example/x.mp4" });
    let video = message(&json!({ "message": { "type": "video", "id": "78", "contentProvider": external } }));
    assert_eq!(file(video), ("https://a.example/x.mp4".into(), "video.mp4".into(), "video/mp4".into(), 0));
    let audio = message(&json!({ "message": { "type": "audio", "id": "79", "duration": 9, "contentProvider": own } }));
    assert!(matches!(audio, Content::Audio(_)));
    let pdf = json!({ "message": { "type": "file", "id": "80", "fileName": "a.pdf", "fileSize": 12 } });
    assert_eq!(file(message(&pdf)), ("line-content:80".into(), "a.pdf".into(), "application/octet-stream".into(), 12));
    let place = json!({ "type": "location", "id": "81", "title": "Office", "address": "1-3 Kioicho", "latitude": 35.5, "longitude": 139.5 });
    assert_eq!(
        message(&json!({ "message": place })),
        Content::Location { latitude: 35.5, longitude: 139.5, label: Some("Office\n1-3 Kioicho".to_owned()) }
    );
    let nowhere = json!({ "type": "location", "id": "81", "latitude": 90.1, "longitude": 139.5 });
    assert_eq!(message(&json!({ "message": nowhere })), event("unsupported"));
    let tapped = json!({ "type": "postback", "message": null, "postback": { "data": "order:7", "params": { "date": "2027-01-01" } } });
    assert_eq!(message(&tapped), Content::Postback { payload: "order:7".to_owned(), title: "order:7".to_owned() });
    let ours = json!({ "type": "postback", "message": null, "postback": { "data": "order:7\nOrder 7" } });
    assert_eq!(
        message(&ours),
        Content::Postback { payload: "order:7".to_owned(), title: "Order 7".to_owned() },
        "what we put on a button comes back"
    );
    assert_eq!(
        message(&json!({ "type": "follow", "message": null, "follow": { "isUnblocked": true } })),
        event("follow")
    );
    assert_eq!(message(&json!({ "type": "unfollow", "message": null })), event("unfollow"));
}

#[test]
fn what_is_nobody_s_message_to_us_is_let_go() {
    for other in [
        json!({ "mode": "standby" }),
        json!({ "source": { "type": "group", "groupId": "C1", "userId": CUSTOMER } }),
        json!({ "source": { "type": "room", "roomId": "R1", "userId": CUSTOMER } }),
        json!({ "type": "join", "source": { "type": "group", "groupId": "C1" } }),
        json!({ "type": "unsend", "unsend": { "messageId": "1" } }),
        json!({ "type": "beacon", "beacon": { "hwid": "d", "type": "enter" } }),
        json!({ "type": "accountLink", "link": { "result": "ok", "nonce": "n" } }),
        json!({ "type": "membership", "membership": { "type": "joined", "membershipId": 1 } }),
        json!({ "type": "videoPlayComplete", "videoPlayComplete": { "trackingId": "t" } }),
        json!({ "type": "botSuspended", "source": null, "webhookEventId": null }),
        json!({ "type": "something of next year", "source": null }),
    ] {
        assert_eq!(sent(&[event(&other)]), Parsed::default(), "{other}");
    }
}

#[test]
fn an_event_carries_its_account_its_id_and_its_reply_token() {
    let first = one(&json!({}));
    assert_eq!((first.identity.account.as_str(), first.identity.user.as_str()), (BOT, CUSTOMER));
    assert_eq!((first.at, &first.locale), (NOW, &None));
    let until = UnixMillis(NOW.0 - 500).plus_seconds(50);
    assert_eq!(
        first.reply,
        Some(ReplyHandle { token: "RT".to_owned(), until, line: None }),
        "from LINE's time, if that is earlier"
    );
    let ahead = one(&json!({ "timestamp": NOW.0 + 9_000 }));
    assert_eq!(ahead.reply.unwrap().until, NOW.plus_seconds(50), "but never beyond our own");
    assert_ne!(first.id, one(&json!({ "webhookEventId": "01G0" })).id);
}

#[test]
fn an_event_that_comes_again_is_the_same_event_without_a_token() {
    let again = one(&json!({ "deliveryContext": { "isRedelivery": true } }));
    assert_eq!(again.id, one(&json!({})).id);
    assert_eq!(again.reply, None);
}

#[test]
fn a_bad_event_is_quarantined_alone() {
    let bad = event(&json!({ "message": { "type": "text", "id": 5, "text": "x" } }));
    let nameless = event(&json!({ "source": { "type": "user" } }));
    let unnumbered = event(&json!({ "webhookEventId": null }));
    let mut deep = "[".repeat(100_000);
    deep.push_str(&"]".repeat(100_000));
    let body = format!(
        r#"{{"destination":"{BOT}","events":[{},{bad},{nameless},{unnumbered},{{"type":"message","message":{deep}}},{}]}}"#,
        event(&json!({ "webhookEventId": "a" })),
        event(&json!({ "webhookEventId": "b" })),
    );
    let parsed = parsed(&body);
    assert_eq!(parsed.events.len(), 2);
    let fields: Vec<&str> = parsed.rejects.iter().map(|reject| reject.field.as_str()).collect();
    assert_eq!(fields, ["", "source.userId", "webhookEventId", ""]);
    assert_eq!(parsed.rejects[0].item.as_deref(), Some(bad.to_string().as_str()));
}

#[test]
fn what_is_no_webhook_of_line_is_told_so() {
    for body in
        ["", "null", "[]", r#"{"events":[]}"#, r#"{"destination":1,"events":[]}"#, "{\"destination\":BOT,\"events\":5}"]
    {
        let body = body.replace("BOT", &format!("\"{BOT}\""));
        let parsed = parsed(&body);
        assert_eq!((parsed.events.len(), parsed.rejects.len()), (0, 1), "{body}");
        assert_eq!(parsed.rejects[0].item.as_deref().unwrap_or_default(), body, "kept whole");
    }
    let latin = b"{\"destination\":\"U00000000000000000000000000000000\",\"events\":[\"\xe4\"]}";
    let (_, parsed) = check(latin, Some(&signature("one", latin)), &keys()).unwrap();
    assert_eq!((parsed.events.len(), parsed.rejects.len()), (0, 1));
}

#[test]
fn nothing_is_read_under_another_account() {
    let body = json!({ "destination": OTHER_BOT, "events": [event(&json!({}))] }).to_string();
    let principal = Principal { account: BOT.to_owned(), ..Principal::default() };
    let parsed = Line.parse(&Verified { body: body.as_bytes().into(), principal, at: NOW });
    assert_eq!((parsed.events.len(), parsed.rejects[0].field.as_str()), (0, "destination"));
}

proptest! {
    #[test]
    fn nothing_that_is_signed_breaks_the_reader(body in "[\\[{}\\]\",:a-z0-9 ]{0,80}") {
        let (account, parsed) = check(body.as_bytes(), Some(&signature("one", body.as_bytes())), &keys()).unwrap();
        prop_assert_eq!((account.as_str(), parsed.events.len(), parsed.rejects.len()), (BOT, 0, 1));
    }

    #[test]
    fn every_item_is_an_event_a_reject_or_nothing(cut in proptest::collection::vec((0_usize..6, "[ -~]{0,6}"), 0..12)) {
        let fields = ["type", "message", "source", "webhookEventId", "timestamp", "postback"];
        let events: Vec<Value> = cut.iter().map(|(at, text)| event(&json!({ fields[*at]: text }))).collect();
        let parsed = sent(&events);
        prop_assert!(parsed.events.len() + parsed.rejects.len() <= events.len());
    }
}

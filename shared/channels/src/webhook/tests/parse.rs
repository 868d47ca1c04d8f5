use domain::{Attachment, Content, EventKind, InboundEvent, Locale};
use proptest::prelude::*;

use super::*;

/// A chat system's batch, as a team might have it.
pub(super) fn full(items: &str) -> Value {
    json!({
        "items": items, "only": { "/type": "message", "/internal": null },
        "user": "/from/id", "id": "/id", "text": "/text", "locale": "/lang",
        "payload": "/button/value", "title": "/button/label",
        "file": { "url": "/file/url", "name": "/file/name", "mime": "/file/type", "size": "/file/bytes" },
    })
}

fn item(fields: &Value) -> Value {
    let mut item = json!({ "type": "message", "id": "m1", "from": { "id": "u1" }, "lang": "zh-CN" });
    item.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    item
}

fn batch(items: &[Value]) -> Parsed {
    parsed(&full("/data/messages"), json!({ "data": { "messages": items } }).to_string().as_bytes())
}

fn one(fields: &Value) -> InboundEvent {
    let mut parsed = batch(&[item(fields)]);
    assert_eq!((parsed.events.len(), &parsed.rejects), (1, &vec![]), "{fields}");
    parsed.events.remove(0)
}

fn content(fields: &Value) -> Content {
    let EventKind::Message { content } = one(fields).kind else { panic!("no message: {fields}") };
    content
}

fn fault(fields: &Value) -> (String, String) {
    let mut parsed = batch(&[item(fields)]);
    assert_eq!((parsed.events.len(), parsed.rejects.len()), (0, 1), "{fields}");
    let reject = parsed.rejects.remove(0);
    assert_eq!(reject.item, Some(item(fields).to_string()));
    (reject.field, reject.reason)
}

#[test]
fn messages_are_found_where_the_mapping_says() {
    let event = one(&json!({ "text": "几天到？" }));
    assert_eq!((event.identity.user.as_str(), event.at, event.locale), ("u1", NOW, Locale::from_tag("zh")));
    assert_eq!(content(&json!({ "text": "几天到？" })), Content::Text { text: "几天到？".to_owned() });
    assert_eq!(one(&json!({ "text": "a" })).id, one(&json!({ "text": "a", "at": 5 })).id, "the id makes it the same");
    assert_ne!(one(&json!({ "text": "a" })).id, one(&json!({ "text": "a", "id": 7 })).id);
    let numbered = one(&json!({ "text": "a", "from": { "id": 18_446_744_073_709_551_615_u64 } }));
    assert_eq!(numbered.identity.user, "18446744073709551615");
    let taken = json!({ "text": "You chose", "button": { "value": "order:7", "label": "Order 7" } });
    let postback = |title: &str| Content::Postback { payload: "order:7".to_owned(), title: title.to_owned() };
    assert_eq!(content(&taken), postback("Order 7"));
    assert_eq!(content(&json!({ "text": "Order!", "button": { "value": "order:7" } })), postback("Order!"));
    assert_eq!(content(&json!({ "button": { "value": "order:7" } })), postback("order:7"));
    let photo = json!({ "text": "see", "file": { "url": "https://a.example/x", "name": "x.png", "type": "image/png", "bytes": 9 } });
    let file = |name: &str, mime: &str, size| Attachment {
        upload: None,
        url: Some("https://a.example/x".to_owned()),
        name: name.to_owned(),
        mime: mime.to_owned(),
        size,
    };
    assert_eq!(content(&photo), Content::Image(file("x.png", "image/png", 9)));
    let bare = json!({ "file": { "url": "https://a.example/x" } });
    assert_eq!(content(&bare), Content::File(file("file", "application/octet-stream", 0)));
    for (mime, is) in [("audio/ogg", "audio"), ("video/mp4", "video"), ("text/plain", "file")] {
        let content = content(&json!({ "file": { "url": "https://a.example/x", "type": mime } }));
        assert_eq!(serde_json::to_value(content).unwrap()["type"], is);
    }
}

#[test]
fn constants_stand_for_what_the_system_does_not_send() {
    let mapping = json!({ "user": "/u", "id": "/i", "text": "/t", "locale": { "always": "ja" } });
    let parsed = parsed(&mapping, br#"{"u":"a","i":1,"t":"x"}"#);
    assert_eq!(parsed.events[0].locale, Locale::from_tag("ja"));
}

#[test]
fn what_is_no_message_is_let_go() {
    for other in [
        json!({ "type": "typing", "text": "x" }),
        json!({ "type": null, "text": "x" }),
        json!({ "internal": true, "text": "x" }),
        json!({ "text": null }),
        json!({ "text": " " }),
        json!({ "button": {}, "file": null }),
    ] {
        assert_eq!(batch(&[item(&other)]), Parsed::default(), "{other}");
    }
    assert_eq!(parsed(&full("/data/messages"), b"{}"), Parsed::default());
}

#[test]
fn a_bad_message_is_quarantined_alone() {
    let parsed = batch(&[
        item(&json!({ "text": "one" })),
        item(&json!({ "text": "two", "from": {} })),
        item(&json!({ "text": "three", "id": "m3", "from": { "id": "u2" } })),
    ]);
    assert_eq!((parsed.events.len(), parsed.rejects.len()), (2, 1));
    for (fields, field) in [
        (json!({ "text": "x", "from": {} }), "/from/id"),
        (json!({ "text": "x", "from": { "id": " " } }), "/from/id"),
        (json!({ "text": "x", "id": true }), "/id"),
        (json!({ "text": "x", "id": 1.5 }), "/id"),
        (json!({ "text": ["x"] }), "/text"),
        (json!({ "text": "x".repeat(10_001) }), "/text"),
        (json!({ "text": "x", "id": "x".repeat(257) }), "/id"),
        (json!({ "button": { "value": {} } }), "/button/value"),
        (json!({ "file": { "url": "http://a.example/x" } }), "/file/url"),
        (json!({ "file": { "url": "https://a.example/x", "name": [] } }), "/file/name"),
    ] {
        let (found, reason) = fault(&fields);
        assert_eq!(found, field);
        assert!(!reason.is_empty() && !reason.contains("xx"), "no text of theirs: {reason}");
    }
}

#[test]
fn what_is_no_json_is_told_so() {
    for (body, field) in [(&b"{"[..], ""), (b"", ""), (b"\xff", ""), (br#"{"data":{"messages":{}}}"#, "/data/messages")]
    {
        let parsed = parsed(&full("/data/messages"), body);
        assert_eq!((parsed.events.len(), parsed.rejects.len()), (0, 1));
        let kept = parsed.rejects[0].item.clone().unwrap_or_default();
        assert_eq!((parsed.rejects[0].field.as_str(), kept), (field, String::from_utf8_lossy(body).into_owned()));
    }
    let deep = [vec![b'['; 1_000_000], vec![b']'; 1_000_000]].concat();
    assert_eq!(parsed(&full("/data/messages"), &deep).rejects.len(), 1);
}

proptest! {
    #[test]
    fn nothing_that_is_signed_breaks_the_reader(body in "[\\[{}\\]\",:a-z0-9 ]{0,80}") {
        for mapping in [full("/data/messages"), receive()] {
            let parsed = parsed(&mapping, body.as_bytes());
            prop_assert!(parsed.events.is_empty() && parsed.rejects.len() <= 1);
        }
    }
}

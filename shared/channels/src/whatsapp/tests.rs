//! `WhatsApp`, table by table.

use domain::{Attachment, Author, Button, ChannelId, Content, DeliveryStatus, EventKind, QuickReply};
use serde_json::{Value, json};

use crate::Parsed;
use crate::meta::testing::{NOW, bodies, delivery, parsed, rendered, text, told};

const ID: ChannelId = ChannelId::WhatsApp;

fn body(field: &str, account: &str, value: &Value) -> Value {
    let mut whole = json!({ "messaging_product": "whatsapp",
        "metadata": { "display_phone_number": "15550783881", "phone_number_id": account },
        "contacts": [{ "profile": { "name": "A" }, "wa_id": "7" }] });
    whole.as_object_mut().unwrap().extend(value.as_object().unwrap().clone());
    json!({ "object": "whatsapp_business_account",
        "entry": [{ "id": "99", "changes": [{ "field": field, "value": whole }] }] })
}

fn of(value: &Value) -> Parsed {
    parsed(ID, &["1"], None, &body("messages", "1", value))
}

fn message(fields: &Value) -> Value {
    let mut message = json!({ "from": "7", "id": "wamid.A", "timestamp": "1767225600" });
    message.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    message
}

fn contents(fields: &Value) -> Vec<Content> {
    let parsed = of(&json!({ "messages": [message(fields)] }));
    assert_eq!(parsed.rejects, [], "{fields}");
    let content = |event: &domain::InboundEvent| match told(event) {
        ("1", "7", EventKind::Message { content }) => content.clone(),
        other => panic!("{fields}: {other:?}"),
    };
    parsed.events.iter().map(content).collect()
}

fn event(name: &str) -> Content {
    Content::Event { name: name.to_owned() }
}

fn file(id: &str, name: &str, mime: &str) -> Attachment {
    let url = Some(format!("whatsapp-media:{id}"));
    Attachment { upload: None, url, name: name.to_owned(), mime: mime.to_owned(), size: 0 }
}

#[test]
fn every_type_is_something() {
    let postback = |payload: &str, title: &str| Content::Postback { payload: payload.into(), title: title.into() };
    let place =
        |label: Option<&str>| Content::Location { latitude: 31.25, longitude: 121.5, label: label.map(str::to_owned) };
    for (fields, wanted) in [
        (json!({ "type": "text", "text": { "body": "你好" }, "context": { "id": "wamid.0" } }), vec![text("你好")]),
        (json!({ "type": "text", "text": { "body": " " } }), vec![event("unsupported")]),
        (
            json!({ "type": "image", "image": { "id": "M", "mime_type": "image/png", "caption": "what?" } }),
            vec![Content::Image(file("M", "photo.jpg", "image/png")), text("what?")],
        ),
        (
            json!({ "type": "image", "image": { "id": "M", "caption": " " } }),
            vec![Content::Image(file("M", "photo.jpg", "image/jpeg"))],
        ),
        (
            json!({ "type": "sticker", "sticker": { "id": "M" } }),
            vec![Content::Image(file("M", "sticker.webp", "image/webp"))],
        ),
        (
            json!({ "type": "audio", "audio": { "id": "M", "mime_type": "audio/ogg; codecs=opus", "voice": true } }),
            vec![Content::Audio(file("M", "voice.ogg", "audio/ogg; codecs=opus"))],
        ),
        (json!({ "type": "video", "video": { "id": "M" } }), vec![Content::Video(file("M", "video.mp4", "video/mp4"))]),
        (
            json!({ "type": "document", "document": { "id": "M", "filename": "a.pdf", "mime_type": "application/pdf" } }),
            vec![Content::File(file("M", "a.pdf", "application/pdf"))],
        ),
        (json!({ "type": "location", "location": { "latitude": 31.25, "longitude": 121.5 } }), vec![place(None)]),
        (
            json!({ "type": "location", "location": { "latitude": 31.25, "longitude": 121.5, "name": "店", "address": "路" } }),
            vec![place(Some("店\n路"))],
        ),
        (
            json!({ "type": "contacts", "contacts": [{ "phones": [{ "phone": "+1" }] }, { "phones": [{ "phone": "+2" }] }] }),
            vec![text("+1\n+2")],
        ),
        (json!({ "type": "contacts", "contacts": [{ "emails": [] }] }), vec![event("unsupported")]),
        (
            json!({ "type": "interactive", "interactive": { "type": "button_reply", "button_reply": { "id": "y", "title": "是" } } }),
            vec![postback("y", "是")],
        ),
        (
            json!({ "type": "interactive", "interactive": { "type": "list_reply", "list_reply": { "id": "y", "title": "是" } } }),
            vec![postback("y", "是")],
        ),
        (
            json!({ "type": "interactive", "interactive": { "type": "nfm_reply", "nfm_reply": { "name": "flow", "body": "Sent", "response_json": "{}" } } }),
            vec![postback("{}", "Sent")],
        ),
        (json!({ "type": "interactive", "interactive": { "type": "new" } }), vec![event("unsupported")]),
        (json!({ "type": "button", "button": { "payload": "n", "text": "否" } }), vec![postback("n", "否")]),
        (json!({ "type": "button", "button": { "text": "否" } }), vec![postback("否", "否")]),
        (json!({ "type": "order", "order": {} }), vec![event("order")]),
        (json!({ "type": "unsupported", "errors": [{ "code": 131_051 }] }), vec![event("unsupported")]),
        (json!({ "type": "quantum" }), vec![event("unsupported")]),
        (json!({ "type": "reaction", "reaction": { "message_id": "wamid.0", "emoji": "❤" } }), vec![]),
        (json!({ "type": "system", "system": { "type": "user_changed_number" } }), vec![]),
        (json!({ "type": "edit", "edit": {} }), vec![]),
        (json!({ "type": "revoke", "revoke": {} }), vec![]),
        (json!({ "type": "text", "text": { "body": "x" }, "group_id": "G" }), vec![]),
    ] {
        assert_eq!(contents(&fields), wanted, "{fields}");
    }
}

#[test]
fn what_is_wrong_is_named_and_goes_alone() {
    let good = message(&json!({ "type": "text", "text": { "body": "hi" } }));
    for (bad, field) in [
        (message(&json!({ "type": "text" })), "text.body"),
        (message(&json!({ "type": "image" })), "image.id"),
        (message(&json!({ "type": "location", "location": { "latitude": 91, "longitude": 0 } })), "location.latitude"),
        (message(&json!({})), "type"),
        (message(&json!({ "from": null, "type": "text", "text": { "body": "x" } })), "from"),
        (message(&json!({ "from": "", "type": "text", "text": { "body": "x" } })), "from"),
        (message(&json!({ "id": "", "type": "text", "text": { "body": "x" } })), "id"),
        (message(&json!({ "type": "text", "text": "x" })), ""),
        (json!("poison"), ""),
    ] {
        let parsed = of(&json!({ "messages": [good, bad, good] }));
        assert_eq!(parsed.events.len(), 2, "{bad}");
        let [reject] = parsed.rejects.as_slice() else { panic!("{bad}") };
        assert_eq!((reject.field.as_str(), reject.item.as_deref()), (field, Some(&*bad.to_string())));
    }
}

#[test]
fn who_hides_their_number_is_known_by_the_other_id() {
    let hidden =
        json!({ "from_user_id": "US.13491208655302741918", "id": "wamid.A", "type": "text", "text": { "body": "hi" } });
    let parsed = of(&json!({ "messages": [hidden] }));
    assert_eq!(parsed.events[0].identity.user, "US.13491208655302741918");
    let calls = rendered(&delivery(ID, "US.13491208655302741918", &[(Author::Bot, text("hi"))]), &json!({})).unwrap();
    assert_eq!((&calls[0].1["recipient"], &calls[0].1["to"]), (&json!("US.13491208655302741918"), &json!(null)));
}

#[test]
fn numbers_of_others_and_other_fields() {
    let value = json!({ "messages": [message(&json!({ "type": "text", "text": { "body": "hi" } }))],
        "statuses": [{ "id": "wamid.B", "status": "read" }] });
    let foreign = parsed(ID, &["1"], None, &body("messages", "2", &value));
    assert_eq!((foreign.events.len(), foreign.rejects.len()), (0, 2));
    assert!(foreign.rejects.iter().all(|reject| reject.field == "account" && reject.reason.ends_with(" 2")));
    assert_eq!(parsed(ID, &["1"], None, &body("message_template_status_update", "2", &value)), Parsed::default());
    let errors = json!({ "errors": [{ "code": 131_000 }] });
    assert_eq!(parsed(ID, &["1"], None, &body("messages", "1", &errors)), Parsed::default());
    let page = parsed(ID, &["1"], None, &json!({ "object": "page", "entry": [] }));
    assert_eq!(page.rejects[0].field, "object");
}

#[test]
fn what_a_person_writes_in_the_app_is_an_answer_elsewhere() {
    let echo = json!({ "from": "15550783881", "to": "7", "id": "wamid.A", "type": "text", "text": { "body": "hi" } });
    let parsed = parsed(ID, &["1"], None, &body("smb_message_echoes", "1", &json!({ "message_echoes": [echo] })));
    let told: Vec<_> = parsed.events.iter().map(told).collect();
    assert_eq!(told, [("1", "7", &EventKind::AnsweredElsewhere { content: text("hi") })]);
}

#[test]
fn statuses_are_receipts_of_the_delivery_that_the_message_is_marked_with() {
    let sent = delivery(ID, "7", &[(Author::Bot, text("one")), (Author::Bot, text("two"))]);
    let calls = rendered(&sent, &json!({})).unwrap();
    let marks: Vec<&Value> = calls.iter().map(|(_, body)| &body["biz_opaque_callback_data"]).collect();
    let receipts = |mark: &Value, status: &str, code: i64| {
        // Brazilian and Mexican numbers may come back in another spelling.
        let status = json!({ "id": "wamid.B", "status": status, "timestamp": "1", "recipient_id": "55-7",
            "biz_opaque_callback_data": mark, "errors": [{ "code": code, "title": "t" }] });
        of(&json!({ "statuses": [status] })).events
    };
    let failed = DeliveryStatus::Failed { reason: "the customer does not take messages".to_owned() };
    for (name, status) in [
        ("sent", Some(DeliveryStatus::Sent)),
        ("delivered", Some(DeliveryStatus::Delivered)),
        ("read", Some(DeliveryStatus::Read)),
        ("played", Some(DeliveryStatus::Read)),
        ("failed", Some(failed.clone())),
        ("warning", None),
    ] {
        let kind = status.map(|status| EventKind::Receipt { delivery: sent.id.clone(), seq: 2, status });
        let events = receipts(marks[1], name, 131_026);
        assert_eq!(
            events.iter().map(told).collect::<Vec<_>>(),
            kind.iter().map(|kind| ("1", "7", kind)).collect::<Vec<_>>()
        );
        assert!(events.iter().all(|event| event.at == NOW));
        // The first of two messages tells nothing of the delivery but that it failed.
        assert_eq!(receipts(marks[0], name, 131_026).len(), usize::from(name == "failed"), "{name}");
        assert_eq!(receipts(&json!("another tool's"), name, 1), [], "{name}");
        assert_eq!(receipts(&json!(null), name, 1), [], "{name}");
    }
    let ids = |name| receipts(marks[1], name, 1)[0].id.clone();
    assert!(ids("sent") != ids("delivered") && ids("sent") == ids("sent"));
}

fn postback(title: &str) -> Button {
    Button::Postback { title: title.to_owned(), payload: format!("p-{title}") }
}

fn buttons(text: &str, buttons: Vec<Button>) -> Content {
    Content::Buttons { text: text.to_owned(), buttons }
}

#[test]
fn choices_are_buttons_a_list_or_numbers() {
    let link = || Button::Link { title: "More".to_owned(), url: "https://a.example".to_owned() };
    let shape = |content: Content| {
        let bodies = bodies(ID, content);
        let body = bodies.last().unwrap();
        let interactive = &body["interactive"];
        let text = body["text"]["body"].as_str().or(interactive["body"]["text"].as_str()).unwrap().to_owned();
        let buttons = interactive["action"]["buttons"].as_array().map_or(0, Vec::len);
        let rows = interactive["action"]["sections"][0]["rows"].as_array().map_or(0, Vec::len);
        (bodies.len(), text, buttons, rows)
    };
    let count = |number: usize| (0..number).map(|n| postback(&format!("b{n}"))).collect::<Vec<_>>();
    let numbered = (0..11).map(|n| format!("{}. b{n}", n + 1)).collect::<Vec<_>>().join("\n");
    for (content, wanted) in [
        (buttons("Sure?", count(3)), (1, "Sure?".to_owned(), 3, 0)),
        (buttons("Sure?", count(4)), (1, "Sure?".to_owned(), 0, 4)),
        (buttons("Sure?", count(10)), (1, "Sure?".to_owned(), 0, 10)),
        (buttons("Sure?", count(11)), (1, format!("Sure?\n\n{numbered}"), 0, 0)),
        (buttons("Sure?", vec![postback(&"t".repeat(21))]), (1, "Sure?".to_owned(), 0, 1)),
        (buttons("Sure?", vec![postback(&"t".repeat(25))]), (1, format!("Sure?\n\n1. {}", "t".repeat(25)), 0, 0)),
        (buttons("Sure?", vec![link(), postback("No")]), (1, "Sure?\n\nMore: https://a.example".to_owned(), 1, 0)),
        (buttons("Sure?", vec![link()]), (1, "Sure?\n\nMore: https://a.example".to_owned(), 0, 0)),
        // The provider takes no two that look the same.
        (buttons("Sure?", vec![postback("No"), postback("No")]), (1, "Sure?\n\n1. No\n2. No".to_owned(), 0, 0)),
        (buttons(&format!("{}\nSure?", "a".repeat(1020)), count(2)), (2, "Sure?".to_owned(), 2, 0)),
        (
            Content::QuickReplies {
                text: "Which?".to_owned(),
                replies: vec![QuickReply { title: "One".to_owned(), payload: "x".repeat(201) }],
            },
            (1, "Which?".to_owned(), 1, 0),
        ),
        (
            Content::Card {
                title: "Order".to_owned(),
                text: Some("sent".to_owned()),
                image_url: Some("https://a.example/a.png".to_owned()),
                buttons: vec![link(), postback("No")],
            },
            (1, "*Order*\nsent\nhttps://a.example/a.png\n\nMore: https://a.example".to_owned(), 1, 0),
        ),
    ] {
        assert_eq!(shape(content.clone()), wanted, "{content:?}");
    }
    let long = Content::QuickReplies {
        text: "Which?".to_owned(),
        replies: vec![QuickReply { title: "One".to_owned(), payload: "x".repeat(201) }],
    };
    assert_eq!(bodies(ID, long)[0]["interactive"]["action"]["buttons"][0]["reply"]["id"], "One");
    let open = |settings: Value| {
        let outbound = delivery(ID, "7", &[(Author::Bot, buttons("Sure?", count(4)))]);
        rendered(&outbound, &settings).unwrap()[0].1["interactive"]["action"]["button"].clone()
    };
    assert_eq!(open(json!({})), "Choose");
    assert_eq!(open(json!({ "list_button": "Auswahl" })), "Auswahl");
    assert_eq!(open(json!({ "list_button": "much longer than it may be" })), "Choose");
}

#[test]
fn a_persons_message_after_the_window_goes_in_a_template_of_the_companys() {
    const MONTH: i64 = 30 * 86_400;
    let template = json!({ "reopen_template": { "name": "reply", "language": "en" } });
    let words = format!("one\ntwo   {}", "word ".repeat(300));
    let kinds = |author, left: i64, settings: &Value| {
        let mut outbound = delivery(ID, "7", &[(author, text(&words))]);
        outbound.expires = Some(NOW.plus_seconds(left));
        let calls = rendered(&outbound, settings).unwrap();
        calls.into_iter().map(|(_, body)| body["type"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let day = 86_400;
    assert_eq!(kinds(Author::Agent, MONTH - day, &template), ["text", "text"]);
    assert_eq!(kinds(Author::Agent, MONTH - day - 1, &template), ["template", "template"], "as many calls");
    assert_eq!(kinds(Author::Agent, MONTH - day - 1, &json!({})), ["text"], "refused by the provider");
    assert_eq!(kinds(Author::Bot, 1, &template), ["text"]);

    let mut outbound = delivery(ID, "7", &[(Author::Agent, text("one\n\ttwo     three"))]);
    outbound.expires = Some(NOW);
    let late = |settings: &Value| rendered(&outbound, settings);
    let body = &late(&template).unwrap()[0].1;
    let parameters = json!([{ "type": "text", "text": "one two three" }]);
    assert_eq!(
        body["template"],
        json!({ "name": "reply", "language": { "policy": "deterministic", "code": "en" },
            "components": [{ "type": "body", "parameters": parameters }] })
    );
    let error = late(&json!({ "reopen_template": { "name": "reply" } })).unwrap_err();
    assert!(error.0.contains("reopen_template") && error.0.contains("language"));
}

#[test]
fn the_proof_is_added_where_the_app_wants_it() {
    let outbound = delivery(ID, "7", &[(Author::Bot, text("hi"))]);
    let target = |settings: &Value| rendered(&outbound, settings).unwrap().remove(0).0.target;
    assert_eq!(target(&json!({})), "/v26.0/1/messages");
    assert!(target(&json!({ "appsecret_proof": true })).starts_with("/v26.0/1/messages?appsecret_proof="));
}

//! Messenger and Instagram, table by table.

use domain::{Attachment, Author, Button, ChannelId, Content, EventKind, QuickReply, UnixMillis};
use serde_json::{Value, json};

use super::super::Mark;
use super::super::testing::{NOW, bodies, delivery, parsed, rendered, text, told};
use crate::Parsed;

const APP: Option<&str> = Some("42");

fn of(id: ChannelId, update: &Value) -> Parsed {
    let mut update = update.clone();
    for (field, usual) in [
        ("sender", json!({ "id": "7" })),
        ("recipient", json!({ "id": "1" })),
        ("timestamp", json!(1_767_225_600_001_i64)),
    ] {
        update.as_object_mut().unwrap().entry(field).or_insert(usual);
    }
    let object = if id == ChannelId::Instagram { "instagram" } else { "page" };
    parsed(id, &["1"], APP, &json!({ "object": object, "entry": [{ "id": "1", "time": 1, "messaging": [update] }] }))
}

fn kinds(id: ChannelId, update: &Value) -> Vec<EventKind> {
    let parsed = of(id, update);
    assert_eq!(parsed.rejects, [], "{update}");
    assert!(parsed.events.iter().all(|event| event.identity.user == "7" && event.identity.account == "1"), "{update}");
    parsed.events.into_iter().map(|event| event.kind).collect()
}

fn said(content: Content) -> EventKind {
    EventKind::Message { content }
}

fn event(name: &str) -> EventKind {
    said(Content::Event { name: name.to_owned() })
}

#[test]
fn every_kind_of_update_has_its_place() {
    let postback =
        |payload: &str, title: &str| said(Content::Postback { payload: payload.to_owned(), title: title.to_owned() });
    let seen = |until, read| EventKind::Seen { until: UnixMillis(until), read };
    for (update, kinds_of) in [
        (json!({ "message": { "mid": "m", "text": "你好" } }), vec![said(text("你好"))]),
        (
            json!({ "message": { "mid": "m", "text": "Yes", "quick_reply": { "payload": "Y" } } }),
            vec![postback("Y", "Yes")],
        ),
        (
            json!({ "message": { "mid": "m", "text": "hello", "reply_to": { "story": { "url": "https://a", "id": "1" } } } }),
            vec![said(text("hello"))],
        ),
        (json!({ "message": { "mid": "m", "is_deleted": true } }), vec![]),
        (json!({ "message": { "mid": "m", "is_self": true, "text": "note" } }), vec![]),
        (json!({ "sender": { "id": "1" }, "message": { "mid": "m", "text": "note" } }), vec![]),
        (json!({ "postback": { "mid": "m", "title": "Start", "payload": "GO" } }), vec![postback("GO", "Start")]),
        (json!({ "postback": { "title": "Start" } }), vec![postback("Start", "Start")]),
        (json!({ "referral": { "ref": "ad", "source": "SHORTLINK", "type": "OPEN_THREAD" } }), vec![event("referral")]),
        (json!({ "optin": { "ref": "x" } }), vec![event("optin")]),
        (json!({ "sender": null, "optin": { "ref": "x", "user_ref": "u" } }), vec![]),
        (json!({ "delivery": { "mids": ["m"], "watermark": 1234 } }), vec![seen(1234, false)]),
        (json!({ "read": { "watermark": 1234 } }), vec![seen(1234, true)]),
        (json!({ "read": { "mid": "m" } }), vec![seen(1_767_225_600_001, true)]),
        (json!({ "reaction": { "mid": "m", "action": "react", "emoji": "❤" } }), vec![]),
        (json!({ "message_edit": { "mid": "m", "text": "x" } }), vec![]),
        (json!({ "pass_thread_control": { "new_owner_app_id": 1 } }), vec![]),
        (json!({ "sender": null, "policy_enforcement": { "action": "block" } }), vec![]),
        (json!({ "quantum": 1 }), vec![]),
    ] {
        assert_eq!(kinds(ChannelId::Messenger, &update), kinds_of, "{update}");
        assert_eq!(kinds(ChannelId::Instagram, &update), kinds_of, "{update}");
    }
}

#[test]
fn an_echo_of_ours_is_nothing_and_a_persons_is_an_answer_elsewhere() {
    let mark = Mark::read(&format!("{}:4", delivery(ChannelId::Messenger, "7", &[]).id)).unwrap().to_string();
    let there = vec![EventKind::AnsweredElsewhere { content: text("hi") }];
    for (fields, in_messenger, in_instagram) in [
        (json!({ "app_id": 42 }), vec![], vec![]),
        (json!({ "app_id": "42" }), vec![], vec![]),
        (json!({ "app_id": 43, "metadata": mark }), vec![], vec![]),
        (json!({ "metadata": mark }), vec![], vec![]),
        (json!({ "app_id": 263_902_037_430_900_u64 }), there.clone(), there.clone()),
        (json!({ "app_id": 263_902_037_430_900_u64, "metadata": "campaign" }), there.clone(), there.clone()),
        // Instagram's echoes of our own may name no app.
        (json!({}), there.clone(), vec![]),
        (json!({ "app_id": 0 }), there.clone(), vec![]),
    ] {
        let mut message = json!({ "mid": "m", "text": "hi", "is_echo": true });
        message.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        let update = json!({ "sender": { "id": "1" }, "recipient": { "id": "7" }, "message": message });
        assert_eq!(kinds(ChannelId::Messenger, &update), in_messenger, "{fields}");
        assert_eq!(kinds(ChannelId::Instagram, &update), in_instagram, "{fields}");
    }
    let update = json!({ "sender": { "id": "1" }, "recipient": { "id": "7" },
        "message": { "mid": "m", "text": "hi", "is_echo": true, "app_id": 43 } });
    let entry = json!({ "object": "page", "entry": [{ "id": "1", "messaging": [update] }] });
    assert_eq!(parsed(ChannelId::Instagram, &["1"], None, &entry).events, [], "without our app's id nobody knows");
    assert_eq!(parsed(ChannelId::Messenger, &["1"], None, &entry).events.len(), 1);
}

#[test]
fn each_part_of_a_message_is_an_event_of_its_own() {
    let url = "https://cdn.example/a.jpg";
    let image = json!({ "type": "image", "payload": { "url": url } });
    let parsed = of(ChannelId::Messenger, &json!({ "message": { "mid": "m", "attachments": [image, image] } }));
    let ids: Vec<_> = parsed.events.iter().map(|event| &event.id).collect();
    assert!(ids.len() == 2 && ids[0] != ids[1]);
    let alone = of(ChannelId::Messenger, &json!({ "message": { "mid": "m", "attachments": [image] } }));
    assert_eq!(&alone.events[0].id, ids[0]);
}

#[test]
fn what_is_wrong_is_named_and_goes_alone() {
    for (update, field) in [
        (json!({ "message": { "text": "x" } }), "message.mid"),
        (json!({ "message": { "mid": "", "text": "x" } }), "message.mid"),
        (json!({ "sender": {}, "message": { "mid": "m", "text": "x" } }), "sender.id"),
        (json!({ "sender": { "id": "" }, "read": { "watermark": 1 } }), "sender.id"),
        (json!({ "recipient": {}, "message": { "mid": "m", "text": "x", "is_echo": true } }), "recipient.id"),
        (json!({ "postback": {} }), "postback.payload"),
        (json!({ "message": { "mid": 5 } }), ""),
        (json!({ "message": "m" }), ""),
    ] {
        let parsed = of(ChannelId::Messenger, &update);
        assert_eq!(parsed.events, [], "{update}");
        let [reject] = parsed.rejects.as_slice() else { panic!("{update}") };
        assert_eq!(reject.field, field, "{update}");
        assert!(reject.item.as_ref().unwrap().contains("timestamp"), "{update}");
    }
}

#[test]
fn a_thousand_updates_of_three_pages_with_one_that_is_poison() {
    let update = |number: usize| {
        let text = if number == 777 { json!({ "poison": true }) } else { json!(format!("text {number}")) };
        let user = format!("{}", 100 + number % 7);
        json!({ "sender": { "id": user }, "recipient": { "id": "p" }, "timestamp": 1, "message": { "mid": format!("m{number}"), "text": text } })
    };
    // Pages come in turns, and one more is not ours.
    let entries: Vec<Value> = (0..1000)
        .map(|number| json!({ "id": (number % 3 + 1).to_string(), "time": 1, "messaging": [update(number)] }))
        .chain([json!({ "id": "4", "time": 1, "messaging": [update(1), update(2)], "standby": [update(3)] })])
        .collect();
    let body = json!({ "object": "page", "entry": entries });
    let parsed = parsed(ChannelId::Messenger, &["1", "2", "3"], APP, &body);
    assert_eq!(parsed.events.len(), 999);
    for (number, event) in (0..1000).filter(|number| *number != 777).zip(&parsed.events) {
        let (page, user, words) =
            ((number % 3 + 1).to_string(), (100 + number % 7).to_string(), format!("text {number}"));
        assert_eq!(told(event), (&*page, &*user, &said(text(&words))));
        assert_eq!(event.at, NOW);
    }
    let fields: Vec<_> = parsed.rejects.iter().map(|reject| reject.field.as_str()).collect();
    assert_eq!(fields, ["", "account", "account"]);
    assert!(parsed.rejects[0].item.as_ref().unwrap().contains("poison"));
    assert!(parsed.rejects[1].reason.contains("not configured") && parsed.rejects[1].reason.ends_with(" 4"));
}

#[test]
fn what_is_no_messages_is_passed_over_and_what_is_no_body_is_told() {
    let quiet = json!({ "object": "page", "entry": [
        { "id": "1", "time": 1, "changes": [{ "field": "feed", "value": {} }] },
        { "id": "9", "time": 1, "changes": [] },
        { "id": "1", "time": 1, "standby": [{ "sender": { "id": "7" }, "message": { "mid": "m", "text": "x" } }] },
        { "id": "1", "time": 1, "messaging": null },
    ] });
    assert_eq!(parsed(ChannelId::Messenger, &["1"], APP, &quiet), Parsed::default());
    for (body, field) in [
        (json!({ "object": "whatsapp_business_account", "entry": [{ "id": "1", "changes": [] }] }), "object"),
        (json!({ "object": "user", "entry": [] }), "object"),
        (json!({ "entry": [] }), ""),
        (json!([]), ""),
    ] {
        let parsed = parsed(ChannelId::Messenger, &["1"], APP, &body);
        assert_eq!((parsed.events.len(), parsed.rejects.len()), (0, 1), "{body}");
        let kept = parsed.rejects[0].item.clone();
        assert_eq!((parsed.rejects[0].field.as_str(), kept), (field, Some(body.to_string())), "kept whole");
    }
    let wrong = json!({ "object": "page", "entry": [{ "time": 1, "messaging": [] }, { "id": "1", "messaging": {} }] });
    assert_eq!(parsed(ChannelId::Messenger, &["1"], APP, &wrong).rejects.len(), 2);
}

#[test]
fn the_window_of_everybody_and_that_of_people() {
    for (id, author, left, tagged) in [
        // Six days and a second before the end: a second before the day is over.
        (ChannelId::Messenger, Author::Agent, 6 * 86_400 + 1, false),
        (ChannelId::Messenger, Author::Agent, 6 * 86_400, false),
        (ChannelId::Messenger, Author::Agent, 6 * 86_400 - 1, true),
        (ChannelId::Messenger, Author::Bot, 100, false),
        (ChannelId::Instagram, Author::Agent, 6 * 86_400 + 1, false),
        (ChannelId::Instagram, Author::Agent, 6 * 86_400 - 1, true),
        (ChannelId::Instagram, Author::Bot, 100, false),
    ] {
        let mut outbound = delivery(id, "7", &[(author, text("hi"))]);
        outbound.expires = Some(NOW.plus_seconds(left));
        let (_, body) = rendered(&outbound, &json!({})).unwrap().remove(0);
        let usual = if id == ChannelId::Messenger { json!("RESPONSE") } else { json!(null) };
        let kind = if tagged { (json!("MESSAGE_TAG"), json!("HUMAN_AGENT")) } else { (usual, json!(null)) };
        assert_eq!((body["messaging_type"].clone(), body["tag"].clone()), kind, "{id} {author:?} {left}");
        outbound.expires = None;
        assert_eq!(rendered(&outbound, &json!({})).unwrap()[0].1["tag"], json!(null), "no window is known");
    }
    let mut mixed = delivery(ChannelId::Messenger, "7", &[(Author::Agent, text("a")), (Author::System, text("b"))]);
    mixed.expires = Some(NOW.plus_seconds(100));
    assert_eq!(rendered(&mixed, &json!({})).unwrap()[0].1["tag"], json!(null), "the tag is for people's words only");
}

#[test]
fn marks_tell_which_part_of_which_delivery() {
    let contents = [(Author::Customer, text("mine")), (Author::Bot, text("one")), (Author::Bot, text("two"))];
    let outbound = delivery(ChannelId::Messenger, "7", &contents);
    let marks: Vec<_> = rendered(&outbound, &json!({}))
        .unwrap()
        .iter()
        .map(|(_, body)| Mark::read(body["message"]["metadata"].as_str().unwrap()).unwrap())
        .collect();
    let mark = |more| Mark { delivery: outbound.id.clone(), seq: 3, more, user: None };
    assert_eq!(marks, [mark(true), mark(false)]);
    let calls = rendered(&delivery(ChannelId::Instagram, "7", &contents), &json!({})).unwrap();
    assert!(calls.iter().all(|(_, body)| body["message"]["metadata"].is_null()));
}

fn postback(title: &str, payload: &str) -> Button {
    Button::Postback { title: title.to_owned(), payload: payload.to_owned() }
}

#[test]
fn contents_become_what_the_channel_shows() {
    let long = "y".repeat(1001);
    let replies = |count: usize| Content::QuickReplies {
        text: "Which?".to_owned(),
        replies: (0..count).map(|n| QuickReply { title: format!("t{n}"), payload: format!("p{n}") }).collect(),
    };
    let buttons = |text: &str, buttons: Vec<Button>| Content::Buttons { text: text.to_owned(), buttons };
    let card = |title: &str, text: Option<&str>, buttons| Content::Card {
        title: title.to_owned(),
        text: text.map(str::to_owned),
        image_url: None,
        buttons,
    };
    let messages = |id, content: &Content| -> Vec<Value> {
        let without_mark = |mut body: Value| {
            body["message"].as_object_mut().unwrap().remove("metadata");
            body["message"].clone()
        };
        bodies(id, content.clone()).into_iter().map(without_mark).collect()
    };
    let template = |payload: Value| json!({ "attachment": { "type": "template", "payload": payload } });
    let no = json!({ "type": "postback", "title": "No", "payload": "N" });
    for (content, wanted) in [
        (buttons("Sure?", vec![]), vec![json!({ "text": "Sure?" })]),
        (
            buttons("Sure?", vec![postback("No", &long)]),
            vec![template(json!({ "template_type": "button", "text": "Sure?",
                "buttons": [{ "type": "postback", "title": "No", "payload": "No" }] }))],
        ),
        (
            buttons("Sure?", (0..4).map(|n| postback(&format!("b{n}"), "p")).collect()),
            vec![json!({ "text": "Sure?\n\n1. b0\n2. b1\n3. b2\n4. b3" })],
        ),
        (
            buttons(&format!("{}\n{}", "a".repeat(600), "b".repeat(100)), vec![postback("No", "N")]),
            vec![
                json!({ "text": "a".repeat(600) }),
                template(json!({ "template_type": "button", "text": "b".repeat(100), "buttons": [no] })),
            ],
        ),
        (
            card("Order", None, vec![postback("No", "N")]),
            vec![template(json!({ "template_type": "generic", "elements": [{ "title": "Order", "buttons": [no] }] }))],
        ),
        (
            card(&"t".repeat(81), Some("x"), vec![postback("No", "N")]),
            vec![template(
                json!({ "template_type": "button", "text": format!("{}\nx", "t".repeat(81)), "buttons": [no] }),
            )],
        ),
        (card("Order", None, vec![]), vec![json!({ "text": "Order" })]),
        (
            card("Order", Some("x"), (0..4).map(|n| postback(&format!("b{n}"), "p")).collect()),
            vec![json!({ "text": "Order\nx\n\n1. b0\n2. b1\n3. b2\n4. b3" })],
        ),
    ] {
        for id in [ChannelId::Messenger, ChannelId::Instagram] {
            assert_eq!(messages(id, &content), wanted, "{id} {content:?}");
        }
    }
    for (count, shown) in [(13, true), (14, false)] {
        let [message] = &messages(ChannelId::Messenger, &replies(count))[..] else { panic!("{count}") };
        assert_eq!(message["quick_replies"].as_array().is_some_and(|list| list.len() == count), shown);
    }
    let file = Attachment {
        upload: None,
        url: Some("https://shop.example.com/a.pdf".to_owned()),
        name: "a.pdf".to_owned(),
        mime: "application/pdf".to_owned(),
        size: 1,
    };
    let file = Content::File(file);
    let sent = json!({ "attachment": { "type": "file", "payload": { "url": "https://shop.example.com/a.pdf" } } });
    assert_eq!(messages(ChannelId::Messenger, &file), [sent]);
    assert_eq!(messages(ChannelId::Instagram, &file), [json!({ "text": "a.pdf\nhttps://shop.example.com/a.pdf" })]);
    // Bytes count on Instagram.
    let parts = messages(ChannelId::Instagram, &text(&"好。".repeat(300)));
    assert!(parts.len() == 2 && parts.iter().all(|part| part["text"].as_str().unwrap().len() <= 1000));
}

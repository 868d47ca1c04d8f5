//! The Send API's rules.

use super::*;
use crate::sandbox::ids::Ids;
use crate::sandbox::shown::Choice;

const USER: &str = "1234567890123456";

fn account() -> Value {
    account_of("42")
}

fn account_of(app: &str) -> Value {
    json!({"account": "102938475610293", "app_id": app, "app_secret": "s", "access_token": "t"})
}

fn says(messenger: &mut Messenger, act: Act, now: i64) -> Result<Value, String> {
    let said = Said { user: USER.to_owned(), act, chinese: false, wishes: Value::Null };
    messenger.says(&said, &mut Moment { account: &account(), now, ids: &mut Ids::from(now) })
}

fn send(messenger: &mut Messenger, body: &Value, now: i64) -> (u16, i64, i64, Vec<Shown>) {
    let (method, path, query) = ("POST".to_owned(), "/v26.0/me/messages".to_owned(), "access_token=t".to_owned());
    let call = Call { method, path, query, body: body.to_string().into_bytes(), ..Call::default() };
    let taken = messenger.take(&call, &mut Moment { account: &account(), now, ids: &mut Ids::from(now) });
    let answer: Value = serde_json::from_slice(&taken.reply.body).unwrap();
    let error = |name: &str| answer["error"][name].as_i64().unwrap_or_default();
    (taken.reply.status, error("code"), error("error_subcode"), taken.shown)
}

fn message(message: &Value) -> Value {
    json!({"messaging_type": "RESPONSE", "recipient": {"id": USER}, "message": message})
}

#[test]
fn outside_the_window_only_a_person_may_write_and_only_for_a_week() {
    let day = WINDOW * 1000;
    let late = |tag: bool| {
        let mut body = message(&json!({"text": "x"}));
        if tag {
            body["messaging_type"] = json!("MESSAGE_TAG");
            body["tag"] = json!("HUMAN_AGENT");
        }
        body
    };
    for (now, tag, outcome) in [
        (day - 1, false, (200, 0, 0)),
        (day, false, (400, 10, 2_018_278)),
        (day, true, (200, 0, 0)),
        (7 * day, true, (400, 10, 2_018_278)),
    ] {
        let mut messenger = Messenger::of(Kind::Messenger);
        says(&mut messenger, Act::Text("hi".to_owned()), 0).unwrap();
        let (status, code, subcode, shown) = send(&mut messenger, &late(tag), now);
        assert_eq!((status, code, subcode), outcome, "{now} {tag}");
        assert_eq!(shown.len(), usize::from(status == 200));
    }
    // Of somebody who never spoke here, nothing is known.
    assert_eq!(send(&mut Messenger::of(Kind::Messenger), &late(false), 9 * day).0, 200);
}

#[test]
fn what_does_not_fit_is_refused() {
    let quick = |count: usize, title: &str| {
        let reply = json!({"content_type": "text", "title": title, "payload": "p"});
        json!({"text": "x", "quick_replies": vec![reply; count]})
    };
    let chinese = "长".repeat(334);
    for (kind, body, status) in [
        (Kind::Messenger, json!({"text": "x".repeat(2000)}), 200),
        (Kind::Messenger, json!({"text": "x".repeat(2001)}), 400),
        (Kind::Instagram, json!({"text": chinese}), 400),
        (Kind::Messenger, json!({"text": chinese}), 200),
        (Kind::Messenger, json!({"text": " "}), 400),
        (Kind::Messenger, quick(13, "ok"), 200),
        (Kind::Messenger, quick(14, "ok"), 400),
        (Kind::Messenger, quick(1, &"t".repeat(21)), 400),
    ] {
        assert_eq!(send(&mut Messenger::of(kind), &message(&body), 0).0, status, "{kind:?} {body}");
    }
    let buttons = json!([{"type": "postback", "title": "A", "payload": "a"}, {"type": "web_url", "title": "B", "url": "https://b"}]);
    let payload = json!({"template_type": "button", "text": "pick", "buttons": buttons});
    let body = message(&json!({"attachment": {"type": "template", "payload": payload}}));
    let (_, _, _, shown) = send(&mut Messenger::of(Kind::Messenger), &body, 0);
    assert_eq!(shown[0].choices, [Choice::payload("A", "a"), Choice::link("B", "https://b")]);
}

#[test]
fn webhooks_have_metas_form() {
    let mut messenger = Messenger::of(Kind::Instagram);
    let choose = |look: &str| Act::Choose { title: "甲".to_owned(), payload: "a".to_owned(), look: look.to_owned() };
    let quick = says(&mut messenger, choose("quick"), 5).unwrap();
    assert_eq!((&quick["message"]["quick_reply"]["payload"], &quick["sender"]["id"]), (&json!("a"), &json!(USER)));
    let button = says(&mut messenger, choose("button"), 5).unwrap();
    assert_eq!((&button["postback"]["payload"], &button["timestamp"]), (&json!("a"), &json!(5)));
    let hook = messenger.hook(&quick, 0, &mut Moment { account: &account(), now: 5, ids: &mut Ids::from(1) });
    let body: Value = serde_json::from_slice(&hook.body).unwrap();
    assert_eq!((&body["object"], &body["entry"][0]["messaging"][0]), (&json!("instagram"), &quick));
    says(&mut messenger, Act::Event { name: "block".to_owned(), about: String::new() }, 5).unwrap_err();
    assert_eq!(send(&mut messenger, &message(&json!({"text": "x"})), 6).1, 551);
}

#[test]
fn what_is_sent_comes_back_as_an_echo_and_with_receipts() {
    let account = account_of("1517776481860111");
    for (kind, open, expected) in [
        (Kind::Messenger, false, &["message", "delivery"][..]),
        (Kind::Messenger, true, &["message", "delivery", "read"]),
        (Kind::Instagram, false, &["message"]),
        (Kind::Instagram, true, &["message", "read"]),
    ] {
        let mut messenger = Messenger::of(kind);
        let mut ids = Ids::from(0);
        let mut moment = Moment { account: &account, now: 5, ids: &mut ids };
        let (act, wishes) = (Act::Text("hi".to_owned()), json!({ "open": open }));
        messenger.says(&Said { user: USER.to_owned(), act, chinese: false, wishes }, &mut moment).unwrap();
        let body = message(&json!({"text": "x", "metadata": "ours"})).to_string().into_bytes();
        let (method, path, query) = ("POST".to_owned(), "/v26.0/me/messages".to_owned(), "access_token=t".to_owned());
        let taken = messenger.take(&Call { method, path, query, body, ..Call::default() }, &mut moment);
        let [News { user, event, .. }] = taken.news.as_slice() else { panic!("{:?}", taken.news) };
        let hook = messenger.hook(event, 0, &mut moment);
        let body: Value = serde_json::from_slice(&hook.body).unwrap();
        let updates = body["entry"][0]["messaging"].as_array().unwrap();
        let kinds = ["message", "delivery", "read"];
        let found: Vec<&str> =
            updates.iter().filter_map(|update| kinds.into_iter().find(|kind| update.get(kind).is_some())).collect();
        assert_eq!((user.as_str(), found.as_slice()), (USER, expected), "{kind:?} {open}");
        let echo = &updates[0];
        assert_eq!((&echo["sender"]["id"], &echo["recipient"]["id"]), (&account["account"], &json!(USER)));
        let mid = &taken.shown[0].id;
        let told =
            json!({"is_echo": true, "app_id": 1_517_776_481_860_111_i64, "mid": mid, "text": "x", "metadata": "ours"});
        assert_eq!(echo["message"], told);
    }
}

#[test]
fn a_colleague_in_the_providers_inbox_is_another_apps_echo() {
    let mut messenger = Messenger::of(Kind::Messenger);
    let inbox = Act::Event { name: "inbox".to_owned(), about: "Hello".to_owned() };
    let update = says(&mut messenger, inbox, 5).unwrap();
    assert_eq!((&update["message"]["app_id"], &update["message"]["is_echo"]), (&json!(INBOX), &json!(true)));
    assert_eq!((&update["sender"]["id"], &update["recipient"]["id"]), (&account()["account"], &json!(USER)));
}

//! LINE's rules.

use super::remembered::RETRY_MILLIS;
use super::*;
use crate::sandbox::ids::Ids;
use crate::sandbox::provider::Act;
use crate::sandbox::shown::{Choice, Look};

const USER: &str = "U4af4980629aabbccddeeff0011223344";

fn account() -> Value {
    json!({"destination": "Ubot", "channel_secret": "s", "access_token": "t"})
}

fn says(line: &mut Line, act: Act, now: i64) -> Value {
    let said = Said { user: USER.to_owned(), act, chinese: false, wishes: Value::Null };
    line.says(&said, &mut Moment { account: &account(), now, ids: &mut Ids::from(now) }).unwrap()
}

fn call(line: &mut Line, path: &str, body: &Value, key: Option<&str>, now: i64) -> Taken {
    let mut headers = vec![("authorization".to_owned(), "Bearer t".to_owned())];
    headers.extend(key.map(|key| ("x-line-retry-key".to_owned(), key.to_owned())));
    let body = body.to_string().into_bytes();
    let (method, path) = ("POST".to_owned(), path.to_owned());
    let call = Call { method, path, headers, body, ..Call::default() };
    line.take(&call, &mut Moment { account: &account(), now, ids: &mut Ids::from(now) })
}

#[test]
fn the_signature_is_lines() {
    // Of line-bot-sdk and @line/bot-sdk: the body is signed as it is sent.
    let line = Line::default();
    let hook =
        line.hook(&json!({"type": "unfollow"}), 1, &mut Moment { account: &account(), now: 0, ids: &mut Ids::from(0) });
    let body: Value = serde_json::from_slice(&hook.body).unwrap();
    assert_eq!(body["events"][0]["deliveryContext"]["isRedelivery"], true);
    assert!(hook.headers.contains(&("x-line-signature", hmac_base64(b"s", &hook.body))));
}

#[test]
fn a_reply_token_works_once_and_for_a_minute() {
    let text = json!([{"type": "text", "text": "hi"}]);
    for (later, twice, statuses) in [(60_000, true, vec![200, 400]), (60_001, false, vec![400])] {
        let mut line = Line::default();
        let event = says(&mut line, Act::Text("x".to_owned()), 5);
        let body = json!({"replyToken": event["replyToken"], "messages": text});
        let times = if twice { 2 } else { 1 };
        let found = (0..times).map(|_| call(&mut line, "/v2/bot/message/reply", &body, None, 5 + later));
        assert_eq!(found.map(|taken| taken.reply.status).collect::<Vec<_>>(), statuses, "{later}");
    }
    let mut line = Line::default();
    let body = json!({"replyToken": "of somebody else", "messages": text});
    let found = (0..2).map(|_| call(&mut line, "/v2/bot/message/reply", &body, None, 5).reply.status);
    assert_eq!(found.collect::<Vec<_>>(), [200, 400]);
}

#[test]
fn a_repeated_retry_key_is_a_conflict_and_shows_nothing_again() {
    let mut line = Line::default();
    let body = json!({"to": USER, "messages": [{"type": "text", "text": "hi"}]});
    let key = Some("123e4567-e89b-12d3-a456-426614174000");
    let first = call(&mut line, "/v2/bot/message/push", &body, key, 0);
    let again = call(&mut line, "/v2/bot/message/push", &body, key, 1);
    assert_eq!((first.reply.status, first.shown.len(), again.reply.status, again.shown.len()), (200, 1, 409, 0));
    let sent = |taken: &Taken| serde_json::from_slice::<Value>(&taken.reply.body).unwrap()["sentMessages"].clone();
    assert_eq!(sent(&first), sent(&again));
    assert_eq!(call(&mut line, "/v2/bot/message/push", &body, Some("1"), 2).reply.status, 400);
    assert_eq!(call(&mut line, "/v2/bot/message/push", &body, key, RETRY_MILLIS).reply.status, 200);
}

#[test]
fn wrong_messages_are_named_and_the_blocked_see_nothing() {
    let mut line = Line::default();
    for (messages, property) in [
        (json!([]), "messages"),
        (json!([{"type": "text", "text": "x"}, {"type": "text", "text": "y".repeat(5001)}]), "messages[1].text"),
        (json!([{"type": "poem"}]), "messages[0].type"),
    ] {
        let taken = call(&mut line, "/v2/bot/message/push", &json!({"to": USER, "messages": messages}), None, 0);
        let answer: Value = serde_json::from_slice(&taken.reply.body).unwrap();
        assert_eq!((taken.reply.status, &answer["details"][0]["property"]), (400, &json!(property)));
    }
    let quick = json!({"items": [{"type": "action", "action": {"type": "postback", "label": "甲", "data": "a"}}]});
    let body = json!({"to": USER, "messages": [{"type": "text", "text": "hi", "quickReply": quick}]});
    let taken = call(&mut line, "/v2/bot/message/push", &body, None, 0);
    assert_eq!((taken.shown[0].look, &taken.shown[0].choices), (Look::Quick, &vec![Choice::payload("甲", "a")]));
    says(&mut line, Act::Event { name: "unfollow".to_owned(), about: String::new() }, 0);
    let taken = call(&mut line, "/v2/bot/message/push", &body, None, 0);
    assert_eq!((taken.reply.status, taken.shown.len()), (200, 0));
}

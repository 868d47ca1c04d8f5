use domain::{
    Author, ChannelId, Content, ConversationId, DeliveryId, Identity, Message, MessageId, Outbound, ReplyHandle,
    Transport,
};
use serde_json::Value;

use super::*;
use crate::{HttpCall, RenderError, Rendering, WireCall};

pub(super) fn outbound(contents: &[Content]) -> Outbound {
    let message = |(at, content): (usize, &Content)| Message {
        id: MessageId::derive(&[&at.to_be_bytes()]),
        seq: at as u64 + 1,
        author: Author::Bot,
        content: content.clone(),
        at: NOW,
    };
    Outbound {
        id: DeliveryId::derive(&[b"one"]),
        identity: Identity { channel: ChannelId::Line, account: BOT.to_owned(), user: CUSTOMER.to_owned() },
        conversation: ConversationId::derive(&[b"one"]),
        transport: Transport::Social,
        messages: contents.iter().enumerate().map(message).collect(),
        asked_at: None,
        expires: None,
        reply: Some(ReplyHandle { token: "RT".to_owned(), until: NOW.plus_seconds(50), line: None }),
    }
}

pub(super) fn calls(
    outbound: &Outbound,
    now: UnixMillis,
    doubt: bool,
    keys: &KeySet,
) -> Result<Vec<HttpCall>, RenderError> {
    let calls = Line.render(outbound, &Rendering { keys, now, doubt })?;
    Ok(calls
        .into_iter()
        .map(|call| match call {
            WireCall::Http(call) => call,
            WireCall::Push { .. } | WireCall::Text(_) | WireCall::Mail(_) => panic!("LINE has no sockets"),
        })
        .collect())
}

fn header<'a>(call: &'a HttpCall, name: &str) -> Option<&'a str> {
    call.headers.iter().find(|(key, _)| *key == name).map(|(_, value)| value.as_str())
}

pub(super) fn body(call: &HttpCall) -> Value {
    serde_json::from_slice(&call.body).unwrap()
}

fn texts(count: usize) -> Vec<Content> {
    (0..count).map(|at| Content::Text { text: format!("text {at}") }).collect()
}

#[test]
fn the_first_five_reply_and_the_rest_is_pushed() {
    let calls = calls(&outbound(&texts(11)), NOW, false, &keys()).unwrap();
    let targets: Vec<&str> = calls.iter().map(|call| call.target.as_str()).collect();
    assert_eq!(targets, ["/v2/bot/message/reply", "/v2/bot/message/push", "/v2/bot/message/push"]);
    let (first, second) = (body(&calls[0]), body(&calls[1]));
    assert_eq!((&first["replyToken"], first["messages"].as_array().unwrap().len()), (&"RT".into(), 5));
    assert_eq!((&second["to"], &second["messages"][0]["text"]), (&CUSTOMER.into(), &"text 5".into()));
    assert_eq!(header(&calls[0], "x-line-retry-key"), None, "LINE refuses it there");
    let keys: Vec<&str> = calls[1..].iter().map(|call| header(call, "x-line-retry-key").unwrap()).collect();
    assert!(keys[0] != keys[1] && keys.iter().all(|key| uuid::Uuid::try_parse(key).is_ok()));
    for call in &calls {
        assert_eq!(header(call, "authorization"), Some("Bearer LINETOKEN"));
        assert_eq!((call.method, header(call, "content-type")), ("POST", Some("application/json")));
    }
}

#[test]
fn the_token_is_used_while_it_lasts_and_the_calls_are_as_many_either_way() {
    let outbound = outbound(&texts(6));
    let in_time = UnixMillis(NOW.plus_seconds(50).0 - 1);
    let late = NOW.plus_seconds(50);
    for (now, doubt, first) in [
        (NOW, false, "/v2/bot/message/reply"),
        // In doubt, too: LINE takes it once.
        (in_time, true, "/v2/bot/message/reply"),
        (late, false, "/v2/bot/message/push"),
        (late, true, "/v2/bot/message/push"),
    ] {
        let calls = calls(&outbound, now, doubt, &keys()).unwrap();
        assert_eq!((calls.len(), calls[0].target.as_str()), (2, first), "{now:?} {doubt}");
    }
}

#[test]
fn a_push_made_again_is_the_same_push() {
    let mut outbound = outbound(&texts(6));
    outbound.reply = None;
    let (one, again) = (calls(&outbound, NOW, false, &keys()), calls(&outbound, NOW.plus_seconds(90), true, &keys()));
    assert_eq!(one, again);
    let first = one.unwrap();
    outbound.id = DeliveryId::derive(&[b"two"]);
    let other = calls(&outbound, NOW, false, &keys()).unwrap();
    assert_ne!(header(&first[0], "x-line-retry-key"), header(&other[0], "x-line-retry-key"));
    // The key of a delivery in flight must not change with a release.
    assert_eq!(header(&first[0], "x-line-retry-key"), Some("293cb067-ca06-4a14-ae5c-e655a86cb97f"));
}

#[test]
fn in_doubt_nothing_is_sent_when_the_retry_key_has_ended() {
    let outbound = outbound(&texts(1));
    let day = NOW.plus_seconds(24 * 60 * 60);
    assert!(calls(&outbound, UnixMillis(day.0 - 1), true, &keys()).is_ok());
    assert!(calls(&outbound, day, true, &keys()).is_err());
    assert!(calls(&outbound, day, false, &keys()).is_ok(), "nobody has sent it");
}

#[test]
fn who_wants_no_doubt_sends_pushes_only() {
    let push_only = keys_with(r#""channel_secrets":[]"#, r#""push_only":true"#);
    assert_eq!(calls(&outbound(&texts(1)), NOW, false, &push_only).unwrap()[0].target, "/v2/bot/message/push");
    let reply_too = keys_with(r#""channel_secrets":[]"#, r#""push_only":false"#);
    assert_eq!(calls(&outbound(&texts(1)), NOW, false, &reply_too).unwrap()[0].target, "/v2/bot/message/reply");
}

#[test]
fn a_missing_token_and_the_customer_s_own_words_are_not_sent() {
    let none = KeySet::from_json(r#"{"access_tokens":[{"kid":"U2","secret":"x"}]}"#).unwrap();
    assert!(calls(&outbound(&texts(1)), NOW, false, &none).is_err());
    let mut own = outbound(&texts(2));
    own.messages[0].author = Author::Customer;
    let calls = calls(&own, NOW, false, &keys()).unwrap();
    assert_eq!(body(&calls[0])["messages"].as_array().unwrap().len(), 1);
}

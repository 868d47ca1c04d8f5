use domain::{
    Attachment, Author, Button, ChannelId, Content, ConversationId, DeliveryId, Identity, Message, MessageId, Outbound,
    QuickReply, Transport,
};

use super::*;
use crate::{HttpCall, RenderError, Rendering, WireCall};

fn outbound(contents: &[Content]) -> Outbound {
    let message = |(at, content): (usize, &Content)| Message {
        id: MessageId::derive(&[&at.to_be_bytes()]),
        seq: at as u64 + 1,
        author: Author::Bot,
        content: content.clone(),
        at: NOW,
    };
    Outbound {
        id: DeliveryId::derive(&[b"one"]),
        identity: Identity { channel: ChannelId::Webhook, account: "shop".to_owned(), user: "u1".to_owned() },
        conversation: ConversationId::derive(&[b"one"]),
        transport: Transport::Social,
        messages: contents.iter().enumerate().map(message).collect(),
        asked_at: None,
        expires: None,
        reply: None,
    }
}

fn calls(outbound: &Outbound, send: &Value, now: UnixMillis) -> Result<Vec<HttpCall>, RenderError> {
    let keys = keys(&receive(), send);
    let calls = Webhook.render(outbound, &Rendering { keys: &keys, now, doubt: false })?;
    Ok(calls
        .into_iter()
        .map(|call| match call {
            WireCall::Http(call) => call,
            WireCall::Push { .. } | WireCall::Text(_) | WireCall::Mail(_) => panic!("no sockets here"),
        })
        .collect())
}

fn bodies(contents: &[Content], body: &Value) -> Vec<Value> {
    let send = json!({ "url": "https://shop.example/messages", "body": body });
    let calls = calls(&outbound(contents), &send, NOW).unwrap();
    calls.iter().map(|call| serde_json::from_slice(&call.body).unwrap()).collect()
}

fn text(text: &str) -> Content {
    Content::Text { text: text.to_owned() }
}

fn asked() -> Content {
    let replies = ["Yes", "No"].map(|title| QuickReply { title: title.to_owned(), payload: format!("p-{title}") });
    Content::QuickReplies { text: "Sure?".to_owned(), replies: replies.to_vec() }
}

fn photo() -> Content {
    let url = Some("https://files.example/a.png".to_owned());
    Content::Image(Attachment { upload: None, url, name: "a.png".to_owned(), mime: "image/png".to_owned(), size: 9 })
}

fn header<'a>(call: &'a HttpCall, name: &str) -> &'a str {
    call.headers.iter().find(|(key, _)| *key == name).map(|(_, value)| value.as_str()).unwrap()
}

#[test]
fn each_part_is_a_signed_post_to_the_account_s_own_address() {
    let outbound = outbound(&[text("one"), text("two")]);
    let calls = calls(&outbound, &send(), NOW).unwrap();
    assert_eq!(calls.len(), 2);
    let key = Key { kid: String::new(), alg: None, from: None, secret: SEND_SECRET.to_owned() };
    for (at, call) in calls.iter().enumerate() {
        assert_eq!((call.method, call.target.as_str()), ("POST", "https://shop.example/messages"));
        let id = format!("{}:{}", outbound.id, at + 1);
        assert_eq!((header(call, sign::ID), header(call, sign::TIMESTAMP)), (id.as_str(), "1767225600"));
        let signature = sign::signature(&sign::secret(&key).unwrap(), &id, "1767225600", &call.body);
        assert_eq!(header(call, sign::SIGNATURE), signature);
        assert_eq!(header(call, "content-type"), "application/json");
    }
    assert_eq!(calls[0].body, br#"{"text":"one","to":"u1"}"#);
}

#[test]
fn a_call_made_again_has_the_same_id_and_body() {
    let outbound = outbound(&[text("one")]);
    let (one, again) =
        (calls(&outbound, &send(), NOW).unwrap(), calls(&outbound, &send(), NOW.plus_seconds(900)).unwrap());
    assert_eq!((&one[0].body, header(&one[0], sign::ID)), (&again[0].body, header(&again[0], sign::ID)));
    assert_ne!(header(&one[0], sign::SIGNATURE), header(&again[0], sign::SIGNATURE), "signed with its own time");
}

#[test]
fn while_the_secret_changes_both_sign() {
    let secrets = json!([{ "kid": "shop", "secret": SECRET }, { "kid": "shop", "secret": SEND_SECRET }, { "kid": "depot", "secret": SECRET }]);
    let keys = json!({ "send_secrets": secrets, "settings": { "accounts": { "shop": { "send": send() } } } });
    let keys = KeySet::from_json(&keys.to_string()).unwrap();
    let calls = Webhook.render(&outbound(&[text("one")]), &Rendering { keys: &keys, now: NOW, doubt: false }).unwrap();
    let WireCall::Http(call) = &calls[0] else { panic!("no HTTP call") };
    let signatures: Vec<&str> = header(call, sign::SIGNATURE).split(' ').collect();
    assert!(signatures.len() == 2 && signatures[0] != signatures[1]);
}

#[test]
fn a_template_is_filled_with_what_there_is() {
    let body = json!({
        "v": 1, "flags": [true, null], "to": { "id": "{{user}}", "shop": "{{account}}" },
        "ref": "{{id}}", "thread": "{{conversation}}", "by": "{{author}}", "kind": "{{type}}",
        "line": "{{user}}: {{text}}", "text": "{{ text }}", "choices": "{{choices}}",
        "file": "{{file}}", "urls": ["{{file_url}}"], "name": "{{file_name}}", "mime": "{{file_mime}}",
    });
    let filled = bodies(&[asked(), photo()], &body);
    insta::assert_json_snapshot!(filled);
}

#[test]
fn what_a_customer_writes_is_never_a_template() {
    let body = json!({ "to": "{{user}}", "text": "{{text}}" });
    let said = "{{user}} \"}, {{nothing}} {{";
    let mut outbound = outbound(&[text(said)]);
    outbound.identity.user = "{{text}}".to_owned();
    let send = json!({ "url": "https://shop.example/messages", "body": body });
    let calls = calls(&outbound, &send, NOW).unwrap();
    let body: Value = serde_json::from_slice(&calls[0].body).unwrap();
    assert_eq!(body, json!({ "to": "{{text}}", "text": said }));
}

#[test]
fn what_has_no_place_of_its_own_stands_in_the_text() {
    let body = json!({ "to": "{{user}}", "text": "{{text}}" });
    let buttons = vec![
        Button::Postback { title: "Yes".to_owned(), payload: "y".to_owned() },
        Button::Link { title: "More".to_owned(), url: "https://a.example".to_owned() },
    ];
    let sent =
        bodies(&[asked(), photo(), Content::Buttons { text: "Sure?".to_owned(), buttons: buttons.clone() }], &body);
    let texts: Vec<&str> = sent.iter().map(|body| body["text"].as_str().unwrap()).collect();
    assert_eq!(
        texts,
        ["Sure?\n\n1. Yes\n2. No", "a.png\nhttps://files.example/a.png", "Sure?\n\n1. Yes\nMore: https://a.example"]
    );
    let body = json!({ "to": "{{user}}", "text": "{{text}}", "choices": "{{choices}}" });
    let sent = bodies(&[Content::Buttons { text: "Sure?".to_owned(), buttons }], &body);
    assert_eq!(sent[0]["text"], "Sure?");
    assert_eq!(
        sent[0]["choices"],
        json!([{ "title": "Yes", "payload": "y" }, { "title": "More", "url": "https://a.example" }])
    );
}

#[test]
fn a_long_text_goes_in_parts_of_the_account_s_length() {
    let send = json!({ "url": "https://shop.example/", "max_text_chars": 100, "body": { "to": "{{user}}", "text": "{{text}}" } });
    let calls = calls(&outbound(&[text(&"word ".repeat(50))]), &send, NOW).unwrap();
    assert_eq!(calls.len(), 3);
}

#[test]
fn what_is_not_set_up_is_said() {
    let missing = |send: &Value| calls(&outbound(&[text("one")]), send, NOW).unwrap_err().to_string();
    assert!(missing(&Value::Null).contains("settings.accounts.shop.send"));
    assert!(missing(&json!({ "url": "http://a.example", "body": {} })).contains("settings.accounts.shop.send.url"));
    let mut own = outbound(&[text("one")]);
    own.identity.account = "depot".to_owned();
    assert!(calls(&own, &send(), NOW).unwrap_err().to_string().contains("settings.accounts.depot.send"));
    let unsigned =
        KeySet::from_json(&json!({ "settings": { "accounts": { "shop": { "send": send() } } } }).to_string()).unwrap();
    let rendered = Webhook.render(&outbound(&[text("one")]), &Rendering { keys: &unsigned, now: NOW, doubt: false });
    assert!(rendered.unwrap_err().to_string().contains("send_secrets"));
    own = outbound(&[text("one")]);
    own.messages[0].author = Author::Customer;
    assert_eq!(calls(&own, &send(), NOW).unwrap(), []);
}

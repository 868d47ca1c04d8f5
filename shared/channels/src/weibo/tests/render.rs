use std::collections::BTreeMap;

use domain::{Button, QuickReply};

use super::*;
use crate::{Rendering, WireCall};

fn forms(contents: &[Content]) -> Vec<BTreeMap<String, String>> {
    let keys = keys();
    let calls = Weibo.render(&outbound(contents), &Rendering { keys: &keys, now: NOW, doubt: false }).unwrap();
    let form = |call: &WireCall| {
        let WireCall::Http(call) = call else { panic!("an HTTP call") };
        assert_eq!((call.method, call.target.as_str(), call.token), ("POST", "/2/messages/reply.json", None));
        form_urlencoded::parse(&call.body).into_owned().collect()
    };
    calls.iter().map(form).collect()
}

fn form(kind: &str, data: &Value) -> BTreeMap<String, String> {
    [
        ("access_token", "A&T"),
        ("type", kind),
        ("receiver_id", USER),
        ("save_sender_box", "1"),
        ("data", &data.to_string()),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into()
}

pub(super) fn card(image_url: Option<&str>) -> Content {
    Content::Card {
        title: "订单".to_owned(),
        text: Some("**已发货**".to_owned()),
        image_url: image_url.map(str::to_owned),
        buttons: vec![Button::Link { title: "查看".to_owned(), url: "https://a.example/o?a=1&b=2".to_owned() }],
    }
}

#[test]
fn a_text_is_one_form() {
    assert_eq!(forms(&[words("您好 & 再见 😀")]), [form("text", &json!({ "text": "您好 & 再见 😀" }))]);
}

#[test]
fn a_text_of_300_characters_is_two() {
    let texts = |length: usize| forms(&[words(&"字".repeat(length))]).len();
    assert_eq!([texts(299), texts(300)], [1, 2]);
}

#[test]
fn choices_are_numbered_and_a_card_with_a_picture_is_an_article() {
    let reply = QuickReply { title: "运费".to_owned(), payload: "p".to_owned() };
    let choices = Content::QuickReplies { text: "请选择".to_owned(), replies: vec![reply] };
    assert_eq!(forms(&[choices]), [form("text", &json!({ "text": "请选择\n\n1. 运费" }))]);
    let article = json!({
        "display_name": "订单", "summary": "已发货\n查看", "image": "https://a.example/p.jpg",
        "url": "https://a.example/o?a=1&b=2",
    });
    assert_eq!(forms(&[card(Some("https://a.example/p.jpg"))]), [form("articles", &json!({ "articles": [article] }))]);
    let text = "订单\n已发货\n\n查看: https://a.example/o?a=1&b=2";
    assert_eq!(forms(&[card(None)]), [form("text", &json!({ "text": text }))]);
}

#[test]
fn an_account_without_a_token_sends_nothing() {
    let keys = set(&json!({ "access_tokens": [{ "kid": "7", "secret": "AT" }] }));
    let with = Rendering { keys: &keys, now: NOW, doubt: false };
    assert!(Weibo.render(&outbound(&[words("x")]), &with).unwrap_err().0.contains("access_tokens"));
}

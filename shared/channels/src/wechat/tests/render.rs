use domain::{Attachment, Button, QuickReply};
use proptest::prelude::*;

use super::*;
use crate::{HttpCall, Rendering, TokenPlace, WireCall};

fn calls(messages: &[(Author, Content)], more: &Value) -> Vec<HttpCall> {
    let keys = keys(more);
    let with = Rendering { keys: &keys, now: NOW, doubt: false };
    let calls = WeChat.render(&outbound(messages), &with).unwrap();
    calls
        .into_iter()
        .map(|call| match call {
            WireCall::Http(call) => call,
            WireCall::Push { .. } | WireCall::Text(_) | WireCall::Mail(_) => panic!("an HTTP call"),
        })
        .collect()
}

fn bodies(messages: &[(Author, Content)], more: &Value) -> Vec<Value> {
    let body = |call: &HttpCall| serde_json::from_slice(&call.body).unwrap();
    calls(messages, more).iter().map(body).collect()
}

fn choices(titles: &[&str]) -> Content {
    let reply = |title: &&str| QuickReply { title: (*title).to_owned(), payload: format!("entry:{title}") };
    Content::QuickReplies { text: "请选择".to_owned(), replies: titles.iter().map(reply).collect() }
}

fn card(buttons: Vec<Button>) -> Content {
    Content::Card {
        title: "订单".to_owned(),
        text: Some("**已发货**".to_owned()),
        image_url: Some("https://a.example/p.jpg".to_owned()),
        buttons,
    }
}

fn link() -> Button {
    Button::Link { title: "查看".to_owned(), url: "https://a.example/o".to_owned() }
}

fn tap(title: &str) -> Button {
    Button::Postback { title: title.to_owned(), payload: format!("p:{title}") }
}

fn text_body(text: &str) -> Value {
    json!({ "touser": USER, "msgtype": "text", "text": { "content": text } })
}

#[test]
fn a_text_is_one_call_in_raw_utf_8() {
    let customer = (Author::Customer, Content::Text { text: "mine".to_owned() });
    let calls = calls(&[customer, said("您好 😀\r\n\u{8}\u{7f}再见")], &json!({}));
    let [call] = calls.as_slice() else { panic!("one call") };
    assert_eq!((call.method, call.target.as_str()), ("POST", "/cgi-bin/message/custom/send"));
    assert_eq!(call.token, Some(TokenPlace::Query("access_token")));
    let body = std::str::from_utf8(&call.body).unwrap();
    assert!(body.contains("您好 😀\\n再见") && !body.contains("\\u"), "{body}");
    assert_eq!(call.clone().with_token("A+T").target, "/cgi-bin/message/custom/send?access_token=A%2BT");
}

#[test]
fn a_long_text_is_as_many_as_it_needs_by_bytes() {
    let long = "一二三四五六七八九十".repeat(100);
    let parts = bodies(&[said(&long)], &json!({}));
    let texts: Vec<&str> = parts.iter().map(|body| body["text"]["content"].as_str().unwrap()).collect();
    assert!(texts.iter().all(|text| text.len() <= 2048));
    assert_eq!((texts.len(), texts.concat()), (2, long));
}

#[test]
fn choices_are_a_menu_whose_line_comes_back_as_its_payload() {
    let menu = json!({
        "touser": USER, "msgtype": "msgmenu",
        "msgmenu": {
            "head_content": "请选择",
            "list": [{ "id": "entry:运费", "content": "1. 运费" }, { "id": "entry:退货", "content": "2. 退货" }],
            "tail_content": "",
        },
    });
    assert_eq!(bodies(&[(Author::Bot, choices(&["运费", "退货"]))], &json!({})), [menu]);
    let buttons = Content::Buttons { text: "?".to_owned(), buttons: vec![tap("好"), link()] };
    let menu = json!({
        "touser": USER, "msgtype": "msgmenu",
        "msgmenu": {
            "head_content": "?", "list": [{ "id": "p:好", "content": "1. 好" }],
            "tail_content": "查看: https://a.example/o",
        },
    });
    assert_eq!(bodies(&[(Author::Bot, buttons)], &json!({})), [menu]);
}

#[test]
fn choices_are_numbered_lines_where_no_menu_holds_them() {
    let many: Vec<String> = (1..=11).map(|number| format!("选{number}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let long = "长".repeat(65);
    let payload = Content::QuickReplies {
        text: "?".to_owned(),
        replies: vec![QuickReply { title: "a".to_owned(), payload: "p".repeat(129) }],
    };
    let wide = Content::QuickReplies {
        text: "中".repeat(682),
        replies: vec![QuickReply { title: "ab".to_owned(), payload: "p".to_owned() }],
    };
    for (content, first) in
        [(choices(&many), "1. 选1\n2. 选2\n"), (choices(&[&long]), "1. 长"), (payload, "1. a"), (wide, "1. a")]
    {
        let bodies = bodies(&[(Author::Bot, content)], &json!({}));
        assert!(bodies.iter().all(|body| body["msgtype"] == "text"));
        assert!(bodies.iter().any(|body| body["text"]["content"].as_str().unwrap().contains(first)), "{first}");
    }
    let mini = json!({ "kind": "mini_program" });
    assert_eq!(bodies(&[(Author::Bot, choices(&["好"]))], &mini), [text_body("请选择\n\n1. 好")]);
}

#[test]
fn a_card_with_one_link_is_an_article() {
    let article = json!({
        "title": "订单", "description": "已发货\n查看", "url": "https://a.example/o", "picurl": "https://a.example/p.jpg",
    });
    let body = json!({ "touser": USER, "msgtype": "news", "news": { "articles": [article] } });
    assert_eq!(bodies(&[(Author::Bot, card(vec![link()]))], &json!({})), [body]);
    let article = json!({
        "title": "订单", "description": "已发货\n查看", "url": "https://a.example/o",
        "thumb_url": "https://a.example/p.jpg",
    });
    let body = json!({ "touser": USER, "msgtype": "link", "link": article });
    assert_eq!(bodies(&[(Author::Bot, card(vec![link()]))], &json!({ "kind": "mini_program" })), [body]);
    for (buttons, kind) in [
        (vec![], "text"),
        (vec![link(), link()], "text"),
        (vec![tap("好")], "msgmenu"),
        (vec![tap("好"), link()], "msgmenu"),
        (vec![link(), tap("好")], "text"),
    ] {
        let body = &bodies(&[(Author::Bot, card(buttons))], &json!({}))[0];
        assert_eq!(body["msgtype"], kind);
        assert!(body.to_string().contains("已发货") && body.to_string().contains("p.jpg"));
    }
}

#[test]
fn files_go_as_their_address() {
    let file = Attachment {
        upload: None,
        url: Some("https://a.example/f.pdf".to_owned()),
        name: "发票.pdf".to_owned(),
        mime: "application/pdf".to_owned(),
        size: 9,
    };
    let body = bodies(&[(Author::Agent, Content::File(file))], &json!({}));
    assert_eq!(body, [text_body("发票.pdf\nhttps://a.example/f.pdf")]);
}

#[test]
fn the_accounts_settings_mark_the_sender_and_the_machine() {
    let more = json!({ "kf_account": "kf1@shop", "ai_label": true });
    let all = bodies(&[said("x"), (Author::Agent, Content::Text { text: "y".to_owned() })], &more);
    let [bot, agent] = all.as_slice() else { panic!("two calls") };
    assert_eq!(
        (&bot["customservice"]["kf_account"], &bot["aimsgcontext"]),
        (&json!("kf1@shop"), &json!({ "is_ai_msg": 1 }))
    );
    assert_eq!((&agent["customservice"]["kf_account"], &agent["aimsgcontext"]), (&json!("kf1@shop"), &Value::Null));
}

#[test]
fn an_account_that_is_not_set_up_sends_nothing() {
    let keys = set(&json!({ "settings": { "accounts": { "gh_other": { "app_id": "wx1" } } } }));
    let with = Rendering { keys: &keys, now: NOW, doubt: false };
    let error = WeChat.render(&outbound(&[said("x")]), &with).unwrap_err();
    assert!(error.0.contains("settings.accounts"));
}

proptest! {
    #[test]
    fn never_more_calls_than_are_counted_and_none_too_long(
        text in "(\\PC|\n){0,60}",
        times in 0_usize..20,
        titles in proptest::collection::vec("\\PC{0,70}", 0..13),
    ) {
        let text = text.repeat(times);
        let replies = titles.iter().map(|title| QuickReply { title: title.clone(), payload: format!("p{title}") });
        let content = Content::QuickReplies { text, replies: replies.collect() };
        let counted = crate::fit::fit(&content, &super::super::CAPABILITIES).unwrap().len();
        let bodies = bodies(&[(Author::Bot, content)], &json!({}));
        prop_assert!(!bodies.is_empty() && bodies.len() <= counted);
        for body in bodies {
            let length = |value: &Value| value.as_str().unwrap().len();
            let menu = &body["msgmenu"];
            let bytes = if body["msgtype"] == "text" {
                length(&body["text"]["content"])
            } else {
                let items = menu["list"].as_array().unwrap();
                prop_assert!(items.len() <= 10);
                let items = items.iter().map(|item| length(&item["content"])).sum::<usize>();
                length(&menu["head_content"]) + items + length(&menu["tail_content"])
            };
            prop_assert!(bytes <= 2048);
        }
    }
}

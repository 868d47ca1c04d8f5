use domain::{Button, QuickReply};

use super::*;
use crate::tencent::{Fields, sealed, vectors};
use crate::{Answer, AnswerWith, RenderError};

fn answered(request: &Request, messages: &[(Author, Content)], keys: &KeySet) -> Result<Option<Answer>, RenderError> {
    let raw = request.raw();
    let with = AnswerWith { request: &raw, keys, now: NOW.plus_seconds(1), random: *b"fedcba9876543210" };
    WeChat.answering().unwrap().answer(&outbound(messages), &with)
}

fn fields(request: &Request, messages: &[(Author, Content)], more: &Value) -> Fields {
    let answer = answered(request, messages, &keys(more)).unwrap().unwrap();
    Fields::of(answer.body.as_bytes()).unwrap()
}

#[test]
fn only_who_is_set_up_to_answer_passively_waits() {
    let waits = |settings: Value| {
        WeChat.answering().unwrap().waits(&set(&json!({ "settings": settings }))).map(|waits| waits.patience_millis)
    };
    assert_eq!(waits(json!({ "reply": "passive" })), Some(5_000));
    assert_eq!([waits(json!({})), waits(json!({ "reply": "active" }))], [None, None]);
    assert_eq!(WeChat.acknowledgement().body, "success");
}

#[test]
fn a_ciphered_push_is_answered_as_the_published_answer() {
    let push = vectors::named("own push");
    let url = format!(
        "https://x/webhooks/wechat?timestamp={}&nonce={}&encrypt_type=aes&msg_signature={}",
        push.timestamp, push.nonce, push.signature
    );
    let body = format!("<xml><ToUserName>{ACCOUNT}</ToUserName><Encrypt>{}</Encrypt></xml>", push.sealed);
    let request = Request { method: "POST", url, body: body.into() };
    let expected = vectors::named("own answer");
    let answer = answered(&request, &[said("您好，请提供订单号。")], &keys(&json!({}))).unwrap().unwrap();
    assert_eq!(answer.content_type, "text/xml; charset=utf-8");
    assert_eq!(sealed(answer.body.as_bytes()).as_deref(), Some(expected.sealed));
    let fields = Fields::of(answer.body.as_bytes()).unwrap();
    assert_eq!(fields.get("MsgSignature"), Some(expected.signature));
    assert_eq!((fields.get("TimeStamp"), fields.get("Nonce")), (Some("1767225601"), Some("8675309")));
}

#[test]
fn the_key_that_opened_the_push_ciphers_the_answer() {
    let previous = "kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR";
    let both = set(&json!({
        "tokens": [{ "kid": ACCOUNT, "secret": "new" }, { "kid": ACCOUNT, "secret": TOKEN }],
        "encoding_aes_keys": [{ "kid": ACCOUNT, "secret": AES }, { "kid": ACCOUNT, "secret": previous }],
        "settings": { "accounts": { ACCOUNT: { "app_id": APP } } },
    }));
    for key in [AES, previous] {
        let answer = answered(&safe(&text("x"), key, APP), &[said("y")], &both).unwrap().unwrap();
        let sealed = sealed(answer.body.as_bytes()).unwrap();
        assert!(CipherKey::from_text(key).unwrap().open(&sealed, APP).is_ok());
        let fields = Fields::of(answer.body.as_bytes()).unwrap();
        let signed = signature(&[TOKEN, "1767225601", "86", &sealed]);
        assert_eq!(fields.get("MsgSignature"), Some(signed.as_str()), "with the token that signed the push");
    }
}

#[test]
fn a_plain_push_is_answered_plainly_in_its_own_format() {
    let more = json!({ "mode": "plain" });
    let tricky = "a ]]> b & <c> 😀\n\u{8}d";
    let xml = fields(&plain(&text("x")), &[said(tricky)], &more);
    assert_eq!((xml.get("ToUserName"), xml.get("FromUserName")), (Some(USER), Some(ACCOUNT)));
    assert_eq!((xml.get("MsgType"), xml.get("CreateTime")), (Some("text"), Some("1767225601")));
    assert_eq!(xml.get("Content"), Some("a ]]> b & <c> 😀\nd"));
    let push = json!({
        "ToUserName": ACCOUNT, "FromUserName": USER, "CreateTime": 1, "MsgType": "text", "Content": "x", "MsgId": 1,
    });
    let request = plain(&push.to_string());
    let answer = answered(&request, &[said(tricky)], &keys(&more)).unwrap().unwrap();
    assert_eq!(answer.content_type, "application/json; charset=utf-8");
    let json: Value = serde_json::from_str(&answer.body).unwrap();
    let expected = json!({
        "ToUserName": USER, "FromUserName": ACCOUNT, "CreateTime": 1_767_225_601, "MsgType": "text",
        "Content": "a ]]> b & <c> 😀\nd",
    });
    assert_eq!(json, expected);
}

#[test]
fn choices_are_numbered_a_card_is_an_article_and_several_texts_are_one() {
    let more = json!({ "mode": "plain" });
    let reply = QuickReply { title: "运费".to_owned(), payload: "p".to_owned() };
    let choices = (Author::Bot, Content::QuickReplies { text: "请选择".to_owned(), replies: vec![reply] });
    let request = plain(&text("x"));
    let customer = (Author::Customer, Content::Text { text: "mine".to_owned() });
    let joined = fields(&request, &[customer, said("您好"), choices], &more);
    assert_eq!(joined.get("Content"), Some("您好\n\n请选择\n\n1. 运费"));
    let card = Content::Card {
        title: "订单".to_owned(),
        text: Some("已发货".to_owned()),
        image_url: Some("https://a.example/p.jpg".to_owned()),
        buttons: vec![Button::Link { title: "查看".to_owned(), url: "https://a.example/o?a=1&b=2".to_owned() }],
    };
    let news = fields(&request, &[(Author::Bot, card.clone())], &more);
    for (name, value) in [
        ("MsgType", "news"),
        ("ArticleCount", "1"),
        ("Articles/item/Title", "订单"),
        ("Articles/item/Description", "已发货\n查看"),
        ("Articles/item/PicUrl", "https://a.example/p.jpg"),
        ("Articles/item/Url", "https://a.example/o?a=1&b=2"),
    ] {
        assert_eq!(news.get(name), Some(value), "{name}");
    }
    let too_much = [
        vec![said("x"), (Author::Bot, card)],
        vec![said(&"中".repeat(400)), said(&"文".repeat(400))],
        vec![said(&"中".repeat(700))],
        vec![],
    ];
    for messages in too_much {
        assert_eq!(answered(&request, &messages, &keys(&more)).unwrap(), None, "goes as a call");
    }
}

#[test]
fn only_the_one_who_asked_is_answered_and_only_where_there_are_such_answers() {
    let more = json!({ "mode": "plain" });
    let other = plain(&text("x").replace(USER, "oOther"));
    assert_eq!(answered(&other, &[said("y")], &keys(&more)).unwrap(), None);
    let mini = json!({ "mode": "plain", "kind": "mini_program" });
    assert_eq!(answered(&plain(&text("x")), &[said("y")], &keys(&mini)).unwrap(), None);
    assert!(answered(&plain(&text("x")), &[said("y")], &keys(&json!({}))).is_err(), "it was never let in");
}

use super::render::card;
use super::*;
use crate::AnswerWith;

fn answered(request: &Request, contents: &[Content]) -> Option<Value> {
    let (keys, raw) = (keys(), request.raw());
    let with = AnswerWith { request: &raw, keys: &keys, now: NOW.plus_seconds(1), random: [0; 16] };
    let answer = Weibo.answering().unwrap().answer(&outbound(contents), &with).unwrap()?;
    Some(serde_json::from_str(&answer.body).unwrap())
}

#[test]
fn only_who_is_set_up_to_answer_passively_waits() {
    let waits = |settings: Value| {
        Weibo.answering().unwrap().waits(&set(&json!({ "settings": settings }))).map(|waits| waits.patience_millis)
    };
    assert_eq!([waits(json!({ "reply": "passive" })), waits(json!({}))], [Some(5_000), None]);
    assert_eq!(Weibo.acknowledgement().body, "", "anything else would be an answer");
}

#[test]
fn the_answer_goes_back_the_way_the_push_came() {
    let request = request(&push("text", "x", &json!({})).to_string());
    let answer = answered(&request, &[words("您好 & 再见"), words("二")]).unwrap();
    let expected = json!({
        "result": true, "sender_id": 1_902_538_057_i64, "receiver_id": 9_007_199_254_740_993_i64, "type": "text",
        "data": "%7B%22text%22%3A%22%E6%82%A8%E5%A5%BD+%26+%E5%86%8D%E8%A7%81%5Cn%5Cn%E4%BA%8C%22%7D",
    });
    assert_eq!(answer, expected);
    let article = answered(&request, &[card(Some("https://a.example/p.jpg"))]).unwrap();
    assert_eq!(article["type"], "articles");
    for too_much in [vec![words("x"), card(Some("https://a.example/p.jpg"))], vec![words(&"字".repeat(300))], vec![]] {
        assert_eq!(answered(&request, &too_much), None, "goes as a call");
    }
}

#[test]
fn only_the_one_who_asked_is_answered() {
    let body = push("text", "x", &json!({})).to_string().replace(USER, "7");
    assert_eq!(answered(&request(&body), &[words("y")]), None);
    let get = Request { method: "GET", url: format!("{}&echostr=1", request("").url), ..request("") };
    assert_eq!(answered(&get, &[words("y")]), None);
}

#[test]
fn when_it_was_first_sent_tells_which_try_it_is() {
    let body = r#"{"type":"text","receiver_id":1,"sender_id":2,"created_at":"Mon Jul 16 18:09:20 +0800 2012","text":"hi","data":{}}"#;
    let sent_at = super::super::parse::sent_at(&super::super::parse::push(body.as_bytes()).unwrap());
    assert_eq!(sent_at, Some(domain::UnixMillis::from_seconds(1_342_433_360)));
}

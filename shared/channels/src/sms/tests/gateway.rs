//! Replies through gateways of mainland China.

use serde_json::{Value, json};

use super::*;

const CUSTOMER: &str = "+8613800138000";

fn post(query: &str, body: &str) -> Result<Parsed, VerifyError> {
    let url = format!("https://api.example.com/webhooks/sms{query}");
    door(&RawRequest { method: "POST", url: &url, headers: &[], body: body.as_bytes() }, &keys())
}

fn aliyun(items: &Value) -> Parsed {
    post("?account=shop-ali&key=ali-0123456789", &items.to_string()).unwrap()
}

fn tencent(item: &Value) -> Parsed {
    post("?account=shop-qq&key=qq-0123456789", &item.to_string()).unwrap()
}

fn up(content: &str, id: &Value) -> Value {
    json!({ "phone_number": "13800138000", "send_time": "2026-01-01 00:00:00", "content": content, "sign_name": "松灯",
        "dest_code": "1234567", "sequence_id": id })
}

#[test]
fn only_the_word_in_the_address_lets_in() {
    let body = json!([up("你好", &json!(1))]).to_string();
    for (query, refusal) in [
        ("?account=shop-ali&key=qq-0123456789", VerifyError::Refused("the key in the address is not this account's")),
        ("?account=shop-ali&key=", VerifyError::Refused("the key in the address is not this account's")),
        ("?account=empty&key=", VerifyError::Refused("the key in the address is not this account's")),
        ("?account=nobody&key=ali-0123456789", VerifyError::Refused("the key in the address is not this account's")),
        ("?key=ali-0123456789", VerifyError::Missing("the address names no account: `?account=`")),
        ("?account=shop-ali", VerifyError::Missing("the header x-twilio-signature")),
    ] {
        assert_eq!(post(query, &body), Err(refusal), "{query}");
    }
    let request = RawRequest {
        method: "GET",
        url: "https://a.example?account=shop-ali&key=ali-0123456789",
        headers: &[],
        body: body.as_bytes(),
    };
    assert!(matches!(door(&request, &keys()), Err(VerifyError::Refused(_))));
    let none = KeySet::from_json("{}").unwrap();
    let request = RawRequest { method: "POST", ..request };
    assert_eq!(door(&request, &none), Err(VerifyError::NoKey("callback_keys")));
    let unset = KeySet::from_json(r#"{"callback_keys":[{"kid":"shop-ali","secret":"ali-0123456789"}]}"#).unwrap();
    assert!(matches!(door(&request, &unset), Err(VerifyError::NoKey(_))));
}

#[test]
fn aliyuns_list_is_read_item_by_item() {
    let parsed = aliyun(&json!([
        up("你好", &json!(1)),
        { "phone_number": "13800138000", "content": 7, "sequence_id": 9 },
        up("退订", &json!("2")),
        up("r", &json!("3")),
        { "phone_number": "13800138000", "report_time": "2026-01-01 00:00:00", "success": true, "biz_id": "1" },
        { "quantum": 1 },
        7,
    ]));
    let wanted = [
        ("shop-ali", CUSTOMER, &text("你好")),
        ("shop-ali", CUSTOMER, &event("opt_out")),
        ("shop-ali", CUSTOMER, &event("opt_out")),
    ];
    assert_eq!(said(&parsed), wanted);
    let kept: Vec<_> = parsed.rejects.iter().filter_map(|reject| reject.item.as_deref()).collect();
    assert_eq!(kept, [r#"{"content":7,"phone_number":"13800138000","sequence_id":9}"#, "7"]);
    assert_eq!(parsed.acknowledgement.unwrap().body, r#"{"code":0,"msg":"接收成功"}"#);
    // The same id as a number and as a text is the same message; without one it is what was said, when and by whom.
    let id = |item: Value| aliyun(&json!([item])).events[0].id.clone();
    assert_eq!(id(up("你好", &json!(1))), id(up("你好", &json!("1"))));
    assert_ne!(id(up("你好", &json!(1))), id(up("你好", &json!(2))));
    assert_eq!(id(up("你好", &json!(null))), id(up("你好", &json!(null))));
    assert_ne!(id(up("你好", &json!(null))), id(up("您好", &json!(null))));
}

#[test]
fn tencents_reply_is_read() {
    let reply = |mobile: &str, text: &str| json!({ "extend": "1", "mobile": mobile, "nationcode": "86", "sign": "松灯", "text": text, "time": 1_457_336_869 });
    let parsed = tencent(&reply("13800138000", "你好"));
    assert_eq!(said(&parsed), [("shop-qq", CUSTOMER, &text("你好"))]);
    assert_eq!(parsed.acknowledgement.unwrap().body, r#"{"result":0,"errmsg":"OK"}"#);
    assert_eq!(said(&tencent(&reply("13800138000", "TD"))), [("shop-qq", CUSTOMER, &event("opt_out"))]);
    let status = json!([{ "user_receive_time": "2015-10-17 08:03:04", "nationcode": "86", "mobile": "13800138000",
        "report_status": "SUCCESS", "errmsg": "DELIVRD", "description": "x", "sid": "x" }]);
    assert_eq!(tencent(&status).events, []);
    let short = tencent(&reply("10086", "你好"));
    assert_eq!((short.events.len(), short.rejects[0].field.as_str()), (0, "mobile"));
    assert_eq!(tencent(&json!("x")).rejects.len(), 1);
}

#[test]
fn mainland_numbers_have_one_spelling() {
    for number in ["13800138000", "8613800138000", "+8613800138000", "008613800138000"] {
        let parsed = aliyun(&json!([{ "phone_number": number, "content": "你好", "sequence_id": 1 }]));
        assert_eq!(said(&parsed), [("shop-ali", CUSTOMER, &text("你好"))], "{number}");
    }
    let abroad = aliyun(&json!([{ "phone_number": "0085298765432", "content": "你好", "sequence_id": 1 }]));
    assert_eq!(said(&abroad), [("shop-ali", "+85298765432", &text("你好"))]);
    for number in ["", "10086", "106980012345678901", "abc", "2800138000"] {
        let parsed = aliyun(&json!([{ "phone_number": number, "content": "你好", "sequence_id": 1 }]));
        assert_eq!((parsed.events.len(), parsed.rejects.len()), (0, 1), "{number}");
    }
}

#[test]
fn whole_events_are_taken() {
    for (path, account) in [("sms/aliyun-reply.json", "shop-ali"), ("sms/tencent-reply.json", "shop-qq")] {
        let lambda = crate::lambda::Event::read(path);
        let parsed = door(&lambda.request(), &keys()).unwrap();
        assert_eq!(said(&parsed), [(account, CUSTOMER, &text("我的快递呢？"))], "{path}");
    }
}

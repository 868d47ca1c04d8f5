//! WeChat's rules.

use serde_json::json;

use super::*;
use crate::sandbox::ids::Ids;
use crate::sandbox::provider::Act;
use crate::sandbox::provider::tencent::cipher::{open, seal};
use crate::sandbox::provider::tencent::tokens::TOKEN_SECONDS;
use crate::sandbox::provider::tencent::xml::{element, field};
use crate::sandbox::shown::{Choice, Look};
use crate::sandbox::sign::sorted_sha1;

const USER: &str = "oTest1";
const KEY: &str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";

fn account() -> Value {
    json!({
        "account": "gh_0123456789ab",
        "token": "t",
        "encoding_aes_key": KEY,
        "app_id": "wx1",
        "app_secret": "s",
        "mode": "safe",
        "accounts": {"gh_2": {"app_id": "wx2", "app_secret": "s2"}},
    })
}

fn says(wechat: &mut WeChat, act: Act, now: i64) -> Value {
    let said = Said { user: USER.to_owned(), act, chinese: true, wishes: Value::Null };
    wechat.says(&said, &mut Moment { account: &account(), now, ids: &mut Ids::from(now) }).unwrap()
}

fn call(wechat: &mut WeChat, path: &str, body: &str, now: i64) -> (Value, Vec<Shown>) {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let (method, path, query) = ("POST".to_owned(), path.to_owned(), query.to_owned());
    let call = Call { method, path, query, body: body.into(), ..Call::default() };
    let taken = wechat.take(&call, &mut Moment { account: &account(), now, ids: &mut Ids::from(now) });
    (serde_json::from_slice(&taken.reply.body).unwrap(), taken.shown)
}

fn token(wechat: &mut WeChat, now: i64) -> String {
    let body = json!({"grant_type": "client_credential", "appid": "wx1", "secret": "s"}).to_string();
    call(wechat, "/cgi-bin/stable_token", &body, now).0["access_token"].as_str().unwrap().to_owned()
}

fn send(wechat: &mut WeChat, token: &str, text: &str, now: i64) -> i64 {
    let body = json!({"touser": USER, "msgtype": "text", "text": {"content": text}}).to_string();
    let path = format!("/cgi-bin/message/custom/send?access_token={token}");
    call(wechat, &path, &body, now).0["errcode"].as_i64().unwrap()
}

#[test]
fn five_messages_for_each_of_theirs_and_none_after_two_days() {
    let mut wechat = WeChat::default();
    let token = token(&mut wechat, 0);
    says(&mut wechat, Act::Text("退款".to_owned()), 0);
    let codes: Vec<i64> = (0..6).map(|_| send(&mut wechat, &token, "好", 1)).collect();
    assert_eq!(codes, [0, 0, 0, 0, 0, 45_047]);
    let menu = Act::Event { name: "menu".to_owned(), about: "k".to_owned() };
    says(&mut wechat, menu, 2);
    let codes: Vec<i64> = (0..4).map(|_| send(&mut wechat, &token, "好", 3)).collect();
    assert_eq!(codes, [0, 0, 0, 45_047]);
    let late = 48 * 3_600_000 + 1;
    let token = self::token(&mut wechat, late);
    assert_eq!(send(&mut wechat, &token, "好", late), 45_015);
    says(&mut wechat, Act::Event { name: "unfollow".to_owned(), about: String::new() }, late);
    assert_eq!(send(&mut wechat, &token, "好", late), 43_004);
}

#[test]
fn tokens_are_checked_and_stable() {
    let mut wechat = WeChat::default();
    let first = token(&mut wechat, 0);
    assert_eq!(token(&mut wechat, 1000), first);
    let near = (TOKEN_SECONDS - TOKEN_OVERLAP) * 1000;
    assert_ne!(token(&mut wechat, near), first, "a new one before the old one ends");
    assert_eq!(send(&mut wechat, &first, "x", TOKEN_SECONDS * 1000 - 1), 0);
    assert_eq!(send(&mut wechat, &first, "x", TOKEN_SECONDS * 1000), 42_001);
    assert_eq!(send(&mut wechat, "nonsense", "x", 0), 40_001);
    let wrong = json!({"grant_type": "client_credential", "appid": "wx1", "secret": "x"}).to_string();
    assert_eq!(call(&mut wechat, "/cgi-bin/stable_token", &wrong, 0).0["errcode"], 40_125);
    let second = json!({"grant_type": "client_credential", "appid": "wx2", "secret": "s2"}).to_string();
    let second = call(&mut wechat, "/cgi-bin/stable_token", &second, 1).0["access_token"].as_str().unwrap().to_owned();
    assert_ne!(second, first, "each account has its own");
    assert_eq!(send(&mut wechat, &second, "x", 0), 0);
}

#[test]
fn texts_have_a_size_and_no_escapes() {
    let mut wechat = WeChat::default();
    let token = token(&mut wechat, 0);
    assert_eq!(send(&mut wechat, &token, &"x".repeat(2048), 0), 0);
    assert_eq!(send(&mut wechat, &token, &"x".repeat(2049), 0), 45_002);
    let path = format!("/cgi-bin/message/custom/send?access_token={token}");
    let body = r#"{"touser":"oTest1","msgtype":"text","text":{"content":"\u4f60"}}"#;
    assert_eq!(call(&mut wechat, &path, body, 0).0["errcode"], 40_033);
    let menu = json!({"head_content": "选", "list": [{"id": "a", "content": "甲"}], "tail_content": ""});
    let body = json!({"touser": USER, "msgtype": "msgmenu", "msgmenu": menu}).to_string();
    let (_, shown) = call(&mut wechat, &path, &body, 0);
    assert_eq!((shown[0].look, &shown[0].choices), (Look::Menu, &vec![Choice::payload("甲", "a")]));
}

#[test]
fn safe_mode_is_ciphered_and_the_answer_is_read() {
    let mut wechat = WeChat::default();
    let event = says(&mut wechat, Act::Text("退款".to_owned()), 1_767_225_600_000);
    let account = account();
    let mut ids = Ids::from(1);
    let mut moment = Moment { account: &account, now: 1_767_225_600_000, ids: &mut ids };
    let hook = wechat.hook(&event, 0, &mut moment);
    let body = String::from_utf8(hook.body).unwrap();
    let sealed = field(&body, "Encrypt").unwrap();
    let opened = open(KEY, &sealed, "wx1").unwrap();
    assert_eq!(
        (field(&opened, "Content").as_deref(), field(&opened, "FromUserName").as_deref()),
        (Some("退款"), Some(USER))
    );
    let query =
        |name: &str| form_urlencoded::parse(hook.query.as_bytes()).find(|(key, _)| key == name).unwrap().1.into_owned();
    assert_eq!(query("msg_signature"), sorted_sha1(&["t", &query("timestamp"), &query("nonce"), &sealed]));
    let said = Said { user: USER.to_owned(), act: Act::Text(String::new()), chinese: true, wishes: Value::Null };
    let text =
        format!("<xml>{}{}{}</xml>", element("ToUserName", USER), element("MsgType", "text"), element("Content", "好"));
    let sealed = seal(KEY, &text, "wx1", [1; 16]).unwrap();
    let answer = |signature: &str| {
        format!(
            "<xml>{}{}<TimeStamp>1</TimeStamp>{}</xml>",
            element("Encrypt", &sealed),
            element("MsgSignature", signature),
            element("Nonce", "n")
        )
    };
    let right = answer(&sorted_sha1(&["t", "1", "n", &sealed]));
    assert_eq!(wechat.heard(&said, right.as_bytes(), &mut moment).unwrap()[0].text, "好");
    for wrong in [answer("0"), "{\"not\":\"xml\"}".to_owned()] {
        wechat.heard(&said, wrong.as_bytes(), &mut moment).unwrap_err();
    }
    for nothing in ["", "success"] {
        assert_eq!(wechat.heard(&said, nothing.as_bytes(), &mut moment).unwrap(), []);
    }
    let plain = json!({"body": event["body"], "user": USER, "mode": "plain"});
    let hook = wechat.hook(&plain, 0, &mut moment);
    assert!(!hook.query.contains("msg_signature") && hook.body.starts_with(b"<xml><ToUserName>"));
}

//! `WeCom`'s rules.

use serde_json::json;

use super::*;
use crate::sandbox::ids::Ids;
use crate::sandbox::provider::Act;
use crate::sandbox::provider::tencent::cipher::open;
use crate::sandbox::provider::tencent::tokens::TOKEN_SECONDS;
use crate::sandbox::provider::tencent::xml::field;
use crate::sandbox::shown::{Choice, Look};
use crate::sandbox::sign::sorted_sha1;

const USER: &str = "wmTest01";
const KEY: &str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";
const DAYS_2: i64 = 48 * 3_600_000;

/// A corporation's `WeCom` and its program.
struct Played {
    wecom: WeCom,
    account: Value,
    ids: Ids,
    token: String,
    names: u32,
}

impl Played {
    fn new() -> Self {
        let account = json!({
            "token": "t", "encoding_aes_key": KEY, "corp_id": "ww1", "corp_secret": "s", "open_kfid": "wk1",
        });
        let mut played = Self { wecom: WeCom::default(), account, ids: Ids::from(0), token: String::new(), names: 0 };
        played.renew(0);
        played
    }

    fn says(&mut self, act: Act, now: i64) -> Result<Value, String> {
        let said = Said { user: USER.to_owned(), act, chinese: true, wishes: Value::Null };
        self.wecom.says(&said, &mut Moment { account: &self.account, now, ids: &mut self.ids })
    }

    fn happens(&mut self, name: &str, now: i64) -> Result<Value, String> {
        self.says(Act::Event { name: name.to_owned(), about: "from a colleague".to_owned() }, now)
    }

    fn call(&mut self, method: &str, target: &str, body: &Value, now: i64) -> (Value, Taken) {
        let (path, query) = target.split_once('?').unwrap();
        let (method, path, query) = (method.to_owned(), path.to_owned(), query.to_owned());
        let call = Call { method, path, query, body: body.to_string().into_bytes(), ..Call::default() };
        let taken = self.wecom.take(&call, &mut Moment { account: &self.account, now, ids: &mut self.ids });
        (serde_json::from_slice(&taken.reply.body).unwrap(), taken)
    }

    fn renew(&mut self, now: i64) {
        let (answer, _) = self.call("GET", "/cgi-bin/gettoken?corpid=ww1&corpsecret=s", &Value::Null, now);
        answer["access_token"].as_str().unwrap().clone_into(&mut self.token);
    }

    fn post(&mut self, path: &str, body: &Value, now: i64) -> (Value, Taken) {
        self.call("POST", &format!("/cgi-bin/kf/{path}?access_token={}", self.token), body, now)
    }

    /// Sends a text under a name of its own; the error's code.
    fn sends(&mut self, now: i64) -> i64 {
        self.names += 1;
        let msgid = format!("m-{}", self.names);
        let text = json!({"content": "好"});
        let body = json!({"touser": USER, "open_kfid": "wk1", "msgid": msgid, "msgtype": "text", "text": text});
        code(&self.post("send_msg", &body, now).0)
    }

    fn page(&mut self, token: &Value, cursor: Option<&str>, now: i64) -> Value {
        self.post("sync_msg", &json!({"open_kfid": "wk1", "token": token, "cursor": cursor}), now).0
    }

    /// Everything that lies there.
    fn all(&mut self, token: &Value, now: i64) -> Vec<Value> {
        let (mut cursor, mut all) = (None::<String>, vec![]);
        loop {
            let page = self.page(token, cursor.as_deref(), now);
            assert_eq!(code(&page), 0, "{page}");
            all.extend(page["msg_list"].as_array().unwrap().clone());
            cursor = page["next_cursor"].as_str().map(str::to_owned);
            if page["has_more"] == 0 {
                return all;
            }
        }
    }
}

fn code(answer: &Value) -> i64 {
    answer["errcode"].as_i64().unwrap()
}

fn text(words: &str) -> Act {
    Act::Text(words.to_owned())
}

#[test]
fn five_messages_for_each_of_theirs_and_none_after_two_days() {
    let mut played = Played::new();
    // Of somebody who never spoke here, nothing is known.
    assert_eq!(played.sends(0), 0);
    played.says(text("退款"), 0).unwrap();
    let codes: Vec<i64> = (0..6).map(|_| played.sends(1)).collect();
    assert_eq!(codes, [0, 0, 0, 0, 0, 95_001]);
    let choose = Act::Choose { title: "甲".to_owned(), payload: "a".to_owned(), look: "menu".to_owned() };
    played.says(choose, 2).unwrap();
    let codes: Vec<i64> = (0..6).map(|_| played.sends(3)).collect();
    assert_eq!(codes, [0, 0, 0, 0, 0, 95_001]);
    played.renew(DAYS_2 + 2);
    assert_eq!(played.sends(DAYS_2 + 2), 95_002);
}

#[test]
fn what_happened_is_fetched_in_pages_and_once_from_each_place() {
    let mut played = Played::new();
    let mut token = Value::Null;
    for number in 0..23 {
        token = played.says(text(&number.to_string()), number).unwrap()["token"].clone();
    }
    let before = played.page(&token, None, 30);
    assert_eq!((&before["msg_list"], &before["has_more"]), (&json!([]), &json!(1)), "an empty page, and more");
    let words: Vec<Value> = played.all(&token, 30).iter().map(|item| item["text"]["content"].clone()).collect();
    assert_eq!(words, (0..23).map(|number| json!(number.to_string())).collect::<Vec<_>>());
    let first = played.page(&token, before["next_cursor"].as_str(), 30);
    assert_eq!((first["msg_list"].as_array().unwrap().len(), &first["has_more"]), (10, &json!(1)));
    assert_eq!(played.page(&token, before["next_cursor"].as_str(), 30), first, "the same page from the same place");
    let item = &first["msg_list"][0];
    assert_eq!(
        (&item["origin"], &item["external_userid"], &item["open_kfid"]),
        (&json!(3), &json!(USER), &json!("wk1"))
    );
    // After three days nothing is left.
    played.renew(3 * 24 * 3_600_000 + 30);
    let late = played.says(text("neu"), 3 * 24 * 3_600_000 + 30).unwrap()["token"].clone();
    assert_eq!(played.all(&late, 3 * 24 * 3_600_000 + 31).len(), 1);
}

#[test]
fn who_is_not_let_in_is_told_why() {
    let mut played = Played::new();
    let news = played.says(text("x"), 0).unwrap()["token"].clone();
    for (query, expected) in [
        ("corpid=ww1&corpsecret=x", 40_001),
        ("corpid=ww2&corpsecret=s", 40_013),
        ("corpid=ww1", 41_004),
        ("corpsecret=s", 41_002),
    ] {
        assert_eq!(code(&played.call("GET", &format!("/cgi-bin/gettoken?{query}"), &Value::Null, 0).0), expected);
    }
    let body = json!({"open_kfid": "wk1", "token": news});
    assert_eq!(code(&played.call("POST", "/cgi-bin/kf/sync_msg?x=y", &body, 0).0), 41_001);
    assert_eq!(code(&played.call("POST", "/cgi-bin/kf/sync_msg?access_token=no", &body, 0).0), 40_014);
    let target = format!("/cgi-bin/kf/sync_msg?access_token={}", played.token);
    assert_eq!(code(&played.call("POST", &target, &body, TOKEN_SECONDS * 1000).0), 42_001);
    assert_eq!(code(&played.page(&news, None, 599_999)), 0);
    assert_eq!(code(&played.page(&news, None, 600_000)), 95_007, "ten minutes later");
    assert_eq!(code(&played.page(&json!("made up"), None, 0)), 95_007);
    assert_eq!(code(&played.post("sync_msg", &json!({"open_kfid": "wk2", "token": news}), 0).0), 95_000);
    let wrong = json!({"open_kfid": "wk1", "token": news, "limit": 1001});
    assert_eq!(code(&played.post("sync_msg", &wrong, 0).0), 40_058);
    let codes: Vec<i64> = (0..31).map(|_| code(&played.page(&json!(""), None, 700_000))).collect();
    assert_eq!((codes[29], codes[30]), (0, 45_009), "without a token seldom only");
    assert_eq!(code(&played.page(&json!(""), None, 760_000)), 0);
}

#[test]
fn while_a_person_has_the_conversation_programs_may_not_write() {
    let mut played = Played::new();
    played.says(text("x"), 0).unwrap();
    let news = played.happens("inbox", 1).unwrap()["token"].clone();
    assert_eq!(played.sends(2), 95_018);
    played.says(text("still there?"), 3).unwrap();
    assert_eq!(played.sends(4), 95_018, "their message does not end it");
    played.happens("inbox", 5).unwrap();
    played.happens("end", 6).unwrap();
    assert_eq!(played.sends(7), 95_018);
    played.says(text("hello"), 8).unwrap();
    assert_eq!(played.sends(9), 0, "a message after the end begins anew");
    let items = played.all(&news, 10);
    let told: Vec<(u64, u64)> = items
        .iter()
        .map(|item| (item["origin"].as_u64().unwrap(), item["event"]["change_type"].as_u64().unwrap_or_default()))
        .collect();
    assert_eq!(told, [(3, 0), (4, 1), (5, 0), (3, 0), (5, 0), (4, 3), (3, 0)], "taken once, ended once");
    assert_eq!(items[2]["text"]["content"], "from a colleague");
}

#[test]
fn a_name_is_good_for_one_message() {
    let mut played = Played::new();
    let send = |played: &mut Played, msgid: &str| {
        let text = json!({"content": "好"});
        let body = json!({"touser": USER, "open_kfid": "wk1", "msgid": msgid, "msgtype": "text", "text": text});
        let (answer, taken) = played.post("send_msg", &body, 0);
        (code(&answer), answer["msgid"].as_str().map(str::to_owned), taken.shown.len())
    };
    assert_eq!(send(&mut played, "ours-1_A"), (0, Some("ours-1_A".to_owned()), 1));
    assert_eq!(send(&mut played, "ours-1_A"), (40_058, None, 0));
    assert_eq!(send(&mut played, "no spaces").0, 40_058);
    assert_eq!(send(&mut played, &"x".repeat(33)).0, 40_058);
    let (taken, made, _) = send(&mut played, "");
    assert!(taken == 0 && made.is_some_and(|made| made.len() == 32));
    // What was refused for another reason has not used its name.
    let person = |played: &mut Played, name| drop(played.happens(name, 0).unwrap());
    person(&mut played, "inbox");
    assert_eq!(send(&mut played, "ours-2").0, 95_018);
    person(&mut played, "end");
    played.says(text("x"), 0).unwrap();
    assert_eq!(send(&mut played, "ours-2").0, 0);
}

#[test]
fn a_newcomer_can_be_welcomed_once_within_twenty_seconds() {
    let welcome = |played: &mut Played, code: &Value, now: i64| {
        let body = json!({"code": code, "msgtype": "text", "text": {"content": "欢迎"}});
        let (answer, taken) = played.post("send_msg_on_event", &body, now);
        (self::code(&answer), taken.shown.first().map(|shown| shown.user.clone()))
    };
    for (later, expected) in [(19_999, (0, Some(USER.to_owned()))), (20_000, (40_058, None))] {
        let mut played = Played::new();
        let news = played.happens("enter", 0).unwrap()["token"].clone();
        let event = played.all(&news, 1)[0]["event"].clone();
        assert_eq!((&event["event_type"], &event["external_userid"]), (&json!("enter_session"), &json!(USER)));
        let call = Call { body: json!({"code": event["welcome_code"]}).to_string().into_bytes(), ..Call::default() };
        assert_eq!(played.wecom.addressee(&call).as_deref(), Some(USER));
        assert_eq!(welcome(&mut played, &event["welcome_code"], later), expected);
        assert_eq!(welcome(&mut played, &event["welcome_code"], later).0, 40_058, "once");
        let again = played.happens("enter", 30_000).unwrap()["token"].clone();
        let again = played.all(&again, 30_001)[1]["event"].clone();
        assert_eq!(again["welcome_code"], Value::Null, "they are known");
    }
}

#[test]
fn who_refuses_messages_is_told_of_afterwards() {
    let mut played = Played::new();
    played.says(text("x"), 0).unwrap();
    played.happens("block", 1).unwrap_err();
    let body = json!({"touser": USER, "open_kfid": "wk1", "msgid": "m", "msgtype": "text", "text": {"content": "好"}});
    let (answer, taken) = played.post("send_msg", &body, 2);
    assert_eq!((code(&answer), taken.shown.len(), taken.news.len()), (0, 0, 1));
    let failed = played.all(&taken.news[0].event["token"], 3)[1]["event"].clone();
    assert_eq!((&failed["fail_msgid"], &failed["fail_type"]), (&json!("m"), &json!(10)));
}

#[test]
fn what_does_not_fit_is_refused_and_a_menu_is_shown() {
    let click = |id: &str, content: &str| json!({"type": "click", "click": {"id": id, "content": content}});
    let menu = |items: Vec<Value>| json!({"head_content": "选", "list": items});
    for (kind, content, expected) in [
        ("text", json!({"content": "x".repeat(2048)}), 0),
        ("text", json!({"content": "x".repeat(2049)}), 45_002),
        ("text", json!({"content": ""}), 44_004),
        ("msgmenu", menu(vec![click("a", "甲"); 10]), 0),
        ("msgmenu", menu(vec![click("a", "甲"); 11]), 95_008),
        ("msgmenu", menu(vec![click(&"x".repeat(65), "甲")]), 45_002),
        ("msgmenu", menu(vec![click("a", &"x".repeat(129))]), 45_002),
        ("msgmenu", menu(vec![json!({"type": "poem"})]), 44_004),
        ("msgmenu", menu(vec![json!({"type": "poem", "poem": {"content": "x"}})]), 95_009),
        ("msgmenu", json!({"head_content": "x".repeat(1025), "list": []}), 45_002),
        ("image", json!({"media_id": "m"}), 40_007),
        ("poem", json!({}), 40_008),
    ] {
        let body = json!({"touser": USER, "open_kfid": "wk1", "msgtype": kind, kind: content});
        assert_eq!(code(&Played::new().post("send_msg", &body, 0).0), expected, "{body}");
    }
    let view = json!({"type": "view", "view": {"url": "https://x", "content": "去"}});
    let body = json!({"touser": USER, "open_kfid": "wk1", "msgtype": "msgmenu", "msgmenu": menu(vec![click("a", "甲"), view])});
    let (_, taken) = Played::new().post("send_msg", &body, 0);
    let choices = vec![Choice::payload("甲", "a"), Choice::link("去", "https://x")];
    assert_eq!((taken.shown[0].look, &taken.shown[0].choices), (Look::Menu, &choices));
    for (touser, kfid, expected) in [("anna", "wk1", 40_096), (USER, "wk2", 95_000)] {
        let body = json!({"touser": touser, "open_kfid": kfid, "msgtype": "text", "text": {"content": "x"}});
        assert_eq!(code(&Played::new().post("send_msg", &body, 0).0), expected);
    }
}

#[test]
fn callbacks_and_the_check_are_ciphered_for_the_corporation() {
    let mut played = Played::new();
    let event = played.says(text("退款"), 1_767_225_600_000).unwrap();
    let mut moment = Moment { account: &played.account, now: 1_767_225_600_000, ids: &mut played.ids };
    let query = |query: &str, name: &str| {
        form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name).unwrap().1.into_owned()
    };
    let hook = played.wecom.hook(&event, 0, &mut moment);
    let sealed = field(std::str::from_utf8(&hook.body).unwrap(), "Encrypt").unwrap();
    let opened = open(KEY, &sealed, "ww1").unwrap();
    let read = |name: &str| field(&opened, name).unwrap();
    assert_eq!((read("Event").as_str(), read("OpenKfId").as_str()), ("kf_msg_or_event", "wk1"));
    assert_eq!(json!(read("Token")), event["token"]);
    assert!(!opened.contains("退款"), "the message is to be fetched");
    let signed = sorted_sha1(&["t", &query(&hook.query, "timestamp"), &query(&hook.query, "nonce"), &sealed]);
    assert_eq!(query(&hook.query, "msg_signature"), signed);
    let Check { method, hook, expected } = played.wecom.check(&mut moment).unwrap();
    assert_eq!(method, "GET");
    assert_eq!(open(KEY, &query(&hook.query, "echostr"), "ww1"), expected);
}

#[test]
fn behind_a_forged_callback_there_is_nothing() {
    let mut played = Played::new();
    let real = played.says(text("real"), 0).unwrap()["token"].clone();
    let said = Said { user: USER.to_owned(), act: text("forged"), chinese: true, wishes: json!({"forged": true}) };
    let moment = &mut Moment { account: &played.account, now: 1, ids: &mut played.ids };
    let forged = played.wecom.says(&said, moment).unwrap()["token"].clone();
    assert_eq!((played.all(&real, 2).len(), code(&played.page(&forged, None, 2))), (1, 95_007));
}

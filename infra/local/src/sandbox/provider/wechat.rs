//! WeChat's Official Accounts: pushes in plain and safe mode, passive answers, customer-service messages.

use std::collections::BTreeMap;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::cipher::{element, field, open, seal};
use super::media::{Kind, Shelf};
use super::{Act, Hook, Moment, Patience, Provider, Said, Taken};
use crate::sandbox::people::{Denied, People};
use crate::sandbox::shown::{Choice, Look, Shown};
use crate::sandbox::sign::sorted_sha1;
use crate::sandbox::wire::{Call, Reply, list, text};

/// What a message allows: 5 in 48 hours; what a menu, following and a code allow: 3 in a minute.
const MESSAGE: (u32, i64) = (5, 48 * 3600);
const TOUCH: (u32, i64) = (3, 60);
/// Seconds for which an access token holds, and before its end from when on there is a new one.
const TOKEN_SECONDS: i64 = 7200;
const TOKEN_OVERLAP: i64 = 300;
/// Longest text, in bytes.
const MAX_TEXT: usize = 2048;
/// How Tencent and Weibo insist.
pub const PATIENCE: Patience = Patience {
    wait: Duration::from_secs(5),
    tries: 3,
    pause: Duration::ZERO,
    complaint: Some("该公众号暂时无法提供服务，请稍后再试"),
};

/// WeChat.
#[derive(Debug, Default)]
pub struct WeChat {
    people: People,
    /// Each access token's app, and until when it holds, in milliseconds.
    tokens: BTreeMap<String, (String, i64)>,
    files: Shelf,
}

impl Provider for WeChat {
    fn user(&self, name: &str) -> String {
        let letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        if name.len() >= 6 && name.starts_with('o') && name.bytes().all(letter) {
            return name.to_owned();
        }
        let digest = URL_SAFE_NO_PAD.encode(Sha256::digest(name));
        format!("o{}", digest.chars().take(27).collect::<String>())
    }

    fn says(&mut self, said: &Said, moment: &mut Moment<'_>) -> Result<Value, String> {
        let person = self.people.acts(&said.user, moment.now);
        let id = moment.ids.number().to_string();
        let media = moment.ids.hex(32);
        let (fields, allowed) = match &said.act {
            Act::Text(words) => (vec![("MsgType", "text"), ("Content", words), ("MsgId", &id)], Some(MESSAGE)),
            Act::Media(file) => {
                self.files.keep(&media, &said.user, file);
                let kind = match file.kind {
                    Kind::Image => "image",
                    Kind::Voice => "voice",
                    Kind::Video => "video",
                    Kind::File => return Err("WeChat takes no other files than pictures, sounds and films".to_owned()),
                };
                let mut fields = vec![("MsgType", kind), ("MediaId", &media), ("MsgId", &id)];
                if file.kind == Kind::Voice {
                    fields.push(("Format", "amr"));
                }
                (fields, Some(MESSAGE))
            }
            // A line of a menu in the chat is sent as a message; it counts as the menu does.
            Act::Choose { title, payload, look } if look == "menu" => {
                let fields = vec![("MsgType", "text"), ("Content", title), ("bizmsgmenuid", payload), ("MsgId", &id)];
                (fields, Some(TOUCH))
            }
            Act::Choose { payload, .. } => (event("CLICK", payload), Some(TOUCH)),
            Act::Event { name, about } => match name.as_str() {
                "follow" => {
                    person.blocked = false;
                    (event("subscribe", about), Some(TOUCH))
                }
                "unfollow" | "block" => {
                    person.blocked = true;
                    (event("unsubscribe", ""), None)
                }
                "scan" => (event("SCAN", about), Some(TOUCH)),
                "menu" => (event("CLICK", about), Some(TOUCH)),
                // WeChat has heard what was said.
                "voice" => {
                    let voice = vec![
                        ("MsgType", "voice"),
                        ("MediaId", "m1"),
                        ("Format", "amr"),
                        ("Recognition", about),
                        ("MsgId", &id),
                    ];
                    (voice, Some(MESSAGE))
                }
                _ => return Err(format!("WeChat has no event `{name}`: follow, unfollow, scan, menu, voice")),
            },
            Act::Receipt { .. } => return Err("WeChat tells of no receipt".to_owned()),
        };
        if let Some((messages, seconds)) = allowed {
            person.allow(messages, seconds, moment.now);
        }
        let mut body = format!(
            "<xml>{}{}<CreateTime>{}</CreateTime>",
            element("ToUserName", text(moment.account, "/account")),
            element("FromUserName", &said.user),
            moment.now / 1000
        );
        body.extend(fields.into_iter().map(|(name, value)| match name {
            "MsgId" => format!("<MsgId>{value}</MsgId>"),
            _ => element(name, value),
        }));
        body.push_str("</xml>");
        let mode = Some(text(&said.wishes, "/mode")).filter(|mode| !mode.is_empty());
        let mode = mode.unwrap_or(text(moment.account, "/mode"));
        Ok(json!({"body": body, "user": said.user, "mode": mode}))
    }

    fn hook(&self, event: &Value, _attempt: u32, moment: &mut Moment<'_>) -> Hook {
        let token = text(moment.account, "/token");
        let (timestamp, nonce) = ((moment.now / 1000).to_string(), moment.ids.number().to_string());
        let signature = sorted_sha1(&[token, &timestamp, &nonce]);
        let user = text(event, "/user");
        let mut query = format!("signature={signature}&timestamp={timestamp}&nonce={nonce}&openid={user}");
        let plain = text(event, "/body");
        let sealed = (text(event, "/mode") != "plain").then(|| {
            let (key, app) = (text(moment.account, "/encoding_aes_key"), text(moment.account, "/app_id"));
            seal(key, plain, app, moment.ids.bytes()).unwrap_or_default()
        });
        let body = sealed.map_or_else(
            || plain.to_owned(),
            |sealed| {
                let signature = sorted_sha1(&[token, &timestamp, &nonce, &sealed]);
                query.extend(["&encrypt_type=aes&msg_signature=", &signature]);
                let to = element("ToUserName", text(moment.account, "/account"));
                format!("<xml>{to}{}</xml>", element("Encrypt", &sealed))
            },
        );
        Hook { query, headers: vec![("content-type", "text/xml".to_owned())], body: body.into_bytes() }
    }

    fn patience(&self) -> Patience {
        PATIENCE
    }

    fn heard(&mut self, said: &Said, body: &[u8], moment: &mut Moment<'_>) -> Result<Vec<Shown>, String> {
        let body = String::from_utf8_lossy(body);
        let body = body.trim();
        if body.is_empty() || body == "success" {
            return Ok(vec![]);
        }
        let opened = match field(body, "Encrypt") {
            Some(sealed) => answer(body, &sealed, moment.account)?,
            None => body.to_owned(),
        };
        let read = |name: &str| field(&opened, name).unwrap_or_default();
        if read("ToUserName") != said.user {
            return Err("the answer is for somebody else".to_owned());
        }
        let mut shown = Shown::text(&said.user, "", &read("Content"));
        match read("MsgType").as_str() {
            "text" if !shown.text.is_empty() => {}
            "news" => {
                shown.title = read("Title");
                shown.text = read("Description");
                shown.image = read("PicUrl");
                shown.link = read("Url");
            }
            _ => return Err("the answer is none that WeChat knows".to_owned()),
        }
        Ok(vec![shown])
    }

    fn addressee(&self, call: &Call) -> Option<String> {
        Some(text(&call.json(), "/touser").to_owned())
            .filter(|user| !user.is_empty())
            .or_else(|| self.files.whose(call))
    }

    fn take(&mut self, call: &Call, moment: &mut Moment<'_>) -> Taken {
        match (call.method.as_str(), call.path.as_str()) {
            ("POST", "/cgi-bin/stable_token") => self.token(&call.json(), moment).into(),
            ("POST", "/cgi-bin/message/custom/send") => match self.admitted(call, moment.now) {
                Ok(()) => self.send(call, moment).unwrap_or_else(|(code, why)| refused(code, why).into()),
                Err((code, why)) => refused(code, why).into(),
            },
            ("POST", "/cgi-bin/message/custom/typing") => match self.admitted(call, moment.now) {
                Ok(()) => refused(0, "ok").into(),
                Err((code, why)) => refused(code, why).into(),
            },
            ("GET", "/cgi-bin/media/get") => match self.admitted(call, moment.now) {
                Ok(()) => match self.files.get(&call.query("media_id").unwrap_or_default()) {
                    Some((kept, _)) => kept.reply().into(),
                    None => refused(40_007, "invalid media_id").into(),
                },
                Err((code, why)) => refused(code, why).into(),
            },
            _ => Reply::text(404, "").into(),
        }
    }

    fn failure(&self) -> Reply {
        Reply::text(500, "")
    }

    /// WeChat says so under status 200, and not for how long.
    fn busy(&self, _seconds: u64) -> Reply {
        refused(45_011, "api minute-quota reach limit, must slower retry next minute")
    }
}

impl WeChat {
    /// The token that holds now, or a new one.
    fn token(&mut self, asked: &Value, moment: &mut Moment<'_>) -> Reply {
        if text(asked, "/grant_type") != "client_credential" {
            return refused(40_002, "invalid grant_type");
        }
        let app = text(asked, "/appid");
        let Some(account) = account_of(moment.account, app) else { return refused(40_013, "invalid appid") };
        if text(asked, "/secret") != text(account, "/app_secret") {
            return refused(40_125, "invalid appsecret");
        }
        self.tokens.retain(|_, (_, until)| *until > moment.now - TOKEN_SECONDS * 1000);
        if asked.get("force_refresh").and_then(Value::as_bool).unwrap_or_default() {
            self.tokens.values_mut().filter(|(of, _)| of == app).for_each(|(_, until)| *until = moment.now);
        }
        let usable = |of: &str, until: i64| of == app && until - TOKEN_OVERLAP * 1000 > moment.now;
        let known = self.tokens.iter().find(|(_, (of, until))| usable(of, *until));
        let mut fresh = || format!("{}{}", moment.ids.hex(64), moment.ids.hex(64));
        let (token, until) = match known {
            Some((token, (_, until))) => (token.clone(), *until),
            None => (fresh(), moment.now + TOKEN_SECONDS * 1000),
        };
        self.tokens.insert(token.clone(), (app.to_owned(), until));
        Reply::json(200, &json!({"access_token": token, "expires_in": (until - moment.now) / 1000}))
    }

    fn admitted(&self, call: &Call, now: i64) -> Result<(), (i64, &'static str)> {
        let token = call.query("access_token").ok_or((41_001, "access_token missing"))?;
        let (_, until) =
            self.tokens.get(&token).ok_or((40_001, "invalid credential, access_token is invalid or not latest"))?;
        if *until > now { Ok(()) } else { Err((42_001, "access_token expired")) }
    }

    fn send(&mut self, call: &Call, moment: &mut Moment<'_>) -> Result<Taken, (i64, &'static str)> {
        let escaped = call.body.windows(2).zip(call.body.windows(3)).any(|(two, _)| two == b"\\u");
        if escaped {
            return Err((40_033, "invalid charset. please check your request, if include \\uxxxx will create fail!"));
        }
        let asked = call.json();
        let user = text(&asked, "/touser");
        if self.user(user) != user {
            return Err((40_003, "invalid openid"));
        }
        let mut shown = message(&asked)?;
        if let Some(person) = self.people.known(user) {
            if person.blocked {
                return Err((43_004, "require subscribe"));
            }
            person.spend(moment.now).map_err(|denied| match denied {
                Denied::Ended => (45_015, "response out of time limit or subscription is canceled"),
                Denied::Spent => (45_047, "out of response count limit"),
            })?;
        }
        user.clone_into(&mut shown.user);
        shown.id = moment.ids.number().to_string();
        Ok(Taken { reply: refused(0, "ok"), shown: vec![shown] })
    }
}

/// The account with this app: the first one, or one of `accounts`.
fn account_of<'a>(first: &'a Value, app: &str) -> Option<&'a Value> {
    let others = first.get("accounts").and_then(Value::as_object).into_iter().flatten().map(|(_, other)| other);
    std::iter::once(first).chain(others).find(|account| !app.is_empty() && text(account, "/app_id") == app)
}

fn event<'a>(name: &'a str, key: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![("MsgType", "event"), ("Event", name), ("EventKey", key)]
}

/// The text of a ciphered answer whose signature is right.
fn answer(body: &str, sealed: &str, account: &Value) -> Result<String, String> {
    let read = |name: &str| field(body, name).unwrap_or_default();
    let signature = sorted_sha1(&[text(account, "/token"), &read("TimeStamp"), &read("Nonce"), sealed]);
    if signature != read("MsgSignature") {
        return Err("the answer's signature is wrong".to_owned());
    }
    let (key, app) = (text(account, "/encoding_aes_key"), text(account, "/app_id"));
    open(key, sealed, app).ok_or_else(|| "the answer cannot be deciphered".to_owned())
}

fn message(asked: &Value) -> Result<Shown, (i64, &'static str)> {
    let kind = text(asked, "/msgtype");
    let what = asked.get(kind).unwrap_or(&Value::Null);
    let mut shown = Shown::default();
    match kind {
        "text" => text(what, "/content").clone_into(&mut shown.text),
        "msgmenu" => {
            let tail = text(what, "/tail_content");
            shown.text = [text(what, "/head_content"), tail].join(if tail.is_empty() { "" } else { "\n" });
            shown.look = Look::Menu;
            let lines = list(what, "/list").iter();
            shown.choices = lines.map(|line| Choice::payload(text(line, "/content"), text(line, "/id"))).collect();
        }
        "news" => {
            if list(what, "/articles").len() != 1 {
                return Err((45_008, "article size out of limit"));
            }
            text(what, "/articles/0/title").clone_into(&mut shown.title);
            text(what, "/articles/0/description").clone_into(&mut shown.text);
            text(what, "/articles/0/url").clone_into(&mut shown.link);
            text(what, "/articles/0/picurl").clone_into(&mut shown.image);
        }
        "image" | "voice" | "video" => return Err((40_007, "invalid media_id")),
        _ => return Err((40_008, "invalid message type")),
    }
    if shown.text.is_empty() && shown.title.is_empty() {
        return Err((44_004, "empty content"));
    }
    if shown.text.len() > MAX_TEXT {
        return Err((45_002, "content size out of limit"));
    }
    Ok(shown)
}

fn refused(code: i64, why: &str) -> Reply {
    Reply::json(200, &json!({"errcode": code, "errmsg": why}))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::ids::Ids;

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
        let second =
            call(&mut wechat, "/cgi-bin/stable_token", &second, 1).0["access_token"].as_str().unwrap().to_owned();
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
        let query = |name: &str| {
            form_urlencoded::parse(hook.query.as_bytes()).find(|(key, _)| key == name).unwrap().1.into_owned()
        };
        assert_eq!(query("msg_signature"), sorted_sha1(&["t", &query("timestamp"), &query("nonce"), &sealed]));
        let said = Said { user: USER.to_owned(), act: Act::Text(String::new()), chinese: true, wishes: Value::Null };
        let text = format!(
            "<xml>{}{}{}</xml>",
            element("ToUserName", USER),
            element("MsgType", "text"),
            element("Content", "好")
        );
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
}

use domain::{Attachment, EventKind};
use proptest::prelude::*;

use super::*;
use crate::Parsed;

fn parsed(body: &str) -> Parsed {
    let (keys, request) = (keys(), request(body));
    let Gate::Accept(verified) = request.verify(&keys, NOW).unwrap() else { panic!("a push") };
    Weibo.parse(&verified)
}

#[test]
fn the_vendors_address_check_is_answered_with_its_own_words() {
    let url = "https://x/webhooks/weibo?signature=90e4c22c90a58f26526c2dd5b6c56c8822edeaa1&timestamp=1397022061823\
               &nonce=57155157&echostr=5838479218127813673";
    let request = Request { method: "GET", url: url.to_owned(), body: vec![] };
    let now = UnixMillis(1_397_022_062_000);
    let Gate::Challenge(answer) = request.verify(&keys(), now).unwrap() else { panic!("an address check") };
    assert_eq!(answer.body, "5838479218127813673");
    let with = |from: &str, to: &str| Request { url: url.replace(from, to), ..request.clone() };
    for (request, error) in [
        (with("eaa1", "eaa2"), VerifyError::Refused("the signature is not ours")),
        (with("57155157", "57155158"), VerifyError::Refused("the signature is not ours")),
        (with("echostr", "echo"), VerifyError::Missing("`echostr`")),
        (with("signature", "sign"), VerifyError::Missing("the signature")),
        (with("timestamp", "time"), VerifyError::Missing("`timestamp`")),
    ] {
        assert_eq!(request.verify(&keys(), now).unwrap_err(), error, "{}", request.url);
    }
    assert_eq!(request.verify(&KeySet::default(), now).unwrap_err(), VerifyError::NoKey("app_secrets"));
    for (apart, taken) in [(600, true), (601, false), (-600, true), (-601, false)] {
        let result = request.verify(&keys(), UnixMillis(1_397_022_061_823).plus_seconds(apart));
        assert!(result.is_ok() == taken && (taken || matches!(result, Err(VerifyError::Expired))), "{apart}");
    }
}

#[test]
fn every_kind_of_push_is_read() {
    let file = |id: &str, name: &str, mime: &str| Attachment {
        upload: None,
        url: Some(format!("weibo-media:{id}")),
        name: name.to_owned(),
        mime: mime.to_owned(),
        size: 0,
    };
    let happened = |name: &str| Content::Event { name: name.to_owned() };
    let vf = json!({ "vfid": 821_804_459, "tovfid": 9_007_199_254_740_995_i64 });
    for (kind, text, data, content) in [
        ("text", " 几天到货 ", json!({}), words("几天到货")),
        ("text", "", json!({}), happened("unsupported")),
        ("mention", "@店 在吗", json!({ "subtype": "status", "key": "1" }), words("@店 在吗")),
        ("image", "图", vf.clone(), Content::Image(file("9007199254740995", "photo.jpg", "image/jpeg"))),
        ("voice", "音", vf, Content::Audio(file("9007199254740995", "voice.amr", "audio/amr"))),
        (
            "position",
            "位置",
            json!({ "longitude": "116.308586", "latitude": 39.982_525 }),
            Content::Location { latitude: 39.982_525, longitude: 116.308_586, label: None },
        ),
        ("event", "", json!({ "subtype": "follow" }), happened("follow")),
        ("event", "", json!({ "subtype": "scan_follow", "key": "7" }), happened("follow")),
        ("event", "", json!({ "subtype": "unfollow" }), happened("unfollow")),
        ("event", "", json!({ "subtype": "subscribe" }), happened("subscribe")),
        ("event", "", json!({ "subtype": "unsubscribe" }), happened("unsubscribe")),
        ("event", "", json!({ "subtype": "scan", "key": "7" }), happened("scan")),
        (
            "event",
            "",
            json!({ "subtype": "click", "key": "ask" }),
            Content::Postback { payload: "ask".to_owned(), title: "ask".to_owned() },
        ),
    ] {
        let parsed = parsed(&push(kind, text, &data).to_string());
        let [event] = parsed.events.as_slice() else { panic!("one event: {kind} {data} {parsed:?}") };
        assert_eq!(event.kind, EventKind::Message { content }, "{kind} {data}");
        assert_eq!((event.identity.account.as_str(), event.identity.user.as_str(), event.at), (ACCOUNT, USER, NOW));
        assert_eq!(event.grant, None);
    }
    for (kind, data) in [("event", json!({ "subtype": "view", "key": "https://a.example" })), ("hologram", json!({}))] {
        assert_eq!(parsed(&push(kind, "x", &data).to_string()), Parsed::default(), "{kind}");
    }
}

#[test]
fn what_is_wrong_is_said_and_kept() {
    let whole = push("text", "x", &json!({})).to_string();
    let column = |text: &str| format!("not a push: line 1, column {}", text.len());
    for (body, field, reason) in [
        ("<xml/>".to_owned(), "", "XML: the console's format must be JSON".to_owned()),
        (push("image", "x", &json!({})).to_string(), "data.tovfid", "missing".to_owned()),
        (push("event", "x", &json!({})).to_string(), "data.subtype", "missing".to_owned()),
        (push("event", "x", &json!({ "subtype": "click" })).to_string(), "data.key", "missing".to_owned()),
        (
            push("position", "x", &json!({ "latitude": 91, "longitude": 1 })).to_string(),
            "data",
            "`latitude` is no number of degrees".to_owned(),
        ),
        (whole.replace("created_at", "made_at"), "", column(&whole.replace("created_at", "made_at"))),
        ("{".to_owned(), "", "not a push: line 1, column 1".to_owned()),
    ] {
        let parsed = parsed(&body);
        let [reject] = parsed.rejects.as_slice() else { panic!("one reject: {body}") };
        assert_eq!((reject.field.as_str(), reject.reason.as_str()), (field, reason.as_str()), "{body}");
        assert_eq!((reject.item.as_deref(), parsed.events.len()), (Some(body.as_str()), 0));
    }
    for id in ["1.5", "\"\"", "\"a\"", "null", "18446744073709551616"] {
        let body = whole.replace(USER, id);
        assert_eq!(parsed(&body).rejects.len(), 1, "{id}");
    }
}

#[test]
fn a_push_for_another_account_is_refused() {
    let body = push("text", "x", &json!({})).to_string().replace(ACCOUNT, "1902538058");
    let error = request(&body).verify(&keys(), NOW).unwrap_err();
    assert_eq!(error, VerifyError::Refused("the message is for another account"));
    // It is an account of ours, but not the one whose secret signed.
    let two = set(&json!({ "app_secrets": [
        { "kid": ACCOUNT, "secret": SECRET }, { "kid": "1902538058", "secret": "other" },
    ] }));
    assert_eq!(request(&body).verify(&two, NOW).unwrap_err(), error);
}

#[test]
fn without_an_id_of_weibos_what_was_said_tells_messages_of_a_second_apart() {
    let id = |value: &Value| parsed(&value.to_string()).events.first().unwrap().id.clone();
    let text = push("text", "x", &json!({}));
    assert_eq!(id(&text), id(&text));
    let mut later = text.clone();
    later["created_at"] = json!("Thu Jan 01 08:00:01 +0800 2026");
    let mut other = text.clone();
    other["sender_id"] = json!(7);
    let all = [
        id(&text),
        id(&push("text", "y", &json!({}))),
        id(&push("mention", "x", &json!({}))),
        id(&push("image", "x", &json!({ "tovfid": 1 }))),
        id(&push("image", "x", &json!({ "tovfid": 2 }))),
        id(&later),
        id(&other),
    ];
    let different: std::collections::BTreeSet<_> = all.iter().map(domain::DedupId::as_str).collect();
    assert_eq!(different.len(), all.len());
}

#[test]
fn the_whole_events_are_what_they_are_called() {
    let summary = |file: &str| {
        let event: Value = serde_json::from_str(file).unwrap();
        let text = |path: &str| event.pointer(path).unwrap().as_str().unwrap().to_owned();
        let url =
            format!("https://{}{}?{}", text("/requestContext/domainName"), text("/rawPath"), text("/rawQueryString"));
        let method = if text("/requestContext/http/method") == "GET" { "GET" } else { "POST" };
        let request = Request { method, url, body: event["body"].as_str().unwrap_or_default().into() };
        match request.verify(&keys(), NOW).unwrap() {
            Gate::Challenge(challenge) => challenge.body,
            Gate::Accept(verified) => {
                let parsed = Weibo.parse(&verified);
                assert!(parsed.rejects.is_empty());
                let [event] = parsed.events.as_slice() else { panic!("one event: {parsed:?}") };
                format!("{} {:?}", event.identity.user, event.kind)
            }
        }
    };
    insta::assert_debug_snapshot!([
        ("address-check", summary(include_str!("../../../../../events/weibo/address-check.json"))),
        ("text", summary(include_str!("../../../../../events/weibo/text.json"))),
        ("image", summary(include_str!("../../../../../events/weibo/image.json"))),
        ("menu-click", summary(include_str!("../../../../../events/weibo/menu-click.json"))),
    ]);
}

proptest! {
    #[test]
    fn nothing_makes_it_panic(body in proptest::collection::vec(any::<u8>(), 0..300), kind in ".{0,8}", text in ".{0,40}") {
        let keys = keys();
        for body in [body, push(&kind, &text, &json!([text])).to_string().into_bytes()] {
            let request = Request { body, ..request("") };
            if let Ok(Gate::Accept(verified)) = request.verify(&keys, NOW) {
                let parsed = Weibo.parse(&verified);
                prop_assert!(parsed.events.len() + parsed.rejects.len() <= 1);
            }
        }
    }
}

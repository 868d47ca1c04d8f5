//! Fetching.

use domain::{ChannelId, EventKind, InboundEvent};
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::TokenPlace;

const NOW: UnixMillis = UnixMillis(1_767_225_700_000);

fn pull() -> Pull {
    Pull { channel: ChannelId::Wecom, account: "wkTestOpenKfId01".to_owned(), token: Some("T".to_owned()) }
}

fn page(body: &str) -> Result<Page, Delivery> {
    Pulling::page(&Wecom, &pull(), &WireReply { status: 200, retry_after: None, body: body.to_owned() }, NOW)
}

/// A page of these items.
fn items(items: &[&str]) -> Page {
    let list = items.join(",");
    page(&format!(r#"{{"errcode":0,"errmsg":"ok","next_cursor":"c2","has_more":1,"msg_list":[{list}]}}"#)).unwrap()
}

fn one(item: &Value) -> Result<Option<InboundEvent>, String> {
    let page = items(&[&item.to_string()]);
    let mut rejects = page.parsed.rejects;
    rejects.pop().map_or(Ok(page.parsed.events.into_iter().next()), |reject| Err(reject.reason))
}

#[test]
fn a_page_is_asked_for_after_the_last_one() {
    let call = |pull: &Pull, after: Option<&str>| {
        let call = Pulling::call(&Wecom, pull, after, &keys(&[])).unwrap();
        assert_eq!((call.method, call.target.as_str()), ("POST", "/cgi-bin/kf/sync_msg"));
        assert_eq!(call.token, Some(TokenPlace::Query("access_token")));
        serde_json::from_slice::<Value>(&call.body).unwrap()
    };
    let first = json!({ "open_kfid": "wkTestOpenKfId01", "limit": 1000, "voice_format": 0 });
    assert_eq!(call(&Pull { token: None, ..pull() }, None), first);
    let mut next = first;
    next["cursor"] = json!("c1");
    next["token"] = json!("T");
    assert_eq!(call(&pull(), Some("c1")), next);
}

#[test]
fn every_kind_of_item_is_read() {
    let page = page(&fixture("page.json")).unwrap();
    assert_eq!((page.next.as_deref(), page.more), (Some("4gw7MepFLfgF2VC5npN"), true));
    assert_eq!(page.parsed.rejects, []);
    insta::assert_json_snapshot!(page.parsed.events);
}

#[test]
fn a_bad_item_is_rejected_alone_and_the_page_goes_on() {
    let text = |msgid: &str, user: &str| {
        json!({ "msgid": msgid, "open_kfid": "wkTestOpenKfId01", "external_userid": user, "send_time": 1_767_225_600,
                "origin": 3, "msgtype": "text", "text": { "content": "13800138000" } })
        .to_string()
    };
    let (good, other) = (text("m1", "wmA"), text("m2", "wmB"));
    let elsewhere = good.replace("wkTestOpenKfId01", "wkOther");
    for (bad, why) in [
        ("[[[]]]", "not a message: line 1, column 1"),
        ("\"13800138000\"", "not a message: line 1, column 13"),
        (&good.replace("m1", ""), "`external_userid` or `msgid` is empty"),
        (&good.replace("wmA", ""), "`external_userid` or `msgid` is empty"),
        (&elsewhere, "`open_kfid` is another account's"),
        (&good.replace("\"text\":{", "\"words\":{"), "no `text` in a message of that kind"),
    ] {
        let page = items(&[&good, bad, &other]);
        assert_eq!(page.parsed.events.len(), 2, "{why}");
        let [reject] = &page.parsed.rejects[..] else { panic!("{:?}", page.parsed.rejects) };
        assert_eq!((reject.field.as_str(), reject.item.as_deref()), ("msg_list[1]", Some(bad)));
        assert_eq!(reject.reason, why);
        assert_eq!((page.next.as_deref(), page.more), (Some("c2"), true), "the cursor goes on");
    }
}

#[test]
fn an_item_as_deep_as_it_likes_stops_nobody() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let item = |part: &str| {
        format!(
            r#"{{"msgid":"m1","open_kfid":"wkTestOpenKfId01","external_userid":"wmA","send_time":1,"origin":3,
            "msgtype":"{part}","{part}":{deep}}}"#
        )
    };
    let page = items(&[&item("text"), &item("unheard_of"), &item("link")]);
    assert_eq!((page.parsed.rejects.len(), page.parsed.events.len()), (1, 2));
    assert!(
        page.parsed.events.iter().all(|event| event.kind
            == EventKind::Message { content: domain::Content::Event { name: "unsupported".to_owned() } })
    );
}

#[test]
fn the_same_item_is_the_same_event_whenever_it_is_fetched() {
    let item = json!({ "msgid": "m1", "open_kfid": "wkTestOpenKfId01", "external_userid": "wmA",
                       "send_time": 1_767_225_600, "origin": 3, "msgtype": "text", "text": { "content": "hi" } });
    let event = one(&item).unwrap().unwrap();
    assert_eq!(event.at, UnixMillis::from_seconds(1_767_225_600), "when it was sent");
    let mut ahead = item.clone();
    ahead["send_time"] = json!(1_767_299_999);
    let later = one(&ahead).unwrap().unwrap();
    assert_eq!((later.at, &later.id), (NOW, &event.id), "a clock that is ahead is not believed");
    let mut other = item;
    other["msgid"] = json!("m2");
    assert_ne!(one(&other).unwrap().unwrap().id, event.id);
}

#[test]
fn what_concerns_no_conversation_is_ignored() {
    let event = |event: Value| json!({ "msgid": "m1", "send_time": 1_767_225_600, "origin": 4, "msgtype": "event", "event": event });
    let ours = json!({ "open_kfid": "wkTestOpenKfId01", "external_userid": "wmA" });
    let with = |more: Value| {
        let mut all = ours.clone();
        all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        event(all)
    };
    for item in [
        event(json!({ "event_type": "servicer_status_change", "servicer_userid": "zhangsan", "status": 1 })),
        with(json!({ "event_type": "enter_session", "scene": "123" })),
        with(json!({ "event_type": "session_status_change", "change_type": 3 })),
        with(
            json!({ "event_type": "msg_send_fail", "fail_msgid": "dbf4377d895f6eed6fed569fbc10241d", "fail_type": 4 }),
        ),
        with(json!({ "event_type": "user_recall_msg", "recall_msgid": "m0" })),
        with(json!({ "event_type": "something_new" })),
        json!({ "msgid": "m1", "send_time": 1, "origin": 9, "msgtype": "text", "text": { "content": "hi" } }),
    ] {
        assert_eq!(one(&item), Ok(None), "{item}");
    }
}

#[test]
fn why_a_message_failed_is_told() {
    for (fail_type, reason) in [
        (0, "WeCom could not deliver it"),
        (1, "the account was deleted"),
        (2, "the app is switched off"),
        (4, "the customer wrote more than 48 hours ago"),
        (5, "the session was closed"),
        (6, "more than 5 messages since the customer wrote"),
        (8, "the corporation is not verified"),
        (10, "refused by the customer"),
        (11, "nobody of the corporation has ever signed in to WeCom"),
        (12, "customer service may not send this kind of message"),
        (13, "WeCom finds the message unsafe"),
        (99, "WeCom could not deliver it"),
    ] {
        let item = json!({ "msgid": "m1", "send_time": 1_767_225_600, "origin": 4, "msgtype": "event", "event": {
            "event_type": "msg_send_fail", "open_kfid": "wkTestOpenKfId01", "external_userid": "wmA",
            "fail_msgid": "YV9p7U4kmjSVX8CL4g_DJAEAAAAABzL-", "fail_type": fail_type } });
        let EventKind::Receipt { seq, status, .. } = one(&item).unwrap().unwrap().kind else { panic!() };
        assert_eq!((seq, status), (7, domain::DeliveryStatus::Failed { reason: reason.to_owned() }));
    }
}

#[test]
fn a_page_without_a_place_after_it_is_the_last() {
    for (body, next, more) in [
        (r#"{"errcode":0,"next_cursor":"c","has_more":0}"#, Some("c"), false),
        (r#"{"errcode":0,"next_cursor":"c","has_more":1,"msg_list":[]}"#, Some("c"), true),
        (r#"{"errcode":0,"next_cursor":"","has_more":1}"#, None, false),
        (r#"{"errcode":0}"#, None, false),
    ] {
        let page = page(body).unwrap();
        assert_eq!((page.next.as_deref(), page.more), (next, more), "{body}");
    }
}

#[test]
fn a_refused_page_says_what_helps() {
    let again = Delivery::Retry { after: None };
    for (body, refused) in [
        (r#"{"errcode":42001,"errmsg":"expired"}"#, Delivery::RefreshToken),
        (r#"{"errcode":0,"msg_list":[{"#, again.clone()),
        (r#"{"errcode":0,"msg_list":{}}"#, again.clone()),
        ("", again),
    ] {
        assert_eq!(page(body), Err(refused), "{body}");
    }
}

proptest! {
    #[test]
    fn any_page_is_read_without_a_panic(body in ".{0,300}", item in ".{0,100}") {
        let _any = page(&body);
        let _item = page(&format!(r#"{{"errcode":0,"msg_list":[{item}]}}"#));
    }

    #[test]
    fn every_item_is_an_event_or_a_reject(kinds in proptest::collection::vec(0_u32..3, 0..40)) {
        let list: Vec<String> = kinds.iter().enumerate().map(|(place, kind)| match kind {
            0 => format!(
                r#"{{"msgid":"m{place}","open_kfid":"wkTestOpenKfId01","external_userid":"wm{}","send_time":1,"origin":3,
                    "msgtype":"text","text":{{"content":"x"}}}}"#, place % 3),
            1 => "{}".to_owned(),
            _ => "[null]".to_owned(),
        }).collect();
        let page = items(&list.iter().map(String::as_str).collect::<Vec<_>>());
        let good = kinds.iter().filter(|kind| **kind == 0).count();
        prop_assert_eq!((page.parsed.events.len(), page.parsed.rejects.len()), (good, kinds.len() - good));
    }
}

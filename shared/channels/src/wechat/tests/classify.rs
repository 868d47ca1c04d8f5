use domain::Rejection::{Blocked, Content as Wrong, Misconfigured, OutsideWindow};
use domain::{Delivery, Rejection};

use super::*;
use crate::{Tokens, WireReply};

fn reply(status: u16, body: &str) -> WireReply {
    WireReply { status, retry_after: None, body: body.to_owned() }
}

fn refusal(delivery: &Delivery) -> Option<Rejection> {
    match delivery {
        Delivery::Rejected { refusal, reason } => {
            assert!(!reason.is_empty());
            Some(*refusal)
        }
        Delivery::Sent | Delivery::Absent | Delivery::Retry { .. } | Delivery::RefreshToken => None,
    }
}

#[test]
fn every_documented_code_has_its_meaning() {
    let retry = Delivery::Retry { after: None };
    let meant = |code: i64| WeChat.classify(&reply(200, &format!(r#"{{"errcode":{code},"errmsg":"secret words"}}"#)));
    for (codes, meaning) in [
        (&[0, 45081][..], Delivery::Sent),
        (&[-1, 45011], retry.clone()),
        (&[40001, 40014, 42001, 41001], Delivery::RefreshToken),
    ] {
        for code in codes {
            assert_eq!(meant(*code), meaning, "{code}");
        }
    }
    for (codes, kind) in [
        (&[40003, 43004, 48002][..], Blocked),
        (&[40007, 40033, 45001, 45002, 45072], Wrong),
        (&[40164, 45009, 48001, 48004, 50002, 61451, 61452, 99999], Misconfigured),
        (&[45015, 45047, 45080], OutsideWindow),
    ] {
        for code in codes {
            assert_eq!(refusal(&meant(*code)), Some(kind), "{code}");
            assert!(!format!("{:?}", meant(*code)).contains("secret words"));
        }
    }
}

#[test]
fn what_is_no_answer_of_wechats_is_tried_again_or_reported() {
    let retry = Delivery::Retry { after: None };
    for (status, body) in [(0, ""), (200, ""), (200, "<html>"), (200, "{}"), (408, ""), (500, ""), (504, "{}")] {
        assert_eq!(WeChat.classify(&reply(status, body)), retry, "{status} {body}");
    }
    let busy = WireReply { retry_after: Some(7), ..reply(429, "") };
    assert_eq!(WeChat.classify(&busy), Delivery::Retry { after: Some(7) });
    for status in [400, 403, 404] {
        assert_eq!(refusal(&WeChat.classify(&reply(status, ""))), Some(Misconfigured), "{status}");
    }
}

#[test]
fn a_token_is_asked_for_without_ending_the_one_that_others_use() {
    let tokens: &dyn Tokens = WeChat.tokens().unwrap();
    let call = tokens.call(ACCOUNT, &keys(&json!({}))).unwrap();
    let body: Value = serde_json::from_slice(&call.body).unwrap();
    let expected = json!({
        "grant_type": "client_credential", "appid": APP, "secret": "app secret", "force_refresh": false,
    });
    assert_eq!((call.method, call.target.as_str(), body), ("POST", "/cgi-bin/stable_token", expected));
    assert_eq!(call.token, None);
    assert!(tokens.call("gh_other", &keys(&json!({}))).is_err());

    let got = tokens.token(&reply(200, r#"{"access_token":"AT","expires_in":7200}"#)).unwrap();
    assert_eq!((got.value.as_str(), got.seconds), ("AT", 7200));
    for (body, kind) in [
        (r#"{"errcode":40001}"#, Some(Misconfigured)),
        (r#"{"errcode":40013}"#, Some(Misconfigured)),
        (r#"{"errcode":40125}"#, Some(Misconfigured)),
        (r#"{"errcode":40164}"#, Some(Misconfigured)),
        (r#"{"errcode":42001}"#, Some(Misconfigured)),
        (r#"{"errcode":-1}"#, None),
        (r#"{"errcode":0}"#, None),
        (r#"{"access_token":"","expires_in":7200}"#, None),
    ] {
        let refused = tokens.token(&reply(200, body)).unwrap_err();
        assert_eq!(refusal(&refused), kind, "{body}");
        assert!(kind.is_some() || refused == Delivery::Retry { after: None }, "{body}");
    }
}

//! What answers mean.

use domain::Rejection;

use super::*;
use crate::Token;

fn reply(status: u16, body: &str) -> WireReply {
    WireReply { status, retry_after: None, body: body.to_owned() }
}

fn code(code: i64) -> Delivery {
    Wecom.classify(&reply(200, &format!(r#"{{"errcode":{code},"errmsg":"hint: [1], from ip: 192.0.2.7"}}"#)))
}

#[test]
fn every_documented_code_has_its_meaning() {
    assert_eq!(code(0), Delivery::Sent);
    for busy in [-1, 6000] {
        assert_eq!(code(busy), Delivery::Retry { after: None });
    }
    for too_often in [45009, 45033] {
        assert_eq!(code(too_often), Delivery::Retry { after: Some(60) });
    }
    for stale in [40014, 41001, 42001] {
        assert_eq!(code(stale), Delivery::RefreshToken);
    }
    for (codes, expected) in [
        (&[40001, 40013, 48002, 48004, 60011, 60020, 95000, 95004, 95011, 95012, 95017][..], Rejection::Misconfigured),
        (&[95001, 95002, 95013, 95018], Rejection::OutsideWindow),
        (&[40003, 40096, 84061], Rejection::Blocked),
        (&[40007, 40008, 40033, 40058, 44004, 45002, 95008, 12345], Rejection::Content),
    ] {
        for number in codes {
            let Delivery::Rejected { refusal, reason } = code(*number) else { panic!("{number}") };
            assert_eq!(refusal, expected, "{number}");
            assert!(!reason.contains("192.0.2.7") && !reason.is_empty());
        }
    }
}

#[test]
fn an_answer_that_is_none_is_tried_again() {
    for (status, body) in [(200, ""), (200, "<html>"), (200, "{}"), (502, r#"{"errcode":0}"#), (0, "")] {
        assert_eq!(Wecom.classify(&reply(status, body)), Delivery::Retry { after: None }, "{status} {body}");
    }
    let told = WireReply { retry_after: Some(7), ..reply(429, "") };
    assert_eq!(Wecom.classify(&told), Delivery::Retry { after: Some(7) });
}

#[test]
fn a_token_is_read_or_what_its_refusal_means() {
    let token = |body: &str| Tokens::token(&Wecom, &reply(200, body));
    let good = r#"{"errcode":0,"errmsg":"ok","access_token":"AT","expires_in":7200}"#;
    assert_eq!(token(good), Ok(Token { value: "AT".to_owned(), seconds: 7200 }));
    assert_eq!(token(r#"{"errcode":0}"#), Err(Delivery::Retry { after: None }));
    let Err(Delivery::Rejected { refusal, .. }) = token(r#"{"errcode":40001}"#) else { panic!() };
    assert_eq!(refusal, Rejection::Misconfigured);
}

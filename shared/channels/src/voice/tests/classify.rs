use domain::{Delivery, Rejection};

use super::*;
use crate::WireReply;

#[test]
fn every_answer_to_an_update_has_a_meaning() {
    let gone = Delivery::rejected(Rejection::Blocked, "the customer has hung up");
    let kind = |status, code: u32| {
        let body = if code == 0 { String::new() } else { json!({ "code": code, "message": USER }).to_string() };
        Voice.classify(&WireReply { status, retry_after: Some(3), body })
    };
    for (status, code) in [(400, 21220), (404, 20404), (404, 0)] {
        assert_eq!(kind(status, code), gone, "{status} {code}");
    }
    assert_eq!((kind(200, 0), kind(201, 0)), (Delivery::Sent, Delivery::Sent));
    for (status, code) in [(0, 0), (408, 0), (429, 20429), (429, 0), (500, 20500), (503, 0)] {
        assert_eq!(kind(status, code), Delivery::Retry { after: Some(3) }, "{status} {code}");
    }
    for (status, code, wanted) in [
        (401, 20003, Rejection::Misconfigured),
        (403, 20005, Rejection::Misconfigured),
        (400, 21205, Rejection::Misconfigured),
        (400, 21218, Rejection::Misconfigured),
        (302, 0, Rejection::Misconfigured),
        (400, 12100, Rejection::Content),
        (400, 12200, Rejection::Content),
        (400, 20001, Rejection::Content),
        (422, 0, Rejection::Content),
    ] {
        let Delivery::Rejected { refusal, reason } = kind(status, code) else { panic!("{status} {code}") };
        assert_eq!(refusal, wanted, "{status} {code}");
        assert!(!reason.contains(USER));
    }
}

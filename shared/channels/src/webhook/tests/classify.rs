use domain::{Delivery, Rejection};

use super::*;
use crate::WireReply;

#[test]
fn every_status_has_a_meaning() {
    let of = |status| Webhook.classify(&WireReply { status, retry_after: Some(9), body: "hunter2".to_owned() });
    for status in [200, 201, 202, 204, 299] {
        assert_eq!(of(status), Delivery::Sent);
    }
    for status in [0, 408, 409, 425, 429, 500, 502, 503, 504, 599] {
        assert_eq!(of(status), Delivery::Retry { after: Some(9) }, "{status}");
    }
    for (status, meaning) in [
        (400, Rejection::Content),
        (413, Rejection::Content),
        (415, Rejection::Content),
        (422, Rejection::Content),
        (401, Rejection::Misconfigured),
        (402, Rejection::Misconfigured),
        (403, Rejection::Misconfigured),
        (404, Rejection::Misconfigured),
        (405, Rejection::Misconfigured),
        (410, Rejection::Misconfigured),
        (301, Rejection::Misconfigured),
        (307, Rejection::Misconfigured),
    ] {
        let Delivery::Rejected { refusal, reason } = of(status) else { panic!("not refused: {status}") };
        assert_eq!(refusal, meaning, "{status}");
        assert!(!reason.is_empty() && !reason.contains("hunter2"));
    }
}

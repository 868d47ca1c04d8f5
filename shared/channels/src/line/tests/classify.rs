use domain::{Delivery, Rejection};

use super::*;
use crate::WireReply;

/// Every status and message that LINE's reference documents.
#[test]
fn every_documented_answer_has_a_meaning() {
    let retry = |after| Delivery::Retry { after };
    let refused = |refusal| Some(refusal);
    for (status, message, meaning) in [
        (400, "The request body has 2 error(s)", refused(Rejection::Content)),
        (400, "May not be empty", refused(Rejection::Content)),
        (
            400,
            "The property, 'messages[0].text', in the request body is invalid (line: 1, column: 9)",
            refused(Rejection::Content),
        ),
        (400, "The property, 'to', in the request body is invalid (line: -, column: -)", refused(Rejection::Blocked)),
        (400, "The request body could not be parsed as JSON (line: 1, column: 2)", refused(Rejection::Content)),
        (400, "The content type, text/plain, is not supported", refused(Rejection::Content)),
        (400, "Failed to send messages", refused(Rejection::Blocked)),
        (401, "Authentication failed due to the following reason: expired", refused(Rejection::Misconfigured)),
        (403, "Access to this API is not available for your account", refused(Rejection::Misconfigured)),
        (404, "Not found", refused(Rejection::Misconfigured)),
        (410, "", refused(Rejection::Content)),
        (413, "", refused(Rejection::Content)),
        (415, "", refused(Rejection::Content)),
        (429, "You have reached your monthly limit.", refused(Rejection::Misconfigured)),
        (302, "", refused(Rejection::Misconfigured)),
        (200, "", None),
        (409, "The retry key is already accepted", None),
        (400, "Invalid reply token", None),
    ] {
        let body = serde_json::json!({ "message": message }).to_string();
        let got = Line.classify(&WireReply { status, retry_after: None, body });
        match (got, meaning) {
            (Delivery::Rejected { refusal, reason }, Some(expected)) => {
                assert_eq!(refusal, expected, "{status} {message}");
                assert!(!reason.is_empty() && (message.is_empty() || !reason.contains(message)));
            }
            (got, None) => assert_eq!(got, Delivery::Sent, "{status} {message}"),
            (got, Some(_)) => panic!("{status} {message}: {got:?}"),
        }
    }
    for (status, retry_after, body) in [
        (429, None, r#"{"message":"The API rate limit has been exceeded. Try again later."}"#),
        (429, Some(3), "slow down"),
        (500, None, ""),
        (503, Some(60), "<html>"),
        (0, None, ""),
    ] {
        let reply = WireReply { status, retry_after, body: body.to_owned() };
        assert_eq!(Line.classify(&reply), retry(retry_after), "{status}");
    }
    let detailed = r#"{"message":"The request body has 1 error(s)","details":[{"message":"x","property":"to"}]}"#;
    let reply = WireReply { status: 400, retry_after: None, body: detailed.to_owned() };
    assert!(matches!(Line.classify(&reply), Delivery::Rejected { refusal: Rejection::Blocked, .. }));
}

//! What SES answers; the table of all codes is the compliance suite's.

use domain::{Delivery, Rejection};

use crate::WireReply;
use crate::email::classify::{classify, message_id};

fn reply(status: u16, body: &str) -> WireReply {
    WireReply { status, retry_after: Some(3), body: body.to_owned() }
}

#[test]
fn who_must_act_is_told_by_the_code() {
    let refused = |code: &str| classify(&reply(400, &format!(r#"{{"code":"{code}","message":"x not verified"}}"#)));
    for (code, kind) in [
        ("MessageRejected", Rejection::Misconfigured),
        ("SendingPausedException", Rejection::Misconfigured),
        ("BadRequestException", Rejection::Content),
    ] {
        assert!(matches!(refused(code), Delivery::Rejected { refusal, .. } if refusal == kind), "{code}");
    }
    for code in ["TooManyRequestsException", "LimitExceededException", "Throttling"] {
        assert_eq!(refused(code), Delivery::Retry { after: Some(3) });
    }
    assert_eq!(classify(&reply(0, "")), Delivery::Retry { after: Some(3) });
    assert_eq!(classify(&reply(200, "{}")), Delivery::Sent);
}

#[test]
fn the_id_is_the_one_that_recipients_see() {
    let taken = reply(200, r#"{"MessageId":"0100-1","Domain":"eu-west-1.amazonses.com"}"#);
    assert_eq!(message_id(&taken).as_deref(), Some("0100-1@eu-west-1.amazonses.com"));
    assert_eq!(message_id(&reply(200, "{}")), None);
}

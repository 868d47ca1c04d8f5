//! Every documented refusal.

use domain::{Delivery, Rejection};

use super::super::classify::classify;
use crate::WireReply;
use crate::twilio::undelivered;

fn reply(status: u16, body: String) -> WireReply {
    WireReply { status, retry_after: Some(9), body }
}

fn twilio(status: u16, code: u32) -> Delivery {
    let body =
        serde_json::json!({ "code": code, "message": "to +14155550100", "more_info": "https://…", "status": status });
    classify(&reply(status, body.to_string()))
}

fn aws(status: u16, name: &str, message: &str) -> Delivery {
    classify(&reply(status, serde_json::json!({ "aws_error": name, "message": message }).to_string()))
}

fn refusal(delivery: &Delivery) -> Option<Rejection> {
    match delivery {
        Delivery::Rejected { refusal, reason } => {
            assert!(!reason.is_empty() && !reason.contains("+1"), "{reason}");
            Some(*refusal)
        }
        Delivery::Retry { after } => {
            assert_eq!(*after, Some(9));
            None
        }
        Delivery::Sent | Delivery::Absent | Delivery::RefreshToken => panic!("{delivery:?}"),
    }
}

#[test]
fn twilios_answers_mean_what_they_say() {
    use Rejection::{Blocked, Content, Misconfigured};
    assert_eq!(classify(&reply(201, r#"{"sid":"SM1","status":"queued"}"#.to_owned())), Delivery::Sent);
    for (status, codes, wanted) in [
        (400, &[21610, 21211, 21217, 21401, 21614, 21635, 21265, 21612, 21266][..], Some(Blocked)),
        (400, &[21408, 21608, 21212, 21603, 21606, 21659, 21660, 21661, 21609, 21701, 21703], Some(Misconfigured)),
        (400, &[21602, 21605, 21617, 21619, 99999], Some(Content)),
        (400, &[30003, 30004, 30005, 30006, 30008], Some(Blocked)),
        (400, &[30007], Some(Content)),
        (400, &[30002, 30034], Some(Misconfigured)),
        (400, &[21611, 30001, 30022, 63038, 14107], None),
        (429, &[20429, 0], None),
        (401, &[20003, 0], Some(Misconfigured)),
        (403, &[20005, 0], Some(Misconfigured)),
        (404, &[20404, 0], Some(Misconfigured)),
        (500, &[20500, 0], None),
        (503, &[0], None),
        (0, &[0], None),
        (302, &[0], Some(Misconfigured)),
    ] {
        for code in codes {
            assert_eq!(refusal(&twilio(status, *code)), wanted, "{status} {code}");
        }
    }
}

#[test]
fn aws_errors_mean_what_they_say() {
    use Rejection::{Blocked, Content, Misconfigured};
    assert_eq!(classify(&reply(200, r#"{"message_id":"x"}"#.to_owned())), Delivery::Sent);
    for (status, name, message, wanted) in [
        (400, "OptedOutException", "", Some(Blocked)),
        (400, "InvalidParameter", "Invalid parameter: PhoneNumber Reason: +14155550100 is opted out", Some(Blocked)),
        (400, "ConflictException", "DESTINATION_PHONE_NUMBER_OPTED_OUT: opted out", Some(Blocked)),
        (
            400,
            "InvalidParameter",
            "Invalid parameter: PhoneNumber Reason: +1415 is not valid to publish to",
            Some(Blocked),
        ),
        (400, "InvalidParameterValueException", "Invalid phone number", Some(Blocked)),
        (400, "InvalidParameter", "AWS.MM.SMS.OriginationNumber: no such origination number", Some(Misconfigured)),
        (400, "ValidationException", "Message too long", Some(Content)),
        (400, "ServiceQuotaExceededException", "MONTHLY_SPEND_LIMIT_REACHED_FOR_TEXT", Some(Misconfigured)),
        (400, "UserErrorException", "", Some(Misconfigured)),
        (403, "AuthorizationErrorException", "", Some(Misconfigured)),
        (403, "AccessDeniedException", "", Some(Misconfigured)),
        (404, "ResourceNotFoundException", "", Some(Misconfigured)),
        (400, "ThrottledException", "", None),
        (429, "TooManyRequestsException", "", None),
        (500, "InternalErrorException", "", None),
        (0, "DispatchFailure", "", None),
        (503, "Whatever", "", None),
        (400, "Whatever", "", Some(Content)),
    ] {
        assert_eq!(refusal(&aws(status, name, message)), wanted, "{status} {name} {message}");
    }
}

#[test]
fn carriers_codes_have_words() {
    let known: std::collections::BTreeSet<_> =
        [30001, 30002, 30003, 30004, 30005, 30006, 30007, 30008, 21610].map(undelivered).into();
    assert_eq!(known.len(), 9);
}

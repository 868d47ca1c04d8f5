//! What the Graph API's errors mean. Sources: Graph API error handling; Messenger Platform error codes; `WhatsApp` Cloud
//! API error codes (all v26.0).

use domain::Delivery;
use domain::Rejection::{self, Blocked, Content, Misconfigured, OutsideWindow};
use serde::Deserialize;

use self::Meaning::{Later, Never};
use crate::WireReply;

/// Seconds for which `WhatsApp` wants a customer left alone after too many messages.
const PAIR_SECONDS: u32 = 6;

/// Seconds after which another try may help when customers have complained of the number.
const SPAM_SECONDS: u32 = 900;

#[derive(Default, Deserialize)]
struct Answer {
    error: Option<GraphError>,
}

#[derive(Deserialize)]
struct GraphError {
    code: i64,
    error_subcode: Option<i64>,
    #[serde(default)]
    is_transient: bool,
}

const WINDOW_OVER: &str = "the channel's reply window is over";
const ABSENT: &str = "the customer does not take messages";
const WRONG: &str = "Meta finds the message wrong";
const PERMISSION: &str = "the app has not the permission";

/// What a code means.
enum Meaning {
    /// Try again, after so many seconds at least.
    Later(Option<u32>),
    /// Trying again cannot help.
    Never(Rejection, &'static str),
}

/// What the answer to a call means.
pub(crate) fn classify(reply: &WireReply) -> Delivery {
    let Some(error) = serde_json::from_str::<Answer>(&reply.body).unwrap_or_default().error else {
        return match reply.status {
            200..300 => Delivery::Sent,
            status @ 400..500 if status != 408 && status != 429 => Delivery::rejected(Content, "Meta does not take it"),
            _ => Delivery::Retry { after: reply.retry_after },
        };
    };
    match meaning(error.code, error.error_subcode) {
        Some(Later(after)) => Delivery::Retry { after: reply.retry_after.max(after) },
        Some(Never(refusal, reason)) => Delivery::rejected(refusal, reason),
        None if error.is_transient || reply.status >= 500 || reply.status == 429 || reply.status == 0 => {
            Delivery::Retry { after: reply.retry_after }
        }
        None => {
            Delivery::Rejected { refusal: Rejection::Content, reason: format!("Meta refuses it: error {}", error.code) }
        }
    }
}

/// Why a message that was taken did not arrive.
pub(crate) fn refusal(code: Option<i64>) -> String {
    match code.map(|code| (code, meaning(code, None))) {
        Some((_, Some(Never(_, reason)))) => reason.to_owned(),
        Some((code, Some(Later(_)) | None)) => format!("it was not delivered: error {code}"),
        None => "it was not delivered".to_owned(),
    }
}

fn meaning(code: i64, subcode: Option<i64>) -> Option<Meaning> {
    subcode.and_then(of_messaging).or_else(|| of_graph(code, subcode)).or_else(|| of_whatsapp(code))
}

/// Subcodes of Messenger and Instagram, whatever the code above them.
fn of_messaging(subcode: i64) -> Option<Meaning> {
    Some(match subcode {
        2_018_278 | 2_534_022 | 2_018_065 => Never(OutsideWindow, WINDOW_OVER),
        1_545_041 | 2_018_001 | 2_534_014 => Never(Blocked, ABSENT),
        2_018_300 | 2_534_037 => Never(Misconfigured, "another app has the conversation"),
        _ => return None,
    })
}

/// Codes of all of the Graph API.
fn of_graph(code: i64, subcode: Option<i64>) -> Option<Meaning> {
    Some(match (code, subcode) {
        (1 | 2 | 4 | 17 | 32 | 341 | 613 | 1200 | 80_000..=80_014, _) => Later(None),
        (100, Some(33)) => Never(Misconfigured, "there is no such account, or the token is not for it"),
        (100, _) => Never(Content, WRONG),
        (0 | 102 | 190, _) => Never(Misconfigured, "the access token is not valid"),
        (3 | 10 | 200..=299, _) => Never(Misconfigured, PERMISSION),
        (368, _) => Never(Misconfigured, "the account is blocked for breaking Meta's rules"),
        (551 | 10_903, _) => Never(Blocked, ABSENT),
        _ => return None,
    })
}

/// Codes of `WhatsApp`.
fn of_whatsapp(code: i64) -> Option<Meaning> {
    Some(match code {
        131_047 | 470 => Never(OutsideWindow, WINDOW_OVER),
        131_026 | 131_049 | 131_050 | 130_472 => Never(Blocked, ABSENT),
        131_056 => Later(Some(PAIR_SECONDS)),
        131_048 => Later(Some(SPAM_SECONDS)),
        130_429 | 131_000 | 131_016 | 131_057 | 131_064 | 133_004 | 133_016 => Later(None),
        130_497 => Never(Misconfigured, "the account may not write to the customer's country"),
        131_005 | 131_030 => Never(Misconfigured, PERMISSION),
        131_031 => Never(Misconfigured, "the account is locked"),
        131_042 => Never(Misconfigured, "the account cannot pay"),
        131_037 | 131_045 | 133_000..=133_015 => Never(Misconfigured, "the number is not registered"),
        131_052 | 131_053 => Never(Content, "the file cannot be carried"),
        131_008 | 131_009 | 131_021 | 131_051 | 131_062 | 135_000 => Never(Content, WRONG),
        131_063 | 132_000..=132_069 => Never(Misconfigured, "the template cannot be used"),
        137_000 => Never(Blocked, "the customer's keys have changed"),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn reply(status: u16, code: i64, subcode: Option<i64>) -> WireReply {
        let error =
            json!({ "message": "(#1) a text", "type": "OAuthException", "code": code, "error_subcode": subcode });
        WireReply { status, retry_after: None, body: json!({ "error": error }).to_string() }
    }

    fn kind(delivery: &Delivery) -> String {
        match delivery {
            Delivery::Rejected { refusal, reason } => {
                assert!(!reason.is_empty() && reason.len() < 80);
                format!("{refusal:?}")
            }
            Delivery::Retry { after: None } => "Retry".to_owned(),
            Delivery::Retry { after: Some(after) } => format!("Retry {after}"),
            other @ (Delivery::Sent | Delivery::Absent | Delivery::RefreshToken) => format!("{other:?}"),
        }
    }

    #[test]
    fn every_documented_code_has_its_meaning() {
        for (status, code, subcode, meant) in [
            (403, 10, Some(2_018_278), "OutsideWindow"),
            (403, 10, Some(2_534_022), "OutsideWindow"),
            (400, 551, Some(1_545_041), "Blocked"),
            (400, 551, None, "Blocked"),
            (403, 200, Some(1_545_041), "Blocked"),
            (400, 100, Some(2_018_001), "Blocked"),
            (403, 10, Some(2_018_300), "Misconfigured"),
            (403, 10, None, "Misconfigured"),
            (401, 190, Some(463), "Misconfigured"),
            (403, 200, None, "Misconfigured"),
            (403, 230, None, "Misconfigured"),
            (403, 299, None, "Misconfigured"),
            (400, 3, None, "Misconfigured"),
            (400, 4, None, "Retry"),
            (400, 32, None, "Retry"),
            (400, 613, None, "Retry"),
            (500, 2, None, "Retry"),
            (400, 1, None, "Retry"),
            (500, 1200, None, "Retry"),
            (400, 100, None, "Content"),
            (400, 100, Some(33), "Misconfigured"),
            (400, 131_047, None, "OutsideWindow"),
            (400, 131_026, None, "Blocked"),
            (400, 131_056, None, "Retry 6"),
            (429, 130_429, None, "Retry"),
            (400, 131_048, None, "Retry 900"),
            (400, 131_051, None, "Content"),
            (400, 131_052, None, "Content"),
            (400, 131_053, None, "Content"),
            (400, 132_000, None, "Misconfigured"),
            (404, 132_001, None, "Misconfigured"),
            (400, 132_012, None, "Misconfigured"),
            (400, 132_015, None, "Misconfigured"),
            (400, 132_016, None, "Misconfigured"),
            (400, 368, None, "Misconfigured"),
            (403, 131_031, None, "Misconfigured"),
            (429, 80_007, None, "Retry"),
            (400, 131_049, None, "Blocked"),
            (500, 131_000, None, "Retry"),
            (500, 131_016, None, "Retry"),
            (500, 133_004, None, "Retry"),
            (400, 133_010, None, "Misconfigured"),
            (400, 131_042, None, "Misconfigured"),
            (400, 131_009, None, "Content"),
        ] {
            assert_eq!(kind(&classify(&reply(status, code, subcode))), meant, "{code} {subcode:?}");
        }
    }

    #[test]
    fn what_is_not_documented_goes_by_the_status() {
        let plain =
            |status, body: &str| kind(&classify(&WireReply { status, retry_after: Some(7), body: body.to_owned() }));
        for status in [0, 408, 429, 500, 502, 503] {
            assert_eq!(plain(status, "<html>"), "Retry 7", "{status}");
        }
        assert_eq!(plain(404, "<html>"), "Content");
        assert_eq!(plain(200, r#"{"recipient_id":"1","message_id":"m_1"}"#), "Sent");
        assert_eq!(plain(200, r#"{"error":{"code":131047}}"#), "OutsideWindow");
        assert_eq!(plain(400, r#"{"error":{"code":987654}}"#), "Content");
        assert_eq!(plain(400, r#"{"error":{"code":987654,"is_transient":true}}"#), "Retry 7");
        assert_eq!(plain(503, r#"{"error":{"code":987654}}"#), "Retry 7");
        assert_eq!(plain(400, r#"{"error":{"code":131048}}"#), "Retry 900", "the longer wait counts");
    }

    #[test]
    fn a_message_that_did_not_arrive_has_a_reason() {
        assert_eq!(refusal(Some(131_026)), "the customer does not take messages");
        assert_eq!(refusal(Some(131_000)), "it was not delivered: error 131000");
        assert_eq!(refusal(Some(-5)), "it was not delivered: error -5");
        assert_eq!(refusal(None), "it was not delivered");
    }
}

//! What WeChat's answers mean. They are JSON with `errcode`, under status 200.

use domain::Rejection::{Blocked, Content, Misconfigured, OutsideWindow};
use domain::{Delivery, Rejection};
use serde::Deserialize;

use crate::WireReply;

#[derive(Default, Deserialize)]
struct Answer {
    errcode: Option<i64>,
}

/// The error code in an answer; 0 is none.
pub(super) fn code(reply: &WireReply) -> Option<i64> {
    serde_json::from_str::<Answer>(&reply.body).unwrap_or_default().errcode
}

pub(super) fn classify(reply: &WireReply) -> Delivery {
    let retry = Delivery::Retry { after: reply.retry_after };
    let code = match (reply.status, code(reply)) {
        (200..=299, Some(code)) => code,
        (400..=407 | 409..=428 | 430..=499, _) => {
            return Delivery::rejected(Misconfigured, "what answered does not serve WeChat's API");
        }
        // No answer of WeChat's own: its gateway's, or ours.
        _ => return retry,
    };
    match code {
        // 45081: somebody is typing already, so that nothing is to be done.
        0 | 45081 => Delivery::Sent,
        -1 | 45011 => retry,
        40001 | 40014 | 42001 | 41001 => Delivery::RefreshToken,
        code => match refusal(code) {
            Some((refusal, reason)) => Delivery::rejected(refusal, reason),
            None => Delivery::rejected(Misconfigured, &format!("WeChat's error {code}")),
        },
    }
}

fn refusal(code: i64) -> Option<(Rejection, &'static str)> {
    Some(match code {
        40003 => (Blocked, "WeChat does not know the customer in this account"),
        40007 => (Content, "WeChat does not have the file"),
        40033 => (Content, "WeChat does not take the text's characters"),
        40164 => (Misconfigured, "the caller's address is not in the account's list"),
        43004 => (Blocked, "the customer does not follow the account"),
        45001 => (Content, "the file is too large"),
        45002 => (Content, "the text is too long"),
        45009 => (Misconfigured, "the day's calls are used up"),
        45015 => (OutsideWindow, "the customer wrote too long ago"),
        45047 => (OutsideWindow, "the customer must write before more can be sent"),
        45072 => (Content, "WeChat does not know the typing command"),
        45080 => (OutsideWindow, "there was no exchange in the last 30 seconds"),
        48001 => (Misconfigured, "the account has no right to customer-service messages"),
        48002 => (Blocked, "the customer refuses messages"),
        48004 => (Misconfigured, "WeChat has barred the account from this"),
        50002 => (Misconfigured, "WeChat has restricted the account"),
        61451 | 61452 => (Misconfigured, "`kf_account` is not one of the account's"),
        _ => return None,
    })
}

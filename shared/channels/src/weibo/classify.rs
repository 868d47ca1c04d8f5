//! What Weibo's answers mean: JSON with `error_code`, a number or its digits. The list of codes is the open platform's;
//! which of them the fans service uses, and with which one it refuses a message outside its window, is not documented.

use domain::Rejection::{Blocked, Content, Misconfigured};
use domain::{Delivery, Rejection};
use serde::Deserialize;

use super::parse::Id;
use crate::WireReply;

#[derive(Deserialize)]
struct Answer {
    error_code: Option<Id>,
    result: Option<bool>,
}

pub(super) fn classify(reply: &WireReply) -> Delivery {
    let retry = Delivery::Retry { after: reply.retry_after };
    let Ok(answer) = serde_json::from_str::<Answer>(&reply.body) else {
        return match reply.status {
            400..=407 | 409..=428 | 430..=499 => {
                Delivery::rejected(Misconfigured, "what answered does not serve Weibo's API")
            }
            // No answer of Weibo's own: its gateway's, or ours.
            _ => retry,
        };
    };
    let Some(Id(code)) = answer.error_code else {
        return match reply.status {
            200..=299 if answer.result == Some(false) => Delivery::rejected(Content, "Weibo did not take the message"),
            200..=299 => Delivery::Sent,
            400..=407 | 409..=428 | 430..=499 => Delivery::rejected(Misconfigured, "Weibo refuses the call"),
            _ => retry,
        };
    };
    match code.as_str() {
        // "Update success, while server slow".
        "20032" => Delivery::Sent,
        "10001" | "10002" | "10003" | "10009" | "10010" | "10011" | "10022" | "10023" | "10024" | "20014" | "20016" => {
            retry
        }
        code => {
            let (refusal, reason) = refusal(code);
            match reason {
                Some(reason) => Delivery::rejected(refusal, reason),
                None => Delivery::rejected(refusal, &format!("Weibo's error {code}")),
            }
        }
    }
}

fn refusal(code: &str) -> (Rejection, Option<&'static str>) {
    let (refusal, reason) = match code {
        "10004" => (Misconfigured, "the caller's address is not allowed"),
        "10005" | "10014" => (Misconfigured, "the app has no right to this"),
        "10006" => (Misconfigured, "the app's key is missing"),
        "10007" | "10008" | "10012" | "10016" | "10017" | "10018" => (Content, "Weibo finds the call wrong"),
        "10013" | "20003" => (Blocked, "there is no such customer"),
        "10020" | "10021" => (Misconfigured, "what answered does not serve the fans service"),
        "20008" => (Content, "the text is empty"),
        "20012" | "20013" => (Content, "the text is too long"),
        "20015" | "20022" | "20031" => (Misconfigured, "Weibo has restricted the account or the caller's address"),
        "20017" | "20019" | "20306" => (Content, "the same was sent just before"),
        "20018" | "20020" | "20021" | "21602" => (Content, "Weibo does not allow the content"),
        "20301" | "20523" => (Blocked, "the customer does not follow the account"),
        "20302" => (Content, "Weibo finds the message wrong"),
        "20508" => (Blocked, "the customer refuses messages"),
        "21301" | "21314" | "21315" | "21316" | "21317" | "21319" | "21327" | "21332" => {
            (Misconfigured, "the access token is not valid any more")
        }
        "21321" => (Misconfigured, "the app is not reviewed and has too many users"),
        _ => return (Misconfigured, None),
    };
    (refusal, Some(reason))
}

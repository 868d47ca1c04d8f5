//! What `WeCom`'s answers mean: always a JSON object with `errcode`.

use domain::{Delivery, Rejection};
use serde::Deserialize;

use crate::{Token, WireReply};

/// Seconds to wait when we call too often; the provider names none, and counts by the minute.
const TOO_OFTEN_SECONDS: u32 = 60;

#[derive(Deserialize)]
struct Answer {
    errcode: i64,
    #[serde(default)]
    access_token: String,
    #[serde(default)]
    expires_in: u32,
}

pub(super) fn classify(reply: &WireReply) -> Delivery {
    let answer = serde_json::from_str::<Answer>(&reply.body).ok().filter(|_| (200..300).contains(&reply.status));
    let Some(Answer { errcode, .. }) = answer else { return Delivery::Retry { after: reply.retry_after } };
    let rejected = |refusal, reason: &str| Delivery::rejected(refusal, reason);
    match errcode {
        0 => Delivery::Sent,
        // Busy; changed under it.
        -1 | 6000 => Delivery::Retry { after: reply.retry_after },
        45009 | 45033 => Delivery::Retry { after: reply.retry_after.or(Some(TOO_OFTEN_SECONDS)) },
        40014 | 41001 | 42001 => Delivery::RefreshToken,
        40001 => rejected(Rejection::Misconfigured, "the secret is not valid (40001)"),
        40013 => rejected(Rejection::Misconfigured, "the corporation's id is not valid (40013)"),
        48002 | 48004 | 60011 => rejected(Rejection::Misconfigured, "the app may not do that in WeCom"),
        60020 => rejected(Rejection::Misconfigured, "our address is not among the app's trusted ones (60020)"),
        95000 | 95004 => rejected(Rejection::Misconfigured, "there is no such customer-service account in WeCom"),
        95017 => rejected(Rejection::Misconfigured, "the API is switched off in WeCom's console (95017)"),
        95011 | 95012 => rejected(Rejection::Misconfigured, "the account is not managed through this app in WeCom"),
        95001 => rejected(Rejection::OutsideWindow, "more than 5 messages since the customer wrote"),
        95002 => rejected(Rejection::OutsideWindow, "the customer wrote more than 48 hours ago"),
        95013 => rejected(Rejection::OutsideWindow, "the session has ended"),
        95018 => rejected(Rejection::OutsideWindow, "the session has ended, or a person has it in WeCom (95018)"),
        40003 | 40096 | 84061 => rejected(Rejection::Blocked, "there is no such customer"),
        _ => rejected(Rejection::Content, &format!("WeCom does not take it ({errcode})")),
    }
}

/// The access token in an answer.
pub(super) fn token(reply: &WireReply) -> Result<Token, Delivery> {
    match classify(reply) {
        Delivery::Sent => {}
        refused @ (Delivery::Absent | Delivery::Retry { .. } | Delivery::RefreshToken | Delivery::Rejected { .. }) => {
            return Err(refused);
        }
    }
    let answer = serde_json::from_str::<Answer>(&reply.body).ok().filter(|answer| !answer.access_token.is_empty());
    let answer = answer.ok_or(Delivery::Retry { after: None })?;
    Ok(Token { value: answer.access_token, seconds: answer.expires_in })
}

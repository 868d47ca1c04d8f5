//! What the Messaging API's answers mean. Source: the reference's status codes and error messages.

use domain::{Delivery, Rejection};
use serde::Deserialize;

use crate::WireReply;

#[derive(Default, Deserialize)]
struct Failure {
    #[serde(default)]
    message: String,
    #[serde(default)]
    details: Vec<Detail>,
}

#[derive(Deserialize)]
struct Detail {
    #[serde(default)]
    property: String,
}

pub(super) fn classify(reply: &WireReply) -> Delivery {
    let failure: Failure = serde_json::from_str(&reply.body).unwrap_or_default();
    let says = |text: &str| failure.message.contains(text);
    let addressee = says("property, 'to'") || failure.details.iter().any(|detail| detail.property == "to");
    match reply.status {
        // 409: the push was taken before, under the same retry key.
        200..300 | 409 => Delivery::Sent,
        // Only tokens that have not ended are used: this one was used, by the sender before.
        400 if says("Invalid reply token") => Delivery::Sent,
        400 if addressee || says("Failed to send messages") => {
            Delivery::rejected(Rejection::Blocked, "LINE knows no such person for this account")
        }
        401 => Delivery::rejected(Rejection::Misconfigured, "the access token is not valid"),
        403 => Delivery::rejected(Rejection::Misconfigured, "the account's plan or role does not allow it"),
        404 => Delivery::rejected(Rejection::Misconfigured, "LINE's API is not at this address"),
        429 if says("monthly limit") => {
            Delivery::rejected(Rejection::Misconfigured, "the plan's messages of this month are used up")
        }
        0 | 408 | 429 | 500.. => Delivery::Retry { after: reply.retry_after },
        1..200 | 300..400 => Delivery::rejected(Rejection::Misconfigured, "what answers is not LINE's API"),
        400..500 => Delivery::rejected(Rejection::Content, "LINE finds the message wrong"),
    }
}

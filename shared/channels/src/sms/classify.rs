//! What the providers' answers mean. Sources: `twilio` for Twilio's; the errors of SNS's `Publish` and of
//! `SendTextMessage` (`pinpoint-sms-voice-v2`).

use domain::{Delivery, Rejection};
use serde::Deserialize;

use crate::WireReply;
use crate::twilio::{OPTED_OUT, message};

pub(super) fn classify(reply: &WireReply) -> Delivery {
    let failure: AwsFailure = serde_json::from_str(&reply.body).unwrap_or_default();
    match failure.aws_error {
        Some(name) => by_aws(&name, &failure.message, reply),
        None => message(reply),
    }
}

/// A refusal of AWS, as the wire writes it down.
#[derive(Default, Deserialize)]
struct AwsFailure {
    aws_error: Option<String>,
    #[serde(default)]
    message: String,
}

fn by_aws(name: &str, message: &str, reply: &WireReply) -> Delivery {
    let blocked = |reason| Delivery::rejected(Rejection::Blocked, reason);
    let misconfigured = |reason| Delivery::rejected(Rejection::Misconfigured, reason);
    let says = |word: &str| message.to_ascii_lowercase().contains(word);
    match name.strip_suffix("Exception").unwrap_or(name) {
        "OptedOut" => blocked(OPTED_OUT),
        "Conflict" | "InvalidParameter" | "InvalidParameterValue" if says("opted out") || says("opt-out") => {
            blocked(OPTED_OUT)
        }
        "InvalidParameter" | "InvalidParameterValue" | "ValidationError" | "Validation" if says("origination") => {
            misconfigured("the number is not this AWS account's, or takes part in no text messages")
        }
        "InvalidParameter" | "InvalidParameterValue" | "ValidationError" | "Validation" if says("phone") => {
            blocked("AWS does not know the customer's number as one that takes text messages")
        }
        "InvalidParameter" | "InvalidParameterValue" | "ValidationError" | "Validation" => {
            Delivery::rejected(Rejection::Content, "AWS finds the message wrong")
        }
        "ServiceQuotaExceeded" => misconfigured("the AWS account's spending limit for text messages is used up"),
        "UserError" | "VerificationRequired" | "Conflict" => {
            misconfigured("the AWS account is in the SMS sandbox, or not set up for text messages")
        }
        "ResourceNotFound" | "NotFound" => misconfigured("AWS knows no such number of ours"),
        "AuthorizationError"
        | "AccessDenied"
        | "InvalidSecurity"
        | "InvalidClientTokenId"
        | "UnrecognizedClient"
        | "ExpiredToken"
        | "SignatureDoesNotMatch" => {
            misconfigured("the function is not allowed to send text messages, or not in this region")
        }
        "Throttled"
        | "Throttling"
        | "TooManyRequests"
        | "RequestLimitExceeded"
        | "InternalError"
        | "InternalServer"
        | "InternalFailure"
        | "ServiceUnavailable" => Delivery::Retry { after: reply.retry_after },
        _ if reply.status == 429 || reply.status >= 500 || reply.status == 0 => {
            Delivery::Retry { after: reply.retry_after }
        }
        _ => Delivery::rejected(Rejection::Content, "AWS finds the message wrong"),
    }
}

//! What SES answers. Sources: SES API v2 reference, `SendEmail` (errors) and "Common Errors".

use domain::{Delivery, Rejection};
use serde_json::Value;

use crate::WireReply;

/// The message id that the recipient sees, of an answer to a mail that was taken.
pub(super) fn message_id(reply: &WireReply) -> Option<String> {
    let body: Value = serde_json::from_str(&reply.body).ok()?;
    let id = body.get("MessageId")?.as_str().filter(|id| !id.is_empty())?;
    let domain = body.get("Domain").and_then(Value::as_str).unwrap_or("email.amazonses.com");
    Some(format!("{id}@{domain}"))
}

pub(super) fn classify(reply: &WireReply) -> Delivery {
    if (200..300).contains(&reply.status) {
        return Delivery::Sent;
    }
    let body: Value = serde_json::from_str(&reply.body).unwrap_or_default();
    let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default();
    let code = text("code");
    let misconfigured = |reason: &str| Delivery::rejected(Rejection::Misconfigured, reason);
    match code.strip_suffix("Exception").unwrap_or(code) {
        "MessageRejected" if text("message").contains("not verified") => {
            misconfigured("SES does not know our address, or is in its sandbox and does not know the customer's")
        }
        "MessageRejected" => Delivery::rejected(Rejection::Content, "SES does not take the mail"),
        "MailFromDomainNotVerified" => misconfigured("the MAIL FROM domain is not verified"),
        "AccountSuspended" => misconfigured("the account may not send any more"),
        "SendingPaused" | "AccountSendingPaused" | "ConfigurationSetSendingPaused" => {
            misconfigured("sending is paused")
        }
        "NotFound" | "ConfigurationSetDoesNotExist" => misconfigured("there is no such configuration set"),
        "BadRequest" | "InvalidParameterValue" | "ValidationError" => {
            Delivery::rejected(Rejection::Content, "SES finds the mail wrong")
        }
        "AccessDenied" | "UnrecognizedClient" | "InvalidClientTokenId" | "SignatureDoesNotMatch" => {
            misconfigured("the function may not send")
        }
        "LimitExceeded" | "TooManyRequests" | "Throttling" => Delivery::Retry { after: reply.retry_after },
        _ if reply.status == 403 => misconfigured("the function may not send"),
        _ if reply.status == 400 || reply.status == 413 => {
            Delivery::rejected(Rejection::Content, "SES finds the mail wrong")
        }
        _ => Delivery::Retry { after: reply.retry_after },
    }
}

//! What the answers of the Messages resource mean. Source: www.twilio.com/docs/api/errors.

use domain::{Delivery, Rejection};

use super::Failure;
use crate::WireReply;

/// Why nothing is sent to a number that has ended messages.
pub(crate) const OPTED_OUT: &str = "the customer wants no messages from this number";

/// What the answer to a message (`Messages.json`) means.
pub(crate) fn message(reply: &WireReply) -> Delivery {
    let failure = Failure::of(reply);
    if (200..300).contains(&reply.status) {
        return Delivery::Sent;
    }
    let blocked = |reason| Delivery::rejected(Rejection::Blocked, reason);
    let misconfigured = |reason| Delivery::rejected(Rejection::Misconfigured, reason);
    match failure.code {
        21610 => blocked(OPTED_OUT),
        21211 | 21217 | 21401 => blocked("the customer's number does not exist"),
        21614 | 21635 => blocked("the customer's number is a landline, or takes no text messages"),
        21265 => blocked("the customer's number is a short code"),
        21612 => blocked("no text message can go from this number to the customer's"),
        21266 => blocked("the customer's number is our own"),
        21408 => misconfigured("text messages to this country are not allowed in the Twilio account"),
        21608 => misconfigured("a Twilio trial account only writes to numbers that it has verified"),
        21212 | 21603 | 21606 | 21659 | 21660 | 21661 => {
            misconfigured("the number is not this Twilio account's, or takes part in no text messages")
        }
        21609 => misconfigured("Twilio finds `webhook_url` wrong"),
        21701..=21705 => misconfigured("the messaging service is not there, or has no number"),
        21602 | 21605 | 21617 | 21619 => Delivery::rejected(Rejection::Content, "Twilio finds the message wrong"),
        // The number's queue is full; the account's messages of a day or its speed are used up.
        21611 | 14107 | 30022 | 63038 => Delivery::Retry { after: reply.retry_after },
        code @ 30001..=30999 => undelivered_now(code, reply),
        _ => failure.meaning(reply),
    }
}

/// A carrier's code, which mostly comes later.
fn undelivered_now(code: u32, reply: &WireReply) -> Delivery {
    match code {
        30001 => Delivery::Retry { after: reply.retry_after },
        30002 | 30032 | 30034 => Delivery::rejected(Rejection::Misconfigured, undelivered(code)),
        30007 | 30019 => Delivery::rejected(Rejection::Content, undelivered(code)),
        _ => Delivery::rejected(Rejection::Blocked, undelivered(code)),
    }
}

/// Why a message that was taken did not arrive.
pub(crate) fn undelivered(code: u32) -> &'static str {
    match code {
        30001 => "too many messages waited at Twilio",
        30002 => "the Twilio account is suspended",
        30003 => "the customer's phone is off, or out of reach",
        30004 => "the customer has blocked the number",
        30005 => "the customer's number does not exist any more",
        30006 => "the customer's number is a landline, or its carrier takes no text messages",
        30007 => "the carrier has filtered the message out",
        30019 => "the carrier finds the message too long",
        30032 | 30034 => "the number is not registered or verified with the carriers",
        21610 => OPTED_OUT,
        _ => "the carrier did not deliver it",
    }
}

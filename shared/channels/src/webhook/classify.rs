//! What a receiver's status means (RFC 9110, RFC 6585, Standard Webhooks).

use domain::{Delivery, Rejection};

use crate::WireReply;

pub(super) fn classify(reply: &WireReply) -> Delivery {
    let misconfigured = |reason| Delivery::rejected(Rejection::Misconfigured, reason);
    match reply.status {
        200..300 => Delivery::Sent,
        // 409, 425: the same message is on its way in already.
        0 | 408 | 409 | 425 | 429 | 500.. => Delivery::Retry { after: reply.retry_after },
        401 | 403 => misconfigured("the receiver does not take our signature"),
        402 => misconfigured("the receiver wants to be paid"),
        404 | 405 | 410 => misconfigured("the receiver takes nothing at this address"),
        1..200 | 300..400 => misconfigured("the receiver sends us elsewhere, where nothing of ours goes"),
        400..500 => Delivery::rejected(Rejection::Content, "the receiver finds the message wrong"),
    }
}

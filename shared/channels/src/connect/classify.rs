//! What an answer to a call would mean. No call is ever made on this channel; should one be, nothing of it is taken as said
//! that was not plainly taken.

use domain::{Delivery, Rejection};

use crate::WireReply;

pub(super) fn classify(reply: &WireReply) -> Delivery {
    match reply.status {
        200..300 => Delivery::Sent,
        0 | 408 | 429 | 500.. => Delivery::Retry { after: reply.retry_after },
        _ => Delivery::rejected(Rejection::Misconfigured, "nothing can be said to a contact unasked"),
    }
}

//! What Twilio's answer to an update of a call means, or to a text message to who is on it: their codes differ. Which of
//! them is answered is only told by the address that a refusal names (docs: "The requested resource … was not found").

use domain::{Delivery, Rejection};

use crate::WireReply;
use crate::twilio::{Failure, message};

pub(super) fn classify(reply: &WireReply) -> Delivery {
    let failure = Failure::of(reply);
    let refused = Delivery::rejected;
    match (reply.status, failure.code) {
        (200..300, _) => Delivery::Sent,
        // No call was asked for.
        (_, 20404) if reply.body.contains("/Messages") => message(reply),
        // The call is not in progress; there is no such call, or not any more.
        (_, 21220 | 20404) | (404, 0) => refused(Rejection::Blocked, "the customer has hung up"),
        (_, 21205 | 21218 | 21502 | 21503) => {
            refused(Rejection::Misconfigured, "Twilio does not take the door's address")
        }
        (_, 12100..=12399) => refused(Rejection::Content, "Twilio cannot read what is to be said"),
        _ => message(reply),
    }
}

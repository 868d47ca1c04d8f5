//! How a delivery went.

use serde::{Deserialize, Serialize};

/// What a provider's answer to one call means. Retry knowledge lives with the channel, retry doing with the queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivery {
    /// The provider has it.
    Sent,
    /// Nobody is there to take it now; the message waits where the customer will look.
    Absent,
    /// Try again, after so many seconds if the provider said so.
    Retry {
        /// Seconds to wait at least.
        after: Option<u32>,
    },
    /// Trying again cannot help.
    Rejected {
        /// Why, without personal data.
        reason: String,
    },
}

/// The state of a delivery's claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// A sender holds it until its lease ends.
    Claimed,
    /// The provider has it.
    Sent,
    /// It will not be sent.
    Failed,
    /// A sender died between the call and the mark, and the provider has no idempotency key: it may have been sent.
    MaybeSent,
}

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
    /// The access token is not valid any more: a fresh one may help, once.
    RefreshToken,
    /// Trying again cannot help.
    Rejected {
        /// What kind of refusal it is.
        refusal: Rejection,
        /// Why, without personal data.
        reason: String,
    },
}

/// The kinds of refusal: what somebody can do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rejection {
    /// The channel's reply window is over, or its count is spent: only the customer can open it again.
    OutsideWindow,
    /// The customer does not take messages: blocked, left, unknown.
    Blocked,
    /// The account is not set up for it: key, permission, caller's address, plan. The platform engineer can mend it.
    Misconfigured,
    /// The provider does not take this message.
    Content,
}

impl Delivery {
    /// A refusal for good.
    pub fn rejected(refusal: Rejection, reason: &str) -> Self {
        Self::Rejected { refusal, reason: reason.to_owned() }
    }
}

/// The state of a delivery's claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// A sender holds it until its lease ends.
    Claimed,
    /// The provider has it.
    Sent,
    /// It went out as the answer to the provider's own request.
    Answered,
    /// It will not be sent.
    Failed,
    /// A sender died between the call and the mark, and the provider has no idempotency key: it may have been sent.
    MaybeSent,
}

/// What becomes known of a delivery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum DeliveryStatus {
    /// It may have been sent, perhaps twice.
    MaybeSent,
    /// The provider has it.
    Sent,
    /// It was not sent and will not be.
    Failed {
        /// Why, without personal data.
        reason: String,
    },
    /// The customer's device has it.
    Delivered,
    /// The customer has seen it.
    Read,
}

/// What is known of an identity's deliveries: seqs up to which, or of the last one of which, something holds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Marks {
    /// The customer's device has everything up to here.
    #[serde(skip_serializing_if = "is_zero")]
    pub delivered: u64,
    /// The customer has seen everything up to here.
    #[serde(skip_serializing_if = "is_zero")]
    pub read: u64,
    /// The last message that could not be sent.
    #[serde(skip_serializing_if = "is_zero")]
    pub failed: u64,
    /// The last message of which nobody knows whether it was sent.
    #[serde(skip_serializing_if = "is_zero")]
    pub maybe_sent: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
fn is_zero(seq: &u64) -> bool {
    *seq == 0
}

impl Marks {
    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Notes what became known of the delivery that ends with this seq; whether it was news. In whatever order things
    /// become known, the end is the same: a late "sent" or "failed" changes nothing about what the customer has.
    pub fn note(&mut self, seq: u64, status: &DeliveryStatus) -> bool {
        let before = self.clone();
        let grow = |mark: &mut u64| *mark = (*mark).max(seq);
        match status {
            DeliveryStatus::MaybeSent if seq > self.delivered => grow(&mut self.maybe_sent),
            DeliveryStatus::Failed { .. } if seq > self.delivered => grow(&mut self.failed),
            // No news, or the customer has it.
            DeliveryStatus::Sent | DeliveryStatus::MaybeSent | DeliveryStatus::Failed { .. } => {}
            DeliveryStatus::Delivered => grow(&mut self.delivered),
            DeliveryStatus::Read => {
                grow(&mut self.delivered);
                grow(&mut self.read);
            }
        }
        // What the customer has was sent, whatever was said of it before.
        for doubt in [&mut self.failed, &mut self.maybe_sent] {
            if *doubt <= self.delivered {
                *doubt = 0;
            }
        }
        *self != before
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn status() -> impl Strategy<Value = DeliveryStatus> {
        prop_oneof![
            Just(DeliveryStatus::MaybeSent),
            Just(DeliveryStatus::Sent),
            Just(DeliveryStatus::Failed { reason: "blocked".to_owned() }),
            Just(DeliveryStatus::Delivered),
            Just(DeliveryStatus::Read),
        ]
    }

    #[test]
    fn a_late_sent_never_overwrites_read() {
        let (sent, read) = (DeliveryStatus::Sent, DeliveryStatus::Read);
        let mut marks = Marks::default();
        assert!(marks.note(4, &read));
        for late in [sent, DeliveryStatus::MaybeSent, DeliveryStatus::Failed { reason: String::new() }] {
            assert!(!marks.note(4, &late), "{late:?}");
        }
        assert_eq!(marks, Marks { delivered: 4, read: 4, ..Marks::default() });
    }

    proptest! {
        #[test]
        fn what_the_customer_has_is_the_same_in_any_order(mut news in proptest::collection::vec((1_u64..20, status()), 0..30)) {
            let noted = |news: &[(u64, DeliveryStatus)]| {
                let mut marks = Marks::default();
                for (seq, status) in news {
                    marks.note(*seq, status);
                    // Known news is no news.
                    assert!(!marks.note(*seq, status));
                }
                marks
            };
            let forward = noted(&news);
            news.reverse();
            prop_assert_eq!(forward, noted(&news));
        }
    }
}

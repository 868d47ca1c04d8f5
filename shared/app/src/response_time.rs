//! How long customers wait for answers: one definition, so that channels can be compared.

use domain::{ChannelId, Outbound, UnixMillis};

/// From when the door took a customer's message to when the provider, or the customer's mailbox, had its answer, or the
/// provider's own request was answered with it. Answers of people, and what was said unasked, are not in it; an answer
/// that is sent again counts once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResponseTime {
    /// The channel.
    pub channel: ChannelId,
    /// Milliseconds.
    pub millis: u64,
}

impl ResponseTime {
    /// Of a delivery that has just gone out; `None`: it answers nothing.
    pub fn of(outbound: &Outbound, now: UnixMillis) -> Option<Self> {
        let asked = outbound.asked_at?;
        // The door's clock may be a little ahead of this one.
        let millis = u64::try_from(now.0.saturating_sub(asked.0)).unwrap_or_default();
        Some(Self { channel: outbound.identity.channel, millis })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::envelope::read_outbound;

    #[test]
    fn a_response_time_is_never_negative_and_only_of_answers() {
        let event: serde_json::Value =
            serde_json::from_str(include_str!("../../../events/queues/outbound-v1.json")).unwrap();
        let body = event["Records"][0]["body"].as_str().unwrap();
        let outbound = |asked_at| Outbound { asked_at, ..read_outbound(body).unwrap() };
        for (asked_at, waits) in
            [(None, None), (Some(UnixMillis(1_000)), Some(500)), (Some(UnixMillis(1_600)), Some(0))]
        {
            let time = ResponseTime::of(&outbound(asked_at), UnixMillis(1_500));
            assert_eq!(time.map(|time| time.millis), waits);
        }
    }
}

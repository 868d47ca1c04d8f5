//! The outbound functions: a delivery is claimed, rendered, sent, and its end recorded.

use channels::{RenderError, channel};
use domain::{Delivery, Outbound};

use crate::envelope::{EnvelopeError, read_outbound};
use crate::ports::{Claim, Clock, Deliveries, Wire};
use crate::{Kind, PortError};

/// Seconds for which a claim keeps other senders away: longer than one record may take.
pub const LEASE_SECONDS: i64 = 60;
/// Seconds to wait when the provider does not say how long.
const RETRY_SECONDS: u32 = 2;

/// What an outbound function needs.
#[derive(Clone, Copy)]
pub struct Sender<'a> {
    /// The claims.
    pub deliveries: &'a dyn Deliveries,
    /// The providers.
    pub wire: &'a dyn Wire,
    /// The time.
    pub clock: &'a dyn Clock,
}

/// What became of a record.
#[derive(Debug, PartialEq, Eq)]
pub enum Delivered {
    /// The provider has it, or it waits where the customer will look.
    Sent,
    /// It was settled before; nothing was sent.
    Repeated,
    /// It cannot be sent; that is recorded.
    Failed(String),
}

/// Why a record is not settled.
#[derive(Debug, thiserror::Error)]
pub enum DeliverError {
    /// The record cannot be read, now or ever.
    #[error(transparent)]
    Envelope(#[from] EnvelopeError),
    /// A service of ours failed.
    #[error(transparent)]
    Port(#[from] PortError),
    /// Another sender holds the claim, or the provider asks to wait.
    #[error("to be tried again in {0} s")]
    Later(u32),
}

impl DeliverError {
    /// What can be done about it.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Envelope(error) => error.kind(),
            Self::Port(error) => error.kind,
            Self::Later(_) => Kind::Transient,
        }
    }

    /// Seconds to wait before the next try, if that is known.
    pub fn after(&self) -> Option<u32> {
        match self {
            Self::Later(seconds) => Some(*seconds),
            Self::Envelope(_) | Self::Port(_) => None,
        }
    }
}

/// Delivers one record of an outbound queue. Safe to repeat: a settled delivery is not sent again.
///
/// # Errors
/// See [`DeliverError`].
pub async fn deliver(deps: &Sender<'_>, body: &str) -> Result<Delivered, DeliverError> {
    let outbound = read_outbound(body)?;
    let now = deps.clock.now();
    match deps.deliveries.claim(&outbound, now, now.plus_seconds(LEASE_SECONDS)).await? {
        Claim::Done => return Ok(Delivered::Repeated),
        Claim::Held(until) => {
            let wait = until.seconds().saturating_sub(now.seconds()).saturating_add(1);
            return Err(DeliverError::Later(u32::try_from(wait).unwrap_or(RETRY_SECONDS)));
        }
        Claim::Ours => {}
    }
    let delivery = send(deps, &outbound).await?;
    deps.deliveries.settle(&outbound, &delivery, deps.clock.now()).await?;
    tracing::info!(delivery.id = %outbound.id, group = %outbound.identity.group(), ?delivery, "delivery settled");
    match delivery {
        Delivery::Sent | Delivery::Absent => Ok(Delivered::Sent),
        Delivery::Retry { after } => Err(DeliverError::Later(after.unwrap_or(RETRY_SECONDS))),
        Delivery::Rejected { reason } => Ok(Delivered::Failed(reason)),
    }
}

/// Makes the calls in order; the first that does not go through decides.
async fn send(deps: &Sender<'_>, outbound: &Outbound) -> Result<Delivery, PortError> {
    let adapter = channel(outbound.identity.channel);
    let calls = match adapter.render(outbound) {
        Ok(calls) => calls,
        Err(RenderError(reason)) => return Ok(Delivery::Rejected { reason }),
    };
    let group = outbound.identity.group();
    let mut reached = Delivery::Absent;
    for call in &calls {
        let replies = match deps.wire.call(&group, call).await {
            Ok(replies) => replies,
            Err(error) => {
                tracing::warn!(delivery.id = %outbound.id, error = ?error.source, "{error}");
                return Ok(Delivery::Retry { after: None });
            }
        };
        match replies.iter().map(|reply| adapter.classify(reply)).reduce(together) {
            Some(Delivery::Sent) => reached = Delivery::Sent,
            Some(Delivery::Absent) | None => {}
            Some(refused @ (Delivery::Retry { .. } | Delivery::Rejected { .. })) => return Ok(refused),
        }
    }
    Ok(reached)
}

/// What two addressees of one call make together: whoever must be tried again decides, then whoever took it.
fn together(one: Delivery, other: Delivery) -> Delivery {
    let rank = |delivery: &Delivery| match delivery {
        Delivery::Retry { .. } => 0,
        Delivery::Sent => 1,
        Delivery::Rejected { .. } => 2,
        Delivery::Absent => 3,
    };
    if rank(&other) < rank(&one) { other } else { one }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_refusing_addressee_does_not_undo_the_others() {
        let rejected = || Delivery::Rejected { reason: "gone bad".to_owned() };
        for (one, other, both) in [
            (Delivery::Sent, rejected(), Delivery::Sent),
            (rejected(), Delivery::Absent, rejected()),
            (Delivery::Sent, Delivery::Retry { after: None }, Delivery::Retry { after: None }),
            (Delivery::Absent, Delivery::Sent, Delivery::Sent),
        ] {
            assert_eq!(together(one.clone(), other.clone()), both);
            assert_eq!(together(other, one), both);
        }
    }
}

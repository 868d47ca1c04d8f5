//! The outbound functions: a delivery is claimed, rendered, sent, and its end recorded.

use channels::{Registry, RenderError, Rendering, WireReply};
use domain::{Delivery, DeliveryStatus, InboundEvent, Outbound, Rejection, UnixMillis};

use crate::envelope::{EnvelopeError, read_outbound};
use crate::exchange::{Exchange, Exchanged, TokenStore};
use crate::ports::{Claim, Clock, Deliveries, InboundQueue, Secrets, Settlement, Threads, Wire};
use crate::response_time::ResponseTime;
use crate::{Kind, PortError};

/// Seconds after which a delivery that a provider's request may still fetch is looked at again: what comes after it waits.
const HELD_SECONDS: u32 = 5;

/// What an outbound function needs.
#[derive(Clone, Copy)]
pub struct Sender<'a> {
    /// The channels.
    pub channels: Registry,
    /// The claims.
    pub deliveries: &'a dyn Deliveries,
    /// The channels' secrets.
    pub secrets: &'a dyn Secrets,
    /// The providers.
    pub wire: &'a dyn Wire,
    /// Where it is noted to which threads deliveries belong; none, where the transport's channels have no threads.
    pub threads: Option<&'a dyn Threads>,
    /// Accounts' access tokens.
    pub tokens: &'a TokenStore,
    /// Where the conversation learns what became of a delivery that did not simply go out.
    pub inbound: &'a dyn InboundQueue,
    /// The time.
    pub clock: &'a dyn Clock,
    /// Seconds for which a claim keeps other senders away: no sender lives longer.
    pub lease_seconds: i64,
}

/// What became of a record.
#[derive(Debug, PartialEq, Eq)]
pub enum Delivered {
    /// The provider has it, or it waits where the customer will look.
    Sent {
        /// How long the customer has waited for it, if it is an answer.
        time: Option<ResponseTime>,
    },
    /// It was settled before; nothing was sent.
    Repeated,
    /// It may have been sent; that is recorded.
    MaybeSent,
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
    /// Another sender holds the claim, or the provider did not take it: after so many seconds, if that is known.
    #[error("not settled yet")]
    Later(Option<u32>),
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
            Self::Later(seconds) => *seconds,
            Self::Envelope(_) | Self::Port(_) => None,
        }
    }
}

/// Delivers one record of an outbound queue. Safe to repeat: a settled delivery is not sent again. `last`: the record
/// does not come again by itself.
///
/// # Errors
/// See [`DeliverError`].
pub async fn deliver(deps: &Sender<'_>, body: &str, last: bool) -> Result<Delivered, DeliverError> {
    let outbound = read_outbound(body)?;
    let now = deps.clock.now();
    if let Some(held) = answered_directly(&outbound, now) {
        // As soon as it is answered, what comes after it may go.
        if deps.deliveries.is_answered(&outbound).await? {
            return Ok(Delivered::Repeated);
        }
        return Err(DeliverError::Later(Some(held.min(HELD_SECONDS))));
    }
    let (tries, parts) = match deps.deliveries.claim(&outbound, now, now.plus_seconds(deps.lease_seconds)).await? {
        Claim::Done { news, .. } => {
            // Whoever settled it may have died before it told the conversation.
            let news = news.or_else(|| outbound.is_text().then_some(DeliveryStatus::Sent));
            if let Some(status) = news {
                tell(deps, &outbound, status).await?;
            }
            return Ok(Delivered::Repeated);
        }
        Claim::Held(until) => {
            let wait = until.seconds().saturating_sub(now.seconds()).saturating_add(1);
            return Err(DeliverError::Later(u32::try_from(wait).ok()));
        }
        Claim::Ours { tries, parts } => (tries, parts),
    };
    let (end, after) = attempt(deps, &outbound, tries, parts).await;
    let settled = deps.deliveries.settle(&outbound, &end, deps.clock.now()).await;
    if let (Err(error), Some(_)) = (&settled, after) {
        // How long the provider wants to be left alone counts all the same.
        tracing::warn!(delivery.id = %outbound.id, error = %error.source, "{error}");
        return Err(DeliverError::Later(patience(&outbound, after, deps.clock.now())));
    }
    settled?;
    tracing::info!(delivery.id = %outbound.id, group = %outbound.identity.group(), ?end, "delivery settled");
    match end {
        Settlement::Sent | Settlement::Answered => {
            if outbound.is_text() {
                // The customer waits on the line to hear of it.
                tell(deps, &outbound, DeliveryStatus::Sent).await?;
            }
            Ok(Delivered::Sent { time: ResponseTime::of(&outbound, deps.clock.now()) })
        }
        Settlement::MaybeSent => {
            tell(deps, &outbound, DeliveryStatus::MaybeSent).await?;
            Ok(Delivered::MaybeSent)
        }
        Settlement::Failed { reason } => {
            tell(deps, &outbound, DeliveryStatus::Failed { reason: reason.clone() }).await?;
            Ok(Delivered::Failed(reason))
        }
        Settlement::GivenBack { .. } | Settlement::Unknown { .. } => {
            if last {
                // It waits among the dead letters until somebody redrives it; the conversation must not wait for that.
                let reason = "the provider did not take it for long".to_owned();
                tell(deps, &outbound, DeliveryStatus::Failed { reason }).await?;
            }
            Err(DeliverError::Later(patience(&outbound, after, deps.clock.now())))
        }
    }
}

/// Seconds for which the provider's own request may still fetch the delivery as its answer.
fn answered_directly(outbound: &Outbound, now: UnixMillis) -> Option<u32> {
    let request = outbound.reply.as_ref().filter(|reply| reply.token.is_empty() && reply.until > now)?;
    u32::try_from(request.until.0.saturating_sub(now.0).saturating_add(999) / 1000).ok()
}

/// Seconds to the next try: what the provider asks for, but no longer than the delivery may go out, as what comes after
/// it waits until it is settled.
fn patience(outbound: &Outbound, after: Option<u32>, now: UnixMillis) -> Option<u32> {
    let left = outbound.expires.map(|expires| expires.seconds().saturating_sub(now.seconds()).saturating_add(1));
    let left = left.map_or(u32::MAX, |left| u32::try_from(left.max(1)).unwrap_or(u32::MAX));
    after.map(|after| after.min(left))
}

/// Sends, unless it is too late or once more would be once too often; how it ended, and how long to wait if it did not.
async fn attempt(deps: &Sender<'_>, outbound: &Outbound, tries: u32, mut parts: usize) -> (Settlement, Option<u32>) {
    let once = !(deps.channels)(outbound.identity.channel).capabilities().idempotent;
    // An earlier sender may have sent it.
    let doubt = tries > 1;
    if outbound.expires.is_some_and(|expires| expires < deps.clock.now()) {
        let over =
            if outbound.is_text() { "it was put off for too long" } else { "the channel's reply window is over" };
        let reason = over.to_owned();
        return (if doubt { Settlement::MaybeSent } else { Settlement::Failed { reason } }, None);
    }
    if once && tries > 2 {
        return (Settlement::MaybeSent, None);
    }
    match send(deps, outbound, doubt, &mut parts).await {
        Ok(Delivery::Sent) if once && doubt => (Settlement::MaybeSent, None),
        Ok(Delivery::Sent | Delivery::Absent) => (Settlement::Sent, None),
        Ok(Delivery::Rejected { refusal, reason }) => {
            if refusal == Rejection::Misconfigured {
                tracing::error!(channel = %outbound.identity.channel, reason, "the channel is not set up right");
            }
            // What comes a second time may be refused because the first came through: some providers take an
            // idempotency key and answer its second use with an error.
            (if doubt { Settlement::MaybeSent } else { Settlement::Failed { reason } }, None)
        }
        // A fresh token was refused too: another may be on its way.
        Ok(Delivery::RefreshToken) => (Settlement::GivenBack { parts, doubt }, None),
        Ok(Delivery::Retry { after }) => (Settlement::GivenBack { parts, doubt }, after),
        Err(error) => {
            tracing::warn!(delivery.id = %outbound.id, error = ?error.source, "{error}");
            (Settlement::Unknown { parts }, None)
        }
    }
}

/// Tells the conversation how the delivery stands.
async fn tell(deps: &Sender<'_>, outbound: &Outbound, status: DeliveryStatus) -> Result<(), PortError> {
    let (identity, delivery, seq) = (outbound.identity.clone(), outbound.id.clone(), outbound.last_seq());
    deps.inbound.send(&[InboundEvent::receipt(identity, delivery, seq, status, deps.clock.now())]).await
}

/// Makes the calls that were not made yet, in order, and counts them; the first that does not go through decides.
async fn send(deps: &Sender<'_>, outbound: &Outbound, doubt: bool, parts: &mut usize) -> Result<Delivery, PortError> {
    let adapter = (deps.channels)(outbound.identity.channel);
    let keys = deps.secrets.keys(outbound.identity.channel).await?;
    let calls = match adapter.render(outbound, &Rendering { keys: &keys, now: deps.clock.now(), doubt }) {
        Ok(calls) => calls,
        Err(RenderError(reason)) => return Ok(Delivery::rejected(Rejection::Content, &reason)),
    };
    let (channels, wire, tokens, clock) = (deps.channels, deps.wire, deps.tokens, deps.clock);
    let exchange = Exchange { channels, wire, tokens, clock };
    let mut reached = if *parts > 0 { Delivery::Sent } else { Delivery::Absent };
    for call in calls.iter().skip(*parts) {
        let replies = match exchange.make(&outbound.identity, call, &keys).await? {
            Exchanged::Made(replies) => replies,
            Exchanged::Tokenless(refused) => return Ok(refused),
        };
        match replies.iter().map(|reply| adapter.classify(reply)).reduce(together) {
            Some(Delivery::Sent) => {
                note(deps, outbound, &replies).await;
                reached = Delivery::Sent;
            }
            Some(Delivery::Absent) | None => {}
            Some(refused @ (Delivery::Retry { .. } | Delivery::RefreshToken | Delivery::Rejected { .. })) => {
                return Ok(refused);
            }
        }
        *parts += 1;
    }
    Ok(reached)
}

/// Notes under which names what was sent is found again. It has gone out: that it is not noted only costs its thread.
async fn note(deps: &Sender<'_>, outbound: &Outbound, replies: &[WireReply]) {
    let threading = (deps.channels)(outbound.identity.channel).threading();
    let (Some(threading), Some(threads)) = (threading, deps.threads) else { return };
    for (name, thread) in replies.iter().flat_map(|reply| threading.sent(outbound, reply)) {
        if let Err(error) = threads.note(&name, &thread).await {
            tracing::warn!(delivery.id = %outbound.id, error = %error.source, "{error}");
        }
    }
}

/// What two addressees of one call make together: whoever must be tried again decides, then whoever took it.
fn together(one: Delivery, other: Delivery) -> Delivery {
    let rank = |delivery: &Delivery| match delivery {
        Delivery::Retry { .. } | Delivery::RefreshToken => 0,
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
        let rejected = || Delivery::rejected(Rejection::Blocked, "gone bad");
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

//! Replies as answers to the provider's own request: the door waits for the turn and competes with the outbound function
//! for the delivery. Whoever claims it answers; the other does nothing.

use channels::{Answer, AnswerWith, RawRequest, Registry, RenderError, Waits};
use domain::{InboundEvent, Outbound, UnixMillis};

use crate::PortError;
use crate::ports::{Claim, Clock, Conversations, Deliveries, Random, Secrets, Settlement};

/// Milliseconds between two looks for the turn.
const POLL_MILLIS: u64 = 200;
/// Seconds for which a claim keeps others away: the answer goes out at once.
const LEASE_SECONDS: i64 = 5;

/// What a door that waits needs.
#[derive(Clone, Copy)]
pub struct Waiting<'a> {
    /// The channels.
    pub channels: Registry,
    /// The channels' secrets.
    pub secrets: &'a dyn Secrets,
    /// The turns.
    pub conversations: &'a dyn Conversations,
    /// The claims.
    pub deliveries: &'a dyn Deliveries,
    /// Random bytes.
    pub random: &'a dyn Random,
    /// The time.
    pub clock: &'a dyn Clock,
}

/// The answer to a request whose events are queued; `None`: acknowledge it, the reply goes out in another way, later, or
/// not at all. `began`: when the request came.
///
/// # Errors
/// A service that failed: the request may be acknowledged all the same, its events are safe.
pub async fn answer(
    deps: &Waiting<'_>,
    waits: Waits,
    began: UnixMillis,
    events: &[InboundEvent],
    request: &RawRequest<'_>,
) -> Result<Option<Answer>, PortError> {
    // A request that can be answered holds one message.
    let [event] = events else { return Ok(None) };
    let deadline = began.plus_millis(i64::from(waits.millis));
    let group = event.identity.group();
    let turn = loop {
        if let Some(turn) = deps.conversations.turn(&group, &event.id).await? {
            break turn;
        }
        if deps.clock.now().plus_millis(i64::try_from(POLL_MILLIS).unwrap_or(0)) >= deadline {
            return Ok(None);
        }
        deps.clock.pause(POLL_MILLIS).await;
    };
    match turn.outbound(&event.identity).as_slice() {
        [outbound] => claimed(deps, outbound, request).await,
        _ => Ok(None),
    }
}

/// The answer, if the delivery is ours to give, or was given to this very request before.
async fn claimed(
    deps: &Waiting<'_>,
    outbound: &Outbound,
    request: &RawRequest<'_>,
) -> Result<Option<Answer>, PortError> {
    let channel = outbound.identity.channel;
    let Some(answering) = (deps.channels)(channel).answering() else { return Ok(None) };
    let keys = deps.secrets.keys(channel).await?;
    let now = deps.clock.now();
    let mut random = [0; 16];
    random.iter_mut().zip(deps.random.bytes()).for_each(|(to, from)| *to = from);
    let with = AnswerWith { request, keys: &keys, now, random };
    let answer = match answering.answer(outbound, &with) {
        Ok(Some(answer)) => answer,
        Ok(None) => return Ok(None),
        Err(RenderError(reason)) => {
            tracing::warn!(delivery.id = %outbound.id, reason, "cannot be answered directly");
            return Ok(None);
        }
    };
    match deps.deliveries.claim(outbound, now, now.plus_seconds(LEASE_SECONDS)).await? {
        Claim::Ours { .. } => {
            deps.deliveries.settle(outbound, &Settlement::Answered, deps.clock.now()).await?;
            tracing::info!(delivery.id = %outbound.id, "answered directly");
            Ok(Some(answer))
        }
        // The provider did not get it, or it would not ask again.
        Claim::Done { answered: true, .. } => Ok(Some(answer)),
        Claim::Done { .. } | Claim::Held(_) => Ok(None),
    }
}

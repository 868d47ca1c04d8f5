//! Replies as answers to the provider's own request: the door waits for the turn and competes with the outbound function
//! for the delivery. Whoever claims it answers; the other does nothing.

use channels::{Answer, AnswerWith, Answering, Awaited, KeySet, RawRequest, Registry, RenderError, Unanswered, Waits};
use domain::{ChannelId, Outbound, UnixMillis};

use crate::PortError;
use crate::ports::{Claim, Clock, Conversations, Deliveries, Random, Secrets, Settlement};
use crate::response_time::ResponseTime;

/// Milliseconds between two looks for the turn.
const POLL_MILLIS: i64 = 200;
/// Seconds for which a claim keeps others away: the answer goes out at once.
const LEASE_SECONDS: i64 = 5;

/// Milliseconds before the provider drops a request by which its last try is acknowledged all the same.
const MARGIN_MILLIS: i64 = 500;
/// Milliseconds that pass between an answer that makes the provider ask again and its request.
const BETWEEN_MILLIS: i64 = 3_000;
/// Milliseconds by which the provider's clock may differ from ours.
const SKEW_MILLIS: i64 = 3_000;

/// How long one request waits for its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wait {
    /// Until when the door looks for the answer.
    pub until: UnixMillis,
    /// Until when the reply is kept for the provider's tries; afterwards it goes out as a call.
    pub held_until: UnixMillis,
}

impl Wait {
    /// For a request that comes now and was first sent then. The provider's last try is acknowledged in time: it would
    /// tell the customer that nobody is there. An earlier one is let go, so that the provider asks again; or it is
    /// answered in time and its answer makes the provider ask again, after the time that this takes.
    pub fn of(waits: Waits, sent_at: Option<UnixMillis>, now: UnixMillis) -> Self {
        let patience = i64::from(waits.patience_millis);
        let tries = i64::from(waits.tries);
        if !waits.lets_go {
            let until = now.plus_millis(patience.saturating_sub(MARGIN_MILLIS));
            return Self { until, held_until: now.plus_millis(tries.saturating_mul(patience + BETWEEN_MILLIS)) };
        }
        let last_begins = tries.saturating_sub(1).saturating_mul(patience).saturating_sub(SKEW_MILLIS);
        let last = sent_at.is_none_or(|sent| now.0.saturating_sub(sent.0) >= last_begins);
        let millis = if last { patience.saturating_sub(MARGIN_MILLIS) } else { patience.saturating_add(MARGIN_MILLIS) };
        let held = patience.saturating_mul(if sent_at.is_some() { tries } else { 1 });
        Self { until: now.plus_millis(millis), held_until: now.plus_millis(held) }
    }
}

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

/// An answer that the request itself gets.
#[derive(Debug, PartialEq, Eq)]
pub struct Direct {
    /// The answer.
    pub answer: Answer,
    /// How long the customer has waited for it; none: it was given before, to an earlier try, or it is no reply.
    pub time: Option<ResponseTime>,
}

/// The answer to a request of a channel whose events are queued. `None`: acknowledge it; the reply goes out in another way,
/// later, or not at all; or the provider has dropped the request, and fetches the reply with its next try.
pub async fn answer(
    deps: &Waiting<'_>,
    wait: Wait,
    channel: ChannelId,
    awaited: Option<&Awaited>,
    request: &RawRequest<'_>,
) -> Option<Direct> {
    let answering = (deps.channels)(channel).answering()?;
    let why = match awaited {
        None => Unanswered::Unasked,
        Some(awaited) => match reply(deps, answering, wait, awaited, request).await {
            Ok(Ok(direct)) => return Some(direct),
            Ok(Err(why)) => why,
            Err(error) => {
                // The events are queued: nothing is lost.
                tracing::warn!(%channel, error = %error.source, "{error}");
                Unanswered::Late
            }
        },
    };
    let keys = deps.secrets.keys(channel).await.map_err(|error| tracing::warn!(%channel, "{error}")).ok()?;
    let answer = answering.otherwise(why, &with(deps, request, &keys))?;
    Some(Direct { answer, time: None })
}

/// The reply to an event, or why there is none.
async fn reply(
    deps: &Waiting<'_>,
    answering: &dyn Answering,
    wait: Wait,
    awaited: &Awaited,
    request: &RawRequest<'_>,
) -> Result<Result<Direct, Unanswered>, PortError> {
    let group = awaited.identity.group();
    let mut owed = None;
    loop {
        if owed.is_none()
            && let Some(turn) = deps.conversations.turn(&group, &awaited.event).await?
        {
            let outbound = turn.outbound(&awaited.identity);
            if outbound.is_empty() {
                return Ok(Err(Unanswered::Nothing));
            }
            match <[Outbound; 1]>::try_from(outbound) {
                Ok([outbound]) => owed = Some(outbound),
                Err(_) => return Ok(Err(Unanswered::Elsewhere)),
            }
        }
        if let Some(outbound) = &owed {
            match claimed(deps, answering, outbound, request).await? {
                Competed::Won(direct) => {
                    return Ok(Ok(with_earlier(deps, answering, awaited, outbound, direct, request).await?));
                }
                Competed::Lost => return Ok(Err(Unanswered::Elsewhere)),
                Competed::Open => {}
            }
        }
        if deps.clock.now().plus_millis(POLL_MILLIS) >= wait.until {
            return Ok(Err(Unanswered::Late));
        }
        deps.clock.pause(POLL_MILLIS.unsigned_abs()).await;
    }
}

/// The answer with what is still owed from before it. A conversation's events are decided in order, so it is there by now
/// unless nothing is owed.
async fn with_earlier(
    deps: &Waiting<'_>,
    answering: &dyn Answering,
    awaited: &Awaited,
    outbound: &Outbound,
    direct: Direct,
    request: &RawRequest<'_>,
) -> Result<Direct, PortError> {
    let group = awaited.identity.group();
    let mut messages = vec![];
    for event in &awaited.before {
        let turn = deps.conversations.turn(&group, event).await?;
        for earlier in turn.map(|turn| turn.outbound(&awaited.identity)).unwrap_or_default() {
            let now = deps.clock.now();
            let ours = match deps.deliveries.claim(&earlier, now, now.plus_seconds(LEASE_SECONDS)).await? {
                Claim::Ours { .. } => {
                    deps.deliveries.settle(&earlier, &Settlement::Answered, deps.clock.now()).await?;
                    tracing::info!(delivery.id = %earlier.id, "answered directly, later");
                    true
                }
                Claim::Done { answered, .. } => answered,
                Claim::Held(_) => false,
            };
            messages.extend(earlier.messages.into_iter().filter(|_| ours));
        }
    }
    if messages.is_empty() {
        return Ok(direct);
    }
    messages.extend(outbound.messages.iter().cloned());
    let keys = deps.secrets.keys(outbound.identity.channel).await?;
    let whole = Outbound { messages, ..outbound.clone() };
    Ok(match answering.answer(&whole, &with(deps, request, &keys)) {
        Ok(Some(answer)) => Direct { answer, ..direct },
        Ok(None) | Err(RenderError(_)) => direct,
    })
}

fn with<'a>(deps: &Waiting<'_>, request: &'a RawRequest<'a>, keys: &'a KeySet) -> AnswerWith<'a> {
    let mut random = [0; 16];
    random.iter_mut().zip(deps.random.bytes()).for_each(|(to, from)| *to = from);
    AnswerWith { request, keys, now: deps.clock.now(), random }
}

/// How the competition for a delivery stands.
enum Competed {
    /// The answer is ours to give.
    Won(Direct),
    /// It has gone out, or will, in another way.
    Lost,
    /// Another holds it, and may have died.
    Open,
}

/// Competes for the delivery; one that was given to this very request before is given again.
async fn claimed(
    deps: &Waiting<'_>,
    answering: &dyn Answering,
    outbound: &Outbound,
    request: &RawRequest<'_>,
) -> Result<Competed, PortError> {
    let keys = deps.secrets.keys(outbound.identity.channel).await?;
    let with = with(deps, request, &keys);
    let now = with.now;
    let answer = match answering.answer(outbound, &with) {
        Ok(Some(answer)) => answer,
        Ok(None) => return Ok(Competed::Lost),
        Err(RenderError(reason)) => {
            tracing::warn!(delivery.id = %outbound.id, reason, "cannot be answered directly");
            return Ok(Competed::Lost);
        }
    };
    match deps.deliveries.claim(outbound, now, now.plus_seconds(LEASE_SECONDS)).await? {
        Claim::Ours { .. } => {
            let now = deps.clock.now();
            deps.deliveries.settle(outbound, &Settlement::Answered, now).await?;
            tracing::info!(delivery.id = %outbound.id, "answered directly");
            Ok(Competed::Won(Direct { answer, time: ResponseTime::of(outbound, now) }))
        }
        // The provider did not get it, or it would not ask again.
        Claim::Done { answered: true, .. } => Ok(Competed::Won(Direct { answer, time: None })),
        Claim::Done { .. } => Ok(Competed::Lost),
        Claim::Held(_) => Ok(Competed::Open),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_try_but_the_last_is_let_go() {
        let waits = Waits { patience_millis: 5_000, tries: 3, lets_go: true };
        let (sent, second) = (UnixMillis(1_000_000), 1_000);
        for (age, waited) in [(0, 5_500), (1, 5_500), (5, 5_500), (6, 5_500), (8, 4_500), (10, 4_500), (13, 4_500)] {
            let now = sent.plus_millis(age * second);
            let wait = Wait::of(waits, Some(sent), now);
            assert_eq!(wait.until.0 - now.0, waited, "{age} s after it was sent");
            assert_eq!(wait.held_until.0 - now.0, 15_000);
        }
        let unknown = Wait::of(waits, None, sent);
        assert_eq!((unknown.until.0 - sent.0, unknown.held_until.0 - sent.0), (4_500, 5_000));
    }

    #[test]
    fn where_none_is_let_go_every_request_is_answered_in_time() {
        let waits = Waits { patience_millis: 7_000, tries: 3, lets_go: false };
        let now = UnixMillis(1_000_000);
        let wait = Wait::of(waits, None, now);
        assert_eq!((wait.until.0 - now.0, wait.held_until.0 - now.0), (6_500, 30_000));
    }
}

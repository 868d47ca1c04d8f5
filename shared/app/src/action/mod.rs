//! The action worker: a call that a turn owes is made of the company's own system, and how it ended comes back as an event
//! of the conversation. Whatever is done twice is done once: the call's id is the system's idempotency key and makes the
//! event's id.

mod answer;
pub mod settings;

use channels::standard_webhooks::signed;
use channels::{HttpCall, KeySet};
use domain::{ActionNews, ActionOrder, ActionResult, InboundEvent, UnixMillis};
use serde_json::json;

use self::answer::{Meaning, meaning};
use self::settings::{Target, secrets, target};
use crate::envelope::{EnvelopeError, read_action};
use crate::ports::{ActionSettings, ActionTarget, Clock, InboundQueue};
use crate::{Kind, PortError};

/// Bytes of an answer that are read.
pub const MAX_BYTES: usize = 64 * 1024;
/// Seconds after the decision until which a system is asked again: the customer waits.
const PATIENCE_SECONDS: i64 = 120;

/// What the worker needs.
#[derive(Clone, Copy)]
pub struct Worker<'a> {
    /// Who does what.
    pub settings: &'a dyn ActionSettings,
    /// Systems that are reached by HTTPS.
    pub https: &'a dyn ActionTarget,
    /// Systems that are Lambda functions.
    pub functions: &'a dyn ActionTarget,
    /// Where word of the end goes.
    pub inbound: &'a dyn InboundQueue,
    /// The time.
    pub clock: &'a dyn Clock,
}

/// How a call ended; the conversation knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Worked {
    /// The system did it.
    Done,
    /// The system will not do it.
    Refused,
    /// Nobody knows, or nobody was there to do it.
    Failed,
}

/// Why a record was not done.
#[derive(Debug, thiserror::Error)]
pub enum ActionError {
    /// The record cannot be read, now or ever.
    #[error(transparent)]
    Envelope(#[from] EnvelopeError),
    /// A service failed.
    #[error(transparent)]
    Port(#[from] PortError),
    /// The system does not answer for now.
    #[error("no action for now: {reason}")]
    Later {
        /// Seconds to wait, if the system said so.
        after: Option<u32>,
        /// Why, without personal data.
        reason: String,
    },
}

impl ActionError {
    /// What can be done about it.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Envelope(error) => error.kind(),
            Self::Port(error) => error.kind,
            Self::Later { .. } => Kind::Transient,
        }
    }

    /// Seconds to wait before the next try, if that is known.
    pub fn after(&self) -> Option<u32> {
        match self {
            Self::Later { after, .. } => *after,
            Self::Envelope(_) | Self::Port(_) => None,
        }
    }
}

/// Does one record of the actions queue. `last`: it does not come again, so that a system that still gives no answer has
/// failed. Safe to repeat.
///
/// # Errors
/// See [`ActionError`].
pub async fn work(deps: &Worker<'_>, body: &str, last: bool) -> Result<Worked, ActionError> {
    let order = read_action(body)?;
    let result = match tried(deps, &order).await {
        Meaning::Ended(result) => result,
        Meaning::Again { after, reason } if !last && has_time(deps, &order, after) => {
            return Err(ActionError::Later { after, reason });
        }
        Meaning::Again { reason, .. } | Meaning::Failed(reason) => failed(&order, &reason),
    };
    let worked = match &result {
        ActionResult::Done { .. } => Worked::Done,
        ActionResult::Refused { .. } => Worked::Refused,
        ActionResult::Failed => Worked::Failed,
    };
    let news = ActionNews { id: order.call.id, result };
    // Of the call's time: who was forgotten since is not told of.
    let event = InboundEvent::action_done(order.identity, news, order.at, order.locale);
    deps.inbound.send(&[event]).await?;
    Ok(worked)
}

fn failed(order: &ActionOrder, reason: &str) -> ActionResult {
    let (action, id) = (&order.call.name, &order.call.id);
    tracing::warn!(action, action.id = %id, conversation.id = %order.conversation, reason, "no action");
    ActionResult::Failed
}

/// Whether the customer still waits by the time of the next try.
fn has_time(deps: &Worker<'_>, order: &ActionOrder, after: Option<u32>) -> bool {
    let next = deps.clock.now().plus_seconds(i64::from(after.unwrap_or_default()));
    next < order.at.plus_seconds(PATIENCE_SECONDS)
}

/// Makes the call, if there is somebody to make it of.
async fn tried(deps: &Worker<'_>, order: &ActionOrder) -> Meaning {
    let keys = match deps.settings.actions().await {
        Ok(keys) => keys,
        Err(error) => {
            let reason = format!("{error}: {}", error.source);
            return match error.kind {
                Kind::Transient => Meaning::Again { after: None, reason },
                Kind::Permanent => Meaning::Failed(reason),
            };
        }
    };
    match target(&keys, &order.call.name) {
        Ok(Target::Https(url)) => match request(order, url, &keys, deps.clock.now()) {
            Ok(call) => meaning(&deps.https.call(&call).await),
            Err(reason) => Meaning::Failed(reason.to_owned()),
        },
        // IAM lets it in; there is nothing to sign.
        Ok(Target::Function(arn)) => meaning(&deps.functions.call(&call(order, arn)).await),
        Err(fault) => Meaning::Failed(fault.to_string()),
    }
}

/// What a system is told.
fn call(order: &ActionOrder, target: String) -> HttpCall {
    let ActionOrder { identity, conversation, at, locale, call } = order;
    let body = json!({
        "id": call.id,
        "name": call.name,
        "input": call.input,
        "conversation": conversation,
        "channel": identity.channel,
        "locale": locale,
        "at": at.rfc3339(),
    });
    HttpCall::json(target, &body)
}

/// The call of a system at this address, signed by every secret: the system may know the new one or the old.
///
/// # Errors
/// There is no secret to sign with.
pub fn request(order: &ActionOrder, url: String, keys: &KeySet, now: UnixMillis) -> Result<HttpCall, &'static str> {
    let secrets = secrets(keys);
    if secrets.is_empty() {
        return Err("there is no secret to sign with");
    }
    Ok(signed(call(order, url), order.call.id.as_str(), &secrets, now))
}

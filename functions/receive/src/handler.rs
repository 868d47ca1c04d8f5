//! One event of AWS.

use app::accept::AcceptError;
use app::receive::{Received, receive};
use channels::VerifyError;
use runtime::metrics;
use serde_json::Value;

use crate::Deps;

/// Why AWS is to hand the event over again: in words that hold nothing of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{channel}: {why}")]
pub struct NotTaken {
    channel: &'static str,
    why: String,
}

/// Takes one event; the answer is what its sender waits for, if it waits for one.
///
/// # Errors
/// Not everything that it holds was taken.
pub async fn handle(deps: &Deps, event: &Value) -> Result<Value, NotTaken> {
    let channel = deps.channel;
    match receive(&deps.receiver(), channel, event).await {
        Ok(Received { events, rejects, answer }) => {
            tracing::info!(%channel, events, rejects, answered = answer.is_some(), "accepted");
            let body = match answer {
                Some(direct) => {
                    metrics::emit_response_time(direct.time, deps.clock.now());
                    direct.answer.body
                }
                None => (deps.channels)(channel).acknowledgement().body.to_owned(),
            };
            Ok(serde_json::from_str(&body).unwrap_or(Value::Null))
        }
        Err(error) => {
            if let AcceptError::Verify(VerifyError::NoKey(purpose)) = &error {
                tracing::error!(%channel, purpose, "no key is set: run `cargo local secrets set {channel} --file`");
            }
            Err(NotTaken { channel: channel.as_str(), why: error.to_string() })
        }
    }
}

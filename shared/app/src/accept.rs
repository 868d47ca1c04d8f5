//! The door: a channel's request is verified, read and queued. Only then is it acknowledged.

use channels::{Gate, RawRequest, Reject, VerifyError, channel};
use domain::{ChannelId, InboundEvent};

use crate::PortError;
use crate::ports::{Clock, InboundQueue, Secrets};

/// What the door needs.
#[derive(Clone, Copy)]
pub struct Door<'a> {
    /// The channels' secrets.
    pub secrets: &'a dyn Secrets,
    /// Where events go.
    pub inbound: &'a dyn InboundQueue,
    /// The time.
    pub clock: &'a dyn Clock,
}

/// A request that was let in.
#[derive(Debug, PartialEq)]
pub enum Accepted {
    /// The provider checks the address: answer this text.
    Challenge(String),
    /// Events are queued; rejects, if any, are the rest of the request.
    Queued {
        /// What was queued.
        events: Vec<InboundEvent>,
        /// What could not be read.
        rejects: Vec<Reject>,
    },
}

/// Why a request was not let in.
#[derive(Debug, thiserror::Error)]
pub enum AcceptError {
    /// The sender's proof does not hold.
    #[error(transparent)]
    Verify(#[from] VerifyError),
    /// A service that the door needs failed; the sender should try again.
    #[error(transparent)]
    Port(#[from] PortError),
}

/// Verifies, reads and queues one request.
///
/// # Errors
/// A proof that does not hold, or a service that failed: then nothing counts as accepted.
pub async fn accept(door: &Door<'_>, id: ChannelId, request: &RawRequest<'_>) -> Result<Accepted, AcceptError> {
    let adapter = channel(id);
    let keys = door.secrets.keys(id).await?;
    let verified = match adapter.verify(request, &keys, door.clock.now())? {
        Gate::Challenge(challenge) => return Ok(Accepted::Challenge(challenge.body)),
        Gate::Accept(verified) => verified,
    };
    let parsed = adapter.parse(&verified);
    if !parsed.events.is_empty() {
        door.inbound.send(&parsed.events).await?;
    }
    Ok(Accepted::Queued { events: parsed.events, rejects: parsed.rejects })
}

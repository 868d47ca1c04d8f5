//! The door: a channel's request is verified, read and queued. Only then is it acknowledged.

use channels::{Acknowledgement, Awaited, Gate, Parsed, RawRequest, Registry, Reject, Threading, VerifyError};
use domain::{ChannelId, InboundEvent};

use crate::PortError;
use crate::envelope::Unreadable;
use crate::ports::{Clock, Files, InboundQueue, PullQueue, Secrets, Threads};
use crate::wait::Wait;

/// What the door needs.
#[derive(Clone, Copy)]
pub struct Door<'a> {
    /// The channels.
    pub channels: Registry,
    /// The channels' secrets.
    pub secrets: &'a dyn Secrets,
    /// Where events go.
    pub inbound: &'a dyn InboundQueue,
    /// Where news goes whose messages must be fetched; none, where the channel has no such thing.
    pub pulls: Option<&'a dyn PullQueue>,
    /// What is noted of threads; none, where the channel has no such.
    pub threads: Option<&'a dyn Threads>,
    /// Where files go that come whole in a request; none, where the channel has no such.
    pub files: Option<&'a dyn Files>,
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
        /// How long the request is to wait for its answer, on channels that are set up so.
        wait: Option<Wait>,
        /// For which event's.
        awaited: Option<Awaited>,
        /// What the provider is answered unless the answer itself comes in time.
        acknowledgement: Acknowledgement,
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

/// Verifies, reads and queues one request. What cannot be read of it goes its own way to the dead letters.
///
/// # Errors
/// A proof that does not hold, or a service that failed: then nothing counts as accepted.
pub async fn accept(door: &Door<'_>, id: ChannelId, request: &RawRequest<'_>) -> Result<Accepted, AcceptError> {
    let adapter = (door.channels)(id);
    let keys = door.secrets.keys(id).await?;
    let now = door.clock.now();
    let verified = match adapter.verify(request, &keys, now)? {
        Gate::Challenge(challenge) => return Ok(Accepted::Challenge(challenge.body)),
        Gate::Accept(verified) => verified,
    };
    let Parsed { mut events, rejects, pulls, files, dropped, sent_at, awaits, acknowledgement } =
        adapter.parse(&verified).bounded();
    for (provider_id, reason) in &dropped {
        tracing::info!(channel = %id, provider_id, reason, "dropped");
    }
    if let (Some(threading), Some(threads)) = (adapter.threading(), door.threads) {
        for event in &mut events {
            join(threading, threads, event).await?;
        }
    }
    // Before the events that name them.
    for file in &files {
        let store = door.files.ok_or_else(|| PortError::permanent("store a file", "no bucket is set for it"))?;
        store.put(file).await?;
    }
    let waits = adapter.answering().and_then(|answering| answering.waits(&keys));
    let wait = waits.map(|waits| Wait::of(waits, sent_at, now));
    if let Some(wait) = wait {
        events = events.into_iter().map(|event| event.answerable("", wait.held_until)).collect();
    }
    if !events.is_empty() {
        door.inbound.send(&events).await?;
    }
    for pull in &pulls {
        let queue = door.pulls.ok_or_else(|| PortError::permanent("queue news", "no queue is set for it"))?;
        queue.send(pull, None).await?;
    }
    let unreadable: Vec<Unreadable> = rejects.iter().filter_map(|reject| Unreadable::of(id, reject)).collect();
    if !unreadable.is_empty() {
        door.inbound.quarantine(&unreadable).await?;
    }
    let awaited = awaits.or_else(|| Awaited::among(&events));
    let acknowledgement = acknowledgement.unwrap_or_else(|| adapter.acknowledgement());
    Ok(Accepted::Queued { events, rejects, wait, awaited, acknowledgement })
}

/// Lets an event go on in the thread that it means, if that is its own identity's: whoever names somebody else's mail
/// does not write as they.
async fn join(threading: &dyn Threading, threads: &dyn Threads, event: &mut InboundEvent) -> Result<(), PortError> {
    let Some(reply) = event.reply.as_mut() else { return Ok(()) };
    let group = event.identity.group();
    for name in threading.sought(&event.identity, &reply.token) {
        if let Some(thread) = threads.find(&name).await?.filter(|thread| thread.group == group) {
            reply.token = threading.joined(&reply.token, &thread);
            break;
        }
    }
    Ok(())
}

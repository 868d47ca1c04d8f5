//! The responder: an inbound record is decided, committed once, and its outbox sent.

use channels::channel;
use domain::{Context, InboundEvent, Outcome, Turn, decide};

use crate::envelope::{EnvelopeError, read_inbound};
use crate::ports::{Clock, Commit, Conversations, Knowledge, OutboundQueue};
use crate::{Kind, PortError};

/// Times a decision is made anew because another writer was first.
const ATTEMPTS: usize = 5;

/// What the responder needs.
#[derive(Clone, Copy)]
pub struct Responder<'a> {
    /// Heads and turns.
    pub conversations: &'a dyn Conversations,
    /// Where deliveries go.
    pub outbound: &'a dyn OutboundQueue,
    /// The bot.
    pub knowledge: &'a dyn Knowledge,
    /// The time.
    pub clock: &'a dyn Clock,
}

/// What became of a record.
#[derive(Debug, PartialEq, Eq)]
pub enum Processed {
    /// Decided and committed.
    Committed(Option<Outcome>),
    /// Committed before; its outbox was sent again.
    Repeated,
}

/// Why a record was not processed.
#[derive(Debug, thiserror::Error)]
pub enum ProcessError {
    /// The record cannot be read, now or ever.
    #[error(transparent)]
    Envelope(#[from] EnvelopeError),
    /// A service failed.
    #[error(transparent)]
    Port(#[from] PortError),
    /// Other writers were first each time.
    #[error("the conversation changed under {ATTEMPTS} decisions")]
    Contended,
}

impl ProcessError {
    /// What can be done about it.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Envelope(error) => error.kind(),
            Self::Port(error) => error.kind,
            Self::Contended => Kind::Transient,
        }
    }
}

/// Processes one record of the inbound queue. Safe to repeat: an event that was committed is not decided again.
///
/// # Errors
/// See [`ProcessError`]; whatever fails, a repeat of the record completes it.
pub async fn process(deps: &Responder<'_>, body: &str) -> Result<Processed, ProcessError> {
    let event = read_inbound(body)?;
    let (turn, processed) = commit(deps, &event).await?;
    let (event_id, conversation) = (&event.id, &turn.conversation);
    tracing::info!(event.id = %event_id, conversation.id = %conversation, outcome = ?processed, "turn committed");
    for outbound in turn.outbound(&event.identity) {
        deps.outbound.send(&outbound).await?;
    }
    Ok(processed)
}

async fn commit(deps: &Responder<'_>, event: &InboundEvent) -> Result<(Turn, Processed), ProcessError> {
    let group = event.identity.group();
    let bot = deps.knowledge.bot().await?;
    let capabilities = channel(event.identity.channel).capabilities();
    for _ in 0..ATTEMPTS {
        let state = deps.conversations.load(&group).await?;
        let context = Context { now: deps.clock.now(), bot: bot.as_ref(), capabilities };
        let decision = decide(state.as_ref(), event, &context);
        match deps.conversations.commit(&decision.head, &decision.turn).await? {
            Commit::Done => return Ok((decision.turn, Processed::Committed(decision.outcome))),
            Commit::Repeated(turn) => return Ok((*turn, Processed::Repeated)),
            Commit::Stale => {}
        }
    }
    Err(ProcessError::Contended)
}

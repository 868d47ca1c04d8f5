//! The responder: an inbound record is decided, committed once, and what the turn owes is done.

use channels::Registry;
use domain::{
    AlarmOrder, Change, Content, Context, Conversation, Decision, EventKind, InboundEvent, Locale, Outcome, Proven,
    Turn, decide,
};

use crate::customers::belongs_to;
use crate::envelope::{EnvelopeError, read_inbound};
use crate::people::{self, Staffed};
use crate::ports::{
    ActionQueue, Alarms, Boundary, Clock, Commit, Conversations, Erasure, Handles, Knowledge, MediaQueue,
    OutboundQueue, People,
};
use crate::writer::{Worded, Writer, brief, help, may_be_worded};
use crate::{Kind, PortError};

/// Times a decision is made anew because another writer was first.
const ATTEMPTS: usize = 5;

/// What the responder needs.
#[derive(Clone, Copy)]
pub struct Responder<'a> {
    /// The channels.
    pub channels: Registry,
    /// Heads and turns.
    pub conversations: &'a dyn Conversations,
    /// Where deliveries go.
    pub outbound: &'a dyn OutboundQueue,
    /// Where files go that are to be fetched.
    pub media: &'a dyn MediaQueue,
    /// Where calls of the company's own systems go.
    pub actions: &'a dyn ActionQueue,
    /// What comes back at its time.
    pub alarms: &'a dyn Alarms,
    /// Whose addresses are.
    pub handles: &'a dyn Handles,
    /// What makes a person forgotten.
    pub erasure: &'a dyn Erasure,
    /// When people were at work.
    pub people: &'a dyn People,
    /// The bot.
    pub knowledge: &'a dyn Knowledge,
    /// What puts answers into better words, if the company has a language model.
    pub writer: Option<Writer<'a>>,
    /// The time.
    pub clock: &'a dyn Clock,
}

/// What became of a record.
#[derive(Debug, PartialEq, Eq)]
pub enum Processed {
    /// Decided and committed.
    Committed(Option<Outcome>),
    /// Committed before; what it owes was done again.
    Repeated,
    /// It changes nothing.
    Ignored,
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
    let (turn, processed, locale) = complete(deps, &event).await?;
    if let (Some(turn), Some(writer)) = (turn, &deps.writer) {
        // All that the customer gets is on its way: what fails here is a note that a person goes without.
        let summed_up = note(deps, writer, (&event, &turn), locale.as_ref()).await;
        if let Err(error) = summed_up {
            tracing::warn!(error = %error, "the person who takes over has no summary");
        }
    }
    Ok(processed)
}

/// Leaves a summary for the person who takes over.
async fn note(
    deps: &Responder<'_>,
    writer: &Writer<'_>,
    about: (&InboundEvent, &Turn),
    locale: Option<&Locale>,
) -> Result<(), ProcessError> {
    let bot = deps.knowledge.bot().await?;
    let at = (locale, deps.clock.now());
    if let Some(event) = brief(writer, deps.conversations, &bot, about, at).await? {
        complete(deps, &event).await?;
    }
    Ok(())
}

/// Decides and commits an event, and does what its turn owes.
async fn complete(deps: &Responder<'_>, event: &InboundEvent) -> Result<Completed, ProcessError> {
    let (turn, processed, head) = commit(deps, event).await?;
    let locale = head.as_ref().and_then(|head| head.locale.clone()).or_else(|| event.locale.clone());
    let event_id = &event.id;
    if let Some(turn) = &turn {
        let conversation = &turn.conversation;
        tracing::info!(event.id = %event_id, conversation.id = %conversation, outcome = ?processed, "turn committed");
        for outbound in turn.outbound(&event.identity) {
            deps.outbound.send(&outbound).await?;
        }
        for fetch in turn.fetches(&event.identity, locale.as_ref()) {
            deps.media.send(&fetch).await?;
        }
        if turn.changes.iter().any(|change| matches!(change, Change::ActionCalled(_))) {
            call(deps, event, turn, head, locale.as_ref()).await?;
        }
        if let Some(order) = turn.alarm {
            carry_out(deps, event, order, processed == Processed::Repeated).await?;
        }
        if let Some(boundary) = Boundary::of(turn) {
            deps.erasure.erase(&event.identity.group(), boundary).await?;
        }
    } else {
        if let EventKind::MediaReady(news) = &event.kind {
            // It came for somebody who was forgotten meanwhile.
            deps.erasure.erase_file(&event.identity.group(), &news.message).await?;
        }
        tracing::info!(event.id = %event_id, kind = event.kind.name(), "nothing to change");
    }
    Ok((turn, processed, locale))
}

/// Sends the turn's calls. What they are given stands in the head: whoever comes again looks there whether the flow still
/// waits for them.
async fn call(
    deps: &Responder<'_>,
    event: &InboundEvent,
    turn: &Turn,
    head: Option<Conversation>,
    locale: Option<&Locale>,
) -> Result<(), ProcessError> {
    let head = match head {
        Some(head) => Some(head),
        None => deps.conversations.load(&event.identity.group()).await?,
    };
    for order in turn.actions(&event.identity, locale, head.and_then(|head| head.memory.flow).as_ref()) {
        deps.actions.send(&order).await?;
    }
    Ok(())
}

/// Sets and cancels alarms. An order that comes again may be out of date: the head knows.
async fn carry_out(
    deps: &Responder<'_>,
    event: &InboundEvent,
    order: AlarmOrder,
    again: bool,
) -> Result<(), ProcessError> {
    let group = event.identity.group();
    if let Some(alarm) = order.set {
        let wanted = !again || deps.conversations.load(&group).await?.and_then(|head| head.alarm) == Some(alarm);
        if wanted {
            deps.alarms.set(&event.identity, alarm).await?;
        }
    }
    if let Some(alarm) = order.cancel {
        deps.alarms.cancel(&group, alarm).await?;
    }
    Ok(())
}

/// The turn, if there is one, what became of the record, and the language of the conversation.
type Completed = (Option<Turn>, Processed, Option<Locale>);

/// The turn, if there is one, what became of the record, and the head that was written with it.
type Committed = (Option<Turn>, Processed, Option<Conversation>);

async fn commit(deps: &Responder<'_>, event: &InboundEvent) -> Result<Committed, ProcessError> {
    let group = event.identity.group();
    let bot = deps.knowledge.bot().await?;
    people::noticed(deps.people, &bot, event, deps.clock.now()).await?;
    let channel = (deps.channels)(event.identity.channel);
    let letters = channel.capabilities().letters.then(|| bot.policy().by_letter());
    let policy = letters.as_ref().unwrap_or_else(|| bot.policy());
    // Whoever else was first, the model is asked once.
    let mut helped = None;
    for _ in 0..ATTEMPTS {
        let state = deps.conversations.load(&group).await?;
        let proven = proven(deps, event, state.as_ref()).await?;
        let context = Context {
            now: deps.clock.now(),
            bot: bot.as_ref(),
            capabilities: channel.capabilities(),
            calls: &|messages| channel.calls(messages),
            policy,
            proven: proven.as_ref(),
        };
        let people = people::there(deps.people, &bot, state.as_ref(), event, &context).await?;
        let staffed = Staffed { bot: &bot, people };
        let context = Context { bot: &staffed, ..context };
        let mut decision = decide(state.as_ref(), event, &context);
        if let (Some(own), Some(writer), None) = (&decision, &deps.writer, &helped)
            && may_be_worded(own.outcome.as_ref())
            && let EventKind::Message { content: Content::Text { text } } = &event.kind
        {
            // An event that comes again is not paid for again.
            if let Some(turn) = deps.conversations.turn(&group, &event.id).await? {
                return Ok((Some(turn), Processed::Repeated, None));
            }
            let memory = state.as_ref().map(|head| head.memory.clone()).unwrap_or_default();
            let about = (own.head.locale.as_ref(), &memory, context.now);
            let placed = |helped: &_| {
                let bot = Worded { bot: &bot, people, helped };
                decide(state.as_ref(), event, &Context { bot: &bot, ..context })?.outcome
            };
            helped = Some(help(writer, &bot, (text, own.outcome.as_ref()), about, placed).await);
        }
        if let Some(helped) = &helped {
            let bot = Worded { bot: &bot, people, helped };
            decision = decide(state.as_ref(), event, &Context { bot: &bot, ..context });
        }
        let Some(Decision { head, turn, outcome }) = decision else {
            // What changes nothing now may have changed something before, and still owe what follows from it.
            let turn = deps.conversations.turn(&group, &event.id).await?;
            let processed = if turn.is_some() { Processed::Repeated } else { Processed::Ignored };
            return Ok((turn, processed, None));
        };
        match deps.conversations.commit(&group, &head, &turn).await? {
            Commit::Done => {
                return Ok((Some(turn), Processed::Committed(outcome), Some(head)));
            }
            Commit::Repeated(turn) => return Ok((Some(*turn), Processed::Repeated, None)),
            Commit::Stale => {}
        }
    }
    Err(ProcessError::Contended)
}

/// To whom an identity belongs whose user id is an address. It is asked before the identity's first turn only: no other
/// costs a read more.
async fn proven(
    deps: &Responder<'_>,
    event: &InboundEvent,
    state: Option<&Conversation>,
) -> Result<Option<Proven>, PortError> {
    if !matches!(event.kind, EventKind::Message { .. }) || !state.is_none_or(Conversation::is_erased) {
        return Ok(None);
    }
    let Some(handle) = (deps.channels)(event.identity.channel).handle(&event.identity) else { return Ok(None) };
    let owner = deps.handles.owner(&handle).await?;
    Ok(belongs_to([(&handle, owner)]).map(|(handle, customer)| Proven { customer, proof: handle.proof() }))
}

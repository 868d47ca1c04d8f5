//! The door of channels that come as events of AWS: mail, text messages, a contact flow's calls. Each record of an event
//! goes the way of a webhook's request. What fails is AWS's to hand over again: it asks for the whole event, and what was
//! taken before has the same ids.

use channels::{EVENT, EVENT_HEADER, RawRequest};
use domain::ChannelId;
use serde_json::Value;

use crate::PortError;
use crate::accept::{AcceptError, Accepted, Door, accept};
use crate::ports::Objects;
use crate::wait::{self, Direct, Waiting};

/// What receiving needs.
#[derive(Clone, Copy)]
pub struct Receiver<'a> {
    /// The door.
    pub door: Door<'a>,
    /// Where the objects lie that events name; none, where the channel's events hold everything.
    pub objects: Option<&'a dyn Objects>,
    /// What waiting for an answer needs, for channels whose caller waits for it.
    pub waiting: Option<Waiting<'a>>,
}

/// What became of an event.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Received {
    /// How many events of conversations were queued.
    pub events: usize,
    /// How many parts could not be read; they are quarantined.
    pub rejects: usize,
    /// The answer, where the caller waits for it and it came in time.
    pub answer: Option<Direct>,
}

/// Takes one event, record by record. A record that fails keeps none of the others from being taken.
///
/// # Errors
/// The first failure: the event is to be handed over again.
pub async fn receive(deps: &Receiver<'_>, id: ChannelId, event: &Value) -> Result<Received, AcceptError> {
    let mut received = Received::default();
    let mut failed = None;
    for record in records(event) {
        match taken(deps, id, record).await {
            Ok(one) => {
                received.events += one.events;
                received.rejects += one.rejects;
                received.answer = one.answer.or(received.answer);
            }
            Err(error) => {
                // Every one is logged; the first is answered with.
                tracing::error!(channel = %id, error = cause(&error), "a record was not taken: {error}");
                failed = failed.or(Some(error));
            }
        }
    }
    failed.map_or(Ok(received), Err)
}

fn cause(error: &AcceptError) -> String {
    match error {
        AcceptError::Verify(error) => error.to_string(),
        AcceptError::Port(error) => error.source.to_string(),
    }
}

/// The parts of an event; what has none is one itself.
fn records(event: &Value) -> Vec<&Value> {
    match event.get("Records") {
        Some(Value::Array(records)) => records.iter().collect(),
        _ => vec![event],
    }
}

async fn taken(deps: &Receiver<'_>, id: ChannelId, record: &Value) -> Result<Received, AcceptError> {
    let source = record.get("eventSource").or_else(|| record.get("EventSource")).and_then(Value::as_str);
    let url = source.unwrap_or("aws:lambda");
    let told = record.to_string();
    let event = RawRequest { method: EVENT, url, headers: &[], body: told.as_bytes() };
    match (deps.door.channels)(id).stored(&event) {
        None => let_in(deps, id, &event).await,
        Some(key) => {
            let body = fetched(deps, &key).await?;
            let headers = [(EVENT_HEADER.to_owned(), told.clone())];
            let_in(deps, id, &RawRequest { method: EVENT, url, headers: &headers, body: &body }).await
        }
    }
}

/// The object that an event names.
async fn fetched(deps: &Receiver<'_>, key: &str) -> Result<Vec<u8>, PortError> {
    const DOING: &str = "fetch what an event names";
    let objects = deps.objects.ok_or_else(|| PortError::permanent(DOING, "no bucket is set for it"))?;
    objects.get(key).await?.ok_or_else(|| PortError::permanent(DOING, "it is not there"))
}

async fn let_in(deps: &Receiver<'_>, id: ChannelId, request: &RawRequest<'_>) -> Result<Received, AcceptError> {
    let (events, rejects, patience, awaited) = match accept(&deps.door, id, request).await? {
        Accepted::Challenge(_) => return Ok(Received::default()),
        Accepted::Queued { events, rejects, wait, awaited, .. } => (events, rejects.len(), wait, awaited),
    };
    let mut received = Received { events: events.len(), rejects, answer: None };
    if let (Some(patience), Some(waiting)) = (patience, &deps.waiting) {
        received.answer = wait::answer(waiting, patience, id, awaited.as_ref(), request).await;
    }
    Ok(received)
}

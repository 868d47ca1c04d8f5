//! A body's updates, each read alone: what is wrong with one does not touch the others.

use domain::InboundEvent;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::{MAX_EVENT_BYTES, Parsed, Reject};

/// One update as it came.
pub(crate) type Item<'a> = &'a RawValue;

#[derive(Deserialize)]
struct Body<'a> {
    object: String,
    #[serde(borrow)]
    entry: Vec<&'a RawValue>,
}

/// The entries of a body about one of these objects; what is wrong with the body as a whole is its reject.
pub(crate) fn body<'a>(bytes: &'a [u8], objects: &[&str], parsed: &mut Parsed) -> Vec<Item<'a>> {
    let (field, reason) = match serde_json::from_slice::<Body<'_>>(bytes) {
        Ok(body) if objects.contains(&body.object.as_str()) => return body.entry,
        Ok(_) => ("object", "webhooks of another product come to another address".to_owned()),
        Err(error) => ("", format!("not a webhook's body: line {}, column {}", error.line(), error.column())),
    };
    parsed.rejects.push(Reject::of_body(field, reason, bytes));
    vec![]
}

/// Reads one part of a body; what cannot be read is a reject.
pub(crate) fn part<'a, T: Deserialize<'a>>(raw: Item<'a>, parsed: &mut Parsed) -> Option<T> {
    let unreadable = |error: serde_json::Error| {
        let at = format!("line {}, column {}", error.line(), error.column());
        reject(raw, &Fault::new("", format!("cannot be read from {at}")), parsed);
    };
    serde_json::from_str(raw.get()).map_err(unreadable).ok()
}

/// Takes the events of one update, or notes why not.
pub(crate) fn take<'a, T: Deserialize<'a>>(
    raw: Item<'a>,
    parsed: &mut Parsed,
    events: impl FnOnce(T) -> Result<Vec<InboundEvent>, Fault>,
) {
    let Some(update) = part(raw, parsed) else { return };
    match events(update) {
        Ok(events) => parsed.events.extend(events),
        Err(fault) => reject(raw, &fault, parsed),
    }
}

/// Notes of each update that it is for an account of which there is no token.
pub(crate) fn unknown<'a>(account: &str, items: impl Iterator<Item = Item<'a>>, parsed: &mut Parsed) {
    // Only what is an id is repeated.
    let id = account.len() <= 32 && account.bytes().all(|byte| byte.is_ascii_digit());
    let reason = format!("account not configured: no access token for {}", if id { account } else { "it" });
    let fault = Fault::new("account", reason);
    for raw in items {
        reject(raw, &fault, parsed);
    }
}

/// Why an update is not taken.
#[derive(Debug)]
pub(crate) struct Fault {
    field: &'static str,
    reason: String,
}

impl Fault {
    pub(crate) fn new(field: &'static str, reason: impl Into<String>) -> Self {
        Self { field, reason: reason.into() }
    }
}

fn reject(raw: Item<'_>, fault: &Fault, parsed: &mut Parsed) {
    let text = raw.get();
    let item = text.get(..text.floor_char_boundary(MAX_EVENT_BYTES)).map(str::to_owned);
    parsed.rejects.push(Reject { field: fault.field.to_owned(), reason: fault.reason.clone(), item });
}

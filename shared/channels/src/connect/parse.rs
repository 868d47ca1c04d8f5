//! What a step is to the conversation.

use domain::{Content, EventKind, InboundEvent};
use serde::Deserialize as _;

use super::asked::{Act, Asked};
use super::event::Event;
use crate::{Awaited, KeySet, Parsed, Reject, Verified};

pub(super) fn parse(request: &Verified<'_>) -> Parsed {
    match step(request) {
        Ok(parsed) => parsed,
        Err((field, reason)) => {
            Parsed { rejects: vec![Reject::of_body(field, reason, &request.body)], ..Parsed::default() }
        }
    }
}

fn step(request: &Verified<'_>) -> Result<Parsed, (&'static str, &'static str)> {
    let keys = request.principal.setup.as_ref().and_then(|setup| KeySet::deserialize(setup).ok()).unwrap_or_default();
    let event = Event::read(&request.body).ok_or(("", "is no event"))?;
    let asked = Asked::of(event, &keys)?;
    let named = |name: &str| Content::Event { name: name.to_owned() };
    let content = match &asked.act {
        Act::Begins => named("enter"),
        Act::Said(text) => Content::Text { text: text.clone() },
        Act::Unheard => named("unheard"),
        Act::Told(name) => named(name),
        Act::Waits => {
            let mut late = asked.late;
            let awaited = late.pop().map(|event| Awaited { identity: asked.identity, event, before: late });
            return Ok(Parsed { awaits: awaited, ..Parsed::default() });
        }
        Act::Nothing | Act::Unknown => return Ok(Parsed::default()),
    };
    let ends = content.ends_line();
    let kind = EventKind::Message { content };
    let event = InboundEvent::new(asked.identity.clone(), &asked.id, request.at, asked.language.locale(), kind);
    if ends {
        return Ok(Parsed { events: vec![event], ..Parsed::default() });
    }
    let event = event.on_line(&asked.contact);
    let before = asked.late.into_iter().filter(|late| *late != event.id).collect();
    let awaited = Awaited { identity: asked.identity, event: event.id.clone(), before };
    Ok(Parsed { events: vec![event], awaits: Some(awaited), ..Parsed::default() })
}

//! Any number of events per request; each is read alone.

use domain::{ChannelId, EventKind, Identity, InboundEvent, UnixMillis};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::event::{Event, content};
use crate::{Parsed, Reject, Verified};

/// Seconds for which a reply token is used: LINE takes it for a minute after the webhook.
const REPLY_SECONDS: i64 = 50;

#[derive(Deserialize)]
struct Body<'a> {
    destination: String,
    #[serde(borrow)]
    events: Vec<&'a RawValue>,
}

pub(super) fn parse(request: &Verified<'_>) -> Parsed {
    let mut parsed = Parsed::default();
    match serde_json::from_slice::<Body<'_>>(&request.body) {
        Ok(body) if body.destination != request.principal().account => {
            let reason = "is not the account whose secret signed";
            parsed.rejects.push(Reject::of_body("destination", reason, &request.body));
        }
        Ok(body) => {
            for item in body.events {
                match read(item.get(), request) {
                    Ok(event) => parsed.events.extend(event),
                    Err((field, reason)) => {
                        parsed.rejects.push(Reject::of_body(field, reason, item.get().as_bytes()));
                    }
                }
            }
        }
        Err(error) => {
            parsed.rejects.push(Reject::of_body("", place("not a webhook of LINE", &error), &request.body));
        }
    }
    parsed
}

/// What a person said; `None` if the item is nothing that is answered here.
fn read(item: &str, request: &Verified<'_>) -> Result<Option<InboundEvent>, (&'static str, &'static str)> {
    let event: Event =
        serde_json::from_str(item).map_err(|_| ("", "not an event of LINE, or one without its fields"))?;
    let alone = event.source.as_ref().is_some_and(|source| source.kind == "user");
    let active = event.mode.as_deref() == Some("active");
    let Some(content) = content(&event).filter(|_| alone && active) else { return Ok(None) };
    let id = event.webhook_event_id.filter(|id| !id.is_empty()).ok_or(("webhookEventId", "is missing"))?;
    let user = event.source.and_then(|source| source.user_id).filter(|user| !user.is_empty());
    let user = user.ok_or(("source.userId", "is missing"))?;
    let account = request.principal().account.clone();
    let identity = Identity { channel: ChannelId::Line, account, user };
    let read = InboundEvent::new(identity, &id, request.at, None, EventKind::Message { content });
    // Of an event that comes again nobody knows how old its token is.
    let token = event.reply_token.filter(|token| !token.is_empty() && !event.delivery_context.is_redelivery);
    let said = event.timestamp.map_or(request.at, UnixMillis);
    Ok(Some(match token {
        Some(token) => read.answerable(&token, request.at.min(said).plus_seconds(REPLY_SECONDS)),
        None => read,
    }))
}

fn place(what: &str, error: &serde_json::Error) -> String {
    format!("{what}: line {}, column {}", error.line(), error.column())
}

//! Messages, found where the account's mapping says.

use domain::{Attachment, ChannelId, Content, EventKind, Identity, InboundEvent, Locale};
use serde_json::Value;

use super::mapping::{FileMapping, Mapping, Source};
use crate::{Parsed, Reject, Verified};

/// Longest text, in characters: a message has to fit into the queue with all that is about it.
const MAX_TEXT: usize = 10_000;
/// Longest id, payload, title, name or media type, in characters.
const MAX_LABEL: usize = 256;
/// Longest address, in characters.
const MAX_URL: usize = 2_000;

/// The field at fault, and what is wrong with it.
type Fault = (String, String);

pub(super) fn parse(request: &Verified<'_>) -> Parsed {
    match whole(request) {
        Ok(parsed) => parsed,
        Err((field, reason)) => {
            Parsed { rejects: vec![Reject::of_body(field, reason, &request.body)], ..Parsed::default() }
        }
    }
}

fn whole(request: &Verified<'_>) -> Result<Parsed, Fault> {
    let setup = request.principal().setup.as_ref().unwrap_or(&Value::Null);
    let mapping = Mapping::read("receive", setup).map_err(|fault| (fault.field, fault.reason))?;
    let body: Value = serde_json::from_slice(&request.body)
        .map_err(|error| (String::new(), format!("not JSON: line {}, column {}", error.line(), error.column())))?;
    let Some(pointer) = &mapping.items else {
        return Ok(Parsed { events: message(&body, &mapping, request)?.into_iter().collect(), ..Parsed::default() });
    };
    let mut parsed = Parsed::default();
    let Some(items) = pointer.find(&body) else { return Ok(parsed) };
    let items = items.as_array().ok_or_else(|| (pointer.as_str().to_owned(), "must be an array".to_owned()))?;
    for item in items {
        match message(item, &mapping, request) {
            Ok(event) => parsed.events.extend(event),
            Err((field, reason)) => parsed.rejects.push(Reject { field, reason, item: Some(item.to_string()) }),
        }
    }
    Ok(parsed)
}

/// The message; `None` if the item is none.
fn message(item: &Value, mapping: &Mapping, request: &Verified<'_>) -> Result<Option<InboundEvent>, Fault> {
    if !mapping.only.iter().all(|(pointer, value)| pointer.find(item).unwrap_or(&Value::Null) == value) {
        return Ok(None);
    }
    let Some(content) = content(item, mapping)? else { return Ok(None) };
    let needed = |source: &Source| {
        text(Some(source), item, MAX_LABEL)?.ok_or_else(|| (source.name().to_owned(), "is missing".to_owned()))
    };
    let account = request.principal().account.clone();
    let identity = Identity { channel: ChannelId::Webhook, account, user: needed(&mapping.user)? };
    let locale = text(mapping.locale.as_ref(), item, MAX_LABEL)?.and_then(|tag| Locale::from_tag(&tag));
    let kind = EventKind::Message { content };
    Ok(Some(InboundEvent::new(identity, &needed(&mapping.id)?, request.at, locale, kind)))
}

/// A choice taken, else a file, else a text.
fn content(item: &Value, mapping: &Mapping) -> Result<Option<Content>, Fault> {
    let written = text(mapping.text.as_ref(), item, MAX_TEXT)?;
    if let Some(payload) = text(mapping.payload.as_ref(), item, MAX_LABEL)? {
        let title = text(mapping.title.as_ref(), item, MAX_LABEL)?;
        let title = title.or(written).unwrap_or_else(|| payload.clone());
        return Ok(Some(Content::Postback { payload, title }));
    }
    if let Some(file) = mapping.file.as_ref().map(|file| attachment(item, file)).transpose()?.flatten() {
        return Ok(Some(match file.mime.split('/').next() {
            Some("image") => Content::Image(file),
            Some("audio") => Content::Audio(file),
            Some("video") => Content::Video(file),
            Some(_) | None => Content::File(file),
        }));
    }
    Ok(written.map(|text| Content::Text { text }))
}

fn attachment(item: &Value, file: &FileMapping) -> Result<Option<Attachment>, Fault> {
    let Some(url) = text(Some(&file.url), item, MAX_URL)? else { return Ok(None) };
    if !url.starts_with("https://") {
        return Err((file.url.name().to_owned(), "must be an https address".to_owned()));
    }
    let or = |source: &Option<Source>, usual: &str| {
        Ok::<_, Fault>(text(source.as_ref(), item, MAX_LABEL)?.unwrap_or_else(|| usual.to_owned()))
    };
    let size = file.size.as_ref().and_then(|size| size.find(item)).and_then(Value::as_u64).unwrap_or_default();
    let (name, mime) = (or(&file.name, "file")?, or(&file.mime, "application/octet-stream")?);
    Ok(Some(Attachment { upload: None, url: Some(url), name, mime, size }))
}

/// A text, or a whole number as one; `None` if nothing, or nothing to see, is there.
fn text(source: Option<&Source>, item: &Value, most: usize) -> Result<Option<String>, Fault> {
    let Some((source, value)) = source.and_then(|source| Some((source, source.find(item)?))) else { return Ok(None) };
    let wrong = |reason: &str| (source.name().to_owned(), reason.to_owned());
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) if !number.is_f64() => number.to_string(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            return Err(wrong("must be a text or a whole number"));
        }
    };
    match text.chars().count() {
        count if count > most => Err(wrong(&format!("has {count} characters; at most {most} are taken"))),
        _ => Ok(Some(text).filter(|text| !text.trim().is_empty())),
    }
}

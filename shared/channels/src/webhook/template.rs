//! The JSON that is posted, with places that each message fills.

use crate::SettingsFault;
use crate::settings::fault;
use serde_json::{Map, Value};

/// What a template has places for, written `{{name}}`. A text that is nothing but a place becomes the value itself, and
/// its member goes where there is no value; a place within a longer text is written out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// `id`: the message's id, the same as the header `webhook-id`: whoever has seen it need not look again.
    Id,
    /// `account`: the account's name.
    Account,
    /// `user`: the customer's id.
    User,
    /// `conversation`: our id of the conversation.
    Conversation,
    /// `author`: `bot`, `agent` or `system`.
    Author,
    /// `type`: `text`, `image`, `audio`, `video` or `file`.
    Type,
    /// `text`: the text; of a file, its name.
    Text,
    /// `choices`: what may be answered, an array of `{"title", "payload"}` and `{"title", "url"}`. Without this place they are
    /// numbered lines of the text.
    Choices,
    /// `file`: a file as `{"url", "name", "mime", "size"}`. Without a place for files they are links in the text.
    File,
    /// `file_url`: the file's address.
    FileUrl,
    /// `file_name`: the file's name.
    FileName,
    /// `file_mime`: the file's media type.
    FileMime,
}

impl Place {
    pub(super) const ALL: [Self; 12] = [
        Self::Id,
        Self::Account,
        Self::User,
        Self::Conversation,
        Self::Author,
        Self::Type,
        Self::Text,
        Self::Choices,
        Self::File,
        Self::FileUrl,
        Self::FileName,
        Self::FileMime,
    ];

    /// Its name between the braces.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Account => "account",
            Self::User => "user",
            Self::Conversation => "conversation",
            Self::Author => "author",
            Self::Type => "type",
            Self::Text => "text",
            Self::Choices => "choices",
            Self::File => "file",
            Self::FileUrl => "file_url",
            Self::FileName => "file_name",
            Self::FileMime => "file_mime",
        }
    }

    fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|place| place.name() == name.trim())
    }
}

/// A part of a text.
enum Part<'a> {
    Plain(&'a str),
    Place(&'a str),
}

fn parts(text: &str) -> Vec<Part<'_>> {
    let mut parts = vec![];
    let mut rest = text;
    while let Some((before, (name, after))) =
        rest.split_once("{{").and_then(|(before, from)| Some((before, from.split_once("}}")?)))
    {
        if !before.is_empty() {
            parts.push(Part::Plain(before));
        }
        parts.push(Part::Place(name));
        rest = after;
    }
    if !rest.is_empty() {
        parts.push(Part::Plain(rest));
    }
    parts
}

/// The places that a template has.
///
/// # Errors
/// A place of no known name, or one of several values within a longer text.
pub(super) fn places(path: &str, template: &Value) -> Result<Vec<Place>, SettingsFault> {
    let inner: Vec<(String, &Value)> = match template {
        Value::Object(members) => members.iter().map(|(name, value)| (format!("{path}.{name}"), value)).collect(),
        Value::Array(items) => items.iter().enumerate().map(|(at, value)| (format!("{path}.{at}"), value)).collect(),
        Value::String(text) => return places_of_text(path, text),
        Value::Null | Value::Bool(_) | Value::Number(_) => return Ok(vec![]),
    };
    let found: Result<Vec<Vec<Place>>, SettingsFault> =
        inner.into_iter().map(|(path, value)| places(&path, value)).collect();
    found.map(|found| found.concat())
}

fn places_of_text(path: &str, text: &str) -> Result<Vec<Place>, SettingsFault> {
    let parts = parts(text);
    let alone = parts.len() == 1;
    let place = |part: &Part<'_>| match part {
        Part::Plain(_) => None,
        Part::Place(name) => Some(match Place::named(name) {
            Some(Place::Choices | Place::File) if !alone => {
                Err(fault(path, &format!("{{{{{name}}}}} must stand alone")))
            }
            Some(place) => Ok(place),
            None => {
                let known = Place::ALL.map(Place::name).join(", ");
                Err(fault(path, &format!("there is nothing called {{{{{name}}}}}; there are {known}")))
            }
        }),
    };
    parts.iter().filter_map(place).collect()
}

/// The template filled; `None` if it is a place for something that is not there.
pub(super) fn fill(template: &Value, values: &dyn Fn(Place) -> Option<Value>) -> Option<Value> {
    Some(match template {
        Value::Object(members) => {
            let filled = members.iter().filter_map(|(name, value)| Some((name.clone(), fill(value, values)?)));
            Value::Object(filled.collect::<Map<_, _>>())
        }
        Value::Array(items) => Value::Array(items.iter().filter_map(|value| fill(value, values)).collect()),
        Value::String(text) => match parts(text).as_slice() {
            [Part::Place(name)] => Place::named(name).and_then(values)?,
            parts => Value::String(parts.iter().map(|part| written(part, values)).collect()),
        },
        Value::Null | Value::Bool(_) | Value::Number(_) => template.clone(),
    })
}

fn written(part: &Part<'_>, values: &dyn Fn(Place) -> Option<Value>) -> String {
    match part {
        Part::Plain(text) => (*text).to_owned(),
        Part::Place(name) => match Place::named(name).and_then(values) {
            Some(Value::String(text)) => text,
            Some(other) => other.to_string(),
            None => String::new(),
        },
    }
}

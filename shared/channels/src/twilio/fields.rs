//! What a webhook holds: a form, or a JSON object of texts.

use std::collections::BTreeMap;

use serde_json::Value;

/// The fields of a webhook. One that is there several times has all its values.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Fields(BTreeMap<String, Vec<String>>);

impl Fields {
    /// Reads a body. JSON is told from a form by its first letter: no field's name begins with a brace.
    pub(crate) fn of(body: &[u8]) -> Self {
        if body.trim_ascii_start().starts_with(b"{") { Self::of_json(body) } else { Self::of_form(body) }
    }

    /// Reads a form. Nothing is left out: what is signed is all of it.
    pub(crate) fn of_form(body: &[u8]) -> Self {
        let mut fields = BTreeMap::<String, Vec<String>>::new();
        for (name, value) in form_urlencoded::parse(body) {
            fields.entry(name.into_owned()).or_default().push(value.into_owned());
        }
        Self(fields)
    }

    /// The texts and numbers of a JSON object; nothing of what is no JSON object.
    fn of_json(body: &[u8]) -> Self {
        let Ok(Value::Object(object)) = serde_json::from_slice(body) else { return Self::default() };
        let text = |value| match value {
            Value::String(text) => Some(text),
            Value::Number(number) => Some(number.to_string()),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
        };
        Self(object.into_iter().filter_map(|(name, value)| Some((name, vec![text(value)?]))).collect())
    }

    /// A field's value as it came, blanks and all; the first, where it is there several times.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.first().map(String::as_str)
    }

    /// A field's value, unless it is empty.
    pub(crate) fn filled(&self, name: &str) -> Option<&str> {
        self.get(name).filter(|value| !value.is_empty())
    }

    /// Every field with its values.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&String, &Vec<String>)> {
        self.0.iter()
    }
}

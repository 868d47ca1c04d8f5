//! Reading settings by hand, so that each fault names its field.

use serde_json::{Map, Value};

use crate::SettingsFault;
use crate::settings::fault;

/// Where in a piece of JSON something stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pointer(String);

impl Pointer {
    /// What stands there; `None` for nothing and for `null`.
    pub(super) fn find<'a>(&self, json: &'a Value) -> Option<&'a Value> {
        json.pointer(&self.0).filter(|found| !found.is_null())
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// A JSON pointer (RFC 6901).
    pub(super) fn read(text: &str) -> Option<Self> {
        let escaped = text.split('~').skip(1).all(|after| after.starts_with(['0', '1']));
        ((text.is_empty() || text.starts_with('/')) && escaped).then(|| Self(text.to_owned()))
    }
}

/// An object among the settings, and its path.
pub(super) struct Section<'a> {
    path: String,
    object: &'a Map<String, Value>,
}

impl<'a> Section<'a> {
    /// # Errors
    /// It is no object, or holds a field of another name than these.
    pub(super) fn read(path: &str, value: &'a Value, known: &[&str]) -> Result<Self, SettingsFault> {
        let object = value.as_object().ok_or_else(|| fault(path, "must be an object"))?;
        if let Some(other) = object.keys().find(|name| !known.contains(&name.as_str())) {
            let known = known.join(", ");
            return Err(fault(&format!("{path}.{other}"), &format!("is not a setting; these are: {known}")));
        }
        Ok(Self { path: path.to_owned(), object })
    }

    /// A fault of one of its fields.
    pub(super) fn fault(&self, name: &str, reason: &str) -> SettingsFault {
        fault(&format!("{}.{name}", self.path), reason)
    }

    /// A field and its path; `None` if it is not set.
    pub(super) fn field(&self, name: &str) -> Option<(String, &'a Value)> {
        self.object.get(name).map(|value| (format!("{}.{name}", self.path), value))
    }

    /// # Errors
    /// It is not set.
    pub(super) fn needed<T>(&self, name: &str, value: Option<T>) -> Result<T, SettingsFault> {
        value.ok_or_else(|| self.fault(name, "is missing"))
    }

    /// A JSON pointer, if it is set.
    ///
    /// # Errors
    /// It is none.
    pub(super) fn pointer(&self, name: &str) -> Result<Option<Pointer>, SettingsFault> {
        let Some(value) = self.object.get(name) else { return Ok(None) };
        let pointer = value.as_str().and_then(Pointer::read);
        pointer.map(Some).ok_or_else(|| self.fault(name, "must be a JSON pointer, such as \"/message/text\""))
    }
}

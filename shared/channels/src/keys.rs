//! A channel's secrets as they are stored: named lists, so that an old and a new key hold together while they change.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

/// The secrets of one channel, by purpose. The stored form is one JSON object of lists, newest key first:
/// `{"session_keys":[{"kid":"k2","secret":"…"},{"kid":"k1","secret":"…"}]}`.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct KeySet(BTreeMap<String, Vec<Key>>);

/// One secret.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Key {
    /// Names the key among its siblings.
    pub kid: String,
    /// The algorithm it is for, where several are possible: `HS256`, `ES256`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alg: Option<String>,
    /// The secret in base 64, or a public key in PEM where the algorithm wants one.
    pub secret: String,
}

/// A stored key set that cannot be read. It never shows what was stored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the channel's secret is not a JSON object of key lists: line {line}, column {column}")]
pub struct KeySetError {
    line: usize,
    column: usize,
}

impl KeySet {
    /// Reads the stored form.
    ///
    /// # Errors
    /// Where the text stops being a key set; the text itself is not repeated.
    pub fn from_json(text: &str) -> Result<Self, KeySetError> {
        serde_json::from_str(text).map_err(|error| KeySetError { line: error.line(), column: error.column() })
    }

    /// The stored form.
    pub fn to_json(&self) -> String {
        serde_json::to_value(self).map(|value| value.to_string()).unwrap_or_default()
    }

    /// The keys for a purpose, newest first; empty if none is set.
    pub fn get(&self, purpose: &str) -> &[Key] {
        self.0.get(purpose).map_or(&[], Vec::as_slice)
    }

    /// Puts a key before the others of its purpose and keeps at most `keep` of them.
    pub fn rotate_in(&mut self, purpose: &str, key: Key, keep: usize) {
        let keys = self.0.entry(purpose.to_owned()).or_default();
        keys.insert(0, key);
        keys.truncate(keep);
    }
}

impl fmt::Debug for KeySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.0.iter()).finish()
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key").field("kid", &self.kid).field("secret", &"(hidden)").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rotation_keeps_old_and_new() {
        let key = |kid: &str| Key { kid: kid.into(), alg: None, secret: "s".into() };
        let mut keys = KeySet::from_json(r#"{"session_keys":[{"kid":"k1","secret":"s"}]}"#).unwrap();
        keys.rotate_in("session_keys", key("k2"), 2);
        keys.rotate_in("session_keys", key("k3"), 2);
        let kids: Vec<_> = keys.get("session_keys").iter().map(|key| key.kid.as_str()).collect();
        assert_eq!(kids, ["k3", "k2"]);
        assert!(keys.get("other").is_empty());
        assert_eq!(KeySet::from_json(&keys.to_json()).unwrap(), keys);
    }

    #[test]
    fn neither_debug_nor_an_error_shows_a_secret() {
        let keys = KeySet::from_json(r#"{"session_keys":[{"kid":"k1","secret":"hunter2"}]}"#).unwrap();
        assert!(!format!("{keys:?}").contains("hunter2"));
        let error = KeySet::from_json(r#"{"session_keys":"hunter2"}"#).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("hunter2"));
    }
}

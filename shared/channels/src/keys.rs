//! A channel's secrets as they are stored: named lists, so that an old and a new key hold together while they change.

use std::collections::BTreeMap;
use std::fmt;

use domain::UnixMillis;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The secrets of one channel, by purpose, and how the company has set the channel up. The stored form is one JSON object
/// of lists, newest key first, and of `settings`:
/// `{"session_keys":[{"kid":"k2","secret":"…"},{"kid":"k1","secret":"…"}],"settings":{"app_id":"…"}}`.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct KeySet {
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    settings: Map<String, Value>,
    #[serde(flatten)]
    keys: BTreeMap<String, Vec<Key>>,
}

/// One secret.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Key {
    /// Names the key among its siblings.
    pub kid: String,
    /// The algorithm it is for, where several are possible: `HS256`, `ES256`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alg: Option<String>,
    /// Seconds since the epoch from which it signs; it verifies at once. So a new key is known everywhere before the
    /// first token of its making is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<i64>,
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

    /// The keys for a purpose, newest first; empty if none is set.
    pub fn get(&self, purpose: &str) -> &[Key] {
        self.keys.get(purpose).map_or(&[], Vec::as_slice)
    }

    /// The key of one account for a purpose: its name is the account's id.
    pub fn of(&self, purpose: &str, account: &str) -> Option<&Key> {
        self.get(purpose).iter().find(|key| key.kid == account)
    }

    /// The accounts that the keys of a purpose name, each once, sorted.
    pub fn accounts(&self, purpose: &str) -> Vec<String> {
        let mut accounts: Vec<String> = self.get(purpose).iter().map(|key| key.kid.clone()).collect();
        accounts.sort();
        accounts.dedup();
        accounts
    }

    /// A setting of the channel, such as the id of the app; `None` if it is not set.
    pub fn setting(&self, name: &str) -> Option<&Value> {
        self.settings.get(name)
    }

    /// A setting that is a text; `None` if it is not set, or is no text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.setting(name).and_then(Value::as_str)
    }

    /// The key to sign with: the newest whose time has come, else the oldest.
    pub fn signing(&self, purpose: &str, now: UnixMillis) -> Option<&Key> {
        let keys = self.get(purpose);
        keys.iter().find(|key| key.from.is_none_or(|from| from <= now.seconds())).or(keys.last())
    }
}

impl fmt::Debug for KeySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.keys.iter()).finish()
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
    fn a_new_key_signs_only_when_its_time_has_come() {
        let text = r#"{"session_keys":[{"kid":"k2","from":100,"secret":"b"},{"kid":"k1","secret":"a"}]}"#;
        let keys = KeySet::from_json(text).unwrap();
        let signing = |seconds| keys.signing("session_keys", UnixMillis::from_seconds(seconds)).unwrap().kid.clone();
        assert_eq!([signing(99), signing(100)], ["k1", "k2"]);
        assert!(keys.get("other").is_empty() && keys.signing("other", UnixMillis(0)).is_none());
        let young = KeySet::from_json(r#"{"session_keys":[{"kid":"k1","from":100,"secret":"a"}]}"#).unwrap();
        assert_eq!(young.signing("session_keys", UnixMillis(0)).unwrap().kid, "k1", "better than none");
    }

    #[test]
    fn neither_debug_nor_an_error_shows_a_secret() {
        let keys = KeySet::from_json(r#"{"session_keys":[{"kid":"k1","secret":"hunter2"}]}"#).unwrap();
        assert!(!format!("{keys:?}").contains("hunter2"));
        let error = KeySet::from_json(r#"{"session_keys":"hunter2"}"#).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("hunter2"));
    }
}

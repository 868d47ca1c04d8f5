//! How the company has set up one of its numbers.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::ACCOUNTS;
use super::hours::Hours;
use super::place::Language;
use crate::twilio::AUTH_TOKENS;
use crate::{KeySet, RenderError};

/// A number's settings.
#[derive(Debug, Deserialize)]
pub(super) struct Account {
    #[serde(rename = "twilio_account")]
    owner: Option<String>,
    language: Option<String>,
    #[serde(default)]
    voices: BTreeMap<String, String>,
    pub(super) min_confidence: Option<f64>,
    hours: Option<Hours>,
    pub(super) transfer: Option<Transfer>,
    /// From which number of the same Twilio account callers have links as a text message.
    pub(super) sms_from: Option<String>,
}

/// How a person is reached.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Transfer {
    /// By calling this number.
    Dial(String),
    /// Through Twilio's queue of this name.
    Enqueue(String),
}

impl Account {
    /// The settings as they are stored; `None` if they are not right.
    pub(super) fn read(stored: &Value) -> Option<Self> {
        Self::deserialize(stored).ok()
    }

    /// The settings of a number.
    pub(super) fn stored<'a>(keys: &'a KeySet, number: &str) -> Option<&'a Value> {
        keys.setting(ACCOUNTS)?.get(number)
    }

    /// The same for one that must be there.
    ///
    /// # Errors
    /// It is not.
    pub(super) fn expect(keys: &KeySet, number: &str) -> Result<Self, RenderError> {
        let found = Self::stored(keys, number).and_then(Self::read);
        found.ok_or_else(|| RenderError(format!("`settings.{ACCOUNTS}` does not describe the number rightly")))
    }

    /// The Twilio account whose number it is.
    pub(super) fn owner<'a>(&'a self, keys: &'a KeySet) -> Option<&'a str> {
        self.owner.as_deref().or_else(|| keys.get(AUTH_TOKENS).first().map(|key| key.kid.as_str()))
    }

    /// The language in which it answers; `None`: the caller chooses.
    pub(super) fn language(&self) -> Option<Language> {
        self.language.as_deref().and_then(Language::of)
    }

    /// The voice of a language; `None`: Twilio's own.
    pub(super) fn voice(&self, language: Language) -> Option<&str> {
        self.voices.get(language.code()).map(String::as_str)
    }

    /// Whether people are there at this second.
    pub(super) fn is_open(&self, second: i64) -> bool {
        self.hours.as_ref().is_none_or(|hours| hours.hold(second))
    }
}

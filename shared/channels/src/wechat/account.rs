//! How the company has set up one of its accounts.

use serde::Deserialize;

use super::ACCOUNTS;
use crate::{KeySet, RenderError};

/// What is known of an account besides its keys.
#[derive(Debug, Deserialize)]
#[expect(clippy::struct_field_names, reason = "WeChat's name")]
pub(super) struct Account {
    /// `wx…`.
    pub(super) app_id: String,
    #[serde(default)]
    pub(super) kind: Kind,
    #[serde(default)]
    pub(super) mode: Mode,
    /// Shown as the sender.
    pub(super) kf_account: Option<String>,
    /// Whether the bot's messages are marked as a machine's.
    #[serde(default)]
    pub(super) ai_label: bool,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    #[default]
    Official,
    MiniProgram,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Mode {
    #[default]
    Safe,
    Compatible,
    Plain,
}

impl Account {
    /// The account of this original id; `None` if it is not set up, or not rightly.
    pub(super) fn find(keys: &KeySet, id: &str) -> Option<Self> {
        Self::deserialize(keys.setting(ACCOUNTS)?.get(id)?).ok().filter(|account| !account.app_id.is_empty())
    }

    /// The same for one that must be there.
    ///
    /// # Errors
    /// It is not.
    pub(super) fn expect(keys: &KeySet, id: &str) -> Result<Self, RenderError> {
        Self::find(keys, id).ok_or_else(|| RenderError(format!("`settings.{ACCOUNTS}` does not describe this account")))
    }
}

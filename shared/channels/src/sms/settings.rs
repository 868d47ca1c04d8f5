//! Our numbers, and with whom they are.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{ACCOUNTS, AWS_TOPICS, CALLBACK_KEYS};
use crate::settings::fault;
use crate::twilio::AUTH_TOKENS;
use crate::{Key, KeySet, Principal, SettingsFault};

/// Who carries the messages of one of our numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Provider {
    /// AWS End User Messaging, over SNS.
    Aws,
    /// Twilio.
    Twilio,
    /// Aliyun's `SmsUp`: mainland China.
    Aliyun,
    /// Tencent Cloud's replies: mainland China.
    Tencent,
}

/// One of our numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::struct_field_names, reason = "Twilio's name")]
pub(super) struct Account {
    /// With whom it is.
    pub(super) provider: Provider,
    /// Twilio's account that it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) account_sid: Option<String>,
    /// Twilio's messaging service to send through.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) messaging_service_sid: Option<String>,
    /// Whether the provider answers none of the words for opting out and in.
    #[serde(default)]
    pub(super) self_managed: bool,
    /// Further words that end messages.
    #[serde(default)]
    pub(super) opt_out_words: Vec<String>,
}

/// The company's numbers, by number. One whose settings cannot be read is none.
pub(super) fn accounts(keys: &KeySet) -> BTreeMap<String, Account> {
    let accounts = keys.setting(ACCOUNTS).and_then(serde_json::Value::as_object);
    let read = |(name, value): (&String, &serde_json::Value)| {
        Some((name.clone(), serde_json::from_value(value.clone()).ok()?))
    };
    accounts.into_iter().flatten().filter_map(read).collect()
}

/// What is wrong with the numbers' settings, and which of them has no key.
pub(super) fn faults(keys: &KeySet) -> Vec<SettingsFault> {
    let written = keys.setting(ACCOUNTS).and_then(serde_json::Value::as_object);
    let known = accounts(keys);
    let said = |key: &Key| !key.secret.trim().is_empty();
    let of_number = |number: &String| {
        let path = format!("settings.{ACCOUNTS}.{number}");
        let Some(account) = known.get(number) else {
            let fields = "must have a `provider` (aws, twilio, aliyun or tencent), and nothing that it does not know";
            return Some(fault(&path, fields));
        };
        let (purpose, held) = match account.provider {
            Provider::Aws => (AWS_TOPICS, keys.of(AWS_TOPICS, number).is_some_and(said)),
            Provider::Twilio => (AUTH_TOKENS, keys.get(AUTH_TOKENS).iter().any(said)),
            Provider::Aliyun | Provider::Tencent => (CALLBACK_KEYS, keys.of(CALLBACK_KEYS, number).is_some_and(said)),
        };
        (!held).then(|| fault(purpose, &format!("is missing for {number}, which is with this provider")))
    };
    written.into_iter().flatten().filter_map(|(number, _)| of_number(number)).collect()
}

/// What reading a verified request takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Setup {
    /// Who sent it.
    pub(super) provider: Provider,
    /// The numbers that it may be about: those that the proof is for.
    pub(super) accounts: BTreeMap<String, Account>,
    /// What we have written into the address for the provider to bring back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) mark: Option<String>,
}

impl Setup {
    /// Of the numbers, those of this provider that the proof is for.
    pub(super) fn new(provider: Provider, keys: &KeySet, proven: impl Fn(&str, &Account) -> bool) -> Self {
        let mut accounts = accounts(keys);
        accounts.retain(|number, account| account.provider == provider && proven(number, account));
        Self { provider, accounts, mark: None }
    }

    /// What a verified request came with.
    pub(super) fn of(principal: &Principal) -> Option<Self> {
        serde_json::from_value(principal.setup.clone()?).ok()
    }

    /// For the request's way to its reader.
    pub(super) fn principal(&self, account: String) -> Principal {
        Principal { account, setup: serde_json::to_value(self).ok(), ..Principal::default() }
    }
}

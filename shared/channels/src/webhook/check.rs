//! Finding every fault of the settings before a customer does.

use std::collections::BTreeSet;

use serde_json::Value;

use super::section::Section;
use super::{ACCOUNTS, Mapping, Posting, RECEIVE_SECRETS, SEND_SECRETS, sign};
use crate::settings::fault;
use crate::{Key, KeySet, SettingsFault};

/// Every fault of the channel's keys and settings; none shows a secret.
pub(super) fn check(keys: &KeySet) -> Vec<SettingsFault> {
    let path = format!("settings.{ACCOUNTS}");
    let Some(accounts) = keys.setting(ACCOUNTS).and_then(Value::as_object) else {
        return vec![fault(&path, "must be an object of accounts")];
    };
    let mut faults = vec![];
    for (account, setting) in accounts {
        let path = format!("{path}.{account}");
        let section = match Section::read(&path, setting, &["receive", "send"]) {
            Ok(section) => section,
            Err(fault) => {
                faults.push(fault);
                continue;
            }
        };
        let (receive, send) = (section.field("receive"), section.field("send"));
        if receive.is_none() && send.is_none() {
            faults.push(fault(&path, "has neither `receive` nor `send`"));
        }
        if let Some((path, receive)) = receive {
            faults.extend(Mapping::read(&path, receive).err());
            faults.extend(no_secret(keys, RECEIVE_SECRETS, account));
        }
        if let Some((path, send)) = send {
            faults.extend(Posting::read(&path, send).err());
            faults.extend(no_secret(keys, SEND_SECRETS, account));
        }
    }
    let known: BTreeSet<&str> = accounts.keys().map(String::as_str).collect();
    for purpose in [RECEIVE_SECRETS, SEND_SECRETS] {
        faults.extend(keys.get(purpose).iter().enumerate().filter_map(|(at, key)| wrong(purpose, at, key, &known)));
    }
    faults
}

fn no_secret(keys: &KeySet, purpose: &str, account: &str) -> Option<SettingsFault> {
    let none = keys.of(purpose, account).is_none();
    none.then(|| fault(purpose, &format!("has no secret whose `kid` is the account `{account}`")))
}

fn wrong(purpose: &str, at: usize, key: &Key, accounts: &BTreeSet<&str>) -> Option<SettingsFault> {
    let path = format!("{purpose}.{at}");
    if !accounts.contains(key.kid.as_str()) {
        return Some(fault(&format!("{path}.kid"), "names no account of the settings"));
    }
    let good = sign::secret(key).is_some_and(|secret| sign::SECRET_BYTES.contains(&secret.len()));
    (!good).then(|| fault(&format!("{path}.secret"), "must be `whsec_` and base 64 of 24 to 64 bytes"))
}

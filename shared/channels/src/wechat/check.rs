//! Finding every fault of the settings before a customer does.

use serde_json::Value;

use super::account::{Account, Mode};
use super::{ACCOUNTS, APP_SECRETS, ENCODING_AES_KEYS, TOKENS};
use crate::settings::fault;
use crate::tencent::CipherKey;
use crate::{KeySet, SettingsFault};

/// Every fault of the keys and settings.
pub(super) fn check(keys: &KeySet) -> Vec<SettingsFault> {
    let path = format!("settings.{ACCOUNTS}");
    let accounts = keys.setting(ACCOUNTS).and_then(Value::as_object).filter(|accounts| !accounts.is_empty());
    let Some(accounts) = accounts else {
        return vec![fault(&path, "must be an object of accounts, each by its original id (gh_…)")];
    };
    let mut faults = vec![];
    for id in accounts.keys() {
        let Some(account) = Account::find(keys, id) else {
            faults.push(fault(
                &format!("{path}.{id}"),
                "must be an object with the `app_id` (wx…) of the account, and of what else the guide lists",
            ));
            continue;
        };
        let passive = keys.text("reply") == Some("passive");
        let ciphered = account.mode != Mode::Plain;
        for (purpose, needed) in [(TOKENS, true), (ENCODING_AES_KEYS, ciphered), (APP_SECRETS, !passive)] {
            let set = keys.get(purpose).iter().any(|key| key.kid == *id && !key.secret.trim().is_empty());
            if needed && !set {
                faults.push(fault(purpose, &format!("must have one whose `kid` is the account `{id}`")));
            }
        }
    }
    let aes = keys.get(ENCODING_AES_KEYS).iter().enumerate();
    let wrong = aes.filter(|(_, key)| CipherKey::from_text(&key.secret).is_none());
    let reason = "must be an EncodingAESKey of the console: 43 letters and digits";
    faults.extend(wrong.map(|(at, _)| fault(&format!("{ENCODING_AES_KEYS}.{at}"), reason)));
    faults
}

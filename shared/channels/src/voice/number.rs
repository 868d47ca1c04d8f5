//! Whether Twilio sends the calls of the company's numbers here.

use domain::{Delivery, UnixMillis};

use super::ACCOUNTS;
use super::account::Account;
use crate::twilio::{Hook, probe, probed};
use crate::{KeySet, Probe, Probed, Probing, WireReply};

/// The numbers of a key set.
#[derive(Debug)]
pub(super) struct Numbers;

impl Probing for Numbers {
    fn probes(&self, keys: &KeySet, _now: UnixMillis) -> Vec<Probe> {
        let numbers = keys.setting(ACCOUNTS).and_then(serde_json::Value::as_object);
        let of = |(number, stored): (&String, &serde_json::Value)| {
            let account = Account::read(stored);
            probe(number, account.as_ref().and_then(|account| account.owner(keys)), keys)
        };
        numbers.into_iter().flatten().map(of).collect()
    }

    fn probed(&self, reply: &WireReply) -> Result<Probed, Delivery> {
        probed(Hook::Voice, reply)
    }
}

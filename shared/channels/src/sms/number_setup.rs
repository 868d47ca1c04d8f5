//! Whether Twilio sends the messages of the company's numbers here. The other providers tell nobody.

use domain::{Delivery, UnixMillis};

use super::settings::{Provider, accounts};
use crate::twilio::{AUTH_TOKENS, Hook, probe, probed};
use crate::{KeySet, Probe, Probed, Probing, WireReply};

/// Twilio's numbers of a key set.
#[derive(Debug)]
pub(super) struct Numbers;

impl Probing for Numbers {
    fn probes(&self, keys: &KeySet, _now: UnixMillis) -> Vec<Probe> {
        let first = keys.get(AUTH_TOKENS).first().map(|key| key.kid.as_str());
        let known = accounts(keys).into_iter().filter(|(_, account)| account.provider == Provider::Twilio);
        known.map(|(number, account)| probe(&number, account.account_sid.as_deref().or(first), keys)).collect()
    }

    fn probed(&self, _account: &str, reply: &WireReply, _keys: &KeySet) -> Result<Probed, Delivery> {
        probed(Hook::Sms, reply)
    }
}

//! Whether Twilio sends the calls of the company's numbers here, and sends text messages from those that are to text.

use std::collections::BTreeMap;

use domain::{Delivery, UnixMillis};
use serde_json::Value;

use super::ACCOUNTS;
use super::account::Account;
use crate::twilio::{Hook, probe, probed, texts};
use crate::{KeySet, Probe, Probed, Probing, WireReply};

/// The numbers of a key set.
#[derive(Debug)]
pub(super) struct Numbers;

impl Probing for Numbers {
    fn probes(&self, keys: &KeySet, _now: UnixMillis) -> Vec<Probe> {
        // Each once: those that are called, and those that only text.
        let mut owners = BTreeMap::new();
        for (number, account) in accounts(keys) {
            let owner = account.as_ref().and_then(|account| account.owner(keys)).map(str::to_owned);
            if let Some(texting) = account.and_then(|account| account.sms_from) {
                owners.entry(texting).or_insert_with(|| owner.clone());
            }
            owners.insert(number.to_owned(), owner);
        }
        owners.iter().map(|(number, owner)| probe(number, owner.as_deref(), keys)).collect()
    }

    fn probed(&self, number: &str, reply: &WireReply, keys: &KeySet) -> Result<Probed, Delivery> {
        let calls = probed(Hook::Voice, reply)?;
        let of_calls = accounts(keys).any(|(known, _)| known == number);
        let of_texts =
            accounts(keys).any(|(_, account)| account.and_then(|account| account.sms_from).as_deref() == Some(number));
        let mute = (of_texts && texts(reply) == Some(false))
            .then(|| "the number cannot send text messages at Twilio, and is set as `sms_from`".to_owned());
        if of_calls {
            return Ok(Probed { trouble: calls.trouble.or(mute), ..calls });
        }
        // Where its calls go is no concern of ours; whether there is such a number is.
        Ok(Probed { webhook: None, trouble: mute.or(calls.trouble.filter(|_| texts(reply).is_none())) })
    }
}

fn accounts(keys: &KeySet) -> impl Iterator<Item = (&str, Option<Account>)> {
    let numbers = keys.setting(ACCOUNTS).and_then(Value::as_object).into_iter().flatten();
    numbers.map(|(number, stored)| (number.as_str(), Account::read(stored)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_that_is_to_text_must_be_able_to() {
        let keys = r#"{"twilio_auth_tokens":[{"kid":"AC1","secret":"t"}],"settings":{"accounts":{
            "+1555010": {"sms_from": "+1555010"}, "+1555011": {"sms_from": "+1555012"}}}}"#;
        let keys = KeySet::from_json(keys).unwrap();
        let probes = Numbers.probes(&keys, UnixMillis(0));
        assert_eq!(
            probes.iter().map(|probe| probe.account.as_str()).collect::<Vec<_>>(),
            ["+1555010", "+1555011", "+1555012"]
        );
        assert!(probes.iter().all(|probe| probe.call.is_ok()));
        let answer = |number, fields: &str| {
            let body = format!(r#"{{"incoming_phone_numbers":[{fields}]}}"#);
            Numbers.probed(number, &WireReply { status: 200, retry_after: None, body }, &keys).unwrap()
        };
        let number =
            |texts| format!(r#"{{"voice_url":"https://x.example/v","capabilities":{{"voice":true,"sms":{texts}}}}}"#);
        for (which, fields, webhook, trouble) in [
            ("+1555010", number(true), true, false),
            ("+1555010", number(false), true, true),
            // Nothing is texted from it.
            ("+1555011", number(false), true, false),
            // Nobody calls it.
            ("+1555012", number(true), false, false),
            ("+1555012", number(false), false, true),
            ("+1555012", String::new(), false, true),
            ("+1555010", r#"{"voice_url":"https://x.example/v"}"#.to_owned(), true, false),
        ] {
            let found = answer(which, &fields);
            assert_eq!(
                (found.webhook.is_some(), found.trouble.is_some()),
                (webhook, trouble),
                "{which} {fields}: {found:?}"
            );
        }
    }
}

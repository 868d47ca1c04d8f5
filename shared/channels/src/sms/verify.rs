//! Who may come in: each provider by its own proof.

use domain::UnixMillis;
use serde::Deserialize;

use super::settings::{Account, Provider, Setup};
use super::{AWS_TOPICS, CALLBACK_KEYS};
use crate::compare::same;
use crate::{EVENT, Gate, Key, KeySet, RawRequest, Verified, VerifyError, twilio};

pub(super) fn verify<'a>(request: &RawRequest<'a>, keys: &KeySet, now: UnixMillis) -> Result<Gate<'a>, VerifyError> {
    let principal = if request.method == EVENT {
        topic(request, keys)?
    } else if request.query("key").is_some() {
        gateway(request, keys)?
    } else {
        from_twilio(request, keys)?
    };
    Ok(Gate::Accept(Verified { body: request.body.into(), principal, at: now }))
}

/// Twilio's signature, for the numbers of the account that signed. The mark in the address is signed with it.
fn from_twilio(request: &RawRequest<'_>, keys: &KeySet) -> Result<crate::Principal, VerifyError> {
    let sid = twilio::verified(request, keys)?;
    let first = keys.get(twilio::AUTH_TOKENS).first().map(|key| key.kid.as_str());
    let belongs = |_: &str, account: &Account| account.account_sid.as_deref().or(first) == Some(sid.as_str());
    let setup = Setup { mark: request.query("mark"), ..Setup::new(Provider::Twilio, keys, belongs) };
    Ok(setup.principal(sid))
}

/// A word in the address that nobody can guess: it is all that these providers can show.
fn gateway(request: &RawRequest<'_>, keys: &KeySet) -> Result<crate::Principal, VerifyError> {
    let known: Vec<&Key> = keys.get(CALLBACK_KEYS).iter().filter(|key| !key.secret.is_empty()).collect();
    if known.is_empty() {
        return Err(VerifyError::NoKey(CALLBACK_KEYS));
    }
    if request.method != "POST" {
        return Err(VerifyError::Refused("the gateway is to call with POST"));
    }
    let account = request.query("account").ok_or(VerifyError::Missing("the address names no account: `?account=`"))?;
    let sent = request.query("key").unwrap_or_default();
    // Every one is compared, so that the time does not tell which it was.
    let own = known.into_iter().filter(|key| key.kid == account);
    if own.filter(|key| same(sent.as_bytes(), key.secret.as_bytes())).count() == 0 {
        return Err(VerifyError::Refused("the key in the address is not this account's"));
    }
    let is_it = |name: &str, _: &Account| name == account;
    let setups = [Provider::Aliyun, Provider::Tencent].map(|provider| Setup::new(provider, keys, is_it));
    let setup = setups.into_iter().find(|setup| !setup.accounts.is_empty());
    let setup = setup.ok_or(VerifyError::NoKey("settings.accounts.<account>.provider"))?;
    Ok(setup.principal(account))
}

#[derive(Deserialize)]
struct Record {
    #[serde(rename = "EventSource")]
    source: String,
    #[serde(rename = "Sns")]
    sns: Notification,
}

#[derive(Deserialize)]
struct Notification {
    #[serde(rename = "TopicArn")]
    topic: String,
}

/// AWS has handed it over; the topic says for which of our numbers it can be.
fn topic(request: &RawRequest<'_>, keys: &KeySet) -> Result<crate::Principal, VerifyError> {
    let topics: Vec<&Key> = keys.get(AWS_TOPICS).iter().filter(|key| !key.secret.is_empty()).collect();
    if topics.is_empty() {
        return Err(VerifyError::NoKey(AWS_TOPICS));
    }
    let record: Record = serde_json::from_slice(request.body).map_err(|_| VerifyError::Refused("no event of SNS"))?;
    if record.source != "aws:sns" {
        return Err(VerifyError::Refused("no event of SNS"));
    }
    let told = |number: &str| topics.iter().any(|key| key.kid == number && key.secret == record.sns.topic);
    if !topics.iter().any(|key| key.secret == record.sns.topic) {
        return Err(VerifyError::Refused("the topic is not one of ours"));
    }
    let setup = Setup::new(Provider::Aws, keys, |number, _| told(number));
    Ok(setup.principal(record.sns.topic))
}

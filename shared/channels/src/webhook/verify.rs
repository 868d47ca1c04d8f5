//! The door's check: an account's secret, over id, time and body.

use domain::UnixMillis;

use super::mapping::Mapping;
use super::{ACCOUNTS, RECEIVE_SECRETS, sign};
use crate::compare::same;
use crate::{Gate, KeySet, Principal, RawRequest, Verified, VerifyError};

/// Seconds by which the sender's clock may differ from ours.
const CLOCK_SECONDS: u64 = 300;

pub(super) fn verify<'a>(request: &RawRequest<'a>, keys: &KeySet, now: UnixMillis) -> Result<Gate<'a>, VerifyError> {
    if keys.get(RECEIVE_SECRETS).is_empty() {
        return Err(VerifyError::NoKey(RECEIVE_SECRETS));
    }
    let account = request.query("account").ok_or(VerifyError::Missing("the address names no account: `?account=`"))?;
    let header =
        |name, missing| request.header(name).filter(|value| !value.is_empty()).ok_or(VerifyError::Missing(missing));
    let id = header(sign::ID, "the header `webhook-id`")?;
    let timestamp = header(sign::TIMESTAMP, "the header `webhook-timestamp`")?;
    let sent = header(sign::SIGNATURE, "the header `webhook-signature`")?;
    // The address is not signed: what it names counts because that account's own secret signed.
    let secrets = keys.get(RECEIVE_SECRETS).iter().filter(|key| key.kid == account).filter_map(sign::secret);
    let ours: Vec<String> = secrets.map(|secret| sign::signature(&secret, id, timestamp, request.body)).collect();
    // Every pair is compared, so that the time does not tell which it was.
    let pairs = ours.iter().flat_map(|ours| sent.split(' ').map(move |sent| (ours, sent)));
    if pairs.filter(|(ours, sent)| same(sent.as_bytes(), ours.as_bytes())).count() == 0 {
        return Err(VerifyError::Refused("no signature is made with a secret of this account"));
    }
    let said: i64 =
        timestamp.parse().map_err(|_| VerifyError::Refused("`webhook-timestamp` is not a time in seconds"))?;
    if now.seconds().abs_diff(said) > CLOCK_SECONDS {
        return Err(VerifyError::Expired);
    }
    let receive = keys.setting(ACCOUNTS).and_then(|accounts| accounts.get(&account)?.get("receive"));
    // Whoever sends comes again: meanwhile somebody can mend the settings.
    let receive = receive.filter(|receive| Mapping::read("", receive).is_ok());
    let receive = receive.ok_or(VerifyError::NoKey("settings.accounts.<account>.receive"))?;
    let principal = Principal { account, setup: Some(receive.clone()), ..Principal::default() };
    Ok(Gate::Accept(Verified { body: request.body.into(), principal, at: now }))
}

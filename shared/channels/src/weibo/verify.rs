//! The app's secret signs time and nonce, as WeChat's token does. Nothing signs the body.

use domain::UnixMillis;
use serde::Deserialize;

use super::APP_SECRETS;
use super::parse::Id;
use crate::tencent::Stamp;
use crate::{Challenge, Gate, KeySet, Principal, RawRequest, Verified, VerifyError};

#[derive(Deserialize)]
struct Addressed {
    receiver_id: Id,
}

pub(super) fn verify<'a>(request: &RawRequest<'a>, keys: &KeySet, now: UnixMillis) -> Result<Gate<'a>, VerifyError> {
    let secrets = keys.get(APP_SECRETS);
    if secrets.is_empty() {
        return Err(VerifyError::NoKey(APP_SECRETS));
    }
    let stamp = Stamp::of(request)?;
    let signature = request.query("signature").ok_or(VerifyError::Missing("the signature"))?;
    // Every secret is compared, so that the time does not tell which one it was.
    let signers: Vec<&str> = secrets
        .iter()
        .filter(|secret| stamp.signed(&signature, &secret.secret, None))
        .map(|secret| secret.kid.as_str())
        .collect();
    let first = signers.first().ok_or(VerifyError::Refused("the signature is not ours"))?;
    stamp.fresh(now)?;
    if request.method == "GET" {
        let body = request.query("echostr").ok_or(VerifyError::Missing("`echostr`"))?;
        return Ok(Gate::Challenge(Challenge { body }));
    }
    // What cannot be read is nobody's; the parser says what is wrong with it.
    let account = match serde_json::from_slice::<Addressed>(request.body) {
        Ok(to) if signers.contains(&to.receiver_id.0.as_str()) => to.receiver_id.0,
        Ok(_) => return Err(VerifyError::Refused("the message is for another account")),
        Err(_) => (*first).to_owned(),
    };
    let principal = Principal { account, ..Principal::default() };
    Ok(Gate::Accept(Verified { body: request.body.into(), principal, at: now }))
}

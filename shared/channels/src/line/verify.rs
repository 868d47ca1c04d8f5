//! `x-line-signature`: base 64 of HMAC-SHA256 over the raw body, by the channel's secret.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::UnixMillis;
use serde::Deserialize;

use super::CHANNEL_SECRETS;
use crate::compare::same;
use crate::hmac::sha256;
use crate::{Gate, Key, KeySet, Principal, RawRequest, Verified, VerifyError};

const HEADER: &str = "x-line-signature";

#[derive(Deserialize)]
struct Addressed {
    destination: String,
}

pub(super) fn verify<'a>(request: &RawRequest<'a>, keys: &KeySet, now: UnixMillis) -> Result<Gate<'a>, VerifyError> {
    let secrets = keys.get(CHANNEL_SECRETS);
    if secrets.is_empty() {
        return Err(VerifyError::NoKey(CHANNEL_SECRETS));
    }
    let sent = request.header(HEADER).ok_or(VerifyError::Missing("the signature's header"))?;
    let signed = |key: &&Key| {
        !key.secret.is_empty()
            && same(sent.as_bytes(), STANDARD.encode(sha256(key.secret.as_bytes(), &[request.body])).as_bytes())
    };
    // Every secret is tried, so that the time does not tell which one it was.
    let signers: Vec<&Key> = secrets.iter().filter(signed).collect();
    let first = signers.first().ok_or(VerifyError::Refused("the signature is not made with a secret of ours"))?;
    // Whoever has one account's secret speaks for that account alone. What is no JSON goes on, to be told so.
    let account = match serde_json::from_slice::<Addressed>(request.body) {
        Ok(to) if signers.iter().any(|key| key.kid == to.destination) => to.destination,
        Ok(_) => return Err(VerifyError::Refused("`destination` is not the account whose secret signed")),
        Err(_) => first.kid.clone(),
    };
    let principal = Principal { account, ..Principal::default() };
    Ok(Gate::Accept(Verified { body: request.body.into(), principal, at: now }))
}

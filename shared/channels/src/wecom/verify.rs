//! Callbacks and the check of their address: signed with a token of ours, ciphered with a key of ours, for our
//! corporation. A replay is harmless: all that it causes is one more look for news; and it ends after ten minutes.

use domain::UnixMillis;

use super::{ACCOUNTS, AES_KEYS, CORP_ID, TOKENS, corp_id, is_ours, parse};
use crate::tencent::{CipherKey, Stamp, sealed};
use crate::{Challenge, Gate, KeySet, Principal, RawRequest, Verified, VerifyError};

pub(super) fn verify<'a>(request: &RawRequest<'a>, keys: &KeySet, now: UnixMillis) -> Result<Gate<'a>, VerifyError> {
    let corp = corp_id(keys).ok_or(VerifyError::NoKey(CORP_ID))?;
    for purpose in [TOKENS, AES_KEYS] {
        if keys.get(purpose).is_empty() {
            return Err(VerifyError::NoKey(purpose));
        }
    }
    let checks_address = request.method == "GET";
    let sealed = if checks_address {
        request.query("echostr").ok_or(VerifyError::Missing("`echostr`"))?
    } else {
        sealed(request.body).ok_or(VerifyError::Missing("a ciphered body"))?
    };
    let plain = opened(request, keys, &sealed, corp, now)?;
    if checks_address {
        let body = String::from_utf8(plain).map_err(|_| VerifyError::Refused("the echostr is no text"))?;
        return Ok(Gate::Challenge(Challenge { body }));
    }
    let account = parse::account(&plain).unwrap_or_default();
    if !account.is_empty() && !is_ours(keys, &account) {
        let none = keys.setting(ACCOUNTS).is_none();
        return Err(if none { VerifyError::NoKey(ACCOUNTS) } else { VerifyError::Refused("for another account") });
    }
    let principal = Principal { account, ..Principal::default() };
    Ok(Gate::Accept(Verified { body: plain.into(), principal, at: now }))
}

/// The text that was ciphered, if a token of ours has signed it and a key of ours opens it.
fn opened(
    request: &RawRequest<'_>,
    keys: &KeySet,
    sealed: &str,
    corp: &str,
    now: UnixMillis,
) -> Result<Vec<u8>, VerifyError> {
    let stamp = Stamp::of(request)?;
    let sent = request.query("msg_signature").ok_or(VerifyError::Missing("`msg_signature`"))?;
    // Every token is tried, so that the time does not tell which one it was.
    let tokens = keys.get(TOKENS).iter();
    if tokens.filter(|token| stamp.signed(&sent, &token.secret, Some(sealed))).count() == 0 {
        return Err(VerifyError::Refused("the signature does not hold"));
    }
    stamp.fresh(now)?;
    let mut ciphers = keys.get(AES_KEYS).iter().filter_map(|key| CipherKey::from_text(&key.secret));
    ciphers
        .find_map(|key| key.open(sealed, corp).ok())
        .ok_or(VerifyError::Refused("no key of ours opens it for this corporation"))
}

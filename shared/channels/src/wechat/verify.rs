//! Who sent a request: the token signs time and nonce and, in safe and compatible mode, the ciphered body.

use std::borrow::Cow;

use domain::UnixMillis;

use super::account::{Account, Mode};
use super::{ACCOUNTS, ENCODING_AES_KEYS, TOKENS};
use crate::tencent::{CipherKey, Fields, Format, Stamp, sealed};
use crate::{Challenge, Gate, Key, KeySet, Principal, RawRequest, Verified, VerifyError};

/// No push comes near. What is larger is not even hashed.
const MAX_BODY_BYTES: usize = 1 << 20;

/// A request that was checked.
pub(super) struct Opened<'a> {
    /// The company's account.
    pub(super) account: String,
    /// What was said, deciphered.
    pub(super) body: Cow<'a, [u8]>,
    /// How the answer is to be written.
    pub(super) format: Format,
    /// With what the answer is to be ciphered, if the request was.
    pub(super) seal: Option<Seal>,
}

/// With what a request was ciphered.
pub(super) struct Seal {
    pub(super) key: CipherKey,
    pub(super) token: String,
    pub(super) app_id: String,
    pub(super) nonce: String,
}

pub(super) fn verify<'a>(request: &RawRequest<'a>, keys: &KeySet, now: UnixMillis) -> Result<Gate<'a>, VerifyError> {
    if request.method == "GET" {
        let echo = request.query("echostr").ok_or(VerifyError::Missing("`echostr`"))?;
        signers(request, keys, now, "signature", None)?;
        return Ok(Gate::Challenge(Challenge { body: echo }));
    }
    let opened = open(request, keys, now)?;
    let principal = Principal { account: opened.account, ..Principal::default() };
    Ok(Gate::Accept(Verified { body: opened.body, principal, at: now }))
}

/// Checks a request and, where it is ciphered, opens it.
pub(super) fn open<'a>(request: &RawRequest<'a>, keys: &KeySet, now: UnixMillis) -> Result<Opened<'a>, VerifyError> {
    if request.body.len() > MAX_BODY_BYTES {
        return Err(VerifyError::Refused("the body is larger than any push"));
    }
    if request.query("encrypt_type").is_some_and(|kind| kind == "aes") {
        ciphered(request, keys, now)
    } else {
        plain(request, keys, now)
    }
}

fn ciphered<'a>(request: &RawRequest<'a>, keys: &KeySet, now: UnixMillis) -> Result<Opened<'a>, VerifyError> {
    let text = sealed(request.body).ok_or(VerifyError::Missing("the ciphered text"))?;
    // `signature` is there as well, and proves nothing about the body.
    let signers = signers(request, keys, now, "msg_signature", Some(&text))?;
    let mut set_up = false;
    for token in signers {
        let account = Account::find(keys, &token.kid).ok_or(VerifyError::NoKey(ACCOUNTS))?;
        for key in keys.get(ENCODING_AES_KEYS).iter().filter(|key| key.kid == token.kid) {
            let Some(key) = CipherKey::from_text(&key.secret) else { continue };
            set_up = true;
            let Ok(body) = key.open(&text, &account.app_id) else { continue };
            meant(&body, |to| to == token.kid)?;
            let nonce = request.query("nonce").unwrap_or_default();
            let seal = Seal { key, token: token.secret.clone(), app_id: account.app_id, nonce };
            return Ok(Opened {
                account: token.kid.clone(),
                body: body.into(),
                format: Format::of(request.body),
                seal: Some(seal),
            });
        }
    }
    Err(if set_up {
        VerifyError::Refused("the body was not ciphered for this account")
    } else {
        VerifyError::NoKey(ENCODING_AES_KEYS)
    })
}

/// Nothing signs the body, so that only accounts are served that were set up to be.
fn plain<'a>(request: &RawRequest<'a>, keys: &KeySet, now: UnixMillis) -> Result<Opened<'a>, VerifyError> {
    let mut signers = signers(request, keys, now, "signature", None)?;
    signers.retain(|token| Account::find(keys, &token.kid).is_some_and(|account| account.mode == Mode::Plain));
    let first = signers.first().ok_or(VerifyError::Refused("the account takes ciphered requests only"))?;
    let to = meant(request.body, |to| signers.iter().any(|token| token.kid == to))?;
    // What cannot be read is nobody's; the parser says what is wrong with it.
    let account = to.unwrap_or_else(|| first.kid.clone());
    Ok(Opened { account, body: request.body.into(), format: Format::of(request.body), seal: None })
}

/// The tokens with which the request was signed, about now.
fn signers<'k>(
    request: &RawRequest<'_>,
    keys: &'k KeySet,
    now: UnixMillis,
    name: &str,
    sealed: Option<&str>,
) -> Result<Vec<&'k Key>, VerifyError> {
    if keys.get(TOKENS).is_empty() {
        return Err(VerifyError::NoKey(TOKENS));
    }
    let stamp = Stamp::of(request)?;
    let signature = request.query(name).ok_or(VerifyError::Missing("the signature"))?;
    let account = request.query("account");
    // Every token is compared, so that the time does not tell which one it was.
    let signers: Vec<&Key> = keys
        .get(TOKENS)
        .iter()
        .filter(|token| account.as_ref().is_none_or(|account| *account == token.kid))
        .filter(|token| stamp.signed(&signature, &token.secret, sealed))
        .collect();
    if signers.is_empty() {
        return Err(VerifyError::Refused("the signature is not ours"));
    }
    stamp.fresh(now)?;
    Ok(signers)
}

/// The account that the message is for; `None`: it cannot be read.
fn meant(body: &[u8], ours: impl Fn(&str) -> bool) -> Result<Option<String>, VerifyError> {
    let to = Fields::of(body).ok().and_then(|fields| fields.get("ToUserName").map(str::to_owned));
    if to.as_deref().is_some_and(|to| !ours(to)) {
        return Err(VerifyError::Refused("the message is for another account"));
    }
    Ok(to)
}

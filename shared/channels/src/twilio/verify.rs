//! Who may come in as Twilio.

use sha2::{Digest as _, Sha256};

use super::signature::{Algorithm, spellings};
use super::{AUTH_TOKENS, Fields, SHARED_KEYS};
use crate::compare::same;
use crate::{Key, KeySet, RawRequest, VerifyError};

const SIGNATURE: &str = "x-twilio-signature";
const SETTINGS: &str = "x-twilio-webhooks-signature-settings";
/// The parameter of the address that holds a JSON body's digest: such a body is signed through it.
const BODY_DIGEST: &str = "bodySHA256";

/// Bytes of a body at most: Twilio's are a few thousand, and a digest of more is work for nothing.
const MAX_BODY: usize = 256 * 1024;

/// Lets in what Twilio has signed with a key of the account that it is for; answers with that account (`AC…`).
pub(crate) fn verified(request: &RawRequest<'_>, keys: &KeySet) -> Result<String, VerifyError> {
    if request.method != "POST" {
        return Err(VerifyError::Refused("Twilio is to call with POST: set HTTP POST at the number"));
    }
    let tokens = held(keys, AUTH_TOKENS)?;
    if request.body.len() > MAX_BODY {
        return Err(VerifyError::Refused("the body is larger than any of Twilio's"));
    }
    let sent = request.header(SIGNATURE).ok_or(VerifyError::Missing("the header x-twilio-signature"))?;
    let algorithm = Algorithm::named(request.header(SETTINGS));
    let algorithm = algorithm.ok_or(VerifyError::Refused("the signature's algorithm is not known"))?;
    let signed = signed_fields(request)?;
    let candidates = match &algorithm {
        Algorithm::Token => tokens.clone(),
        Algorithm::SharedKey(id) => held(keys, SHARED_KEYS)?.into_iter().filter(|key| key.kid == *id).collect(),
    };
    let urls = spellings(request.url);
    let fits = |key: &Key| {
        let fitting =
            urls.iter().filter(|url| same(sent.as_bytes(), algorithm.sign(&key.secret, url, &signed).as_bytes()));
        fitting.count() > 0
    };
    // Every key is tried, so that the time does not tell which one it was.
    let signers: Vec<&Key> = candidates.into_iter().filter(|key| fits(key)).collect();
    let first = signers.first().ok_or(VerifyError::Refused("the signature is not made with a key of ours"))?;
    let account = Fields::of(request.body).get("AccountSid").map(str::to_owned);
    // Whoever has one account's token speaks for that account alone.
    let is_ours = |account: &str| match algorithm {
        Algorithm::Token => signers.iter().any(|key| key.kid == account),
        Algorithm::SharedKey(_) => tokens.iter().any(|key| key.kid == account),
    };
    match account {
        Some(account) if is_ours(&account) => Ok(account),
        Some(_) => Err(VerifyError::Refused("`AccountSid` is not the account whose key signed")),
        None if algorithm == Algorithm::Token => Ok(first.kid.clone()),
        None => Err(VerifyError::Refused("`AccountSid` is not there")),
    }
}

/// The fields that the signature covers besides the address: a form's; none of a body whose digest stands in the address.
fn signed_fields(request: &RawRequest<'_>) -> Result<Fields, VerifyError> {
    let form = request.header("content-type").is_some_and(|kind| kind.contains("application/x-www-form-urlencoded"));
    let Some(digest) = request.query(BODY_DIGEST).filter(|_| !form) else {
        // All of the body is signed as a form, whatever it is: so nothing unsigned comes in.
        return Ok(Fields::of_form(request.body));
    };
    let body = hex::encode(Sha256::digest(request.body));
    if same(digest.as_bytes(), body.as_bytes()) {
        Ok(Fields::default())
    } else {
        Err(VerifyError::Refused("the body is not the one whose digest stands in the address"))
    }
}

/// The keys of a purpose. An empty one would let everybody sign.
fn held<'k>(keys: &'k KeySet, purpose: &'static str) -> Result<Vec<&'k Key>, VerifyError> {
    let held: Vec<&Key> = keys.get(purpose).iter().filter(|key| !key.secret.is_empty()).collect();
    if held.is_empty() { Err(VerifyError::NoKey(purpose)) } else { Ok(held) }
}

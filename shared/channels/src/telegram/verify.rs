//! Telegram repeats a secret of ours in a header; nothing signs the body.

use domain::UnixMillis;

use super::{BOT_TOKENS, WEBHOOK_SECRETS};
use crate::compare::same;
use crate::{Gate, KeySet, Principal, RawRequest, Verified, VerifyError};

const HEADER: &str = "x-telegram-bot-api-secret-token";

pub(super) fn verify<'a>(request: &RawRequest<'a>, keys: &KeySet, now: UnixMillis) -> Result<Gate<'a>, VerifyError> {
    let secrets = keys.get(WEBHOOK_SECRETS);
    let bot = keys.get(BOT_TOKENS).first().ok_or(VerifyError::NoKey(BOT_TOKENS))?;
    if secrets.is_empty() {
        return Err(VerifyError::NoKey(WEBHOOK_SECRETS));
    }
    let sent = request.header(HEADER).ok_or(VerifyError::Missing("the secret token's header"))?;
    // Every secret is compared, so that the time does not tell which one it was.
    let known = secrets.iter().filter(|key| same(sent.as_bytes(), key.secret.as_bytes())).count() > 0;
    if !known {
        return Err(VerifyError::Refused("the secret token is not ours"));
    }
    let principal = Principal { account: bot.kid.clone(), ..Principal::default() };
    Ok(Gate::Accept(Verified { body: request.body.into(), principal, at: now }))
}

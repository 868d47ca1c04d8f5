//! Only Twilio, with the token of the account whose number was called.

use std::borrow::Cow;

use domain::UnixMillis;
use serde_json::json;

use super::account::Account;
use super::place::{About, Place};
use crate::twilio::{Fields, verified};
use crate::{Gate, KeySet, Principal, RawRequest, Verified, VerifyError};

pub(super) fn verify<'a>(request: &RawRequest<'a>, keys: &KeySet, now: UnixMillis) -> Result<Gate<'a>, VerifyError> {
    let twilio_account = verified(request, keys)?;
    let fields = Fields::of(request.body);
    let number = number(request, &fields).ok_or(VerifyError::Refused("it does not say which number was called"))?;
    let unknown = VerifyError::Refused("the number that was called is not set up: `settings.accounts`");
    let stored = Account::stored(keys, &number).ok_or(unknown)?;
    let wrong = VerifyError::Refused("the number that was called is not set up rightly: `settings.accounts`");
    let account = Account::read(stored).ok_or(wrong)?;
    if account.owner(keys) != Some(twilio_account.as_str()) {
        return Err(VerifyError::Refused("the number that was called is another Twilio account's"));
    }
    // What is read of the request besides its body.
    let setup = Some(json!({ "url": request.url, "account": stored }));
    let principal = Principal { account: number, setup, ..Principal::default() };
    Ok(Gate::Accept(Verified { body: Cow::Borrowed(request.body), principal, at: now }))
}

/// The company's number. On the leg to a person it is in the address, because that leg is between other two.
fn number(request: &RawRequest<'_>, fields: &Fields) -> Option<String> {
    if Place::of(request).about == About::Bridged {
        return request.query("number");
    }
    let outgoing = fields.get("Direction").is_some_and(|direction| direction.starts_with("outbound"));
    fields.filled(if outgoing { "From" } else { "To" }).map(str::to_owned)
}

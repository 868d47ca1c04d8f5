//! Only what AWS hands over, from an instance or a bot alias of the company's.

use std::borrow::Cow;

use domain::UnixMillis;
use serde_json::to_value;

use super::event::Event;
use super::{SOURCES, source};
use crate::{EVENT, Gate, KeySet, Principal, RawRequest, Verified, VerifyError};

pub(super) fn verify<'a>(request: &RawRequest<'a>, keys: &KeySet, now: UnixMillis) -> Result<Gate<'a>, VerifyError> {
    if keys.get(SOURCES).is_empty() {
        return Err(VerifyError::NoKey(SOURCES));
    }
    if request.method != EVENT || request.url != "aws:lambda" {
        return Err(VerifyError::Refused("only AWS hands these events over"));
    }
    let event = Event::read(request.body);
    let event = event.ok_or(VerifyError::Refused("it is neither a contact flow's event nor one of Lex V2"))?;
    let unknown = VerifyError::Refused("the instance or bot alias is not set up: `sources`");
    let account = source::of(&event, keys).ok_or(unknown)?.to_owned();
    // Which sources there are and how they are set up: nothing of it is secret.
    let setup = to_value(keys).ok();
    let principal = Principal { account, setup, ..Principal::default() };
    Ok(Gate::Accept(Verified { body: Cow::Borrowed(request.body), principal, at: now }))
}

//! What is said to a caller who has not just spoken: the call under way gets another document.

use domain::Outbound;

use super::account::Account;
use super::place::Call;
use super::script::Script;
use super::texting;
use crate::{RenderError, Rendering, WireCall, twilio};

pub(super) fn render(outbound: &Outbound, with: &Rendering<'_>) -> Result<Vec<WireCall>, RenderError> {
    let number = &outbound.identity.account;
    let account = Account::expect(with.keys, number)?;
    if outbound.is_text() {
        return texting::render(outbound, &account, with);
    }
    let line = outbound.reply.as_ref().and_then(|reply| reply.line.as_ref());
    let call = line.and_then(|line| Call::of_line(&line.id));
    let call = call.ok_or_else(|| RenderError("the customer is not on the line".to_owned()))?;
    let script = Script { call: &call, account: &account, number };
    let document = script.delivery(outbound, account.is_open(with.now.seconds()));
    let owner = account.owner(with.keys).ok_or_else(|| RenderError(format!("no `{}`", twilio::AUTH_TOKENS)))?;
    let resource = format!("Calls/{}.json", call.id);
    Ok(vec![WireCall::Http(twilio::call(owner, &resource, &[("Twiml", &document)], with.keys)?)])
}

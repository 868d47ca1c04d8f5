//! A call for each part, from the number that the customer wrote to.

use domain::{Author, Outbound};

use super::settings::{Account, Provider, accounts};
use super::twilio::Mark;
use super::{WEBHOOK_URL, number, parts};
use crate::twilio::{AUTH_TOKENS, call};
use crate::{KeySet, RenderError, TextCall, WireCall};

pub(super) fn render(outbound: &Outbound, keys: &KeySet) -> Result<Vec<WireCall>, RenderError> {
    let ours = &outbound.identity.account;
    let accounts = accounts(keys);
    let account = accounts.get(ours).ok_or_else(|| RenderError(format!("no settings.accounts.{ours}")))?;
    if matches!(account.provider, Provider::Aliyun | Provider::Tencent) {
        let reason = "mainland SMS goes out as an approved template only: answer by phone or on another channel";
        return Err(RenderError(reason.to_owned()));
    }
    let to = number::customer(&outbound.identity.user)
        .map_err(|reason| RenderError(format!("the customer's number {reason}")))?;
    let mut texts = vec![];
    for message in outbound.messages.iter().filter(|message| message.author != Author::Customer) {
        texts.extend(parts::texts(&message.content, account.provider)?);
    }
    let count = texts.len();
    let calls = texts.into_iter().enumerate().map(|(part, text)| match account.provider {
        Provider::Twilio => {
            let mark = Mark {
                delivery: outbound.id.clone(),
                seq: outbound.last_seq(),
                more: part + 1 < count,
                account: ours.clone(),
            };
            by_twilio(account, to, &text, &mark, keys)
        }
        Provider::Aws | Provider::Aliyun | Provider::Tencent => {
            Ok(WireCall::Text(TextCall { from: ours.clone(), to: to.to_owned(), text }))
        }
    });
    calls.collect()
}

fn by_twilio(account: &Account, to: &str, text: &str, mark: &Mark, keys: &KeySet) -> Result<WireCall, RenderError> {
    let first = keys.get(AUTH_TOKENS).first().map(|key| key.kid.as_str());
    let sid = account.account_sid.as_deref().or(first);
    let sid = sid.ok_or_else(|| RenderError(format!("no `{AUTH_TOKENS}` for this number")))?;
    let sender = match &account.messaging_service_sid {
        Some(service) => ("MessagingServiceSid", service.as_str()),
        None => ("From", mark.account.as_str()),
    };
    let callback = keys.text(WEBHOOK_URL).map(|webhook| mark.callback(webhook));
    let told = callback.as_deref().map(|callback| ("StatusCallback", callback));
    let fields: Vec<_> = [("To", to), sender, ("Body", text)].into_iter().chain(told).collect();
    Ok(WireCall::Http(call(sid, "Messages.json", &fields, keys)?))
}

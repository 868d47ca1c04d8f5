//! Nobody signs these events: that they come as events at all is the proof. What the mail itself shows of ours, plus-address
//! and tag, is checked here, where the keys are.

use domain::{ChannelId, Identity, UnixMillis};
use serde::{Deserialize, Serialize};

use super::event::{self, Event, Receipt, Verdict};
use super::mime::Headers;
use super::thread::NamedBy;
use super::{SIGNING_KEYS, UNPROVEN, settings, thread};
use crate::{EVENT, EVENT_HEADER, Gate, KeySet, Principal, RawRequest, Verified, VerifyError};

/// What `parse` is told besides the body.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Known {
    /// Our addresses.
    pub(super) ours: Vec<String>,
    /// The mail, as SES saw it; none: the body is news of a mail of ours.
    pub(super) receipt: Option<Receipt>,
    /// The threads that the mail may go on in, by mailbox.
    pub(super) threads: Vec<(String, String, NamedBy)>,
}

pub(super) fn verify<'a>(request: &RawRequest<'a>, keys: &KeySet, now: UnixMillis) -> Result<Gate<'a>, VerifyError> {
    if request.method != EVENT {
        return Err(VerifyError::Refused("mail comes as an event of AWS"));
    }
    if keys.get(SIGNING_KEYS).is_empty() {
        return Err(VerifyError::NoKey(SIGNING_KEYS));
    }
    let ours = settings::mailboxes(keys);
    if ours.is_empty() {
        return Err(VerifyError::NoKey("settings.mailboxes"));
    }
    let event = request.header(EVENT_HEADER).map_or(request.body, str::as_bytes);
    let receipt = match event::read(event) {
        Some(Event::Mail(receipt)) if request.header(EVENT_HEADER).is_some() => Some(receipt),
        Some(Event::Mail(_)) => return Err(VerifyError::Missing("the mail that the event names")),
        Some(Event::News(_)) => None,
        None => return Err(VerifyError::Refused("the event is none of SES's")),
    };
    let threads = receipt.as_ref().map(|receipt| threads(receipt, request.body, &ours, keys)).unwrap_or_default();
    let known = Known { ours, receipt, threads };
    let setup = serde_json::to_value(known).map_err(|_| VerifyError::Refused("the event cannot be kept"))?;
    let principal = Principal { setup: Some(setup), ..Principal::default() };
    Ok(Gate::Accept(Verified { body: request.body.into(), principal, at: now }))
}

/// The threads that signed addresses and tags name for this sender.
fn threads(receipt: &Receipt, mail: &[u8], ours: &[String], keys: &KeySet) -> Vec<(String, String, NamedBy)> {
    let headers = Headers::read(mail);
    let Some(from) = headers.from() else { return vec![] };
    let mut found = vec![];
    for (mailbox, plus) in receipt.recipients.iter().filter_map(|one| settings::mailbox(one, ours)) {
        let identity = identity(&mailbox, &from, receipt);
        let by_address = plus.and_then(|plus| thread::by_address(&plus, &identity, keys));
        let named = by_address
            .map(|thread| (thread, NamedBy::Address))
            .or_else(|| Some((thread::by_tag(&headers.subject(), &identity, keys)?, NamedBy::Tag)));
        found.extend(named.map(|(thread, by)| (mailbox, thread, by)));
    }
    found
}

/// Who a mail to a mailbox is from.
pub(super) fn identity(mailbox: &str, from: &str, receipt: &Receipt) -> Identity {
    let proven = receipt.dmarc == Verdict::Pass;
    let user = if proven { from.to_owned() } else { format!("{UNPROVEN}{from}") };
    Identity { channel: ChannelId::Email, account: mailbox.to_owned(), user }
}

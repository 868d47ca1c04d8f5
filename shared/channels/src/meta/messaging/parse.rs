//! Updates of many accounts in one body.

use domain::{Content, EventKind, Identity, InboundEvent, UnixMillis};

use super::content::{contents, event};
use super::update::{AppId, Entry, Message, Party, Postback, Seen, Update};
use super::{Dialect, OBJECTS};
use crate::meta::{Fault, Mark, body, part, take, unknown};
use crate::{Parsed, Principal, Verified};

pub(crate) fn parse(request: &Verified<'_>, dialect: &Dialect) -> Parsed {
    let mut parsed = Parsed::default();
    for raw in body(&request.body, OBJECTS, &mut parsed) {
        let Some(entry) = part::<Entry<'_>>(raw, &mut parsed) else { continue };
        let updates = entry.messaging.unwrap_or_default().into_iter();
        if !request.principal.accounts.contains(&entry.id) {
            unknown(&entry.id, updates, &mut parsed);
            continue;
        }
        let reader = Reader { account: &entry.id, principal: &request.principal, at: request.at, dialect };
        for raw in updates {
            take(raw, &mut parsed, |update| reader.events(&update));
        }
    }
    parsed
}

/// What reads one account's updates.
struct Reader<'a> {
    account: &'a str,
    principal: &'a Principal,
    at: UnixMillis,
    dialect: &'a Dialect,
}

impl Reader<'_> {
    /// The events of an update: mostly one. Of what is no message (reactions, edits, who has the conversation) none.
    fn events(&self, update: &Update) -> Result<Vec<InboundEvent>, Fault> {
        let time = update.timestamp;
        if let Some(message) = &update.message {
            return self.said(update, message);
        }
        let (id, kind) = if let Some(postback) = &update.postback {
            pressed(postback, time)?
        } else if let Some(seen) = &update.delivery {
            far(seen, time, false)
        } else if let Some(seen) = &update.read {
            far(seen, time, true)
        } else if update.referral.is_some() {
            (format!("referral:{time}"), EventKind::Message { content: event("referral") })
        } else if update.optin.is_some() {
            if update.sender.is_none() {
                // A box was ticked on a web page: whose it was is not known before they write.
                return Ok(vec![]);
            }
            (format!("optin:{time}"), EventKind::Message { content: event("optin") })
        } else {
            return Ok(vec![]);
        };
        let user = party(update.sender.as_ref(), "sender.id")?;
        Ok(if user == self.account { vec![] } else { vec![self.event(user, &id, kind)] })
    }

    fn said(&self, update: &Update, message: &Message) -> Result<Vec<InboundEvent>, Fault> {
        let mid = message.mid.as_deref().filter(|mid| !mid.is_empty());
        let mid = mid.ok_or_else(|| Fault::new("message.mid", "a message without an id"))?;
        let sender = party(update.sender.as_ref(), "sender.id")?;
        // What was unsent was taken when it came.
        if message.is_deleted || message.is_self {
            return Ok(vec![]);
        }
        if message.is_echo {
            let user = party(update.recipient.as_ref(), "recipient.id")?;
            let kind = |content| EventKind::AnsweredElsewhere { content };
            return Ok(if self.is_ours(message) { vec![] } else { self.each(user, mid, message, kind) });
        }
        if sender == self.account {
            return Ok(vec![]);
        }
        Ok(self.each(sender, mid, message, |content| EventKind::Message { content }))
    }

    /// An event for each thing that the message holds; the first has the message's own id.
    fn each(&self, user: &str, mid: &str, message: &Message, kind: impl Fn(Content) -> EventKind) -> Vec<InboundEvent> {
        let contents = contents(message).into_iter().enumerate();
        let named = |index| if index == 0 { mid.to_owned() } else { format!("{mid}:{index}") };
        contents.map(|(index, content)| self.event(user, &named(index), kind(content))).collect()
    }

    /// Whether an echo is of what we sent ourselves. Where messages carry no mark of ours, it is a person's only if it
    /// names another app: some echoes of our own name none, and taking them for a person's would silence the bot.
    fn is_ours(&self, message: &Message) -> bool {
        if message.metadata.as_deref().and_then(Mark::read).is_some() {
            return true;
        }
        let sent = message.app_id.as_ref().filter(|AppId(id)| id != "0");
        match (sent, &self.principal.app) {
            (Some(AppId(sent)), Some(ours)) => sent == ours,
            (Some(_) | None, None) | (None, Some(_)) => !self.dialect.marks,
        }
    }

    fn event(&self, user: &str, id: &str, kind: EventKind) -> InboundEvent {
        let identity =
            Identity { channel: self.dialect.channel, account: self.account.to_owned(), user: user.to_owned() };
        InboundEvent::new(identity, id, self.at, None, kind)
    }
}

fn party<'a>(party: Option<&'a Party>, field: &'static str) -> Result<&'a str, Fault> {
    let id = party.and_then(|party| party.id.as_deref()).filter(|id| !id.is_empty());
    id.ok_or_else(|| Fault::new(field, "nobody is named"))
}

/// What the button says with which a chat begins, as Meta's own example of the messenger profile has it.
const GET_STARTED: &str = "GET_STARTED";

/// A button of ours, or of the page's menu; the one that a chat begins with is the customer coming.
fn pressed(postback: &Postback, time: i64) -> Result<(String, EventKind), Fault> {
    let payload = postback.payload.as_ref().or(postback.title.as_ref());
    let payload = payload.ok_or_else(|| Fault::new("postback.payload", "a button that says nothing"))?.clone();
    if payload == GET_STARTED {
        let id = postback.mid.clone().unwrap_or_else(|| format!("postback:{time}:{payload}"));
        return Ok((id, EventKind::Message { content: Content::Event { name: "enter".to_owned() } }));
    }
    let title = postback.title.as_ref().unwrap_or(&payload).clone();
    let id = postback.mid.clone().unwrap_or_else(|| format!("postback:{time}:{payload}"));
    Ok((id, EventKind::Message { content: Content::Postback { payload, title } }))
}

/// Up to when messages have arrived or were read. Where a message is named, it is up to when that was told.
fn far(seen: &Seen, time: i64, read: bool) -> (String, EventKind) {
    let until = seen.watermark.unwrap_or(time);
    let id = seen.mid.clone().filter(|_| seen.watermark.is_none()).unwrap_or_else(|| until.to_string());
    (id, EventKind::Seen { until: UnixMillis(until), read })
}

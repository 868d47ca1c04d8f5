//! Updates of many numbers in one body.

use domain::{Content, DeliveryStatus, EventKind, Identity, InboundEvent, UnixMillis};

use super::content::contents;
use super::update::{Change, Entry, Message, Status, Value};
use crate::meta::{Fault, Item, Mark, body, part, refusal, take, unknown};
use crate::{Parsed, Verified};

const OBJECTS: &[&str] = &["whatsapp_business_account"];

pub(super) fn parse(request: &Verified<'_>) -> Parsed {
    let mut parsed = Parsed::default();
    for raw in body(&request.body, OBJECTS, &mut parsed) {
        let Some(entry) = part::<Entry<'_>>(raw, &mut parsed) else { continue };
        for raw in entry.changes.unwrap_or_default() {
            change(raw, request, &mut parsed);
        }
    }
    parsed
}

fn change(raw: Item<'_>, request: &Verified<'_>, parsed: &mut Parsed) {
    let Some(change) = part::<Change<'_>>(raw, parsed) else { return };
    // What is told of templates, of the account and of calls is for others.
    if !matches!(change.field.as_str(), "messages" | "smb_message_echoes") {
        return;
    }
    let Some(value) = part::<Value<'_>>(change.value, parsed) else { return };
    let messages = value.messages.unwrap_or_default();
    let statuses = value.statuses.unwrap_or_default();
    let echoes = value.message_echoes.unwrap_or_default();
    let account = value.metadata.map(|metadata| metadata.phone_number_id).unwrap_or_default();
    if !request.principal.accounts.contains(&account) {
        unknown(&account, messages.into_iter().chain(statuses).chain(echoes), parsed);
        return;
    }
    let reader = Reader { account: &account, at: request.at };
    for raw in messages {
        take(raw, parsed, |message| reader.said(&message));
    }
    for raw in statuses {
        take(raw, parsed, |status| reader.went(&status));
    }
    for raw in echoes {
        take(raw, parsed, |message| reader.said_elsewhere(&message));
    }
}

/// What reads one number's updates.
struct Reader<'a> {
    account: &'a str,
    at: UnixMillis,
}

impl Reader<'_> {
    /// What a customer wrote. Of groups nothing is taken.
    fn said(&self, message: &Message) -> Result<Vec<InboundEvent>, Fault> {
        let user =
            somebody(&[&message.from, &message.from_user_id]).ok_or_else(|| Fault::new("from", "nobody is named"))?;
        self.each(user, message, |content| EventKind::Message { content })
    }

    /// What a person wrote in the company's `WhatsApp` app on the same number.
    fn said_elsewhere(&self, message: &Message) -> Result<Vec<InboundEvent>, Fault> {
        let user = somebody(&[&message.to, &message.to_user_id]).ok_or_else(|| Fault::new("to", "nobody is named"))?;
        self.each(user, message, |content| EventKind::AnsweredElsewhere { content })
    }

    /// An event for each thing that the message holds; the first has the message's own id.
    fn each(
        &self,
        user: &str,
        message: &Message,
        kind: impl Fn(Content) -> EventKind,
    ) -> Result<Vec<InboundEvent>, Fault> {
        let id = message.id.as_deref().filter(|id| !id.is_empty());
        let id = id.ok_or_else(|| Fault::new("id", "a message without an id"))?;
        if message.group_id.is_some() {
            return Ok(vec![]);
        }
        let contents = contents(message).map_err(|field| Fault::new(field, "not there, or not as documented"))?;
        let named = |index| if index == 0 { id.to_owned() } else { format!("{id}:{index}") };
        let event =
            |(index, content)| InboundEvent::new(self.identity(user), &named(index), self.at, None, kind(content));
        Ok(contents.into_iter().enumerate().map(event).collect())
    }

    /// What became of a message of ours; of one that carries no mark of ours, nothing.
    fn went(&self, status: &Status) -> Result<Vec<InboundEvent>, Fault> {
        let Some(mark) = status.biz_opaque_callback_data.as_deref().and_then(Mark::read) else { return Ok(vec![]) };
        let known = match status.status.as_str() {
            "sent" => DeliveryStatus::Sent,
            "delivered" => DeliveryStatus::Delivered,
            "read" | "played" => DeliveryStatus::Read,
            "failed" => DeliveryStatus::Failed { reason: refusal(status.errors.first().and_then(|error| error.code)) },
            _ => return Ok(vec![]),
        };
        // A part has arrived: that tells something of the whole only if nothing follows it.
        if mark.more && !matches!(known, DeliveryStatus::Failed { .. }) {
            return Ok(vec![]);
        }
        // The provider may spell a number in another way than it came.
        let user = somebody(&[&mark.user, &status.recipient_id]);
        let user = user.ok_or_else(|| Fault::new("recipient_id", "nobody is named"))?;
        Ok(vec![InboundEvent::receipt(self.identity(user), mark.delivery, mark.seq, known, self.at)])
    }

    fn identity(&self, user: &str) -> Identity {
        Identity { channel: domain::ChannelId::WhatsApp, account: self.account.to_owned(), user: user.to_owned() }
    }
}

/// The first of the names that is one.
fn somebody<'a>(names: &[&'a Option<String>]) -> Option<&'a str> {
    names.iter().filter_map(|name| name.as_deref()).find(|name| !name.is_empty())
}

//! AWS two-way messages, as SNS hands them to a function.

use domain::{ChannelId, Content, EventKind, Identity, InboundEvent};
use serde::Deserialize;
use serde_json::Value;

use super::settings::Setup;
use super::{number, words};
use crate::{Parsed, Reject, Verified};

#[derive(Deserialize)]
struct Record {
    #[serde(rename = "Sns")]
    sns: Notification,
}

#[derive(Deserialize)]
struct Notification {
    #[serde(rename = "Message")]
    message: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Received {
    origination_number: String,
    destination_number: String,
    message_body: String,
    inbound_message_id: String,
}

pub(super) fn parse(request: &Verified<'_>, setup: &Setup) -> Parsed {
    match said(request, setup) {
        Ok(events) => Parsed { events, ..Parsed::default() },
        Err((field, reason)) => {
            Parsed { rejects: vec![Reject::of_body(field, reason, &request.body)], ..Parsed::default() }
        }
    }
}

fn said(request: &Verified<'_>, setup: &Setup) -> Result<Vec<InboundEvent>, (&'static str, String)> {
    let unread =
        |field| move |error: serde_json::Error| (field, format!("not as documented: column {}", error.column()));
    let record: Record = serde_json::from_slice(&request.body).map_err(unread(""))?;
    let message: Value = serde_json::from_str(&record.sns.message).map_err(unread("Sns.Message"))?;
    // What is told of messages that went out, and whatever else comes to the topic, is for others.
    if message.is_object() && message.get("originationNumber").is_none() {
        return Ok(vec![]);
    }
    let received: Received = serde_json::from_value(message).map_err(unread("Sns.Message"))?;
    let Received { origination_number, destination_number, message_body, inbound_message_id } = received;
    if inbound_message_id.is_empty() {
        return Err(("Sns.Message.inboundMessageId", "is missing".to_owned()));
    }
    let account = setup.accounts.get(&destination_number);
    let account = account.ok_or_else(|| {
        ("Sns.Message.destinationNumber", "is not set up as a number of this topic: settings.accounts".to_owned())
    })?;
    let user = number::customer(&origination_number)
        .map_err(|reason| ("Sns.Message.originationNumber", reason.to_owned()))?
        .to_owned();
    let identity = Identity { channel: ChannelId::Sms, account: destination_number, user };
    let (content, locale) = match words::wish(&message_body, account, None) {
        Some(wish) => wish,
        None if message_body.trim().is_empty() => (Content::Event { name: "unsupported".to_owned() }, None),
        None => (Content::Text { text: message_body }, None),
    };
    let kind = EventKind::Message { content };
    Ok(vec![InboundEvent::new(identity, &inbound_message_id, request.at, locale, kind)])
}

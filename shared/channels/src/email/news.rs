//! What becomes known of our own mail, by event publishing or the older notifications.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::{ChannelId, Content, DeliveryId, DeliveryStatus, EventKind, Identity, InboundEvent, UnixMillis};
use serde_json::Value;

use super::event;
use super::render::{TAG_DELIVERY, TAG_SEQ, TAG_USER};
use super::settings;

/// The events that a notification is; none, if it is not about a mail of ours or says nothing new.
pub(super) fn events(told: &Value, ours: &[String], at: UnixMillis) -> Vec<InboundEvent> {
    let Some(mail) = Mail::of(told, ours) else { return vec![] };
    let status = match event::kind(told) {
        "Bounce" => bounced(told),
        "Reject" => Some(failed("the mail was refused: a virus was found in it")),
        "Rendering Failure" => Some(failed("the mail could not be made")),
        "Delivery" => Some(DeliveryStatus::Delivered),
        "Complaint" => return complained(told, &mail, at),
        // `Send`, `Open`, `Click`, `DeliveryDelay`, `Subscription`.
        _ => None,
    };
    let receipt = |status| InboundEvent::receipt(mail.identity.clone(), mail.delivery.clone(), mail.seq, status, at);
    status.map(receipt).into_iter().collect()
}

/// Which delivery a mail was.
struct Mail {
    identity: Identity,
    delivery: DeliveryId,
    seq: u64,
}

impl Mail {
    fn of(told: &Value, ours: &[String]) -> Option<Self> {
        let tag = |name: &str| told.pointer(&format!("/mail/tags/{name}/0")).and_then(Value::as_str);
        let source = told.pointer("/mail/source").and_then(Value::as_str)?;
        // It may come with a name: `Support <support@shop.example>`.
        let source = source.rsplit_once('<').map_or(source, |(_, address)| address.trim_end_matches('>'));
        let (account, _) = settings::mailbox(source, ours)?;
        let user = String::from_utf8(URL_SAFE_NO_PAD.decode(tag(TAG_USER)?).ok()?).ok()?;
        Some(Self {
            identity: Identity { channel: ChannelId::Email, account, user },
            delivery: tag(TAG_DELIVERY)?.parse().ok()?,
            seq: tag(TAG_SEQ)?.parse().ok()?,
        })
    }
}

fn failed(reason: &str) -> DeliveryStatus {
    DeliveryStatus::Failed { reason: reason.to_owned() }
}

fn bounced(told: &Value) -> Option<DeliveryStatus> {
    let text = |pointer: &str| told.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    match (text("/bounce/bounceType"), text("/bounce/bounceSubType")) {
        (_, "OnAccountSuppressionList" | "Suppressed") => {
            Some(failed("blocked: the address is on the suppression list, because mail to it has failed before"))
        }
        ("Permanent", "NoEmail") => Some(failed("there is no such address")),
        ("Permanent", _) => Some(failed("the address does not take mail")),
        ("Transient", "MailboxFull") => Some(failed("the customer's mailbox is full")),
        ("Transient", "MessageTooLarge") => Some(failed("the mail is too large for the customer's mailbox")),
        ("Transient", "ContentRejected" | "AttachmentRejected") => {
            Some(failed("the customer's mail system does not take what the mail holds"))
        }
        // Often an out-of-office: the mail may well have arrived.
        ("Transient", _) => None,
        _ => Some(DeliveryStatus::MaybeSent),
    }
}

/// A customer who says that it is spam, or that it is none after all: it stands in the history.
fn complained(told: &Value, mail: &Mail, at: UnixMillis) -> Vec<InboundEvent> {
    let text = |pointer: &str| told.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let name = match text("/complaint/complaintFeedbackType") {
        "not-spam" => "complaint_withdrawn",
        _ => "complaint",
    };
    let kind = EventKind::Message { content: Content::Event { name: name.to_owned() } };
    let id = format!("{name}:{}", text("/complaint/feedbackId"));
    vec![InboundEvent::new(mail.identity.clone(), &id, at, None, kind)]
}

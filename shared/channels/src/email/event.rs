//! The events of SES: a mail was received (Lambda action, or the S3 action's SNS notification), or something became known
//! of a mail of ours (event publishing, or the older notifications).

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What an event tells.
#[derive(Debug, Clone)]
pub(super) enum Event {
    /// A mail was received.
    Mail(Receipt),
    /// Something became known of a mail of ours.
    News(Value),
}

/// A received mail, as SES saw it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Receipt {
    /// SES's id of the mail.
    pub(super) id: String,
    /// The envelope's sender; empty: none, as reports and automatic answers have.
    pub(super) source: String,
    /// The envelope's recipients that the rule matched.
    pub(super) recipients: Vec<String>,
    pub(super) spam: Verdict,
    pub(super) virus: Verdict,
    pub(super) dmarc: Verdict,
    /// What the sender's domain wants done with mail that fails DMARC.
    pub(super) policy: Policy,
}

/// What SES found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Verdict {
    Pass,
    Fail,
    /// Neither, or it was not looked at.
    Unknown,
}

/// What a domain wants done with mail that fails DMARC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Policy {
    None,
    Refuse,
}

/// Reads an event: the record of a Lambda action, or of an SNS notification. `None`: it tells nothing that concerns us.
pub(super) fn read(event: &[u8]) -> Option<Event> {
    let event: Value = serde_json::from_slice(event).ok()?;
    if let Some(told) = event.get("ses") {
        return receipt(told).map(Event::Mail);
    }
    let told: Value = serde_json::from_str(event.pointer("/Sns/Message")?.as_str()?).ok()?;
    match kind(&told) {
        "Received" => receipt(&told).map(Event::Mail),
        "" => None,
        _ => Some(Event::News(told)),
    }
}

/// The kind of a notification, under the name that it has in each of the two forms.
pub(super) fn kind(told: &Value) -> &str {
    let of = |name: &str| told.get(name).and_then(Value::as_str);
    of("notificationType").or_else(|| of("eventType")).unwrap_or_default()
}

/// The key of the object that holds a received mail.
pub(super) fn object(event: &[u8]) -> Option<String> {
    let value: Value = serde_json::from_slice(event).ok()?;
    let text = value.pointer("/Sns/Message").and_then(Value::as_str);
    let told = text.and_then(|text| serde_json::from_str::<Value>(text).ok());
    // The S3 action says its key; beside a Lambda action it is the mail's id.
    let key = told.as_ref().and_then(|told| told.pointer("/receipt/action/objectKey")).and_then(Value::as_str);
    match (key, read(event)?) {
        (Some(key), Event::Mail(_)) => Some(key.to_owned()),
        (None, Event::Mail(receipt)) => Some(receipt.id),
        (_, Event::News(_)) => None,
    }
}

fn receipt(told: &Value) -> Option<Receipt> {
    let text = |pointer: &str| told.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let verdict = |name: &str| match text(&format!("/receipt/{name}/status")) {
        "PASS" => Verdict::Pass,
        "FAIL" => Verdict::Fail,
        _ => Verdict::Unknown,
    };
    let id = text("/mail/messageId");
    let recipients = told.pointer("/receipt/recipients").and_then(Value::as_array).into_iter().flatten();
    (!id.is_empty()).then(|| Receipt {
        id: id.to_owned(),
        source: text("/mail/source").trim_matches(['<', '>', ' ']).to_lowercase(),
        recipients: recipients.filter_map(Value::as_str).map(str::to_owned).collect(),
        spam: verdict("spamVerdict"),
        virus: verdict("virusVerdict"),
        dmarc: verdict("dmarcVerdict"),
        policy: match text("/receipt/dmarcPolicy").to_lowercase().as_str() {
            "reject" | "quarantine" => Policy::Refuse,
            _ => Policy::None,
        },
    })
}

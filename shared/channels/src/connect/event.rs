//! The events as they are documented, as far as they are read. What they hold besides, now or later, is passed over.

use serde::Deserialize;
use serde_json::{Map, Value};

/// What a step of a contact flow hands over.
#[derive(Debug, Deserialize)]
pub(super) struct FlowEvent {
    #[serde(rename = "Details")]
    pub(super) details: Details,
}

/// A contact and the block's parameters.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Details {
    pub(super) contact_data: Contact,
    pub(super) parameters: Option<Map<String, Value>>,
}

/// A contact.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Contact {
    pub(super) attributes: Option<Map<String, Value>>,
    #[serde(default)]
    pub(super) channel: String,
    #[serde(rename = "ContactId")]
    pub(super) id: Option<String>,
    pub(super) initial_contact_id: Option<String>,
    pub(super) customer_endpoint: Option<Endpoint>,
    #[serde(rename = "InstanceARN", default)]
    pub(super) instance_arn: String,
    pub(super) language_code: Option<String>,
}

/// Where a contact comes from.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Endpoint {
    pub(super) address: Option<String>,
}

/// What Lex V2 hands over, from a dialog hook or a fulfilment hook.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct LexEvent {
    /// `DialogCodeHook` or `FulfillmentCodeHook`.
    #[serde(default)]
    pub(super) invocation_source: String,
    /// `DTMF`, `Speech` or `Text`.
    #[serde(default)]
    pub(super) input_mode: String,
    pub(super) session_id: Option<String>,
    #[serde(default)]
    pub(super) input_transcript: String,
    pub(super) bot: Bot,
    pub(super) session_state: Option<SessionState>,
}

/// The bot that was spoken to.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Bot {
    pub(super) id: String,
    pub(super) alias_id: String,
    #[serde(default)]
    pub(super) locale_id: String,
}

/// How the session stands.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SessionState {
    pub(super) session_attributes: Option<Map<String, Value>>,
    /// Goes back as it came, but for its state.
    pub(super) intent: Option<Value>,
    pub(super) originating_request_id: Option<String>,
}

/// An event of either.
#[derive(Debug)]
pub(super) enum Event {
    /// A contact flow's.
    Flow(FlowEvent),
    /// Lex V2's.
    Lex(LexEvent),
}

/// What tells one from the other.
#[derive(Deserialize)]
struct Shape {
    #[serde(rename = "Name")]
    name: Option<String>,
    #[serde(rename = "messageVersion")]
    version: Option<String>,
}

impl Event {
    /// The event of these bytes; `None`: they are neither.
    pub(super) fn read(body: &[u8]) -> Option<Self> {
        let shape: Shape = serde_json::from_slice(body).ok()?;
        match (shape.name.as_deref(), shape.version.as_deref()) {
            (Some("ContactFlowEvent"), _) => serde_json::from_slice(body).ok().map(Self::Flow),
            (_, Some("1.0")) => serde_json::from_slice(body).ok().map(Self::Lex),
            _ => None,
        }
    }
}

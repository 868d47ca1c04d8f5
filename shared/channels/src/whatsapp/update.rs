//! Updates as they come.

use serde::Deserialize;
use serde_json::value::RawValue;

#[derive(Deserialize)]
pub(super) struct Entry<'a> {
    #[serde(borrow)]
    pub(super) changes: Option<Vec<&'a RawValue>>,
}

#[derive(Deserialize)]
pub(super) struct Change<'a> {
    pub(super) field: String,
    #[serde(borrow)]
    pub(super) value: &'a RawValue,
}

#[derive(Deserialize)]
pub(super) struct Value<'a> {
    pub(super) metadata: Option<Metadata>,
    #[serde(borrow)]
    pub(super) messages: Option<Vec<&'a RawValue>>,
    #[serde(borrow)]
    pub(super) statuses: Option<Vec<&'a RawValue>>,
    #[serde(borrow)]
    pub(super) message_echoes: Option<Vec<&'a RawValue>>,
}

#[derive(Deserialize)]
pub(super) struct Metadata {
    pub(super) phone_number_id: String,
}

#[derive(Deserialize)]
pub(super) struct Message {
    pub(super) id: Option<String>,
    /// The sender's number; not there where they hide it.
    pub(super) from: Option<String>,
    /// The sender's id towards this company.
    pub(super) from_user_id: Option<String>,
    /// Of what the company sent: to whom.
    pub(super) to: Option<String>,
    pub(super) to_user_id: Option<String>,
    pub(super) group_id: Option<String>,
    #[serde(rename = "type", default)]
    pub(super) kind: String,
    pub(super) text: Option<Text>,
    pub(super) image: Option<Media>,
    pub(super) audio: Option<Media>,
    pub(super) video: Option<Media>,
    pub(super) document: Option<Media>,
    pub(super) sticker: Option<Media>,
    pub(super) location: Option<Location>,
    pub(super) contacts: Option<Vec<Contact>>,
    pub(super) interactive: Option<Interactive>,
    pub(super) button: Option<Pressed>,
}

#[derive(Deserialize)]
pub(super) struct Text {
    pub(super) body: String,
}

#[derive(Deserialize)]
pub(super) struct Media {
    pub(super) id: String,
    pub(super) mime_type: Option<String>,
    pub(super) caption: Option<String>,
    pub(super) filename: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Location {
    pub(super) latitude: f64,
    pub(super) longitude: f64,
    pub(super) name: Option<String>,
    pub(super) address: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Contact {
    #[serde(default)]
    pub(super) phones: Vec<Phone>,
}

#[derive(Deserialize)]
pub(super) struct Phone {
    pub(super) phone: Option<String>,
}

#[derive(Deserialize)]
#[expect(clippy::struct_field_names, reason = "the provider's names")]
pub(super) struct Interactive {
    pub(super) button_reply: Option<Choice>,
    pub(super) list_reply: Option<Choice>,
    pub(super) nfm_reply: Option<Form>,
}

#[derive(Deserialize)]
pub(super) struct Choice {
    pub(super) id: String,
    pub(super) title: Option<String>,
}

/// A form that the customer has filled in.
#[derive(Deserialize)]
pub(super) struct Form {
    pub(super) body: Option<String>,
    pub(super) response_json: Option<String>,
}

/// A template's button.
#[derive(Deserialize)]
pub(super) struct Pressed {
    pub(super) payload: Option<String>,
    pub(super) text: String,
}

#[derive(Deserialize)]
#[expect(clippy::struct_field_names, reason = "the provider's names")]
pub(super) struct Status {
    pub(super) status: String,
    pub(super) recipient_id: Option<String>,
    pub(super) biz_opaque_callback_data: Option<String>,
    #[serde(default)]
    pub(super) errors: Vec<StatusError>,
}

#[derive(Deserialize)]
pub(super) struct StatusError {
    pub(super) code: Option<i64>,
}

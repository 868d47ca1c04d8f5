//! What a message says.

use serde::{Deserialize, Serialize};

use crate::UploadId;

/// The content of a message, inbound or outbound. A channel renders what it can and falls back for the rest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Content {
    /// Plain text; line breaks count.
    Text {
        /// The text.
        text: String,
    },
    /// A picture.
    Image(Attachment),
    /// A sound or voice note.
    Audio(Attachment),
    /// A film.
    Video(Attachment),
    /// Any other file.
    File(Attachment),
    /// A place.
    Location {
        /// Degrees north, −90 to 90.
        latitude: f64,
        /// Degrees east, −180 to 180.
        longitude: f64,
        /// What the place is called.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        label: Option<String>,
    },
    /// A text with choices that go away once one is taken.
    QuickReplies {
        /// The text above the choices.
        text: String,
        /// The choices, in order.
        replies: Vec<QuickReply>,
    },
    /// A text with buttons that stay.
    Buttons {
        /// The text above the buttons.
        text: String,
        /// The buttons, in order.
        buttons: Vec<Button>,
    },
    /// A titled card.
    Card {
        /// The card's heading.
        title: String,
        /// The text below it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<String>,
        /// A picture's address (https).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        image_url: Option<String>,
        /// The buttons, in order.
        #[serde(default)]
        buttons: Vec<Button>,
    },
    /// A choice that the customer took.
    Postback {
        /// What the choice means to us.
        payload: String,
        /// What the customer saw on it.
        title: String,
    },
    /// Something that happened on the channel and is not a message: follow, menu, typing.
    Event {
        /// The event's name.
        name: String,
    },
}

/// A file that is part of a message. Bytes are never in a message: an upload or an address names them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// The visitor's upload.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upload: Option<UploadId>,
    /// Where the bytes can be had.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// File name as the sender gave it.
    pub name: String,
    /// Media type, such as `image/png`.
    pub mime: String,
    /// Bytes.
    pub size: u64,
}

/// A choice offered once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuickReply {
    /// What the customer sees.
    pub title: String,
    /// What comes back as [`Content::Postback`].
    pub payload: String,
}

/// A button on a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Button {
    /// Sends [`Content::Postback`].
    Postback {
        /// What the customer sees.
        title: String,
        /// What comes back.
        payload: String,
    },
    /// Opens an address.
    Link {
        /// What the customer sees.
        title: String,
        /// The address (https).
        url: String,
    },
}

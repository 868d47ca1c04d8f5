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
    /// Something that happened on the channel and is not a message.
    Event {
        /// The event's name: `follow`, `subscribe`, `enter`, `scan` (the customer came), `unsupported` (they sent what
        /// the channel does not carry on), `unheard` (they spoke or were silent, and could not be understood: a person
        /// must help), `left` (they hung up), `parked` (their line is with somebody else now), those of a [`Wish`]; any
        /// other asks for no answer.
        name: String,
    },
}

/// What the choice begins with by which links come as a text message; the links follow.
const TEXT_PAYLOAD: &str = "text:";

/// What a customer wants of the company's messages on channels where the law gives them words for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// None any more.
    OptOut,
    /// Some again.
    OptIn,
    /// To know from whom they come, and how to be rid of them.
    Help,
}

impl Content {
    /// Whether it is the customer coming, without a word yet.
    pub fn is_arrival(&self) -> bool {
        matches!(self, Self::Event { name } if matches!(name.as_str(), "follow" | "subscribe" | "enter" | "scan"))
    }

    /// A wish, and whether the provider has answered it already: `opt_out`, `opt_in` and `help` were, the same with
    /// `_unanswered` were not.
    pub fn wish(&self) -> Option<(Wish, bool)> {
        let Self::Event { name } = self else { return None };
        let unanswered = name.strip_suffix("_unanswered");
        let wish = match unanswered.unwrap_or(name) {
            "opt_out" => Wish::OptOut,
            "opt_in" => Wish::OptIn,
            "help" => Wish::Help,
            _ => return None,
        };
        Some((wish, unanswered.is_none()))
    }

    /// The choice by which a customer on the phone has these links as a text message. `title`: what they said or pressed.
    pub fn texting<'a>(links: impl IntoIterator<Item = &'a str>, title: &str) -> Self {
        let links: Vec<&str> = links.into_iter().collect();
        Self::Postback { payload: format!("{TEXT_PAYLOAD}{}", links.join("\n")), title: title.to_owned() }
    }

    /// The links that the customer wants as a text message, if that is what they chose: one a line.
    pub fn texted(&self) -> Option<&str> {
        let Self::Postback { payload, .. } = self else { return None };
        payload.strip_prefix(TEXT_PAYLOAD).filter(|links| !links.is_empty())
    }

    /// Whether nobody is to answer it.
    pub fn asks_nothing(&self) -> bool {
        matches!(self, Self::Event { name } if name != "unsupported") && !self.is_arrival() && !self.needs_person()
    }

    /// Whether the customer cannot be understood, so that a person must help.
    pub fn needs_person(&self) -> bool {
        matches!(self, Self::Event { name } if name == "unheard")
    }

    /// Whether the customer has hung up.
    pub fn is_departure(&self) -> bool {
        matches!(self, Self::Event { name } if name == "left")
    }

    /// Whether nothing can be said on the customer's line any more.
    pub fn ends_line(&self) -> bool {
        self.is_departure() || matches!(self, Self::Event { name } if name == "parked")
    }
}

impl Content {
    /// The choices that come back as [`Content::Postback`], in order.
    pub fn postbacks(&self) -> Vec<QuickReply> {
        match self {
            Self::QuickReplies { replies, .. } => replies.clone(),
            Self::Buttons { buttons, .. } | Self::Card { buttons, .. } => {
                let postback = |button: &Button| match button {
                    Button::Postback { title, payload } => {
                        Some(QuickReply { title: title.clone(), payload: payload.clone() })
                    }
                    Button::Link { .. } => None,
                };
                buttons.iter().filter_map(postback).collect()
            }
            Self::Text { .. }
            | Self::Image(_)
            | Self::Audio(_)
            | Self::Video(_)
            | Self::File(_)
            | Self::Location { .. }
            | Self::Postback { .. }
            | Self::Event { .. } => vec![],
        }
    }

    /// The two as one message with the words and choices of both, the choices below the words; `None`: they are no
    /// texts.
    pub fn merged(&self, next: &Self) -> Option<Self> {
        let (mut text, mut buttons, stays) = self.spoken()?;
        let (more, others, stay) = next.spoken()?;
        if !text.is_empty() && !more.is_empty() {
            text.push_str("\n\n");
        }
        text.push_str(more.as_str());
        buttons.extend(others);
        if stays || stay {
            return Some(Self::Buttons { text, buttons });
        }
        let replies = Self::Buttons { text: String::new(), buttons }.postbacks();
        Some(if replies.is_empty() { Self::Text { text } } else { Self::QuickReplies { text, replies } })
    }

    /// A text, its choices, and whether they stay once one is taken.
    fn spoken(&self) -> Option<(String, Vec<Button>, bool)> {
        match self {
            Self::Text { text } => Some((text.clone(), vec![], false)),
            Self::QuickReplies { text, replies } => {
                let button = |QuickReply { title, payload }| Button::Postback { title, payload };
                Some((text.clone(), replies.iter().cloned().map(button).collect(), false))
            }
            Self::Buttons { text, buttons } => Some((text.clone(), buttons.clone(), true)),
            Self::Card { .. }
            | Self::Image(_)
            | Self::Audio(_)
            | Self::Video(_)
            | Self::File(_)
            | Self::Location { .. }
            | Self::Postback { .. }
            | Self::Event { .. } => None,
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn merging_loses_neither_word_nor_choice() {
        let text = |text: &str| Content::Text { text: text.to_owned() };
        let postback = |title: &str| Button::Postback { title: title.to_owned(), payload: format!("p-{title}") };
        let link = || Button::Link { title: "More".to_owned(), url: "https://a.example".to_owned() };
        let reply = |title: &str| QuickReply { title: title.to_owned(), payload: format!("p-{title}") };
        let replies = |text: &str, titles: &[&str]| Content::QuickReplies {
            text: text.to_owned(),
            replies: titles.iter().map(|title| reply(title)).collect(),
        };
        let buttons = |text: &str, buttons: Vec<Button>| Content::Buttons { text: text.to_owned(), buttons };
        for (first, second, one) in [
            (text("a"), text("b"), text("a\n\nb")),
            (text(""), text("b"), text("b")),
            (text("a"), replies("b", &["x", "y"]), replies("a\n\nb", &["x", "y"])),
            (replies("a", &["x"]), replies("b", &["y"]), replies("a\n\nb", &["x", "y"])),
            (replies("a", &["x"]), buttons("b", vec![link()]), buttons("a\n\nb", vec![postback("x"), link()])),
            (buttons("a", vec![link()]), text("b"), buttons("a\n\nb", vec![link()])),
        ] {
            assert_eq!(first.merged(&second), Some(one));
        }
        let place = Content::Location { latitude: 1.0, longitude: 2.0, label: None };
        assert_eq!((text("a").merged(&place), place.merged(&text("a"))), (None, None));
    }
}

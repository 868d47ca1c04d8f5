//! Customers' files on their way into the company's storage.

use serde::{Deserialize, Serialize};

use crate::{Attachment, Author, Content, Identity, Locale, MessageId, Turn, UnixMillis, UploadId};

/// A file of a customer's message that is to be fetched, or listened to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fetch {
    /// Whose.
    pub identity: Identity,
    /// The message that it is part of.
    pub message: MessageId,
    /// When the message was accepted: who is forgotten later takes the file along.
    pub at: UnixMillis,
    /// The language of the conversation, if it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<Locale>,
    /// Whether something is said in it that is to be answered.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub spoken: bool,
    /// The file.
    pub file: Attachment,
}

impl Fetch {
    /// Under which id it lies: a visitor's own upload, or the id that follows from the message.
    pub fn upload(&self) -> UploadId {
        self.file.upload.clone().unwrap_or_else(|| upload_of(&self.message))
    }
}

/// The id under which the file of a message is stored that came from elsewhere.
pub fn upload_of(message: &MessageId) -> UploadId {
    UploadId::derive(&[b"media", message.as_str().as_bytes()])
}

/// What became of a message's file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MediaNews {
    /// Whose.
    pub message: MessageId,
    /// What is said in it, if it is a voice note that could be understood.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transcript: Option<String>,
    /// The file as it is stored now: its type is the one that its bytes show.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<Attachment>,
    /// Why it could not be had, or not be understood, in plain words without personal data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
    /// Whether something was said in it that nobody has understood: the customer is to write it instead.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unheard: bool,
}

impl MediaNews {
    /// Nothing yet of a message's file.
    pub fn of(message: MessageId) -> Self {
        Self { message, transcript: None, file: None, trouble: None, unheard: false }
    }

    /// The same with what is said in it.
    #[must_use]
    pub fn saying(self, transcript: Option<String>) -> Self {
        Self { transcript, ..self }
    }
}

impl Content {
    /// The file that it is, if it is one.
    pub fn file(&self) -> Option<&Attachment> {
        match self {
            Self::Image(file) | Self::Audio(file) | Self::Video(file) | Self::File(file) => Some(file),
            Self::Text { .. }
            | Self::Location { .. }
            | Self::QuickReplies { .. }
            | Self::Buttons { .. }
            | Self::Card { .. }
            | Self::Postback { .. }
            | Self::Event { .. } => None,
        }
    }

    /// Whether something is said in it that has to be listened to before it can be answered.
    pub fn is_spoken(&self) -> bool {
        matches!(self, Self::Audio(file) if file.upload.is_some() || file.url.is_some())
    }
}

impl Turn {
    /// The files of the customer's messages that somebody has to bring or listen to. It follows from the turn: whenever
    /// its event comes again, they are the same.
    pub fn fetches(&self, identity: &Identity, locale: Option<&Locale>) -> Vec<Fetch> {
        let wanted = self.messages.iter().filter(|message| message.author == Author::Customer).filter_map(|message| {
            let file = message.content.file()?;
            let spoken = message.content.is_spoken();
            let elsewhere = file.upload.is_none() && file.url.is_some();
            (elsewhere || spoken).then(|| Fetch {
                identity: identity.clone(),
                message: message.id.clone(),
                at: message.at,
                locale: locale.cloned(),
                spoken,
                file: file.clone(),
            })
        });
        wanted.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ChannelId, ConversationId, DedupId, Message};

    fn turn(author: Author, content: Content) -> Turn {
        let message = Message { id: MessageId::derive(&[b"m"]), seq: 1, author, content, at: UnixMillis(7) };
        Turn {
            id: DedupId::derive(&[b"e"]),
            number: 1,
            conversation: ConversationId::derive(&[b"c"]),
            at: UnixMillis(8),
            messages: vec![message],
            changes: vec![],
            unanswered: vec![],
            outbox: vec![],
            alarm: None,
        }
    }

    #[test]
    fn what_lies_elsewhere_is_fetched_and_what_is_spoken_is_heard() {
        let identity = Identity { channel: ChannelId::ALL[1], account: "a".to_owned(), user: "u".to_owned() };
        let file = |url: Option<&str>, upload: Option<UploadId>| Attachment {
            upload,
            url: url.map(str::to_owned),
            name: "f".to_owned(),
            mime: "x/y".to_owned(),
            size: 1,
        };
        let own = || Some(UploadId::derive(&[b"own"]));
        for (author, content, spoken) in [
            (Author::Customer, Content::Image(file(Some("some-file:1"), None)), Some(false)),
            (Author::Customer, Content::File(file(Some("https://a.example"), None)), Some(false)),
            (Author::Customer, Content::Audio(file(Some("some-file:1"), None)), Some(true)),
            (Author::Customer, Content::Audio(file(None, own())), Some(true)),
            (Author::Customer, Content::Image(file(None, own())), None),
            (Author::Customer, Content::Audio(file(None, None)), None),
            (Author::Customer, Content::Text { text: "https://a.example".to_owned() }, None),
            (Author::Bot, Content::Image(file(Some("https://a.example"), None)), None),
            (Author::Agent, Content::Audio(file(Some("https://a.example"), None)), None),
        ] {
            let fetches = turn(author, content.clone()).fetches(&identity, None);
            assert_eq!(fetches.first().map(|fetch| fetch.spoken), spoken, "{content:?}");
            assert_eq!(fetches, turn(author, content.clone()).fetches(&identity, None));
            for fetch in fetches {
                assert_eq!(fetch.at, UnixMillis(7), "the message's own time");
                let message = MessageId::derive(&[b"m"]);
                assert_eq!(fetch.upload(), fetch.file.upload.clone().unwrap_or_else(|| upload_of(&message)));
            }
        }
    }
}

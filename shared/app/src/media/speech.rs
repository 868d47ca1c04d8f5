//! Who listens to voice notes. A team that has a recogniser of its own implements [`Recogniser`] and names it in
//! `functions/media/src/settings.rs`.

use async_trait::async_trait;
use domain::{GroupId, Locale, MessageId, UploadId};

use crate::PortError;

/// Somebody who listens to stored voice notes.
#[async_trait]
pub trait Recogniser: Send + Sync {
    /// Whether it can listen to files of this media type at all.
    ///
    /// # Errors
    /// Why not, in plain words.
    fn takes(&self, mime: &str) -> Result<(), String>;

    /// Begins to listen to a file. Asked again for the same message, it does not begin again.
    async fn begin(&self, order: &Order<'_>) -> Result<Begun, PortError>;

    /// Reads a body of the media queue as word of this recogniser's that it has listened; `None`: it is something else.
    fn ended(&self, body: &str) -> Option<Ended>;

    /// What was said, once it has listened; `None`: nothing.
    async fn words(&self, group: &GroupId, message: &MessageId) -> Result<Option<String>, PortError>;
}

/// What is to be listened to.
#[derive(Debug, Clone, Copy)]
pub struct Order<'a> {
    /// Whose.
    pub group: &'a GroupId,
    /// The message: it names the work, so that it is done once.
    pub message: &'a MessageId,
    /// The file.
    pub upload: &'a UploadId,
    /// The media type that its bytes show.
    pub mime: &'a str,
    /// The language that is spoken, if it is known.
    pub locale: Option<&'a Locale>,
}

/// How it began.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Begun {
    /// Word comes later, by the media queue.
    Listening,
    /// It is done: this is said.
    Heard(String),
    /// It cannot listen to this, in plain words.
    Cannot(String),
}

/// Word that somebody has listened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// Whose.
    pub group: GroupId,
    /// The message.
    pub message: MessageId,
    /// Why it could not be understood; `None`: it could.
    pub failed: Option<String>,
}

/// Nobody listens.
#[derive(Debug, Clone, Copy)]
pub struct Deaf;

/// Why nobody listens.
const OFF: &str = "speech recognition is turned off";

#[async_trait]
impl Recogniser for Deaf {
    fn takes(&self, _mime: &str) -> Result<(), String> {
        Err(OFF.to_owned())
    }

    async fn begin(&self, _order: &Order<'_>) -> Result<Begun, PortError> {
        Ok(Begun::Cannot(OFF.to_owned()))
    }

    fn ended(&self, _body: &str) -> Option<Ended> {
        None
    }

    async fn words(&self, _group: &GroupId, _message: &MessageId) -> Result<Option<String>, PortError> {
        Ok(None)
    }
}

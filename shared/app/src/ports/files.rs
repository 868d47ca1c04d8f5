//! Customers' files: where they come from and where they are kept.

use async_trait::async_trait;
use channels::{FileReply, ReceivedFile, Step};
use domain::{Fetch, GroupId, Identity, MessageId, UnixMillis, UploadId};

use crate::PortError;

/// Visitors' files.
#[async_trait]
pub trait Uploads: Send + Sync {
    /// A form with which the visitor posts the file straight to storage.
    async fn form(&self, request: &UploadRequest<'_>) -> Result<UploadForm, PortError>;

    /// An address under which the file can be read until `ends`.
    async fn link(&self, group: &GroupId, upload: &UploadId, now: UnixMillis) -> Result<String, PortError>;
}

/// Objects whose keys events tell: what is too large for the event itself.
#[async_trait]
pub trait Objects: Send + Sync {
    /// The object's bytes; `None` if it is not there.
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, PortError>;
}

/// Customers' files, as far as they come whole at the door.
#[async_trait]
pub trait Files: Send + Sync {
    /// Keeps a file in its owner's folder; the same file again changes nothing.
    async fn put(&self, file: &ReceivedFile) -> Result<(), PortError>;
}

/// Where customers' files come from.
#[async_trait]
pub trait FileSource: Send + Sync {
    /// Makes one call in the name of the identity's account. No more than [`MAX_BYTES`](crate::media::MAX_BYTES) are read, and
    /// nothing of addresses that lead into somebody's own network. An error: it can be tried again.
    async fn get(&self, of: &Identity, step: &Step) -> Result<Got, PortError>;
}

/// What came of a call for a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Got {
    /// An answer.
    Reply(FileReply),
    /// More than is read.
    TooLarge,
    /// The address leads where nothing is fetched from; why, in plain words.
    Forbidden(&'static str),
}

/// Where customers' files are kept.
#[async_trait]
pub trait FileStore: Send + Sync {
    /// Stores a file, unless it is there already. Whatever it is, it is handed out for saving, not for showing.
    async fn put(&self, group: &GroupId, upload: &UploadId, file: StoredFile) -> Result<(), PortError>;

    /// What lies there; `None`: nothing.
    async fn look(&self, group: &GroupId, upload: &UploadId) -> Result<Option<Found>, PortError>;

    /// Notes whose file is being listened to.
    async fn note(&self, fetch: &Fetch) -> Result<(), PortError>;

    /// Whose file was noted for a message; `None`: it is not, or not any more.
    async fn noted(&self, group: &GroupId, message: &MessageId) -> Result<Option<Fetch>, PortError>;

    /// Erases the note of a message and what was heard; the file stays.
    async fn discard(&self, group: &GroupId, message: &MessageId) -> Result<(), PortError>;
}

/// A file to store.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredFile {
    /// Its media type, by its bytes.
    pub mime: String,
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// A file that is stored.
#[derive(Clone, PartialEq, Eq)]
pub struct Found {
    /// Bytes.
    pub size: u64,
    /// The first of them: enough to tell what it is.
    pub beginning: Vec<u8>,
}

/// A file that a visitor wants to upload.
#[derive(Debug, Clone, Copy)]
pub struct UploadRequest<'a> {
    /// Whose file.
    pub group: &'a GroupId,
    /// Its id.
    pub upload: &'a UploadId,
    /// Its media type.
    pub mime: &'a str,
    /// Its size in bytes; the storage takes no more.
    pub size: u64,
    /// Now.
    pub now: UnixMillis,
    /// When the form ends.
    pub ends: UnixMillis,
}

/// A form to post a file with: fields in order, then the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadForm {
    /// Where to post.
    pub url: String,
    /// The fields, in order.
    pub fields: Vec<(String, String)>,
}

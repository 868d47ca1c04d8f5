//! Where customers' files lie in their bucket.

use domain::{GroupId, MessageId, UploadId, upload_of};

/// What the keys of all files of an identity start with.
pub fn folder(group: &GroupId) -> String {
    format!("uploads/{group}/")
}

/// The key of a file: only in its owner's folder.
pub fn key(group: &GroupId, upload: &UploadId) -> String {
    format!("{}{upload}", folder(group))
}

/// The key of what a recogniser has heard in a message's file. It begins with the key of the message's own file, so that
/// both go together.
pub fn transcript(group: &GroupId, message: &MessageId) -> String {
    format!("{}.json", key(group, &upload_of(message)))
}

/// The key of the note of whose file a recogniser listens to.
pub fn note(group: &GroupId, message: &MessageId) -> String {
    format!("{}.note.json", key(group, &upload_of(message)))
}

/// Whether what lies there is no file, but a note about one that is gone soon.
pub fn is_note(key: &str) -> bool {
    key.strip_suffix(".json").is_some()
}

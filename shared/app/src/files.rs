//! Where visitors' files lie in their bucket.

use domain::{GroupId, UploadId};

/// What the keys of all files of an identity start with.
pub fn folder(group: &GroupId) -> String {
    format!("uploads/{group}/")
}

/// The key of a file: only in its owner's folder.
pub fn key(group: &GroupId, upload: &UploadId) -> String {
    format!("{}{upload}", folder(group))
}

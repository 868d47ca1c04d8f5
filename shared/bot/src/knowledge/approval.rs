//! Who approved which content.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::KnowledgeBase;

/// That somebody approved a content. Stored beside the knowledge as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// The content's hash, as [`content`] gives it.
    pub content: String,
    /// Who.
    pub by: String,
    /// When, as RFC 3339.
    pub at: String,
}

/// The SHA-256 of what customers can get of a base, in hexadecimal. Notes, spacing and the files' names do not count.
///
/// # Errors
/// The base cannot be written as JSON.
pub fn content(base: &KnowledgeBase) -> Result<String, serde_json::Error> {
    serde_json::to_vec(base).map(|bytes| hex::encode(Sha256::digest(bytes)))
}

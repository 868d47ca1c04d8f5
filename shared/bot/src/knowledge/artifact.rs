//! What is published: the whole base in one JSON document.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{KnowledgeBase, Localised};

/// The artifact's format. A reader refuses others.
const FORMAT: u32 = 1;

/// The formats that this release reads; the template tells which ones the deployed responder does.
pub const FORMATS: &[u32] = &[FORMAT];

/// A compiled knowledge base.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Artifact {
    bytes: Vec<u8>,
    base: KnowledgeBase,
}

/// Why bytes are not an artifact.
#[derive(Debug, thiserror::Error)]
pub enum ArtifactError {
    /// Not JSON, or not this shape.
    #[error("the knowledge artifact is damaged; publish it again")]
    Malformed(#[source] serde_json::Error),
    /// Written by another release.
    #[error("the knowledge artifact has format {found}, this release reads {FORMAT}; publish it with this release")]
    Format {
        /// The format that it says it has.
        found: u64,
    },
    /// A text lacks one of the base's languages.
    #[error("the knowledge artifact lacks {what}; check the knowledge and publish it again")]
    Incomplete {
        /// What is not there.
        what: String,
    },
}

#[derive(Deserialize)]
struct Version {
    v: u64,
}

#[derive(Serialize)]
struct Document<'a> {
    v: u32,
    #[serde(flatten)]
    base: &'a KnowledgeBase,
}

/// Compiles a base. The same base gives the same bytes.
pub fn compile(base: KnowledgeBase) -> Result<Artifact, ArtifactError> {
    let bytes = serde_json::to_vec(&Document { v: FORMAT, base: &base }).map_err(ArtifactError::Malformed)?;
    Ok(Artifact { bytes, base })
}

impl Artifact {
    /// Reads a published artifact.
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self, ArtifactError> {
        let Version { v } = serde_json::from_slice(&bytes).map_err(ArtifactError::Malformed)?;
        if v != u64::from(FORMAT) {
            return Err(ArtifactError::Format { found: v });
        }
        let base: KnowledgeBase = serde_json::from_slice(&bytes).map_err(ArtifactError::Malformed)?;
        match missing(&base) {
            Some(what) => Err(ArtifactError::Incomplete { what }),
            None => Ok(Self { bytes, base }),
        }
    }

    /// The document, as it is stored.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Its format, one of [`FORMATS`].
    pub fn format(&self) -> u64 {
        u64::from(FORMAT)
    }

    /// What it holds.
    pub fn base(&self) -> &KnowledgeBase {
        &self.base
    }

    /// Its version: the SHA-256 of its bytes, in hexadecimal.
    pub fn version(&self) -> String {
        hex::encode(Sha256::digest(&self.bytes))
    }
}

/// The first text that is not there in every language.
fn missing(base: &KnowledgeBase) -> Option<String> {
    if base.languages.is_empty() {
        return Some("languages".to_owned());
    }
    let lacks = |text: &Localised| base.languages.iter().find(|l| text.get(**l).is_none());
    let texts = &base.texts;
    let named = [
        ("unknown", Some(&texts.unknown)),
        ("unknown_again", texts.unknown_again.as_ref()),
        ("handoff_offer_title", Some(&texts.handoff_offer_title)),
        ("handoff_accepted", Some(&texts.handoff_accepted)),
        ("greeting", Some(&texts.greeting)),
        ("unsupported", Some(&texts.unsupported)),
    ];
    for (name, text) in named {
        if let Some(language) = text.and_then(lacks) {
            return Some(format!("the text `{name}` in `{language}`"));
        }
    }
    for (name, text) in texts.lines.iter().chain(&base.variables) {
        if let Some(language) = lacks(text) {
            return Some(format!("the text `{name}` in `{language}`"));
        }
    }
    if let Some(language) = base.sensitive.as_ref().and_then(|sensitive| sensitive.text.as_ref()).and_then(lacks) {
        return Some(format!("the text of `sensitive` in `{language}`"));
    }
    for (name, text) in &base.notices {
        if let Some(language) = lacks(text) {
            return Some(format!("the notice `{name}` in `{language}`"));
        }
    }
    for entry in &base.entries {
        let texts = [Some(&entry.answer), Some(&entry.title), entry.short.as_ref(), entry.otherwise.as_ref()];
        if let Some(language) = texts.into_iter().flatten().find_map(lacks) {
            return Some(format!("the answer, title or another text of `{}` in `{language}`", entry.id));
        }
    }
    None
}

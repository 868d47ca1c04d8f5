//! What is published: the whole base in one JSON document, and the models that were trained on it.
//!
//! The document alone is format 1. Format 2 is `FDKB`, the byte 2, the release of the training (a byte), the fingerprint
//! of the encoder that a model was trained with (8 bytes, zeros without one), the document's length (4 bytes,
//! little-endian), the document, the SHA-256 of the models, and the models ([`Trained`]).

use std::ops::Range;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{KnowledgeBase, Localised};
use crate::encode::{Encoder, Fingerprint};
use crate::recognise::{TRAINING, Trained};
use crate::understand::{WireError, place};

/// The document's format.
const DOCUMENT: u32 = 1;
/// The newest format; one byte after the begin of what is not a document alone.
const FORMAT: u8 = 2;
const MAGIC: &[u8] = b"FDKB";
/// The bytes of a SHA-256.
const SUM: usize = 32;
/// The bytes before the document's length.
const HEAD: usize = 14;

/// The formats that this release reads; the template tells which ones the deployed responder does.
pub const FORMATS: &[u32] = &[DOCUMENT, FORMAT as u32];

/// A compiled knowledge base.
#[derive(Clone, Debug, PartialEq)]
pub struct Artifact {
    bytes: Vec<u8>,
    /// Where in them the document is.
    document: Range<usize>,
    base: KnowledgeBase,
    trained: Option<Trained>,
}

/// Why bytes are not an artifact.
#[derive(Debug, thiserror::Error)]
pub enum ArtifactError {
    /// Not JSON, or not this shape.
    #[error("the knowledge artifact is damaged; publish it again")]
    Malformed(#[source] serde_json::Error),
    /// Written by another release.
    #[error(
        "the knowledge artifact has format {found}, this release reads {DOCUMENT} and {FORMAT}; publish it with this release"
    )]
    Format {
        /// The format that it says it has.
        found: u64,
    },
    /// Its models cannot be read, or are another base's.
    #[error("the knowledge artifact's models cannot be used; publish it again")]
    Models(#[source] WireError),
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

/// Compiles a base, without models. The same base gives the same bytes.
pub fn compile(base: KnowledgeBase) -> Result<Artifact, ArtifactError> {
    let bytes = serde_json::to_vec(&Document { v: DOCUMENT, base: &base }).map_err(ArtifactError::Malformed)?;
    Ok(Artifact { document: 0..bytes.len(), bytes, base, trained: None })
}

impl Artifact {
    /// The format with models.
    pub const TRAINED: u64 = FORMAT as u64;

    /// Reads a published artifact.
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self, ArtifactError> {
        let (document, models) = parts(&bytes)?;
        let json = bytes.get(document.clone()).unwrap_or_default();
        let Version { v } = serde_json::from_slice(json).map_err(ArtifactError::Malformed)?;
        if v != u64::from(DOCUMENT) {
            return Err(ArtifactError::Format { found: v });
        }
        let base: KnowledgeBase = serde_json::from_slice(json).map_err(ArtifactError::Malformed)?;
        if let Some(what) = missing(&base) {
            return Err(ArtifactError::Incomplete { what });
        }
        let models = models.map(|models| {
            let (sum, models) =
                bytes.get(models).and_then(|rest| rest.split_first_chunk::<SUM>()).ok_or(WireError::Damaged)?;
            let whole = sum.as_slice() == Sha256::digest(models).as_slice();
            if whole { Trained::from_bytes(models) } else { Err(WireError::Damaged) }
        });
        let trained = models.transpose().map_err(ArtifactError::Models)?;
        if trained.as_ref().is_some_and(|trained| !trained.fits(&base.as_searched())) {
            return Err(ArtifactError::Models(WireError::Damaged));
        }
        Ok(Self { bytes, document, base, trained })
    }

    /// The same base with models trained on its phrasings: one of words alone, and with an encoder one for responders
    /// that have it too. The same base and encoder give the same bytes. Takes seconds to a minute.
    #[must_use]
    pub fn train(&self, encoder: Option<&Encoder>) -> Self {
        let json = self.bytes.get(self.document.clone()).unwrap_or_default();
        let trained = Trained::learn(&self.base.as_searched(), encoder, json.len());
        let mut bytes = head(encoder);
        bytes.extend(place(json.len()).to_le_bytes());
        let start = bytes.len();
        bytes.extend(json);
        let document = start..bytes.len();
        let models = trained.to_bytes();
        bytes.extend(Sha256::digest(&models));
        bytes.extend(models);
        Self { bytes, document, base: self.base.clone(), trained: Some(trained) }
    }

    /// What was learnt from the base, if it was.
    pub(crate) fn trained(&self) -> Option<&Trained> {
        self.trained.as_ref()
    }

    /// It, as it is stored.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Its format, one of [`FORMATS`].
    pub fn format(&self) -> u64 {
        if self.trained.is_some() { u64::from(FORMAT) } else { u64::from(DOCUMENT) }
    }

    /// What it holds.
    pub fn base(&self) -> &KnowledgeBase {
        &self.base
    }

    /// Its version, in hexadecimal: the SHA-256 of the document; with models, of what stands before the document's
    /// length and of the document, which together decide what the models are.
    pub fn version(&self) -> String {
        let head = self.trained.as_ref().and_then(|_| self.bytes.get(..HEAD)).unwrap_or_default();
        self.version_after(head)
    }

    /// The version that it will have [with models](Self::train).
    pub fn version_trained(&self, encoder: Option<&Encoder>) -> String {
        self.version_after(&head(encoder))
    }

    fn version_after(&self, head: &[u8]) -> String {
        let document = self.bytes.get(self.document.clone()).unwrap_or_default();
        hex::encode(Sha256::new().chain_update(head).chain_update(document).finalize())
    }
}

/// What stands before the document's length.
fn head(encoder: Option<&Encoder>) -> Vec<u8> {
    let Fingerprint(encoder) = encoder.map_or(Fingerprint(0), Encoder::fingerprint);
    [MAGIC, &[FORMAT, TRAINING], &encoder.to_le_bytes()].concat()
}

/// Where the document and the models are.
fn parts(bytes: &[u8]) -> Result<(Range<usize>, Option<Range<usize>>), ArtifactError> {
    let Some(rest) = bytes.strip_prefix(MAGIC) else { return Ok((0..bytes.len(), None)) };
    if let Some(&other) = rest.first()
        && other != FORMAT
    {
        return Err(ArtifactError::Format { found: u64::from(other) });
    }
    let length = bytes.get(HEAD..).and_then(|rest| rest.first_chunk::<4>()).map(|four| u32::from_le_bytes(*four));
    let start = HEAD + size_of::<u32>();
    let end = length.and_then(|length| start.checked_add(usize::try_from(length).ok()?));
    let end = end.filter(|end| *end <= bytes.len()).ok_or(ArtifactError::Models(WireError::Damaged))?;
    Ok((start..end, Some(end..bytes.len())))
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
        let Localised(answer) = &entry.answer;
        if answer.is_empty() {
            return Some(format!("the answer of `{}`", entry.id));
        }
        let others = [Some(&entry.title), entry.short.as_ref(), entry.otherwise.as_ref()];
        let lacks = |text: &Localised| answer.keys().find(|l| text.get(**l).is_none());
        if let Some(language) = others.into_iter().flatten().find_map(lacks) {
            return Some(format!("the title or another text of `{}` in `{language}`", entry.id));
        }
    }
    None
}

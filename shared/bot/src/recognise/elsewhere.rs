//! What people say everywhere and hardly any company's knowledge speaks of. A text that is nearer to it than to the
//! knowledge is none of the company's business.

use crate::encode::{DIMENSIONS, Encoder};
use crate::text::Language;
use crate::understand::{Vectors, product};

const TEXTS: [(Language, &str); 2] =
    [(Language::Zh, include_str!("elsewhere/zh.txt")), (Language::En, include_str!("elsewhere/en.txt"))];

/// What is nearer to one of the knowledge's own phrasings than this cosine is the company's business after all: a bank's
/// customers ask for mortgage rates.
const OWN: f32 = 0.75;

/// A text, and its vector; empty without an encoder.
#[derive(Clone, Debug)]
pub(super) struct Said {
    pub(super) language: Language,
    /// Its place in the list of its language: the lists say the same, line by line.
    pub(super) line: usize,
    pub(super) text: &'static str,
    pub(super) vector: Vec<f32>,
}

/// The texts in all languages, but for what is near to these phrasings.
pub(super) fn said(encoder: Option<&Encoder>, phrasings: &[f32]) -> Vec<Said> {
    let lines = |(language, texts): (Language, &'static str)| {
        texts.lines().enumerate().map(move |(line, text)| (language, line, text))
    };
    let all = TEXTS.into_iter().flat_map(lines).map(|(language, line, text)| {
        let vector = encoder.map(|encoder| encoder.encode_question(text)).unwrap_or_default();
        Said { language, line, text, vector }
    });
    all.filter(|said| nearest(&said.vector, phrasings.chunks_exact(DIMENSIONS)) < OWN).collect()
}

/// The vectors of texts, to be kept.
pub(super) fn vectors(said: &[Said]) -> Vectors {
    let all: Vec<f32> = said.iter().flat_map(|said| &said.vector).copied().collect();
    Vectors::new(&all, if all.is_empty() { 0 } else { DIMENSIONS })
}

/// The cosine to the nearest of some vectors, from 0 to 1.
pub(super) fn nearest<'a>(vector: &[f32], others: impl Iterator<Item = &'a [f32]>) -> f32 {
    others.map(|other| product(vector, other)).fold(0.0, f32::max)
}

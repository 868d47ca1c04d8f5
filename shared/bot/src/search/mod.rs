//! Finding the passage that answers a question: by the words that both have, and by what both mean.
//!
//! For texts that have no phrasings of their own, as `bot-eval retrieval` measures it. The bot finds its entries, which
//! have some, by [`recognise`](crate::Bot::guess).

mod blend;
mod terms;
mod words;

use std::collections::BTreeMap;

use crate::encode::{DIMENSIONS, Encoder};
use crate::text::{Language, detect};
use crate::understand::product;
use words::Words;

/// Passages, ready for questions.
#[derive(Debug)]
pub struct Passages {
    words: Words,
    /// The language that most passages are in.
    language: Option<Language>,
    /// The encoder's vectors of whole passages, and of their sentences with the passage's place; empty without one.
    whole: Vec<Vec<f32>>,
    sentences: Vec<(usize, Vec<f32>)>,
}

/// A passage that may answer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hit {
    /// Its place in the list.
    pub passage: usize,
    /// How much better it is than the others; comparable within one question only.
    pub score: f32,
}

/// How much meaning counts when words count 1. Chosen with the other constants here on the development half of
/// `XQuAD` and on the questions of a Chinese product's FAQ (`TiDB`).
const MEANING: f32 = 1.4;

impl Passages {
    /// Takes the passages apart; with an encoder, also by meaning.
    pub fn new(passages: &[&str], encoder: Option<&Encoder>) -> Self {
        let mut spoken: BTreeMap<Option<Language>, usize> = BTreeMap::new();
        for passage in passages {
            *spoken.entry(detect(passage)).or_default() += 1;
        }
        let language = spoken.into_iter().max_by_key(|(_, count)| *count).and_then(|(language, _)| language);
        let words = Words::new(passages);
        let Some(encoder) = encoder else { return Self { words, language, whole: Vec::new(), sentences: Vec::new() } };
        let parts: Vec<(usize, &str)> =
            passages.iter().enumerate().flat_map(|(at, text)| sentences(text).map(move |part| (at, part))).collect();
        let vectors = encoder.encode_all(&parts.iter().map(|(_, part)| *part).collect::<Vec<_>>());
        let vectors = vectors.chunks_exact(DIMENSIONS).map(<[f32]>::to_vec);
        let sentences = parts.iter().map(|(at, _)| *at).zip(vectors).collect();
        let whole = encoder.encode_all(passages).chunks_exact(DIMENSIONS).map(<[f32]>::to_vec).collect();
        Self { words, language, whole, sentences }
    }

    /// The passages, the best first; those that nothing speaks for are left out. `vector` is the question's own, from
    /// the encoder that the passages were taken apart with; empty without one.
    ///
    /// Words and meaning count by how far a passage stands out in each. A question in another language than
    /// the passages shares no words with them but names and numbers, which mislead: there, meaning alone counts.
    pub fn find(&self, question: &str, vector: &[f32]) -> Vec<Hit> {
        let by_words = self.words.scores(question);
        let foreign = detect(question).is_some_and(|asked| self.language.is_some_and(|own| own != asked));
        let scores = if vector.is_empty() || self.whole.is_empty() {
            by_words
        } else if foreign {
            self.meanings(vector)
        } else {
            blend::sum(&by_words, &self.meanings(vector), MEANING)
        };
        let mut hits: Vec<Hit> =
            scores.into_iter().enumerate().map(|(passage, score)| Hit { passage, score }).collect();
        hits.retain(|hit| hit.score != 0.0);
        hits.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.passage.cmp(&b.passage)));
        hits
    }

    /// How near each passage is as a whole, and its nearest sentence.
    fn meanings(&self, vector: &[f32]) -> Vec<f32> {
        let mut nearest = vec![0.0_f32; self.whole.len()];
        for (passage, sentence) in &self.sentences {
            if let Some(best) = nearest.get_mut(*passage) {
                *best = best.max(product(sentence, vector));
            }
        }
        nearest.iter().zip(&self.whole).map(|(best, whole)| best + product(whole, vector)).collect()
    }
}

/// The sentences of a text, with what ends them.
fn sentences(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let mut characters = rest.char_indices().peekable();
        let mut end = rest.len();
        while let Some((at, c)) = characters.next() {
            let last = characters.peek().is_none_or(|(_, next)| next.is_whitespace());
            if matches!(c, '。' | '！' | '？' | '；' | '\n') || (matches!(c, '.' | '!' | '?' | ';') && last) {
                end = at + c.len_utf8();
                break;
            }
        }
        let (sentence, after) = rest.split_at_checked(end)?;
        rest = after;
        (!sentence.is_empty()).then_some(sentence)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_by_words() {
        let texts = ["我们支持七天无理由退货", "运费由买家承担", "发票会随货寄出", "Parcels are shipped within 2 days"];
        let passages = Passages::new(&texts, None);
        for (question, expected) in [("怎么退货", 1), ("运费谁出", 2), ("要發票", 3), ("when is my parcel shipped", 4)]
        {
            let found = passages.find(question, &[]);
            assert_eq!(found.first().map(|hit| hit.passage + 1), Some(expected), "{question}");
        }
        assert!(passages.find("", &[]).is_empty() && passages.find("xyzzy", &[]).is_empty());
    }

    #[test]
    fn parts_texts_into_sentences() {
        for (text, expected) in [
            ("One. Two 1.5! 三。四？", &["One.", " Two 1.5!", " 三。", "四？"][..]),
            ("no end", &["no end"]),
            ("", &[]),
        ] {
            assert_eq!(sentences(text).collect::<Vec<_>>(), expected, "{text}");
        }
    }
}

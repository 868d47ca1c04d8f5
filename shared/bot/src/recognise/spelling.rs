//! Slips of the fingers: an English word that the knowledge does not know is read as the one of its words that it was meant
//! to be, if it looks like one.

use std::borrow::Cow;
use std::collections::BTreeMap;

use strsim::osa_distance;

use crate::knowledge::Entry;
use crate::text::{Language, is_little_word};

/// Shorter words look like too many others.
const SHORTEST: usize = 4;
/// Shorter ones are only read as one with a letter more: `wher`, but not `snow` as `show`.
const SHORT: usize = 5;
/// From so many letters on, one may be another.
const OTHER_LETTER: usize = 7;
/// From so many letters on, there may be two slips.
const TWO_SLIPS: usize = 9;

/// The words of a base.
#[derive(Debug, Default)]
pub(super) struct Spelling {
    /// How often each stands in questions and titles; none: in answers only.
    words: BTreeMap<String, u32>,
}

impl Spelling {
    pub(super) fn of(entries: &[Entry]) -> Self {
        let mut words: BTreeMap<String, u32> = BTreeMap::new();
        for entry in entries {
            let title = entry.title.get(Language::En);
            let asked = entry.questions.values().flatten().map(String::as_str).chain(title);
            for word in asked.flat_map(parts).filter_map(|(word, is_word)| is_word.then_some(word)) {
                *words.entry(word.to_ascii_lowercase()).or_default() += 1;
            }
            for word in entry.answer.get(Language::En).into_iter().flat_map(parts).filter(|(_, is_word)| *is_word) {
                words.entry(word.0.to_ascii_lowercase()).or_default();
            }
        }
        Self { words }
    }

    /// The text with each such word put right.
    pub(super) fn mend<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let mended: Vec<_> = parts(text).map(|(part, is_word)| (part, self.meant(part).filter(|_| is_word))).collect();
        if mended.iter().all(|(_, meant)| meant.is_none()) {
            return Cow::Borrowed(text);
        }
        mended.into_iter().map(|(part, meant)| meant.unwrap_or(part)).collect::<String>().into()
    }

    /// The word that an unknown one was meant to be.
    fn meant(&self, word: &str) -> Option<&str> {
        let word = word.to_ascii_lowercase();
        if word.len() < SHORTEST || self.words.contains_key(&word) || is_little_word(&word) {
            return None;
        }
        let slips = |known: &str| {
            let apart = osa_distance(&word, known);
            let is_meant = if word.len() < SHORT {
                apart == 1 && known.len() > word.len()
            } else if word.len() < OTHER_LETTER {
                apart == 1 && (known.len() != word.len() || has_same_letters(&word, known))
            } else {
                apart <= if word.len() < TWO_SLIPS { 1 } else { 2 }
            };
            is_meant.then_some(apart)
        };
        // Few slips are at the start of a word.
        let first = word.get(..1)?.to_owned();
        let alike = self.words.range(first.clone()..).take_while(|(known, _)| known.starts_with(&first));
        let found =
            alike.filter(|(_, asked)| **asked > 0).filter_map(|(known, asked)| Some((known, slips(known)?, asked)));
        found.min_by_key(|(_, apart, asked)| (*apart, u32::MAX - **asked)).map(|(known, ..)| known.as_str())
    }
}

/// Whether two letters that stand side by side are swapped, where one slip parts words of one length.
fn has_same_letters(one: &str, other: &str) -> bool {
    let sorted = |word: &str| {
        let mut letters: Vec<u8> = word.bytes().collect();
        letters.sort_unstable();
        letters
    };
    sorted(one) == sorted(other)
}

/// A text's runs of letters, and what is between them; whether each is a word.
fn parts(text: &str) -> impl Iterator<Item = (&str, bool)> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let is_letter = |letter: char| letter.is_ascii_alphabetic();
        let word = is_letter(rest.chars().next()?);
        let end = rest.find(|letter| is_letter(letter) != word).unwrap_or(rest.len());
        let (part, after) = rest.split_at(end);
        rest = after;
        Some((part, word))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spelling() -> Spelling {
        let words =
            [("return", 9), ("returns", 2), ("shipping", 5), ("where", 4), ("refund", 3), ("parcel", 3), ("show", 1)];
        let words =
            words.into_iter().chain([("delivery", 4), ("exchange", 3), ("ceramic", 0), ("invoice", 2), ("order", 8)]);
        Spelling { words: words.map(|(word, count)| (word.to_owned(), count)).collect() }
    }

    #[test]
    fn slips_are_put_right_and_other_words_left() {
        for (text, meant) in [
            ("how do I retrun it", "how do I return it"),
            ("shiping cost", "shipping cost"),
            ("Wher is my oder?", "where is my order?"),
            ("my parcell", "my parcel"),
            ("retrn, refnud", "return, refund"),
            ("devlivery or exhcange", "delivery or exchange"),
            ("怎么retrun", "怎么return"),
            ("invoise", "invoice"),
            // Known, too short, too far, or another word.
            ("return", "return"),
            ("ceramic", "ceramic"),
            ("ceramik", "ceramik"),
            ("will it snow", "will it snow"),
            ("there", "there"),
            ("retire", "retire"),
            ("retort", "retort"),
            ("LP2026112233", "LP2026112233"),
            ("", ""),
        ] {
            assert_eq!(spelling().mend(text), meant, "{text}");
        }
    }
}

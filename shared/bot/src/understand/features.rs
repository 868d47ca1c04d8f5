//! What a text is made of, for the linear model: words, pairs of words and runs of characters, as hashes.

use crate::text::{is_han, normalise};

/// Which family a feature is of. Each is weighed by itself, so that the many runs of characters do not drown the words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    /// Words and single Chinese characters, and two such in a row.
    Words,
    /// Runs of characters inside a word, or inside a stretch of Chinese.
    Runs,
}

impl Family {
    /// All families.
    pub(super) const ALL: [Self; 2] = [Self::Words, Self::Runs];
}

/// Runs of characters in alphabetic words, with a blank at either end, have two to five characters; runs in Chinese,
/// where a character says what a syllable or word says, one to four.
const ALPHABETIC: std::ops::RangeInclusive<usize> = 2..=5;
const CHINESE: std::ops::RangeInclusive<usize> = 1..=4;

/// A text in the one spelling that the model reads: as in [`normalise`], and traditional characters simplified.
pub(super) fn spelling(text: &str) -> String {
    normalise(text)
}

/// Calls `each` with every feature of a text. A feature may come more than once.
pub(super) fn features(text: &str, mut each: impl FnMut(Family, u32)) {
    let spelt = spelling(text);
    let mut previous: Option<&str> = None;
    for token in tokens(&spelt) {
        each(Family::Words, hash(&[b"w", token.as_bytes()]));
        if let Some(previous) = previous {
            each(Family::Words, hash(&[b"p", previous.as_bytes(), b" ", token.as_bytes()]));
        }
        previous = Some(token);
    }
    for chunk in spelt.split(' ').filter(|chunk| !chunk.is_empty()) {
        if chunk.contains(is_han) {
            runs(chunk, CHINESE, &mut each);
        } else {
            runs(&format!(" {chunk} "), ALPHABETIC, &mut each);
        }
    }
}

/// Every run of so many characters.
fn runs(text: &str, lengths: std::ops::RangeInclusive<usize>, each: &mut impl FnMut(Family, u32)) {
    let bounds: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
    for length in lengths {
        for (start, end) in bounds.iter().zip(bounds.iter().skip(length)) {
            if let Some(run) = text.get(*start..*end) {
                each(Family::Runs, hash(&[b"r", run.as_bytes()]));
            }
        }
    }
}

/// Words and numbers whole, Chinese characters singly.
fn tokens(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches(|c: char| !c.is_alphanumeric());
        let first = rest.chars().next()?;
        let end = if is_han(first) {
            first.len_utf8()
        } else {
            rest.find(|c: char| !c.is_alphanumeric() || is_han(c)).unwrap_or(rest.len())
        };
        let (token, after) = rest.split_at_checked(end)?;
        rest = after;
        Some(token)
    })
}

/// FNV-1a, folded to 32 bits: the same on every machine, so that a stored model finds its features again.
fn hash(parts: &[&[u8]]) -> u32 {
    let mut state = 0xCBF2_9CE4_8422_2325_u64;
    for byte in parts.iter().copied().flatten() {
        state = (state ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01B3);
    }
    state ^= state >> 29;
    state = state.wrapping_mul(0xBF58_476D_1CE4_E5B9);
    u32::try_from(state >> 32).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn all(text: &str) -> Vec<u32> {
        let mut found = Vec::new();
        features(text, |_, hash| found.push(hash));
        found
    }

    #[test]
    fn finds_words_alone_and_in_pairs() {
        assert_eq!(tokens("pay 3x 用paypal付款?").collect::<Vec<_>>(), ["pay", "3x", "用", "paypal", "付", "款"]);
        let mut words = 0;
        features("where is my card", |family, _| words += usize::from(family == Family::Words));
        assert_eq!(words, 4 + 3);
    }

    #[test]
    fn finds_runs_of_characters() {
        let mut runs = Vec::new();
        features("to", |family, hash| runs.extend((family == Family::Runs).then_some(hash)));
        let expected = [" t", "to", "o ", " to", "to ", " to "];
        assert_eq!(runs, expected.map(|run| hash(&[b"r", run.as_bytes()])));
        runs.clear();
        features("退货", |family, hash| runs.extend((family == Family::Runs).then_some(hash)));
        assert_eq!(runs, ["退", "货", "退货"].map(|run| hash(&[b"r", run.as_bytes()])));
    }

    #[test]
    fn spellings_of_one_text_have_the_same_features() {
        for (one, other) in
            [("ＣＡＲＤ１２", "card12"), ("退貨運費", "退货运费"), ("Hi  THERE", "hi there"), ("发票😀", "发票")]
        {
            assert_eq!(all(one), all(other), "{one} {other}");
        }
    }

    /// A stored model holds these; another value would make it read nothing.
    #[test]
    fn hashes_stay() {
        assert_eq!([hash(&[b"w", b"card"]), hash(&[])], HASHES);
    }

    const HASHES: [u32; 2] = [5_981_352, 1_329_837_598];

    proptest! {
        #[test]
        fn any_text_has_features(text in any::<String>()) {
            all(&text);
        }
    }
}

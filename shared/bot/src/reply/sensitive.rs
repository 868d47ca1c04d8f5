//! Sensitive words (敏感词): found however they are written.

use crate::knowledge::Sensitive;
use crate::text::{canonical, is_han};

/// A base's words, ready to be found.
#[derive(Debug, Default)]
pub(crate) struct SensitiveWords {
    /// With Chinese characters: letters and digits alone, wherever they stand.
    dense: Vec<String>,
    /// In Latin letters or digits: whole words, between blanks.
    spaced: Vec<String>,
}

impl SensitiveWords {
    pub(super) fn new(sensitive: Option<&Sensitive>) -> Self {
        let mut words = Self::default();
        sensitive.into_iter().flat_map(|sensitive| &sensitive.words).for_each(|word| words.add(word));
        words
    }

    /// One word alone.
    pub(crate) fn only(word: &str) -> Self {
        let mut words = Self::default();
        words.add(word);
        words
    }

    fn add(&mut self, word: &str) {
        let plain = canonical(word);
        if plain.contains(is_han) {
            self.dense.push(dense(&plain));
        } else if !plain.is_empty() {
            self.spaced.push(format!(" {plain} "));
        }
    }

    /// Whether one of them is in a text.
    pub(crate) fn are_in(&self, text: &str) -> bool {
        if self.dense.is_empty() && self.spaced.is_empty() {
            return false;
        }
        let plain = canonical(text);
        let dense = dense(&plain);
        if self.dense.iter().any(|word| dense.contains(word)) {
            return true;
        }
        let (words, joined) = (spaced(&plain), format!(" {} ", joined(&plain)));
        self.spaced.iter().any(|word| words.contains(word) || joined.contains(word))
    }
}

fn dense(plain: &str) -> String {
    plain.chars().filter(|letter| *letter != ' ').collect()
}

/// Latin words between blanks, also where they touch Chinese characters.
fn spaced(plain: &str) -> String {
    let parted: String = plain.chars().map(|letter| if is_han(letter) { ' ' } else { letter }).collect();
    format!(" {parted} ")
}

/// Words of single letters as one: what was `b.a.d` before.
fn joined(plain: &str) -> String {
    let mut out = String::new();
    let mut single = false;
    for word in plain.split(' ') {
        let alone = word.chars().nth(1).is_none();
        if !(out.is_empty() || (single && alone)) {
            out.push(' ');
        }
        out.push_str(word);
        single = alone;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::OnSensitive;

    #[test]
    fn finds_words_however_they_are_written() {
        let words = ["赌博", "开发票代办", "casino", "hot money"].map(str::to_owned).to_vec();
        let sensitive = Sensitive { words, answer: OnSensitive::Refuse, text: None };
        let words = SensitiveWords::new(Some(&sensitive));
        for text in [
            "有赌博吗",
            "赌 博",
            "赌*博",
            "賭博網站",
            "Ｃａｓｉｎｏ",
            "the casino, please",
            "去casino玩",
            "c.a.s.i.n.o",
            "c a s i n o",
            "HOT  money!",
            "开发票，代办",
        ] {
            assert!(words.are_in(text), "{text}");
        }
        for text in ["赌一把博一下", "casinos", "hotmoney", "shot money", "开发票", "", "c a s h i n o"] {
            assert!(!words.are_in(text), "{text}");
        }
        assert!(!SensitiveWords::new(None).are_in("赌博"));
    }
}

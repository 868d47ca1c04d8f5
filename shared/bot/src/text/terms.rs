//! The terms of a text: what the index counts.

use super::language::Language;
use super::lexicon::Lexicon;
use super::normalise::is_han;
use super::tokens::tokenise;

/// What a text is made of, for the search.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Term<'a> {
    /// A word or number in an alphabetic script, stemmed when English; a pair of neighbouring Chinese characters; or a
    /// single one.
    Text(&'a str),
    /// A thing that has many names, whichever of them stood there.
    Concept(u16),
}

/// How much a single Chinese character counts beside a word or pair: it mostly stands in a pair too.
const SINGLE: f64 = 0.25;
/// How much a concept counts: the customer meant that thing, whatever the words.
const CONCEPT: f64 = 1.5;
/// How much the words count that ask, whatever the subject. Where there are many entries, they are common and count
/// little of themselves; where there are few, this keeps a mere "how do I …" from finding one.
const ASKING: f64 = 0.5;
const ASKING_WORDS: [&str; 22] = [
    "how", "long", "much", "what", "when", "wher", "which", "who", "why", "怎么", "么样", "怎样", "如何", "什么",
    "为什", "哪里", "多少", "多久", "可以", "能不", "有没", "是不",
];

/// Finds the terms of texts in one language.
#[derive(Debug)]
pub struct Analyser {
    lexicon: Lexicon,
}

impl Analyser {
    /// The analyser of a language. Both scripts are understood by each, since customers mix them.
    pub fn new(language: Language) -> Self {
        Self { lexicon: Lexicon::of(language) }
    }

    /// How much a term counts because of its kind; a word counts 1.
    pub fn weight(&self, term: Term<'_>) -> f64 {
        match term {
            Term::Concept(concept) if self.lexicon.is_asking(concept) => ASKING,
            Term::Concept(_) => CONCEPT,
            Term::Text(text) if ASKING_WORDS.contains(&text) => ASKING,
            Term::Text(text) if !text.is_ascii() && text.chars().nth(1).is_none() => SINGLE,
            Term::Text(_) => 1.0,
        }
    }

    /// Calls `each` with every term of a [normalised](super::normalise) text. A term may come more than once.
    pub fn terms<'a>(&self, normal: &'a str, mut each: impl FnMut(Term<'a>)) {
        let mut stems = Vec::new();
        tokenise(normal, |text| {
            each(Term::Text(text));
            if !text.starts_with(is_han) {
                stems.push(text);
            }
        });
        let mut concept = |concept| each(Term::Concept(concept));
        for start in 0..stems.len() {
            self.lexicon.at_word(stems.get(start..).unwrap_or_default(), &mut concept);
        }
        for (at, _) in normal.char_indices().filter(|(_, c)| is_han(*c)) {
            self.lexicon.at_character(normal.get(at..).unwrap_or_default(), &mut concept);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use proptest::prelude::*;

    use super::*;
    use crate::text::normalise;

    fn concepts(language: Language, text: &str) -> Vec<u16> {
        let mut found = Vec::new();
        Analyser::new(language).terms(&normalise(text), |term| match term {
            Term::Concept(concept) => found.push(concept),
            Term::Text(_) => {}
        });
        found.sort_unstable();
        found.dedup();
        found
    }

    #[test]
    fn different_words_for_a_thing_share_a_concept() {
        for (language, one, other) in [
            (Language::En, "postage", "the delivery fees"),
            (Language::En, "my money back", "a refund"),
            (Language::En, "I never received it", "it was lost"),
            (Language::En, "signing up", "registration"),
            (Language::Zh, "运费", "邮费"),
            (Language::Zh, "优惠码", "用券"),
            (Language::Zh, "开票", "报销"),
            (Language::Zh, "VIP", "会员"),
        ] {
            let (one_has, other_has) = (concepts(language, one), concepts(language, other));
            assert!(one_has.iter().any(|c| other_has.contains(c)), "{one} {one_has:?}, {other} {other_has:?}");
        }
    }

    #[test]
    fn the_longest_phrase_counts() {
        let whole = concepts(Language::Zh, "快递费");
        let parts = concepts(Language::Zh, "快递");
        assert!(!whole.is_empty() && parts.iter().all(|c| !whole.contains(c)), "{whole:?} {parts:?}");
    }

    #[test]
    fn words_without_a_group_have_no_concept() {
        for text in ["", "quantum entanglement", "12345"] {
            assert_eq!(concepts(Language::En, text), [0_u16; 0], "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn any_text_has_terms(text in any::<String>()) {
            static ANALYSERS: LazyLock<[Analyser; 2]> = LazyLock::new(|| Language::ALL.map(Analyser::new));
            let normal = normalise(&text);
            for analyser in ANALYSERS.iter() {
                analyser.terms(&normal, |term| assert!(analyser.weight(term) > 0.0));
            }
        }
    }
}

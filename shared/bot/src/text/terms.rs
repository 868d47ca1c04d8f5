//! The terms of a text: what the index counts.

use super::language::Language;
use super::lexicon::Lexicon;
use super::normalise::is_han;
use super::tokens::tokenise;

/// What a text is made of, for the search.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Term<'a> {
    /// A word or number in an alphabetic script, stemmed when English; a pair of neighbouring Chinese characters; or a
    /// single one.
    Text(&'a str),
    /// A thing that has many names, whichever of them stood there.
    Concept(u16),
}

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

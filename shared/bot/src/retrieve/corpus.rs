//! The entries of a knowledge base in one language, taken apart into terms.

use std::collections::{BTreeMap, HashMap};

use crate::knowledge::Entry;
use crate::text::{Analyser, Language, Term, canonical, normalise};

/// A number for each term that occurs in the corpus.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct TermId(pub(super) usize);

/// The entries in one language as terms. From it an [`Index`](super::Index) is made.
#[derive(Debug)]
pub struct Corpus {
    analyser: Analyser,
    texts: HashMap<Box<str>, TermId>,
    concepts: HashMap<u16, TermId>,
    /// How much each term counts because of its kind, by id.
    pub(super) kinds: Vec<f64>,
    /// By entry.
    pub(super) documents: Vec<Document>,
}

/// One entry.
#[derive(Debug, Default)]
pub(super) struct Document {
    pub(super) questions: Vec<Question>,
    pub(super) title: Vec<TermId>,
    /// Terms with how often they occur.
    pub(super) answer: BTreeMap<TermId, u32>,
}

/// One question of an entry.
#[derive(Debug)]
pub(super) struct Question {
    /// Sorted, without repeats.
    pub(super) terms: Vec<TermId>,
    pub(super) canonical: String,
}

/// A customer's question, as terms.
#[derive(Debug)]
pub(super) struct Asked {
    /// Terms that the corpus knows, sorted, without repeats.
    pub(super) known: Vec<TermId>,
    /// The weights of those that it does not know, added up.
    pub(super) unknown: f64,
}

impl Corpus {
    /// Takes the entries apart.
    pub fn new(entries: &[Entry], language: Language) -> Self {
        let mut corpus = Self {
            analyser: Analyser::new(language),
            texts: HashMap::new(),
            concepts: HashMap::new(),
            kinds: Vec::new(),
            documents: Vec::with_capacity(entries.len()),
        };
        for entry in entries {
            let document = corpus.document(entry, language);
            corpus.documents.push(document);
        }
        corpus
    }

    fn document(&mut self, entry: &Entry, language: Language) -> Document {
        let mut document = Document::default();
        for question in entry.questions.get(&language).into_iter().flatten() {
            let terms = sorted(self.intern(question));
            document.questions.push(Question { terms, canonical: canonical(question) });
        }
        document.title = sorted(self.intern(entry.title.get(language).unwrap_or_default()));
        for term in self.intern(entry.answer.get(language).unwrap_or_default()) {
            *document.answer.entry(term).or_default() += 1;
        }
        document
    }

    /// A text's terms in order, new ones getting a number.
    fn intern(&mut self, text: &str) -> Vec<TermId> {
        let normal = normalise(text);
        let mut terms = Vec::new();
        let Self { analyser, texts, concepts, kinds, .. } = self;
        analyser.terms(&normal, |term| {
            let next = TermId(kinds.len());
            let id = match term {
                Term::Text(text) => match texts.get(text) {
                    Some(id) => *id,
                    None => *texts.entry(text.into()).or_insert(next),
                },
                Term::Concept(concept) => *concepts.entry(concept).or_insert(next),
            };
            if id == next {
                kinds.push(analyser.weight(term));
            }
            terms.push(id);
        });
        terms
    }

    /// Takes a customer's question apart.
    pub(super) fn asked(&self, text: &str) -> Asked {
        let normal = normalise(text);
        let (mut known, mut unknown) = (Vec::new(), Vec::new());
        self.analyser.terms(&normal, |term| {
            let id = match term {
                Term::Text(text) => self.texts.get(text),
                Term::Concept(concept) => self.concepts.get(&concept),
            };
            match id {
                Some(id) => known.push(*id),
                None => unknown.push(term),
            }
        });
        Asked {
            known: sorted(known),
            unknown: sorted(unknown).into_iter().map(|term| self.analyser.weight(term)).sum(),
        }
    }

    /// The entry that has this very question, but for punctuation and letter case.
    pub(super) fn entry_with(&self, question: &str) -> Option<usize> {
        let asked = canonical(question);
        let has = |document: &Document| document.questions.iter().any(|q| q.canonical == asked);
        if asked.is_empty() { None } else { self.documents.iter().position(has) }
    }
}

fn sorted<T: Ord>(mut terms: Vec<T>) -> Vec<T> {
    terms.sort_unstable();
    terms.dedup();
    terms
}

//! The weights, worked out once, and the ranking.

use std::collections::BTreeMap;

use super::corpus::{Asked, Corpus, Document, TermId};

/// BM25's saturation: how slowly more occurrences of a term stop to add.
const K1: f64 = 2.5;
/// What an occurrence counts in the title, and each of at most two in the answer, when one in a question counts 1 (less
/// in an entry with more questions than others, more in one with fewer).
const TITLE: f64 = 4.0;
const ANSWER: f64 = 2.0;
const ANSWER_OCCURRENCES: u32 = 2;
/// How common an occurrence in an answer alone makes a term, when one in a question or title counts 1.
const ANSWER_COMMONNESS: f64 = 0.5;
/// The part of the nearest single question in the score; the rest is the entry as a whole.
const NEAREST: f64 = 0.15;
/// A few entries do not show which words are rare: a smaller base counts as one of so many entries.
const LEAST_ENTRIES: usize = 64;
/// A short question proves little, and a long one tells a story around the matter: each is taken as if it held so many
/// more words that nobody knows, which brings the scores of both to one scale.
const DOUBT: f64 = 6.0;

/// An entry that may be what the customer means.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Candidate {
    /// The entry's place in the base's list.
    pub entry: usize,
    /// How much of the question it covers, from 0 to 1; 1 exactly when it is one of its questions word for word.
    pub score: f64,
}

/// A [`Corpus`] ready for questions.
#[derive(Debug)]
pub struct Index {
    corpus: Corpus,
    weights: Weights,
}

impl Index {
    /// Works out the weights.
    pub fn new(corpus: Corpus) -> Self {
        let weights = Weights::new(&corpus, None);
        Self { corpus, weights }
    }

    /// The entries that share a term with the question, the best first; equal ones in the base's order.
    pub fn rank(&self, question: &str) -> Vec<Candidate> {
        let mut scores = self.weights.scores(&self.corpus.asked(question));
        if let Some(score) = self.corpus.entry_with(question).and_then(|entry| scores.get_mut(entry)) {
            *score = 1.0;
        }
        ranking(scores)
    }

    /// How much of the question each entry covers, from 0 to 1, in the base's order; and the entry that has it word for
    /// word.
    pub(crate) fn cover(&self, question: &str) -> (Vec<f64>, Option<usize>) {
        (self.weights.scores(&self.corpus.asked(question)), self.corpus.entry_with(question))
    }

    /// The ranking of a question as if the one at `left_out` (its entry, its place there) did not exist.
    pub fn rank_without(corpus: &Corpus, left_out: (usize, usize), question: &str) -> Vec<Candidate> {
        ranking(Weights::new(corpus, Some(left_out)).scores(&corpus.asked(question)))
    }
}

fn ranking(scores: Vec<f64>) -> Vec<Candidate> {
    let found = scores.into_iter().enumerate().map(|(entry, score)| Candidate { entry, score });
    let mut found: Vec<_> = found.filter(|candidate| candidate.score > 0.0).collect();
    found.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.entry.cmp(&b.entry)));
    found
}

/// What the terms count.
#[derive(Debug)]
struct Weights {
    /// By term.
    postings: Vec<Postings>,
    questions: Vec<Nearest>,
    entries: usize,
    /// What a term is worth that no entry has.
    rarest: f64,
}

#[derive(Clone, Debug, Default)]
struct Postings {
    worth: f64,
    /// In how many entries it is; one that has it in its answer only counts less.
    common: f64,
    /// Entries that have it, with what it adds to their score.
    entries: Vec<(usize, f64)>,
    /// Questions that have it, by their place in [`Weights::questions`].
    questions: Vec<usize>,
}

/// A single question of an entry.
#[derive(Debug)]
struct Nearest {
    entry: usize,
    /// What all its terms are worth.
    worth: f64,
}

/// A term in an entry.
#[derive(Default)]
struct Use {
    frequency: f64,
    /// It is in a question or the title.
    asked: bool,
}

impl Weights {
    /// Works out the weights, as if the question at `left_out` did not exist.
    fn new(corpus: &Corpus, left_out: Option<(usize, usize)>) -> Self {
        let entries = corpus.documents.len();
        let mut weights = Self {
            postings: vec![Postings::default(); corpus.kinds.len()],
            questions: Vec::new(),
            entries,
            rarest: worth(0.0, entries),
        };
        let questions: usize = corpus.documents.iter().map(|document| document.questions.len()).sum();
        let usual = float(questions) / float(entries);
        for (entry, document) in corpus.documents.iter().enumerate() {
            let gone = left_out.and_then(|(of, at)| (of == entry).then_some(at));
            weights.add(entry, document, usual, gone);
        }
        for (postings, kind) in weights.postings.iter_mut().zip(&corpus.kinds) {
            postings.worth = kind * worth(postings.common, entries);
            for (_, share) in &mut postings.entries {
                *share *= postings.worth;
            }
            for place in &postings.questions {
                if let Some(question) = weights.questions.get_mut(*place) {
                    question.worth += postings.worth;
                }
            }
        }
        weights
    }

    /// Adds an entry; `usual` is how many questions one has on average.
    fn add(&mut self, entry: usize, document: &Document, usual: f64, gone: Option<usize>) {
        let mut uses: BTreeMap<TermId, Use> = BTreeMap::new();
        let kept =
            document.questions.iter().enumerate().filter(|(at, _)| gone != Some(*at)).map(|(_, question)| question);
        let each_counts = usual / float(kept.clone().count());
        for question in kept {
            for term in &question.terms {
                let each = uses.entry(*term).or_default();
                each.frequency += each_counts;
                each.asked = true;
                if let Some(postings) = self.postings.get_mut(term.0) {
                    postings.questions.push(self.questions.len());
                }
            }
            self.questions.push(Nearest { entry, worth: 0.0 });
        }
        for term in &document.title {
            let each = uses.entry(*term).or_default();
            each.frequency += TITLE;
            each.asked = true;
        }
        for (term, occurrences) in &document.answer {
            let counted = f64::from((*occurrences).min(ANSWER_OCCURRENCES));
            uses.entry(*term).or_default().frequency += ANSWER * counted;
        }
        for (term, Use { frequency, asked }) in uses {
            if let Some(postings) = self.postings.get_mut(term.0) {
                postings.common += if asked { 1.0 } else { ANSWER_COMMONNESS };
                postings.entries.push((entry, frequency / (frequency + K1)));
            }
        }
    }

    /// How much of what was asked each entry covers, from 0 to 1.
    fn scores(&self, asked: &Asked) -> Vec<f64> {
        let mut total = asked.unknown * self.rarest;
        let mut whole = vec![0.0; self.entries];
        let mut shared = vec![0.0; self.questions.len()];
        for postings in asked.known.iter().filter_map(|term| self.postings.get(term.0)) {
            total += postings.worth;
            for (entry, share) in &postings.entries {
                whole.get_mut(*entry).into_iter().for_each(|sum| *sum += share);
            }
            for place in &postings.questions {
                shared.get_mut(*place).into_iter().for_each(|sum| *sum += postings.worth);
            }
        }
        let mut nearest = vec![0.0_f64; self.entries];
        for (question, shared) in self.questions.iter().zip(shared).filter(|(_, shared)| *shared > 0.0) {
            let likeness = shared / (total * question.worth).sqrt();
            nearest.get_mut(question.entry).into_iter().for_each(|best| *best = best.max(likeness));
        }
        let most = total + DOUBT * self.rarest;
        let score = |(whole, nearest)| ((1.0 - NEAREST) * whole + NEAREST * nearest * total) / most;
        whole.into_iter().zip(nearest).map(score).collect()
    }
}

/// BM25's inverse document frequency: what a term is worth that so many of the entries have.
fn worth(common: f64, entries: usize) -> f64 {
    let entries = float(entries.max(LEAST_ENTRIES));
    (1.0 + (entries - common + 0.5) / (common + 0.5)).ln()
}

fn float(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

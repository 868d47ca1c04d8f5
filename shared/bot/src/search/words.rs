//! Passages by their words: Okapi BM25.

use std::collections::{BTreeMap, HashMap};

use super::terms::terms;
use crate::understand::real;

/// How slowly more occurrences of a term stop to add, and how much a long passage's terms count less.
const SATURATION: f32 = 1.2;
const LENGTH: f32 = 0.85;

/// The passages' terms.
#[derive(Debug)]
pub(super) struct Words {
    /// By term: the passages that have it, with what it adds to each, once.
    postings: HashMap<Box<str>, Vec<(usize, f32)>>,
    passages: usize,
}

impl Words {
    /// Counts the terms of passages.
    pub(super) fn new(passages: &[&str]) -> Self {
        let mut lengths = Vec::new();
        let mut counts: BTreeMap<Box<str>, Vec<(usize, f32)>> = BTreeMap::new();
        for (passage, text) in passages.iter().enumerate() {
            let mut own: BTreeMap<Box<str>, f32> = BTreeMap::new();
            terms(text, |term, _| *own.entry(term.into()).or_default() += 1.0);
            lengths.push(own.values().sum::<f32>());
            for (term, count) in own {
                counts.entry(term).or_default().push((passage, count));
            }
        }
        let all = real(passages.len().max(1));
        let usual = (lengths.iter().sum::<f32>() / all).max(1.0);
        let weigh = |(term, having): (Box<str>, Vec<(usize, f32)>)| {
            let common = real(having.len());
            let worth = (1.0 + (all - common + 0.5) / (common + 0.5)).ln();
            let add = |(passage, count): (usize, f32)| {
                let length = lengths.get(passage).copied().unwrap_or_default() / usual;
                let slack = SATURATION * (1.0 - LENGTH + LENGTH * length);
                (passage, worth * count * (SATURATION + 1.0) / (count + slack))
            };
            (term, having.into_iter().map(add).collect())
        };
        Self { postings: counts.into_iter().map(weigh).collect(), passages: passages.len() }
    }

    /// Each passage's score for a question; 0 where they share no term.
    pub(super) fn scores(&self, question: &str) -> Vec<f32> {
        let mut scores = vec![0.0; self.passages];
        terms(question, |term, counts| {
            for (passage, add) in self.postings.get(term).into_iter().flatten() {
                scores.get_mut(*passage).into_iter().for_each(|score| *score += counts * add);
            }
        });
        scores
    }
}

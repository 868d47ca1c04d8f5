//! The linear models that are trained side by side, and what each says of texts that it was not trained on.

use super::rows::{Parts, Rows};
use super::{entropy, hinge, parallel};

/// A way to train a linear model.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Member {
    pub(super) loss: Loss,
    pub(super) parts: Parts,
    /// How much an error counts against the weights' size.
    pub(super) cost: f32,
}

/// What counts as an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Loss {
    /// Each class against the rest, squared hinge: best with many phrasings.
    Hinge,
    /// All classes at once, cross-entropy: best with few.
    Entropy,
}

/// What there is to learn.
#[derive(Clone, Copy, Debug)]
pub(super) struct Task<'a> {
    pub(super) rows: &'a Rows,
    /// Each row's class.
    pub(super) labels: &'a [usize],
    pub(super) classes: usize,
}

impl Task<'_> {
    fn label(&self, row: usize) -> usize {
        self.labels.get(row).copied().unwrap_or_default()
    }

    /// Trains on these rows. The weights of all classes for a feature stand side by side.
    pub(super) fn train(&self, member: Member, on: &[usize]) -> Vec<f32> {
        let Member { loss, parts, cost } = member;
        match loss {
            Loss::Entropy => entropy::all_at_once(self.rows, on, |row| self.label(row), self.classes, parts, cost),
            Loss::Hinge => {
                let mut all = vec![0.0; self.rows.width() * self.classes];
                // A few classes at a time, so that their weights are not all there twice.
                for start in (0..self.classes).step_by(TOGETHER) {
                    let together = TOGETHER.min(self.classes - start);
                    let found = parallel::map(together, |at| {
                        hinge::one_against_rest(self.rows, on, |row| self.label(row) == start + at, parts, cost)
                    });
                    for (class, weights) in (start..).zip(found) {
                        let places = all.iter_mut().skip(class).step_by(self.classes);
                        places.zip(weights).for_each(|(place, weight)| *place = weight);
                    }
                }
                all
            }
        }
    }

    /// What a model that was trained on some rows says of others: a score for each class, row by row.
    pub(super) fn scores(&self, member: Member, on: &[usize], of: &[usize]) -> Vec<f32> {
        let Member { loss, parts, cost } = member;
        match loss {
            Loss::Entropy => {
                let weights = self.train(member, on);
                of.iter().flat_map(|row| self.score(*row, parts, &weights)).collect()
            }
            Loss::Hinge => {
                let mut scores = vec![0.0; of.len() * self.classes];
                for class in 0..self.classes {
                    let weights = hinge::one_against_rest(self.rows, on, |row| self.label(row) == class, parts, cost);
                    let places = scores.iter_mut().skip(class).step_by(self.classes);
                    for (place, row) in places.zip(of) {
                        *place = self.rows.row(*row).dot(parts, self.rows.features, &weights);
                    }
                }
                scores
            }
        }
    }

    /// A row's score for each class.
    fn score(&self, row: usize, parts: Parts, weights: &[f32]) -> Vec<f32> {
        let mut scores = vec![0.0; self.classes];
        self.rows.row(row).each(parts, self.rows.features, |index, value| {
            let those = weights.get(index * self.classes..(index + 1) * self.classes).unwrap_or_default();
            scores.iter_mut().zip(those).for_each(|(score, weight)| *score += value * weight);
        });
        scores
    }
}

/// How many classes are trained before their weights are put away.
const TOGETHER: usize = 16;

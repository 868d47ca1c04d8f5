//! The linear models that are trained side by side, and what each says of texts that it was not trained on.

use super::means::Means;
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
    /// Nothing is solved: each class is the mean of its phrasings. For more than can be solved.
    Mean,
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

    /// The means of these rows.
    pub(super) fn means(&self, parts: Parts, on: &[usize]) -> Means {
        Means::of(self.rows, |row| self.label(row), self.classes, on, parts)
    }

    /// Trains on these rows. The weights of all classes for a feature stand side by side.
    pub(super) fn train(&self, member: Member, on: &[usize]) -> Vec<f32> {
        let Member { loss, parts, cost } = member;
        match loss {
            Loss::Entropy => entropy::all_at_once(self.rows, on, |row| self.label(row), self.classes, parts, cost),
            Loss::Mean => {
                let means = self.means(parts, on);
                let mut all = vec![0.0; self.rows.width() * self.classes];
                for (feature, weights) in all.chunks_exact_mut(self.classes).take(self.rows.features).enumerate() {
                    for (class, value) in means.feature(feature) {
                        weights.get_mut(usize::from(*class)).into_iter().for_each(|weight| *weight = *value);
                    }
                }
                let places = all.iter_mut().skip(self.rows.features * self.classes);
                places.zip(means.by_dimension()).for_each(|(place, value)| *place = value);
                all
            }
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
            Loss::Mean => {
                let means = self.means(parts, on);
                of.iter().flat_map(|row| means.scores(self.rows.row(*row))).collect()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::understand::mix::probabilities;
    use crate::understand::space::Space;

    const TEXTS: [(&str, usize); 9] = [
        ("where is my order", 0),
        ("track my order", 0),
        ("order status", 0),
        ("i want a refund", 1),
        ("refund my money", 1),
        ("money back please", 1),
        ("when do you open", 2),
        ("opening hours", 2),
        ("open on sunday", 2),
    ];

    /// At the optimum the weights are the sum of the rows, each as often as it is still wrong. Says how far they are
    /// from that, as a share of the largest weight.
    fn miss(member: Member, wrong: impl Fn(f32, f32, bool) -> f32) -> f32 {
        let texts = TEXTS.map(|(text, _)| text);
        let labels = TEXTS.map(|(_, label)| label);
        let space = Space::of(&texts);
        let rows = Rows::new(&texts.map(|text| space.vector(text)), space.len(), &[]);
        let task = Task { rows: &rows, labels: &labels, classes: 3 };
        let all: Vec<usize> = (0..texts.len()).collect();
        let weights = task.train(member, &all);
        let mut expected = vec![0.0; weights.len()];
        for row in all {
            let scores = task.score(row, member.parts, &weights);
            let mut likely = scores.clone();
            probabilities(&mut likely);
            rows.row(row).each(member.parts, rows.features, |index, value| {
                for class in 0..3 {
                    let much = wrong(scores[class], likely[class], labels[row] == class);
                    expected[index * 3 + class] += member.cost * much * value;
                }
            });
        }
        let largest = weights.iter().copied().map(f32::abs).fold(0.0, f32::max);
        weights.iter().zip(&expected).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max) / largest
    }

    const SPARSE: Parts = Parts { sparse: 1.0, dense: 0.0 };

    #[test]
    fn all_at_once_finds_the_optimum() {
        let member = Member { loss: Loss::Entropy, parts: SPARSE, cost: 5.0 };
        let miss = miss(member, |_, likely, own| if own { 1.0 - likely } else { -likely });
        assert!(miss < 0.12, "{miss}");
    }

    #[test]
    fn one_against_rest_finds_the_optimum() {
        let member = Member { loss: Loss::Hinge, parts: SPARSE, cost: 1.0 };
        let miss = miss(member, |score, _, own| {
            let side = if own { 1.0 } else { -1.0 };
            2.0 * side * (1.0 - side * score).max(0.0)
        });
        assert!(miss < 0.12, "{miss}");
    }
}

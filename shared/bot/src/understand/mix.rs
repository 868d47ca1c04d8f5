//! Several models' scores as one: their weighted sum, which as a probability is their geometric mean.

use super::num::real;

/// What the models say of held-out texts.
pub(crate) struct Held<'a> {
    /// By model: a score for each class, text by text.
    pub(crate) scores: Vec<&'a [f32]>,
    /// Each text's class.
    pub(crate) labels: Vec<usize>,
    pub(crate) classes: usize,
}

/// Weights beyond these say nothing that these do not.
const LEAST: f32 = 0.01;
const MOST: f32 = 100.0;
const ROUNDS: usize = 200;

impl Held<'_> {
    /// The weights that make the right classes the most likely, and how unlikely they still are (the mean negative
    /// logarithm of their probability).
    ///
    /// Descent on the weights' logarithms, beginning at `from`, each step as long as the last allows.
    pub(crate) fn weights(&self, from: &[f32]) -> (Vec<f32>, f32) {
        let mut logs: Vec<f32> = from.iter().map(|weight| weight.clamp(LEAST, MOST).ln()).collect();
        let (mut lost, mut slopes) = self.steepness(&logs);
        let mut pace = 2.0;
        for _ in 0..ROUNDS {
            let tried: Vec<f32> = logs
                .iter()
                .zip(&slopes)
                .map(|(log, slope)| (log - pace * slope).clamp(LEAST.ln(), MOST.ln()))
                .collect();
            let (new, new_slopes) = self.steepness(&tried);
            if new <= lost {
                let gained = lost - new;
                (logs, lost, slopes) = (tried, new, new_slopes);
                pace *= 1.5;
                if gained < 1e-6 {
                    break;
                }
            } else {
                pace *= 0.4;
                if pace < 1e-3 {
                    break;
                }
            }
        }
        (logs.into_iter().map(f32::exp).collect(), lost)
    }

    /// The loss at these logarithms of weights, and its slope along each.
    fn steepness(&self, logs: &[f32]) -> (f32, Vec<f32>) {
        let weights: Vec<f32> = logs.iter().copied().map(f32::exp).collect();
        let (mut sum, mut slopes) = (0.0_f64, vec![0.0_f64; logs.len()]);
        for (text, label) in self.labels.iter().enumerate() {
            let own = text * self.classes..(text + 1) * self.classes;
            let mut mixed = vec![0.0; self.classes];
            for (scores, weight) in self.scores.iter().zip(&weights) {
                let scores = scores.get(own.clone()).unwrap_or_default();
                mixed.iter_mut().zip(scores).for_each(|(mixed, score)| *mixed += weight * score);
            }
            probabilities(&mut mixed);
            let right = mixed.get(*label).copied().unwrap_or_default();
            sum -= f64::from(right.max(1e-12).ln());
            for ((scores, weight), slope) in self.scores.iter().zip(&weights).zip(&mut slopes) {
                let scores = scores.get(own.clone()).unwrap_or_default();
                let expected: f32 = scores.iter().zip(&mixed).map(|(score, p)| score * p).sum();
                let of_right = scores.get(*label).copied().unwrap_or_default();
                *slope += f64::from(weight * (expected - of_right));
            }
        }
        let texts = real(self.labels.len().max(1));
        let mean = |sum: f64| super::num::narrow(sum) / texts;
        (mean(sum), slopes.into_iter().map(mean).collect())
    }
}

/// The place of the highest, the first of equal ones.
pub(crate) fn highest(scores: &[f32]) -> Option<usize> {
    let by_score = |(a, x): &(usize, &f32), (b, y): &(usize, &f32)| x.total_cmp(y).then(b.cmp(a));
    scores.iter().enumerate().max_by(by_score).map(|(at, _)| at)
}

/// Scores become probabilities.
pub(crate) fn probabilities(scores: &mut [f32]) {
    let most = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    for score in &mut *scores {
        *score = (*score - most).exp();
    }
    let sum: f32 = scores.iter().sum();
    for score in scores {
        *score /= sum;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trusts_the_model_that_is_right() {
        let good = [3.0, 0.0, 0.0, 3.0, 2.0, 0.0, 0.0, 1.0];
        let noise = [0.0, 1.0, 1.0, 0.0, 0.5, 0.0, 0.0, 0.2];
        let labels = vec![0, 1, 0, 1];
        let held = Held { scores: vec![&good, &noise], labels, classes: 2 };
        let (weights, loss) = held.weights(&[1.0, 1.0]);
        assert!(weights[0] > 10.0 * weights[1], "{weights:?}");
        assert!(loss < 0.1);
    }

    #[test]
    fn probabilities_sum_to_one() {
        let mut scores = [100.0, 101.0, -50.0];
        probabilities(&mut scores);
        assert!((scores.iter().sum::<f32>() - 1.0).abs() < 1e-6 && scores[1] > scores[0]);
        assert_eq!((highest(&scores), highest(&[])), (Some(1), None));
    }
}

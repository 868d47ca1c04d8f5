//! Figures of a classifier that may also say that a text is of no class.

use std::collections::BTreeMap;

use bot::understand::Trial;

/// A guess on a test text.
#[derive(Clone, Debug)]
pub(crate) struct Guess {
    /// Its true label; `None` when it is of no class.
    pub(crate) truth: Option<String>,
    /// The guessed label.
    pub(crate) label: String,
    /// How sure the model is.
    pub(crate) confidence: f32,
}

impl Guess {
    /// Whether the label is right.
    pub(crate) fn right(&self) -> bool {
        self.truth.as_ref() == Some(&self.label)
    }

    /// What it shows about thresholds.
    pub(crate) fn trial(&self) -> Trial {
        Trial { confidence: self.confidence, right: self.right(), outside: self.truth.is_none() }
    }
}

fn count(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}

/// A share, 0 of nothing.
pub(crate) fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { count(part) / count(whole) }
}

/// The share of the texts of a class whose label is right, without a threshold.
pub(crate) fn accuracy(guesses: &[Guess]) -> f64 {
    let inside = guesses.iter().filter(|guess| guess.truth.is_some());
    share(inside.clone().filter(|guess| guess.right()).count(), inside.count())
}

/// What a threshold makes of the guesses.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct AtThreshold {
    /// The share of the texts of no class that are refused.
    pub(crate) recall: f64,
    /// The share of the refused texts that are of no class.
    pub(crate) precision: f64,
    /// The share of the texts of a class that keep the right label.
    pub(crate) inscope_accuracy: f64,
    /// Matthews' correlation over all classes, no class being one (Gorodkin's `R_K`).
    pub(crate) mcc: f64,
}

/// The figures at a threshold.
pub(crate) fn at(guesses: &[Guess], threshold: f32) -> AtThreshold {
    let refused = |guess: &&Guess| guess.confidence < threshold;
    let outside: Vec<&Guess> = guesses.iter().filter(|guess| guess.truth.is_none()).collect();
    let caught = outside.iter().copied().filter(refused).count();
    let kept = guesses.iter().filter(|guess| guess.right() && !refused(guess)).count();
    AtThreshold {
        recall: share(caught, outside.len()),
        precision: share(caught, guesses.iter().filter(refused).count()),
        inscope_accuracy: share(kept, guesses.len() - outside.len()),
        mcc: correlation(guesses, threshold),
    }
}

fn correlation(guesses: &[Guess], threshold: f32) -> f64 {
    let (mut truths, mut predictions) = (BTreeMap::<&str, f64>::new(), BTreeMap::<&str, f64>::new());
    let mut right = 0.0;
    for guess in guesses {
        let truth = guess.truth.as_deref().unwrap_or_default();
        let predicted = if guess.confidence < threshold { "" } else { guess.label.as_str() };
        *truths.entry(truth).or_default() += 1.0;
        *predictions.entry(predicted).or_default() += 1.0;
        right += if truth == predicted { 1.0 } else { 0.0 };
    }
    let all = count(guesses.len());
    let squares = |counts: &BTreeMap<&str, f64>| counts.values().map(|n| n * n).sum::<f64>();
    let both: f64 = truths.iter().map(|(label, n)| n * predictions.get(label).copied().unwrap_or_default()).sum();
    let spread = ((all * all - squares(&predictions)) * (all * all - squares(&truths))).sqrt();
    if spread > 0.0 { (right * all - both) / spread } else { 0.0 }
}

/// The best correlation with a threshold of 0.1, 0.2, … 0.9.
pub(crate) fn best_correlation(guesses: &[Guess]) -> f64 {
    (1..=9_u8).map(|tenth| correlation(guesses, f32::from(tenth) / 10.0)).fold(f64::NEG_INFINITY, f64::max)
}

/// How often a text of a class is surer than one of no class: the area under the curve of recall over false alarms.
pub(crate) fn auroc(guesses: &[Guess]) -> f64 {
    let mut sorted: Vec<&Guess> = guesses.iter().collect();
    sorted.sort_by(|a, b| a.confidence.total_cmp(&b.confidence));
    let (mut below, mut won) = (0.0, 0.0);
    for same in sorted.chunk_by(|a, b| a.confidence.total_cmp(&b.confidence).is_eq()) {
        let outside = count(same.iter().filter(|guess| guess.truth.is_none()).count());
        won += (count(same.len()) - outside) * (below + outside / 2.0);
        below += outside;
    }
    let inside = count(guesses.len()) - below;
    if inside > 0.0 && below > 0.0 { won / (inside * below) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guess(truth: &str, label: &str, confidence: f32) -> Guess {
        Guess { truth: (!truth.is_empty()).then(|| truth.to_owned()), label: label.to_owned(), confidence }
    }

    fn sample() -> Vec<Guess> {
        vec![
            guess("a", "a", 0.9),
            guess("a", "b", 0.8),
            guess("b", "b", 0.55),
            guess("", "a", 0.6),
            guess("", "b", 0.2),
        ]
    }

    #[test]
    fn counts_at_a_threshold() {
        assert!((accuracy(&sample()) - 2.0 / 3.0).abs() < 1e-9);
        let found = at(&sample(), 0.58);
        assert!((found.recall - 0.5).abs() < 1e-9 && (found.precision - 0.5).abs() < 1e-9);
        assert!((found.inscope_accuracy - 1.0 / 3.0).abs() < 1e-9);
    }

    #[test]
    fn ranks_inside_above_outside() {
        // Of six pairs, five are in order: 0.55 stands below 0.6.
        assert!((auroc(&sample()) - 5.0 / 6.0).abs() < 1e-9);
        assert!((auroc(&[guess("a", "a", 0.5), guess("", "a", 0.5)]) - 0.5).abs() < 1e-9);
    }

    /// Worked out with scikit-learn's `matthews_corrcoef`.
    #[test]
    fn correlates_over_all_classes() {
        assert!((correlation(&sample(), 0.58) - MCC).abs() < 1e-6, "{}", correlation(&sample(), 0.58));
        let perfect = [guess("a", "a", 1.0), guess("b", "b", 1.0), guess("", "a", 0.0)];
        assert!((best_correlation(&perfect) - 1.0).abs() < 1e-9);
    }

    const MCC: f64 = 0.062_5;
}

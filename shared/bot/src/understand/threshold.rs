//! How sure the model must be before its guess counts.

use super::num::real;

/// How many of its right guesses the model may lose to the threshold, when nothing shows what it should refuse.
const LOST: f32 = 0.01;

/// A guess on a text that the model was not trained on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trial {
    /// How sure the model was.
    pub confidence: f32,
    /// Whether it was right; never so for a text that is of no class.
    pub right: bool,
    /// Whether the text is of no class.
    pub outside: bool,
}

/// The threshold below which a guess is none.
///
/// Where texts of no class are among the trials, it is the one with which most trials end well: a right guess, or none
/// on a text of no class. Where there are none, it is the one that loses so many of the right guesses as a base can bear.
pub fn threshold(trials: &[Trial]) -> f32 {
    let mut trials = trials.to_vec();
    trials.sort_by(|a, b| a.confidence.total_cmp(&b.confidence));
    if trials.iter().any(|trial| trial.outside) { most_end_well(&trials) } else { few_are_lost(&trials) }
}

/// `trials` by confidence.
fn most_end_well(trials: &[Trial]) -> f32 {
    let (mut well, mut most, mut best) = (0_i64, 0_i64, 0.0);
    for (at, trial) in trials.iter().enumerate() {
        well += i64::from(trial.outside) - i64::from(trial.right);
        if well > most {
            let next = trials.get(at + 1).map_or(trial.confidence, |next| next.confidence);
            (most, best) = (well, f32::midpoint(trial.confidence, next));
        }
    }
    best
}

fn few_are_lost(trials: &[Trial]) -> f32 {
    let right: Vec<f32> = trials.iter().filter(|trial| trial.right).map(|trial| trial.confidence).collect();
    let may_go = LOST * real(right.len());
    right.iter().enumerate().find(|(at, _)| real(*at) >= may_go).map_or(0.0, |(_, confidence)| *confidence)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trial(confidence: f32, right: bool, outside: bool) -> Trial {
        Trial { confidence, right, outside }
    }

    #[test]
    fn parts_what_is_outside() {
        let trials =
            [trial(0.9, true, false), trial(0.2, false, true), trial(0.6, true, false), trial(0.3, false, true)];
        let found = threshold(&trials);
        assert!(found > 0.3 && found <= 0.6, "{found}");
    }

    #[test]
    fn loses_few_where_nothing_is_outside() {
        let trials: Vec<_> = (0..200_u8).map(|at| trial(f32::from(at) / 200.0, true, false)).collect();
        assert!((threshold(&trials) - 0.01).abs() < 1e-6);
        assert!(threshold(&[]).abs() < 1e-9);
    }
}

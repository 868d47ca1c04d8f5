//! All classes at once: multinomial logistic regression, solved in its dual one text at a time.
//!
//! The dual has a distribution over the classes for each text, which at the optimum is what the weights predict for it.
//! A step makes that so for one text, all others being held (Yu, Huang and Lin, “Dual coordinate descent methods for
//! logistic regression and maximum entropy models”, Machine Learning 85, 2011).

use super::num::real;
use super::rows::{Parts, Rows};
use super::shuffle::Shuffle;

/// How much a pass may still move the distributions, on average, before they count as found; and the most passes.
const TOLERANCE: f32 = 0.004;
const MOST_PASSES: usize = 40;
/// A step that moves no probability by more than this is not taken.
const LEAST_MOVE: f32 = 1e-4;

/// The weights, those of all classes for a feature side by side. `label` gives a row's class; `cost` is how much an
/// error counts against the weights' size.
pub(super) fn all_at_once(
    rows: &Rows,
    members: &[usize],
    label: impl Fn(usize) -> usize,
    classes: usize,
    parts: Parts,
    cost: f32,
) -> Vec<f32> {
    let mut weights = vec![0.0; rows.width() * classes];
    let mut duals = vec![0.0_f32; members.len() * classes];
    for (dual, row) in duals.chunks_exact_mut(classes).zip(members) {
        dual.get_mut(label(*row)).into_iter().for_each(|own| *own = 1.0);
    }
    let mut order: Vec<usize> = (0..members.len()).collect();
    let mut shuffle = Shuffle::new(2);
    let mut step = Step { scores: vec![0.0; classes], found: vec![0.0; classes] };
    for _ in 0..MOST_PASSES {
        shuffle.shuffle(&mut order);
        let mut moved = 0.0;
        for &at in &order {
            let Some(row) = members.get(at).map(|row| rows.row(*row)) else { continue };
            let Some(dual) = duals.get_mut(at * classes..(at + 1) * classes) else { continue };
            step.scores.fill(0.0);
            row.each(parts, rows.features, |index, value| {
                let those = weights.get(index * classes..(index + 1) * classes).unwrap_or_default();
                step.scores.iter_mut().zip(those).for_each(|(score, weight)| *score += value * weight);
            });
            step.solve(dual, cost * row.squared(parts));
            let most = dual.iter().zip(&step.found).map(|(old, new)| (old - new).abs()).fold(0.0, f32::max);
            if most < LEAST_MOVE {
                continue;
            }
            moved += most;
            for (old, new) in dual.iter_mut().zip(&mut step.found) {
                let change = cost * (*old - *new);
                *old = *new;
                *new = change;
            }
            row.each(parts, rows.features, |index, value| {
                let those = weights.get_mut(index * classes..(index + 1) * classes).unwrap_or_default();
                those.iter_mut().zip(&step.found).for_each(|(weight, change)| *weight += value * change);
            });
        }
        if moved <= TOLERANCE * real(members.len()) {
            break;
        }
    }
    weights
}

/// One text's problem.
struct Step {
    /// What the weights say of it, by class.
    scores: Vec<f32>,
    /// The distribution that is sought.
    found: Vec<f32>,
}

impl Step {
    /// Finds the distribution p with `ln p + stiffness · p = scores + stiffness · dual − level`, the level being such
    /// that p sums to 1.
    fn solve(&mut self, dual: &[f32], stiffness: f32) {
        let most = self.scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let mut level = most + self.scores.iter().map(|score| (score - most).exp()).sum::<f32>().ln();
        for _ in 0..8 {
            let (mut sum, mut slope) = (0.0, 0.0);
            for ((found, score), dual) in self.found.iter_mut().zip(&self.scores).zip(dual) {
                *found = share(score + stiffness * dual - level, stiffness);
                sum += *found;
                slope += *found / (1.0 + stiffness * *found);
            }
            if (sum - 1.0).abs() < 1e-4 {
                break;
            }
            level += (sum - 1.0) / slope.max(f32::MIN_POSITIVE);
        }
        let sum: f32 = self.found.iter().sum();
        self.found.iter_mut().for_each(|found| *found /= sum);
    }
}

/// The p with `ln p + stiffness · p = target`, by Newton's method on its logarithm.
fn share(target: f32, stiffness: f32) -> f32 {
    let mut log = target.min(0.0);
    let mut share = log.exp();
    // Far down, the second term is nothing beside the first.
    if stiffness * share < 1e-3 && target <= 0.0 {
        return share;
    }
    for _ in 0..12 {
        let miss = log + stiffness * share - target;
        let change = miss / (1.0 + stiffness * share);
        log -= change;
        share = log.exp();
        if change.abs() < 1e-4 {
            break;
        }
    }
    share
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_solves_its_equation() {
        for target in [-30.0, -5.0, -0.5, 0.0, 3.0, 20.0, 60.0_f32] {
            // A share of at most 1 has no higher target than its stiffness.
            for stiffness in [0.1_f32, 2.0, 40.0, 500.0].into_iter().filter(|stiffness| target < stiffness + 2.0) {
                let share = share(target, stiffness);
                let miss = share.ln() + stiffness * share - target;
                assert!(miss.abs() < 0.01 * (1.0 + stiffness * share), "{target} {stiffness}: {share} {miss}");
            }
        }
    }

    #[test]
    fn a_step_finds_a_distribution_that_the_moved_weights_predict() {
        let mut step = Step { scores: vec![0.3, -0.2, 1.0], found: vec![0.0; 3] };
        let (dual, stiffness) = ([1.0, 0.0, 0.0], 5.0);
        step.solve(&dual, stiffness);
        let moved: Vec<f32> =
            (0..3).map(|k| step.scores[k] + stiffness * (dual[k] - step.found[k])).map(f32::exp).collect();
        let sum: f32 = moved.iter().sum();
        for (predicted, found) in moved.iter().zip(&step.found) {
            assert!((predicted / sum - found).abs() < 2e-3, "{moved:?} {:?}", step.found);
        }
    }
}

//! A trained model's weights, small: one byte each, and only those that matter.

use super::num::{place, step};

/// Weights by feature, each feature's by class.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Weights {
    /// Where each feature's entries begin, and where the last one's end.
    pub(super) starts: Vec<u32>,
    /// What a feature's largest step is worth, over 127.
    pub(super) scales: Vec<f32>,
    /// The entries' classes, ascending in each feature.
    pub(super) classes: Vec<u16>,
    /// The entries' weights, in steps of their feature's scale.
    pub(super) steps: Vec<i8>,
}

/// A step of which there are 127 on each side.
const STEPS: f32 = 127.0;
/// Weights smaller than this share of the largest of all are never kept: a text's many features drown them.
const LEAST_SHARE: f32 = 0.002;

impl Weights {
    /// The largest `most` of these weights, those of all `classes` for a feature side by side.
    pub(super) fn of(all: &[f32], classes: usize, most: usize) -> Self {
        let least = least(all.iter().copied(), most);
        let mut weights = Self { starts: vec![0], ..Self::default() };
        for row in all.chunks_exact(classes.max(1)) {
            weights.push((0..).zip(row.iter().copied()), least);
        }
        weights
    }

    /// The largest `most` of these weights: for each feature its classes, ascending, with their weights.
    pub(super) fn of_entries(all: &[Vec<(u16, f32)>], most: usize) -> Self {
        let least = least(all.iter().flatten().map(|(_, weight)| *weight), most);
        let mut weights = Self { starts: vec![0], ..Self::default() };
        for row in all {
            weights.push(row.iter().copied(), least);
        }
        weights
    }

    /// Adds a feature, its weights that are less than `least` being left out.
    fn push(&mut self, row: impl Iterator<Item = (u16, f32)> + Clone, least: f32) {
        let largest = row.clone().map(|(_, weight)| weight.abs()).fold(0.0, f32::max);
        let scale = largest / STEPS;
        for (class, weight) in row {
            let steps = step(weight / scale.max(f32::MIN_POSITIVE));
            if weight.abs() >= least && steps != 0 {
                self.classes.push(class);
                self.steps.push(steps);
            }
        }
        self.scales.push(scale);
        self.starts.push(place(self.classes.len()));
    }

    /// Adds a feature's weights, so many times, to the scores of the classes.
    pub(super) fn add_to(&self, scores: &mut [f32], feature: usize, times: f32) {
        let bound = |at: usize| self.starts.get(at).map_or(0, |start| *start as usize);
        let entries = bound(feature)..bound(feature + 1);
        let times = times * self.scales.get(feature).copied().unwrap_or_default();
        let classes = self.classes.get(entries.clone()).unwrap_or_default();
        for (class, steps) in classes.iter().zip(self.steps.get(entries).unwrap_or_default()) {
            if let Some(score) = scores.get_mut(usize::from(*class)) {
                *score += times * f32::from(*steps);
            }
        }
    }
}

/// How large a weight must be to be among the largest `most`.
fn least(all: impl Iterator<Item = f32>, most: usize) -> f32 {
    let mut sizes: Vec<f32> = all.map(f32::abs).filter(|size| *size > 0.0).collect();
    let largest = sizes.iter().copied().fold(0.0, f32::max);
    let floor = (largest * LEAST_SHARE).max(f32::MIN_POSITIVE);
    if sizes.len() <= most {
        return floor;
    }
    if most == 0 {
        return f32::INFINITY;
    }
    let at = sizes.len() - most;
    let (_, found, _) = sizes.select_nth_unstable_by(at, f32::total_cmp);
    found.max(floor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_weights_to_a_step() {
        let all = [0.5, -1.0, 0.0, 0.25, 0.0, 0.0];
        let weights = Weights::of(&all, 3, 100);
        for (feature, expected) in all.chunks(3).enumerate() {
            let mut scores = [0.0; 3];
            weights.add_to(&mut scores, feature, 2.0);
            for (score, weight) in scores.iter().zip(expected) {
                assert!((score - 2.0 * weight).abs() < 0.01, "{scores:?}");
            }
        }
        let mut scores = [0.0; 3];
        weights.add_to(&mut scores, 7, 1.0);
        assert!(scores.iter().all(|score| score.abs() < 1e-9));
    }

    #[test]
    fn entries_are_the_same_as_a_whole() {
        let all = [0.5, 0.0, 0.25, 0.0, 0.0, 0.0, -0.1, 0.9, 0.0];
        let entries = [vec![(0, 0.5), (2, 0.25)], vec![], vec![(0, -0.1), (1, 0.9)]];
        for most in [0, 2, 3, 100] {
            assert_eq!(Weights::of(&all, 3, most), Weights::of_entries(&entries, most));
        }
    }

    #[test]
    fn keeps_the_largest() {
        let weights = Weights::of(&[0.1, -0.9, 0.5, 0.2, 0.3, -0.4], 2, 3);
        assert_eq!(weights.classes, [1, 0, 1]);
        assert_eq!(weights.starts, [0, 1, 2, 3]);
    }
}

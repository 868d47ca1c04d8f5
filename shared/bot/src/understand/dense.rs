//! The weights of the encoder's dimensions, small: one byte each.

use super::num::step;

/// A row for each dimension and one for the classes' constants; in each, a weight for each class.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Dense {
    /// What a row's step is worth.
    pub(super) scales: Vec<f32>,
    /// Row after row, in steps of the row's scale.
    pub(super) steps: Vec<i8>,
}

const STEPS: f32 = 127.0;

impl Dense {
    /// Takes weights that stand row by row.
    pub(super) fn of(all: &[f32], classes: usize) -> Self {
        let mut dense = Self::default();
        for row in all.chunks_exact(classes.max(1)) {
            let largest = row.iter().copied().map(f32::abs).fold(0.0, f32::max).max(f32::MIN_POSITIVE);
            dense.scales.push(largest / STEPS);
            dense.steps.extend(row.iter().map(|weight| step(weight * STEPS / largest)));
        }
        dense
    }

    /// Adds each row's weights, as often as its value says, to the scores of the classes.
    pub(super) fn add_to(&self, scores: &mut [f32], values: impl Iterator<Item = f32>) {
        let rows = self.steps.chunks_exact(scores.len().max(1));
        for ((steps, scale), value) in rows.zip(&self.scales).zip(values) {
            let times = value * scale;
            scores.iter_mut().zip(steps).for_each(|(score, step)| *score += times * f32::from(*step));
        }
    }

    /// How many bytes it has.
    pub(super) fn bytes(&self) -> usize {
        self.scales.len() * size_of::<f32>() + self.steps.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_weights_to_a_step() {
        let all = [0.5, -1.0, 0.01, 0.02, 0.0, 0.0];
        let dense = Dense::of(&all, 2);
        for row in 0..3 {
            let mut scores = [1.0; 2];
            dense.add_to(&mut scores, (0..3).map(|at| if at == row { 2.0 } else { 0.0 }));
            for (score, weight) in scores.iter().zip(&all[row * 2..]) {
                assert!((score - 1.0 - 2.0 * weight).abs() < 0.01, "{scores:?}");
            }
        }
    }
}

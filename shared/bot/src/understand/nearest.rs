//! The phrasings' own vectors: how near a text is to the nearest of them.

use super::num::step;

/// Vectors of length 1, in 15 steps a dimension: the errors of hundreds of dimensions cancel out.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Vectors {
    pub(super) dimensions: usize,
    /// What a vector's step is worth.
    pub(super) scales: Vec<f32>,
    pub(super) steps: Vec<i8>,
}

/// How many steps there are on each side of 0; stored, one takes half a byte.
pub(super) const STEPS: f32 = 7.0;

impl Vectors {
    /// Takes vectors that stand one after the other.
    pub(super) fn new(all: &[f32], dimensions: usize) -> Self {
        let mut vectors = Self { dimensions, ..Self::default() };
        for vector in all.chunks_exact(dimensions.max(1)) {
            let largest = vector.iter().copied().map(f32::abs).fold(0.0, f32::max).max(f32::MIN_POSITIVE);
            vectors.scales.push(largest / STEPS);
            vectors.steps.extend(vector.iter().map(|value| step(value * STEPS / largest)));
        }
        vectors
    }

    /// How many bytes they have when they are stored.
    pub(super) fn bytes(&self) -> usize {
        self.scales.len() * size_of::<f32>() + self.steps.len().div_ceil(2)
    }

    /// The cosine to the nearest one, from 0 to 1.
    pub(super) fn nearest(&self, vector: &[f32]) -> f32 {
        let each = self.steps.chunks_exact(self.dimensions.max(1)).zip(&self.scales);
        each.map(|(steps, scale)| product(steps, vector) * scale).fold(0.0, f32::max).min(1.0)
    }
}

/// The product of steps and numbers, in eight sums side by side.
fn product(steps: &[i8], vector: &[f32]) -> f32 {
    let mut sums = [0.0_f32; 8];
    for (steps, values) in steps.chunks_exact(8).zip(vector.chunks_exact(8)) {
        for ((sum, step), value) in sums.iter_mut().zip(steps).zip(values) {
            *sum += f32::from(*step) * value;
        }
    }
    sums.iter().sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_nearest() {
        let side = std::f32::consts::FRAC_1_SQRT_2;
        let vectors =
            Vectors::new(&[1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, side, 0.0, 0.0, 0.0, 0.0, 0.0, side], 8);
        let asked = [0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0];
        assert!((vectors.nearest(&asked) - side).abs() < 0.05);
        assert!(vectors.nearest(&[0.0; 8]).abs() < 1e-6);
        assert!(Vectors::default().nearest(&asked).abs() < 1e-6);
    }
}

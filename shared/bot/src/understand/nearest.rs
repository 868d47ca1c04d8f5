//! Vectors of texts that are known, such as the phrasings: how near another is to the nearest of them.

use fearless_simd::{Level, dispatch};

use super::num::step;

/// Vectors of length 1, in 15 steps a dimension: the errors of hundreds of dimensions cancel out.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Vectors {
    pub(super) dimensions: usize,
    /// What a vector's step is worth.
    pub(super) scales: Vec<f32>,
    pub(super) steps: Vec<i8>,
}

/// How many steps there are on each side of 0; stored, one takes half a byte.
pub(super) const STEPS: f32 = 7.0;

impl Vectors {
    /// Takes vectors that stand one after the other.
    pub(crate) fn new(all: &[f32], dimensions: usize) -> Self {
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
    pub(crate) fn nearest(&self, vector: &[f32]) -> f32 {
        let largest = vector.iter().copied().map(f32::abs).fold(0.0, f32::max).max(f32::MIN_POSITIVE);
        let fine: Vec<i16> = vector.iter().map(|value| fine_step(value * FINE_STEPS / largest)).collect();
        let nearest = dispatch!(Level::new(), _simd => most(self, &fine));
        (nearest * largest / FINE_STEPS).clamp(0.0, 1.0)
    }
}

/// How many steps there are on each side of 0 in a vector that is asked for: with those of the phrasings, the products of
/// thousands of dimensions fit into 32 bits.
const FINE_STEPS: f32 = 8_191.0;

#[expect(clippy::cast_possible_truncation, reason = "no more than FINE_STEPS on each side")]
fn fine_step(value: f32) -> i16 {
    value.round() as i16
}

/// The highest product with any of the vectors, in fine steps; 0 if there is none above it.
#[expect(clippy::inline_always, reason = "it must be compiled anew for each set of instructions")]
#[inline(always)]
fn most(vectors: &Vectors, fine: &[i16]) -> f32 {
    let each = vectors.steps.chunks_exact(vectors.dimensions.max(1)).zip(&vectors.scales);
    each.map(|(steps, scale)| whole(product(steps, fine)) * scale).fold(0.0, f32::max)
}

/// The product of steps, in whole numbers: these the compiler adds in any order, many at a time.
#[expect(clippy::inline_always, reason = "as above")]
#[inline(always)]
fn product(steps: &[i8], fine: &[i16]) -> i32 {
    steps.iter().zip(fine).map(|(step, fine)| i32::from(*step) * i32::from(*fine)).sum()
}

#[expect(clippy::cast_precision_loss, reason = "seven digits are enough for a cosine")]
fn whole(number: i32) -> f32 {
    number as f32
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

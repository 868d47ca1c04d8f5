//! A matrix from inputs to outputs, in either of the forms that the encoder's file has.

use fearless_simd::Level;

use super::numbers::Numbers;
use super::steps::Steps;

/// A matrix.
#[derive(Debug)]
pub(super) enum Matrix {
    /// Of single-precision numbers.
    Numbers(Numbers),
    /// Of bytes, each column with a scale.
    Steps(Steps),
}

impl Matrix {
    /// How many numbers a row has before.
    pub(super) fn inputs(&self) -> usize {
        match self {
            Self::Numbers(numbers) => numbers.inputs(),
            Self::Steps(steps) => steps.inputs(),
        }
    }

    /// How many numbers a row has after.
    pub(super) fn outputs(&self) -> usize {
        match self {
            Self::Numbers(numbers) => numbers.outputs(),
            Self::Steps(steps) => steps.outputs(),
        }
    }

    /// Adds to each row of `sums` the product of the same row of `rows` with the matrix.
    pub(super) fn add_product(&self, level: Level, rows: &[f32], sums: &mut [f32]) {
        match self {
            Self::Numbers(numbers) => numbers.add_product(level, rows, sums),
            Self::Steps(steps) => steps.add_product(level, rows, sums),
        }
    }
}

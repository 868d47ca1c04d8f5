//! Products with matrices of single-precision numbers, by whatever instructions the processor has.

use fearless_simd::prelude::*;
use fearless_simd::{Level, Simd, dispatch, f32x16};

/// How many columns are worked on at once, and how many rows.
const COLUMNS: usize = 16;
const ROWS: usize = 4;

/// A matrix from inputs to outputs, its columns in groups that stand together.
#[derive(Debug)]
pub(super) struct Numbers {
    inputs: usize,
    outputs: usize,
    /// Group after group, each input after input.
    groups: Vec<[f32; COLUMNS]>,
}

impl Numbers {
    /// The matrix of numbers that stand input by input. Outputs are a multiple of 16.
    pub(super) fn new(numbers: &[f32], inputs: usize, outputs: usize) -> Self {
        let mut groups = vec![[0.0; COLUMNS]; inputs * outputs / COLUMNS];
        for (input, row) in numbers.chunks_exact(outputs).enumerate() {
            for (group, columns) in row.as_chunks::<COLUMNS>().0.iter().enumerate() {
                groups.get_mut(group * inputs + input).into_iter().for_each(|place| *place = *columns);
            }
        }
        Self { inputs, outputs, groups }
    }

    /// How many numbers a row has before.
    pub(super) fn inputs(&self) -> usize {
        self.inputs
    }

    /// How many numbers a row has after.
    pub(super) fn outputs(&self) -> usize {
        self.outputs
    }

    /// Adds to each row of `sums` the product of the same row of `rows` with the matrix.
    pub(super) fn add_product(&self, level: Level, rows: &[f32], sums: &mut [f32]) {
        dispatch!(level, simd => product(simd, self, rows, sums));
    }
}

#[expect(clippy::inline_always, reason = "it must be compiled anew for each set of instructions")]
#[inline(always)]
fn product<S: Simd>(simd: S, matrix: &Numbers, rows: &[f32], sums: &mut [f32]) {
    let Numbers { inputs, outputs, groups } = matrix;
    for (group, columns) in groups.chunks_exact((*inputs).max(1)).enumerate() {
        let all = rows.chunks(ROWS * inputs).zip(sums.chunks_mut(ROWS * outputs));
        for (rows, sums) in all {
            let mut row = rows.chunks_exact(*inputs);
            let mut sum = sums.chunks_exact_mut(*outputs).filter_map(|sum| sum.get_mut(group * COLUMNS..));
            match (row.len(), row.next(), row.next(), row.next(), row.next()) {
                (4, Some(a), Some(b), Some(c), Some(d)) => tile(simd, columns, [a, b, c, d], &mut sum),
                (3, Some(a), Some(b), Some(c), _) => tile(simd, columns, [a, b, c], &mut sum),
                (2, Some(a), Some(b), ..) => tile(simd, columns, [a, b], &mut sum),
                (1, Some(a), ..) => tile(simd, columns, [a], &mut sum),
                _ => {}
            }
        }
    }
}

/// So many rows' products with a group of columns.
#[expect(clippy::inline_always, reason = "it must be compiled anew for each set of instructions")]
#[inline(always)]
fn tile<'a, S: Simd, const N: usize>(
    simd: S,
    columns: &[[f32; COLUMNS]],
    rows: [&[f32]; N],
    sums: &mut impl Iterator<Item = &'a mut [f32]>,
) {
    let mut found = [f32x16::splat(simd, 0.0); N];
    let rows = rows.map(|row| row.get(..columns.len()).unwrap_or_default());
    if rows.iter().any(|row| row.len() != columns.len()) {
        return;
    }
    for (at, columns) in columns.iter().enumerate() {
        let columns = f32x16::from_slice(simd, columns);
        for (found, row) in found.iter_mut().zip(rows) {
            let value = row.get(at).copied().unwrap_or_default();
            *found = f32x16::splat(simd, value).mul_add(columns, *found);
        }
    }
    for (found, sum) in found.into_iter().zip(sums) {
        if let Some(sum) = sum.first_chunk_mut::<COLUMNS>() {
            (f32x16::from_slice(simd, sum.as_slice()) + found).store_slice(sum);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::understand::real;

    #[test]
    fn multiplies() {
        let (inputs, outputs) = (7, 32);
        let numbers: Vec<f32> = (0..inputs * outputs).map(|at| real(at * 37 % 19) - 9.0).collect();
        let matrix = Numbers::new(&numbers, inputs, outputs);
        for count in 1..=9 {
            let rows: Vec<f32> = (0..count * inputs).map(|at| real(at * 29 % 13) - 6.0).collect();
            let mut sums = vec![1.0; count * outputs];
            matrix.add_product(Level::new(), &rows, &mut sums);
            for row in 0..count {
                for output in 0..outputs {
                    let expected: f32 =
                        (0..inputs).map(|k| rows[row * inputs + k] * numbers[k * outputs + output]).sum();
                    assert!((sums[row * outputs + output] - expected - 1.0).abs() < 1e-3, "{count} {row} {output}");
                }
            }
        }
    }
}

//! Products with matrices of bytes, in whole numbers, by whatever instructions the processor has.
//!
//! The bytes stay bytes: a message reads each matrix once, and most of its time goes into reading. Rows are taken in
//! steps that are so fine that what they lose is far below what the bytes have lost.

use fearless_simd::prelude::*;
use fearless_simd::{Level, Simd, dispatch, f32x16, i8x32, i16x32, i32x16};

/// How many columns are worked on at once, of how many inputs, and how many rows.
const COLUMNS: usize = 16;
const INPUTS: usize = 2;
const BLOCK: usize = COLUMNS * INPUTS;
const ROWS: usize = 6;

/// How many steps there are on each side of 0 in a row: products of bytes and these, of two thousand inputs, fit into
/// 32 bits.
const FINE_STEPS: f32 = 8_191.0;

/// A matrix from inputs to outputs, its columns in groups that stand together.
#[derive(Debug)]
pub(super) struct Steps {
    inputs: usize,
    outputs: usize,
    /// What a column's step is worth.
    scales: Vec<f32>,
    /// Group after group, two inputs after two; in each, column after column.
    blocks: Vec<[i8; BLOCK]>,
}

impl Steps {
    /// The matrix of steps (as signed bytes) that stand input by input. Inputs are a multiple of 8, and fewer than two
    /// thousand; outputs are a multiple of 16.
    pub(super) fn new(steps: &[u8], scales: Vec<f32>, inputs: usize, outputs: usize) -> Self {
        let high = inputs / INPUTS;
        let mut blocks = vec![[0; BLOCK]; high * outputs / COLUMNS];
        for (two, rows) in steps.chunks_exact(outputs * INPUTS).enumerate() {
            let (first, second) = rows.split_at(outputs);
            let groups = first.as_chunks::<COLUMNS>().0.iter().zip(second.as_chunks::<COLUMNS>().0);
            for (group, (first, second)) in groups.enumerate() {
                let Some(block) = blocks.get_mut(group * high + two) else { continue };
                for ([one, other], (first, second)) in block.as_chunks_mut().0.iter_mut().zip(first.iter().zip(second))
                {
                    *one = i8::from_le_bytes([*first]);
                    *other = i8::from_le_bytes([*second]);
                }
            }
        }
        Self { inputs, outputs, scales, blocks }
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

/// Two steps of a row, side by side.
type Pair = i32;

#[expect(clippy::inline_always, reason = "it must be compiled anew for each set of instructions")]
#[inline(always)]
fn product<S: Simd>(simd: S, matrix: &Steps, rows: &[f32], sums: &mut [f32]) {
    let Steps { inputs, outputs, scales, blocks } = matrix;
    let high = inputs / INPUTS;
    let mut pairs: Vec<Pair> = vec![0; rows.len() / INPUTS];
    let mut worth: Vec<f32> = Vec::with_capacity(rows.len() / inputs);
    for (rows, pairs) in rows.chunks(ROWS * inputs).zip(pairs.chunks_mut(ROWS * high)) {
        let count = rows.len() / inputs;
        for (row, of) in rows.chunks_exact(*inputs).enumerate() {
            worth.push(fine(of, pairs.iter_mut().skip(row).step_by(count)));
        }
    }
    let groups = blocks.chunks_exact(high).zip(scales.as_chunks::<COLUMNS>().0);
    for (group, (columns, scales)) in groups.enumerate() {
        let all = pairs.chunks(ROWS * high).zip(worth.chunks(ROWS)).zip(sums.chunks_mut(ROWS * outputs));
        for ((rows, worth), sums) in all {
            let sums = sums.chunks_exact_mut(*outputs).filter_map(|sum| sum.get_mut(group * COLUMNS..)).zip(worth);
            // With few rows at a time, more inputs at a time: a sum is ready for the next only after some cycles.
            match worth.len() {
                6 => tile::<S, 6, 1>(simd, columns, scales, rows, sums),
                5 => tile::<S, 5, 1>(simd, columns, scales, rows, sums),
                4 => tile::<S, 4, 1>(simd, columns, scales, rows, sums),
                3 => tile::<S, 3, 2>(simd, columns, scales, rows, sums),
                2 => tile::<S, 2, 2>(simd, columns, scales, rows, sums),
                _ => tile::<S, 1, 4>(simd, columns, scales, rows, sums),
            }
        }
    }
}

/// Writes a row in fine steps, and says what one is worth.
#[expect(clippy::inline_always, reason = "as above")]
#[inline(always)]
fn fine<'a>(row: &[f32], places: impl Iterator<Item = &'a mut Pair>) -> f32 {
    let largest = row.iter().fold(0.0_f32, |most, value| if value.abs() > most { value.abs() } else { most });
    let largest = largest.max(f32::MIN_POSITIVE);
    let times = FINE_STEPS / largest;
    for (place, [one, other]) in places.zip(row.as_chunks().0) {
        *place = (step(other * times) << 16) | (step(one * times) & 0xFFFF);
    }
    largest / FINE_STEPS
}

#[expect(clippy::cast_possible_truncation, reason = "no more than FINE_STEPS on each side")]
#[expect(clippy::inline_always, reason = "as above")]
#[inline(always)]
fn step(value: f32) -> i32 {
    value.round_ties_even() as i32
}

/// The products of so many rows, whose pairs stand side by side, with a group of columns: so many pairs at a time.
#[expect(clippy::inline_always, reason = "as above")]
#[inline(always)]
fn tile<'a, S: Simd, const N: usize, const AT_ONCE: usize>(
    simd: S,
    columns: &[[i8; BLOCK]],
    scales: &[f32; COLUMNS],
    rows: &[Pair],
    sums: impl Iterator<Item = (&'a mut [f32], &'a f32)>,
) {
    let mut found = [[i32x16::splat(simd, 0); AT_ONCE]; N];
    let (rows, _) = rows.as_chunks::<N>().0.as_chunks::<AT_ONCE>();
    let (columns, _) = columns.as_chunks::<AT_ONCE>();
    for (blocks, pairs) in columns.iter().zip(rows) {
        for (at, (block, pairs)) in blocks.iter().zip(pairs).enumerate() {
            let (low, high) = simd.widen_i8x32(i8x32::from_slice(simd, block));
            let block = simd.combine_i16x16(low, high);
            for (found, pair) in found.iter_mut().zip(pairs) {
                let pair: i16x32<S> = i32x16::splat(simd, *pair).bitcast();
                if let Some(found) = found.get_mut(at) {
                    *found += simd.pairwise_dot_product_i16x32(block, pair);
                }
            }
        }
    }
    let scales = f32x16::from_slice(simd, scales);
    for (found, (sum, worth)) in found.into_iter().zip(sums) {
        if let Some(sum) = sum.first_chunk_mut::<COLUMNS>() {
            let found = found.into_iter().fold(i32x16::splat(simd, 0), |sum, part| sum + part);
            let found: f32x16<S> = simd.cvt_f32_i32x16(found);
            let times = scales * f32x16::splat(simd, *worth);
            found.mul_add(times, f32x16::from_slice(simd, sum.as_slice())).store_slice(sum);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::understand::real;

    #[test]
    fn multiplies() {
        let (inputs, outputs) = (24, 32);
        let step = |at: usize| i8::try_from(at * 37 % 255).unwrap_or(-128).wrapping_add(3);
        let steps: Vec<u8> = (0..inputs * outputs).map(|at| step(at).to_le_bytes()[0]).collect();
        let scales: Vec<f32> = (0..outputs).map(|column| real(column + 1) / 64.0).collect();
        let matrix = Steps::new(&steps, scales.clone(), inputs, outputs);
        for count in 1..=13 {
            let rows: Vec<f32> = (0..count * inputs).map(|at| (real(at * 29 % 13) - 6.0) / 7.0).collect();
            let mut sums = vec![1.0; count * outputs];
            matrix.add_product(Level::new(), &rows, &mut sums);
            for row in 0..count {
                for output in 0..outputs {
                    let product = |k: usize| rows[row * inputs + k] * f32::from(step(k * outputs + output));
                    let expected: f32 = (0..inputs).map(product).sum::<f32>() * scales[output];
                    let difference = sums[row * outputs + output] - expected - 1.0;
                    assert!(difference.abs() < 0.02, "{count} {row} {output}: {difference}");
                }
            }
        }
    }

    #[test]
    fn the_longest_rows_do_not_overflow() {
        let inputs = 1_280;
        let matrix = Steps::new(&vec![0x80; inputs * COLUMNS], vec![1.0; COLUMNS], inputs, COLUMNS);
        let mut sums = vec![0.0; COLUMNS];
        matrix.add_product(Level::new(), &vec![-3.0; inputs], &mut sums);
        for sum in sums {
            assert!((sum - 3.0 * 128.0 * 1_280.0).abs() < 100.0, "{sum}");
        }
    }
}

//! From pieces to the vector.

use fearless_simd::{Level, dispatch};

use super::DIMENSIONS;
use super::file::{Dense, LANE, Layer, Parts, WIDTH, WINDOWS};
use crate::understand::real;

/// What keeps a division from one by nothing.
const EPSILON: f32 = 1e-12;
/// A token's row with its three lanes.
const ALL: usize = WIDTH + LANE * WINDOWS.len();

/// The vector of a text's pieces.
pub(super) fn encode(parts: &Parts, pieces: &[usize]) -> Vec<f32> {
    let level = Level::new();
    let tokens: Vec<usize> = [parts.begin].iter().chain(pieces).chain(&[parts.end]).copied().collect();
    let mut rows = vec![0.0; tokens.len() * WIDTH];
    for (row, piece) in rows.chunks_exact_mut(WIDTH).zip(&tokens) {
        parts.row(*piece, row);
    }
    let Dense { project, project_norm, lanes, norm, sum, first, second, third, last } = &parts.dense;
    let mut projected = layer(level, project, &rows);
    let wide = LANE * WINDOWS.len();
    for row in projected.chunks_exact_mut(wide) {
        normalise(level, row, project_norm);
    }
    let mut all = vec![0.0; tokens.len() * ALL];
    for (one, row) in all.chunks_exact_mut(ALL).zip(rows.chunks_exact(WIDTH)) {
        one.iter_mut().zip(row).for_each(|(place, value)| *place = *value);
    }
    for (at, (steps, window)) in lanes.iter().zip(WINDOWS).enumerate() {
        let own = at * LANE..(at + 1) * LANE;
        let mut lane: Vec<f32> = Vec::with_capacity(tokens.len() * LANE);
        projected.chunks_exact(wide).filter_map(|row| row.get(own.clone())).for_each(|own| lane.extend_from_slice(own));
        for step in steps {
            let seen = windows(&lane, window);
            let found = layer(level, step, &seen);
            lane.iter_mut().zip(found).for_each(|(value, found)| *value += found.max(0.0));
        }
        for (one, lane) in all.chunks_exact_mut(ALL).zip(lane.chunks_exact(LANE)) {
            one.iter_mut().skip(WIDTH + at * LANE).zip(lane).for_each(|(place, value)| *place = *value);
        }
    }
    let mut total = vec![0.0; ALL];
    for one in all.chunks_exact_mut(ALL) {
        normalise(level, one, norm);
        total.iter_mut().zip(one).for_each(|(sum, value)| *sum += *value);
    }
    let count = real(tokens.len());
    let mut mean: Vec<f32> = sum.constants.iter().map(|constant| constant * count).collect();
    sum.matrix.add_product(level, &total, &mut mean);
    for value in &mut mean {
        *value /= count.sqrt();
    }

    let hidden = relu(product(level, &[(first, &mean)]));
    let [d1, p1] = second;
    let hidden = relu(product(level, &[(p1, &mean), (d1, &hidden)]));
    let wider = relu(product(level, &[(third, &hidden)]));
    let [d3, p3] = last;
    let mut vector = product(level, &[(p3, &hidden), (d3, &wider)]);
    for value in &mut vector {
        *value = value.tanh();
    }
    let length = vector.iter().map(|value| value * value).sum::<f32>().max(EPSILON).sqrt();
    for value in &mut vector {
        *value /= length;
    }
    vector.truncate(DIMENSIONS);
    vector
}

fn layer(level: Level, layer: &Layer, rows: &[f32]) -> Vec<f32> {
    let count = rows.len() / layer.matrix.inputs().max(1);
    let mut sums = layer.constants.repeat(count);
    layer.matrix.add_product(level, rows, &mut sums);
    sums
}

/// The sum of several matrices' products.
fn product(level: Level, of: &[(&super::matrix::Matrix, &[f32])]) -> Vec<f32> {
    let mut sums = vec![0.0; of.first().map_or(0, |(matrix, _)| matrix.outputs())];
    for (matrix, row) in of {
        matrix.add_product(level, row, &mut sums);
    }
    sums
}

fn relu(mut values: Vec<f32>) -> Vec<f32> {
    for value in &mut values {
        *value = value.max(0.0);
    }
    values
}

/// For each token its own row and its neighbours' in the window, side by side; zeros beyond the ends.
fn windows(lane: &[f32], (window, before): (usize, usize)) -> Vec<f32> {
    let count = lane.len() / LANE;
    let mut seen = vec![0.0; count * window * LANE];
    for (token, places) in seen.chunks_exact_mut(window * LANE).enumerate() {
        for (place, at) in places.chunks_exact_mut(LANE).zip(token..) {
            let row = at.checked_sub(before).and_then(|row| lane.get(row * LANE..(row + 1) * LANE));
            place.iter_mut().zip(row.unwrap_or_default()).for_each(|(place, value)| *place = *value);
        }
    }
    seen
}

/// Mean 0 and variance 1 (layer normalisation), then a gain and a shift.
fn normalise(level: Level, row: &mut [f32], [gain, shift]: &[Vec<f32>; 2]) {
    dispatch!(level, _simd => normalised(row, gain, shift));
}

#[expect(clippy::inline_always, reason = "it must be compiled anew for each set of instructions")]
#[inline(always)]
fn normalised(row: &mut [f32], gain: &[f32], shift: &[f32]) {
    let count = real(row.len());
    let mean = sum(row, |value| value) / count;
    let variance = sum(row, |value| (value - mean) * (value - mean)) / count;
    let narrow = 1.0 / (variance + EPSILON).sqrt();
    for ((value, gain), shift) in row.iter_mut().zip(gain).zip(shift) {
        *value = (*value - mean) * narrow * gain + shift;
    }
}

/// The sum of what each becomes, in sixteen sums side by side.
#[expect(clippy::inline_always, reason = "as above")]
#[inline(always)]
fn sum(row: &[f32], of: impl Fn(f32) -> f32) -> f32 {
    let mut sums = [0.0_f32; 16];
    let (chunks, rest) = row.as_chunks::<16>();
    for chunk in chunks {
        sums.iter_mut().zip(chunk).for_each(|(sum, value)| *sum += of(*value));
    }
    sums.iter().sum::<f32>() + rest.iter().map(|value| of(*value)).sum::<f32>()
}

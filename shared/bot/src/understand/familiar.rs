//! How much a text is like those that the model knows: a likely class of a strange text says little.

use super::parallel;
use super::rows::{Row, Rows, product};
use super::space::Space;
use super::train::Found;

/// Exponents, chosen on the development part of CLINC150, whose texts of no class are known.
const WORDS: f32 = 0.5;
const VECTOR: i32 = 2;

/// By how much of it the model knows, from 0 to 1.
pub(super) fn by_words(known: f32) -> f32 {
    known.powf(WORDS)
}

/// By the cosine to the nearest phrasing, from 0 to 1.
pub(super) fn by_vector(cosine: f32) -> f32 {
    cosine.max(0.0).powi(VECTOR)
}

/// How familiar each held-out row would be to a model without its part.
pub(super) fn of_held_out(rows: &Rows, found: &Found, space: &Space) -> Vec<f32> {
    if rows.dimensions > 0 {
        return parallel::map(found.rows.len(), |at| {
            let Some((row, part)) = found.rows.get(at) else { return 0.0 };
            let own = rows.row(*row).dense;
            let others = (0..rows.len()).filter(|other| found.folds.part(*other) != *part);
            by_vector(others.map(|other| product(own, rows.row(other).dense)).fold(0.0, f32::max))
        });
    }
    // In which parts each feature is: one bit a part.
    let mut parts = vec![0_u32; space.len()];
    for row in 0..rows.len() {
        for index in rows.row(row).indexes {
            parts.get_mut(*index as usize).into_iter().for_each(|bits| *bits |= 1 << found.folds.part(row));
        }
    }
    let known = |row: Row<'_>, part: usize| {
        let (mut known, mut all) = (0.0, 0.0);
        for (index, value) in row.indexes.iter().zip(row.values) {
            all += value * value;
            if parts.get(*index as usize).is_some_and(|bits| bits & !(1 << part) != 0) {
                known += value * value;
            }
        }
        if all > 0.0 { known / all } else { 0.0 }
    };
    found.rows.iter().map(|(row, part)| by_words(known(rows.row(*row), *part))).collect()
}

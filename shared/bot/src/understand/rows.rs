//! Training texts as rows: sparse features, then the encoder's dimensions if there are any, then a constant.

use super::space::Sparse;

/// Rows of one width.
#[derive(Clone, Debug)]
pub(super) struct Rows {
    starts: Vec<usize>,
    indexes: Vec<u32>,
    values: Vec<f32>,
    dense: Vec<f32>,
    /// How many sparse features there are.
    pub(super) features: usize,
    /// How many dimensions the encoder has; 0 without one.
    pub(super) dimensions: usize,
}

/// How much each part of a row counts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Parts {
    pub(super) sparse: f32,
    pub(super) dense: f32,
}

/// The constant's value.
const CONSTANT: f32 = 1.0;

/// One row, its parts unscaled.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row<'a> {
    pub(super) indexes: &'a [u32],
    pub(super) values: &'a [f32],
    pub(super) dense: &'a [f32],
}

impl Rows {
    /// Rows of vectors; `dense` holds the encoder's vectors one after the other, or nothing.
    pub(super) fn new(vectors: &[Sparse], features: usize, dense: &[f32]) -> Self {
        let dimensions = dense.len().checked_div(vectors.len()).unwrap_or_default();
        let mut rows = Self {
            starts: vec![0],
            indexes: Vec::new(),
            values: Vec::new(),
            dense: dense.to_vec(),
            features,
            dimensions,
        };
        for vector in vectors {
            rows.indexes.extend(vector.values.iter().map(|(index, _)| *index));
            rows.values.extend(vector.values.iter().map(|(_, value)| *value));
            rows.starts.push(rows.indexes.len());
        }
        rows
    }

    /// How many rows there are.
    pub(super) fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// How many sparse values there are in all.
    pub(super) fn filled(&self) -> usize {
        self.values.len()
    }

    /// How many weights a class has: features, dimensions, the constant.
    pub(super) fn width(&self) -> usize {
        self.features + self.dimensions + 1
    }

    /// A row. One that is not there is empty.
    pub(super) fn row(&self, at: usize) -> Row<'_> {
        let start = self.starts.get(at).copied().unwrap_or_default();
        let end = self.starts.get(at + 1).copied().unwrap_or(start);
        let dense = at * self.dimensions..(at + 1) * self.dimensions;
        Row {
            indexes: self.indexes.get(start..end).unwrap_or_default(),
            values: self.values.get(start..end).unwrap_or_default(),
            dense: self.dense.get(dense).unwrap_or_default(),
        }
    }
}

impl Row<'_> {
    /// The squared length, the constant included.
    pub(super) fn squared(&self, parts: Parts) -> f32 {
        let sparse: f32 = self.values.iter().map(|v| v * v).sum();
        let dense: f32 = self.dense.iter().map(|v| v * v).sum();
        parts.sparse * parts.sparse * sparse + parts.dense * parts.dense * dense + CONSTANT * CONSTANT
    }

    /// The product with one class's weights.
    pub(super) fn dot(&self, parts: Parts, features: usize, weights: &[f32]) -> f32 {
        let (sparse, rest) = weights.split_at_checked(features).unwrap_or_default();
        let mut sum = 0.0;
        if parts.sparse > 0.0 {
            for (index, value) in self.indexes.iter().zip(self.values) {
                sum += sparse.get(*index as usize).copied().unwrap_or_default() * value;
            }
            sum *= parts.sparse;
        }
        if parts.dense > 0.0 {
            sum += parts.dense * product(self.dense, rest);
        }
        sum + CONSTANT * rest.last().copied().unwrap_or_default()
    }

    /// Adds so much of this row to one class's weights.
    pub(super) fn add_to(&self, parts: Parts, features: usize, weights: &mut [f32], much: f32) {
        let Some((sparse, rest)) = weights.split_at_mut_checked(features) else { return };
        if parts.sparse > 0.0 {
            let much = much * parts.sparse;
            for (index, value) in self.indexes.iter().zip(self.values) {
                sparse.get_mut(*index as usize).into_iter().for_each(|weight| *weight += much * value);
            }
        }
        if parts.dense > 0.0 {
            let much = much * parts.dense;
            rest.iter_mut().zip(self.dense).for_each(|(weight, value)| *weight += much * value);
        }
        rest.last_mut().into_iter().for_each(|weight| *weight += much * CONSTANT);
    }

    /// Calls `each` with the number and the value of everything in the row that is not 0.
    pub(super) fn each(&self, parts: Parts, features: usize, mut each: impl FnMut(usize, f32)) {
        if parts.sparse > 0.0 {
            for (index, value) in self.indexes.iter().zip(self.values) {
                each(*index as usize, parts.sparse * value);
            }
        }
        if parts.dense > 0.0 {
            for (at, value) in self.dense.iter().enumerate() {
                each(features + at, parts.dense * value);
            }
        }
        each(features + self.dense.len(), CONSTANT);
    }
}

/// The product of two vectors, in eight sums side by side.
pub(crate) fn product(one: &[f32], other: &[f32]) -> f32 {
    let mut sums = [0.0_f32; 8];
    let (ones, one_rest) = one.as_chunks::<8>();
    let (others, _) = other.split_at_checked(one.len()).unwrap_or((other, &[])).0.as_chunks::<8>();
    for (a, b) in ones.iter().zip(others) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += a * b;
        }
    }
    let tail = other.get(ones.len() * 8..).unwrap_or_default();
    let rest: f32 = one_rest.iter().zip(tail).map(|(a, b)| a * b).sum();
    sums.iter().sum::<f32>() + rest
}

//! Each class as the mean of its phrasings, brought to length 1: a text's product with it is a cosine. Nothing is solved
//! for, so that there may be very many classes.

use super::rows::{Parts, Row, Rows, product};

/// The classes' means, those of features by feature.
#[derive(Debug)]
pub(super) struct Means {
    classes: usize,
    dimensions: usize,
    parts: Parts,
    /// Where each feature's entries begin, and where the last one's end.
    starts: Vec<usize>,
    /// Class and value.
    entries: Vec<(u16, f32)>,
    /// Class after class.
    dense: Vec<f32>,
}

impl Means {
    /// The means of some rows; a class that has none of them is nothing. Either part is a cosine of its own.
    pub(super) fn of(rows: &Rows, label: impl Fn(usize) -> usize, classes: usize, on: &[usize], parts: Parts) -> Self {
        let dimensions = if parts.dense > 0.0 { rows.dimensions } else { 0 };
        let mut all: Vec<(u32, u16, f32)> = Vec::new();
        let mut dense = vec![0.0; classes * dimensions];
        for row in on {
            let class = label(*row);
            let Row { indexes, values, dense: vector } = rows.row(*row);
            // No stored model has more classes than this number can tell apart.
            if let Some(class) = u16::try_from(class).ok().filter(|_| parts.sparse > 0.0) {
                all.extend(indexes.iter().zip(values).map(|(index, value)| (*index, class, *value)));
            }
            let sum = dense.get_mut(class * dimensions..(class + 1) * dimensions).unwrap_or_default();
            sum.iter_mut().zip(vector).for_each(|(sum, value)| *sum += value);
        }
        for mean in dense.chunks_exact_mut(dimensions.max(1)) {
            let length = product(mean, mean).sqrt().max(f32::MIN_POSITIVE);
            for value in mean {
                *value /= length;
            }
        }
        let (starts, entries) = by_feature(all, rows.features, classes);
        Self { classes, dimensions, parts, starts, entries, dense }
    }

    /// How near a row is to each class, its parts counting as much as they do.
    pub(super) fn scores(&self, row: Row<'_>) -> Vec<f32> {
        let mut scores = vec![0.0; self.classes];
        if self.parts.sparse > 0.0 {
            for (index, value) in row.indexes.iter().zip(row.values) {
                for (class, mean) in self.feature(*index as usize) {
                    if let Some(score) = scores.get_mut(usize::from(*class)) {
                        *score += self.parts.sparse * mean * value;
                    }
                }
            }
        }
        if self.dimensions > 0 {
            for (score, mean) in scores.iter_mut().zip(self.dense.chunks_exact(self.dimensions)) {
                *score += self.parts.dense * product(mean, row.dense);
            }
        }
        scores
    }

    /// A feature's entries: class and value, by class.
    pub(super) fn feature(&self, feature: usize) -> &[(u16, f32)] {
        let bound = |at| self.starts.get(at).copied().unwrap_or_default();
        self.entries.get(bound(feature)..bound(feature + 1)).unwrap_or_default()
    }

    /// The encoder's part: for each dimension the classes side by side.
    pub(super) fn by_dimension(&self) -> impl Iterator<Item = f32> {
        let value = |class: usize, at: usize| self.dense.get(class * self.dimensions + at).copied().unwrap_or_default();
        (0..self.dimensions).flat_map(move |at| (0..self.classes).map(move |class| value(class, at)))
    }
}

/// Sums the entries of a feature and a class, and brings each class to length 1.
fn by_feature(mut all: Vec<(u32, u16, f32)>, features: usize, classes: usize) -> (Vec<usize>, Vec<(u16, f32)>) {
    all.sort_unstable_by_key(|(feature, class, _)| (*feature, *class));
    let mut starts = vec![0; features + 1];
    let mut entries: Vec<(u16, f32)> = Vec::new();
    let mut squares = vec![0.0_f32; classes];
    for same in all.chunk_by(|one, other| (one.0, one.1) == (other.0, other.1)) {
        let Some((feature, class, _)) = same.first() else { continue };
        let sum: f32 = same.iter().map(|(.., value)| value).sum();
        entries.push((*class, sum));
        squares.get_mut(usize::from(*class)).into_iter().for_each(|square| *square += sum * sum);
        // Where the next feature begins.
        starts.get_mut(*feature as usize + 1).into_iter().for_each(|start| *start = entries.len());
    }
    let mut last = 0;
    for start in &mut starts {
        last = last.max(*start);
        *start = last;
    }
    for (class, value) in &mut entries {
        let length = squares.get(usize::from(*class)).copied().unwrap_or_default().sqrt();
        *value /= length.max(f32::MIN_POSITIVE);
    }
    (starts, entries)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::understand::space::Space;

    #[test]
    fn a_class_is_the_mean_of_its_phrasings() {
        let texts = ["where is my order", "track my order", "refund please"];
        let space = Space::of(&texts);
        let dense = [1.0, 0.0, 0.6, 0.8, 0.0, 1.0];
        let rows = Rows::new(&texts.map(|text| space.vector(text)), space.len(), &dense);
        let means = |parts| Means::of(&rows, |row| row / 2, 2, &[0, 1, 2], parts);
        let sparse = means(Parts { sparse: 1.0, dense: 0.0 });
        let scores = sparse.scores(rows.row(2));
        assert!(scores[1] > 1.4 && scores[0] < 0.5, "{scores:?}");
        assert_eq!(sparse.by_dimension().count(), 0);
        let entries: usize = (0..space.len()).map(|feature| sparse.feature(feature).len()).sum();
        assert!(entries >= space.len());
        let by_meaning = means(Parts { sparse: 0.0, dense: 2.0 });
        let scores = by_meaning.scores(rows.row(2));
        // Halfway between the first two vectors.
        let expected = 2.0 * 0.8 / (1.6_f32 * 1.6 + 0.8 * 0.8).sqrt();
        assert!((scores[0] - expected).abs() < 1e-5 && (scores[1] - 2.0).abs() < 1e-5, "{scores:?}");
        assert_eq!(by_meaning.by_dimension().count(), 4);
    }

    #[test]
    fn what_is_left_out_is_not_known() {
        let texts = ["where is my order", "track my order", "refund please"];
        let space = Space::of(&texts);
        let rows = Rows::new(&texts.map(|text| space.vector(text)), space.len(), &[]);
        let means = Means::of(&rows, |row| row / 2, 2, &[0, 1], Parts { sparse: 1.0, dense: 0.0 });
        assert!(means.scores(rows.row(2))[1].abs() < 1e-9);
    }
}

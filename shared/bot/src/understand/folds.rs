//! The phrasings in parts, each of which is held out once.

use super::shuffle::Shuffle;

/// Which part each row is in.
#[derive(Clone, Debug)]
pub(super) struct Folds(Vec<usize>);

impl Folds {
    /// Parts in which each class has its share.
    pub(super) fn new(labels: &[usize], count: usize) -> Self {
        let mut order: Vec<usize> = (0..labels.len()).collect();
        Shuffle::new(3).shuffle(&mut order);
        order.sort_by_key(|row| labels.get(*row));
        let mut folds = vec![0; labels.len()];
        for (at, row) in order.into_iter().enumerate() {
            folds.get_mut(row).into_iter().for_each(|fold| *fold = at % count);
        }
        Self(folds)
    }

    /// The part that a row is in.
    pub(super) fn part(&self, row: usize) -> usize {
        self.0.get(row).copied().unwrap_or_default()
    }

    /// The rows that are held out with a part, and the others.
    pub(super) fn split(&self, part: usize) -> (Vec<usize>, Vec<usize>) {
        (0..self.0.len()).partition(|row| self.0.get(*row) == Some(&part))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_class_has_its_share_of_each_part() {
        let labels: Vec<usize> = (0..200).map(|row| row % 20).collect();
        let folds = Folds::new(&labels, 5);
        let mut held = 0;
        for part in 0..5 {
            let (out, rest) = folds.split(part);
            held += out.len();
            assert_eq!(out.len() + rest.len(), 200);
            for class in 0..20 {
                assert_eq!(out.iter().filter(|row| labels[**row] == class).count(), 2);
            }
        }
        assert_eq!(held, 200);
    }
}

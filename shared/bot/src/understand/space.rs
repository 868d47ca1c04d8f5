//! Which features the model knows, what each is worth, and texts as vectors of them.

use std::collections::HashMap;

use super::features::{Family, features};
use super::num::{narrow, place, real};

/// The features of the phrasings that the model was trained on.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Space {
    /// Their hashes, sorted; a feature's place is its number.
    pub(super) hashes: Vec<u32>,
    /// What each is worth: rare ones more.
    pub(super) worths: Vec<f32>,
    /// What one is worth that no phrasing has.
    pub(super) rarest: f32,
}

/// A text as a vector.
#[derive(Clone, Debug, Default)]
pub(super) struct Sparse {
    /// Numbers of features, ascending, with their values. Each family has length 1.
    pub(super) values: Vec<(u32, f32)>,
    /// How much of the text the space knows, from 0 to 1.
    pub(super) known: f32,
}

impl Space {
    /// The space of these texts.
    pub(super) fn of(texts: &[&str]) -> Self {
        let mut counts: HashMap<u32, usize> = HashMap::new();
        let mut seen = Vec::new();
        for text in texts {
            seen.clear();
            features(text, |_, hash| seen.push(hash));
            seen.sort_unstable();
            seen.dedup();
            for hash in &seen {
                *counts.entry(*hash).or_default() += 1;
            }
        }
        let mut counts: Vec<_> = counts.into_iter().collect();
        counts.sort_unstable();
        Self {
            hashes: counts.iter().map(|(hash, _)| *hash).collect(),
            worths: counts.iter().map(|(_, count)| worth(texts.len(), *count)).collect(),
            rarest: worth(texts.len(), 0),
        }
    }

    /// How many features it has.
    pub(crate) fn len(&self) -> usize {
        self.hashes.len()
    }

    /// A text as a vector.
    pub(super) fn vector(&self, text: &str) -> Sparse {
        let mut uses: [Vec<u32>; Family::ALL.len()] = [const { Vec::new() }; Family::ALL.len()];
        features(text, |family, hash| {
            uses.get_mut(family as usize).into_iter().for_each(|hashes| hashes.push(hash));
        });
        let (mut values, mut known, mut all) = (Vec::new(), 0.0, 0.0);
        for hashes in &mut uses {
            hashes.sort_unstable();
            let start = values.len();
            let mut squares = 0.0;
            for same in hashes.chunk_by(|a, b| a == b) {
                let frequency = 1.0 + real(same.len()).ln();
                let found = same.first().and_then(|hash| self.hashes.binary_search(hash).ok());
                let worth = found.and_then(|at| self.worths.get(at)).copied().unwrap_or(self.rarest);
                let value = frequency * worth;
                all += value * value;
                if let Some(at) = found {
                    squares += value * value;
                    values.push((place(at), value));
                }
            }
            known += squares;
            let norm = squares.sqrt().max(f32::MIN_POSITIVE);
            values.iter_mut().skip(start).for_each(|(_, value)| *value /= norm);
        }
        values.sort_unstable_by_key(|(at, _)| *at);
        Sparse { values, known: if all > 0.0 { known / all } else { 0.0 } }
    }
}

/// The inverse document frequency, smoothed as if one more text had every feature.
fn worth(texts: usize, having: usize) -> f32 {
    narrow((f64::from(place(texts + 1)) / f64::from(place(having + 1))).ln() + 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_family_has_length_one() {
        let space = Space::of(&["where is my card", "track the card"]);
        let squares: f32 = space.vector("my card").values.iter().map(|(_, value)| value * value).sum();
        assert!((squares - 2.0).abs() < 1e-5, "{squares}");
    }

    #[test]
    fn tells_how_much_it_knows() {
        let space = Space::of(&["where is my card"]);
        assert!((space.vector("where is my card").known - 1.0).abs() < 1e-6);
        let half = space.vector("where is my zzzzzz").known;
        assert!(half > 0.1 && half < 0.9, "{half}");
        assert!(space.vector("qqqq").known < 1e-6);
        assert!(space.vector("").values.is_empty());
    }

    #[test]
    fn rare_features_are_worth_more() {
        let space = Space::of(&["card a", "card b", "card c"]);
        let values = space.vector("card b").values;
        let least = values.iter().map(|(_, v)| *v).fold(f32::MAX, f32::min);
        let most = values.iter().map(|(_, v)| *v).fold(0.0, f32::max);
        assert!(most > least * 1.2, "{least} {most}");
    }
}

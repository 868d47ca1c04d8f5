//! Which texts are nearly the same: by the features that the model reads, and letter by letter.

use super::features::{Family, spelling};
use super::num::real;
use super::space::Space;

/// What two texts must have of each other's features (a cosine) before their letters are compared.
const LEAST_COSINE: f32 = 0.5;

/// From this share of equal letters on, one of two such texts is the other with a slip.
const SLIP: f64 = 0.88;

/// From this product of the two on, they ask the same. The demo shop's nearest questions of two entries have a share of
/// 0.85 (“How long does a repair take”, “How long does a refund take”) and a product of 0.62 (“Guarantee period”,
/// “Price guarantee period”); a question with a courtesy more or a word written otherwise has 0.66 or more to itself.
const SAME: f64 = 0.65;

/// The pairs of texts that are nearly the same, by their places: the later text first. What all texts have counts
/// little.
pub(crate) fn alike(texts: &[&str]) -> Vec<(usize, usize)> {
    let space = Space::of(texts);
    let spelt: Vec<String> = texts.iter().map(|text| spelling(text)).collect();
    // The texts so far that have a feature.
    let mut having: Vec<Vec<(usize, f32)>> = vec![Vec::new(); space.len()];
    let mut near = vec![0.0_f32; texts.len()];
    let mut pairs = Vec::new();
    for (one, text) in texts.iter().enumerate() {
        near.fill(0.0);
        for (feature, value) in space.vector(text).values {
            let Some(having) = having.get_mut(feature as usize) else { continue };
            for (other, theirs) in having.iter() {
                // Each family has length 1.
                near.get_mut(*other).into_iter().for_each(|sum| *sum += value * theirs / real(Family::ALL.len()));
            }
            having.push((one, value));
        }
        for (other, cosine) in near.iter().enumerate().take(one).filter(|(_, cosine)| **cosine >= LEAST_COSINE) {
            let letters = spelt.get(one).zip(spelt.get(other));
            let share = letters.map_or(0.0, |(one, other)| strsim::normalized_damerau_levenshtein(one, other));
            if share >= SLIP || share * f64::from(*cosine) >= SAME {
                pairs.push((one, other));
            }
        }
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_is_nearly_the_same() {
        let texts =
            ["how do I return a lamp", "你们几点开门", "how do I retrun a lamp!", "how do I pay", "你們幾點開門呀"];
        assert_eq!(alike(&texts), [(2, 0), (4, 1)]);
    }

    #[test]
    fn leaves_what_only_looks_alike() {
        let texts =
            ["怎么取消订单", "怎么修改订单", "怎么付款", "How long does a repair take", "How long does a refund take"];
        assert_eq!(alike(&texts), []);
        assert_eq!(alike(&[]), []);
    }
}

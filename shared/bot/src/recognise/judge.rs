//! From what speaks for each entry to how likely each is meant.

use crate::understand::{Weighed, highest, probabilities};

/// How the two opinions on a text become one, and what that one is worth.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Judge {
    /// How much the model's opinion counts.
    pub(super) model: f32,
    /// How much it counts what of the text a class covers.
    pub(super) words: f32,
    /// How likely any entry is meant: a constant, and the coefficients of [`Evidence::of_any`].
    pub(super) any: [f32; 5],
    /// How likely it is the likeliest one, if any is: a constant, and the coefficient of [`Evidence::of_best`].
    pub(super) best: [f32; 2],
    /// What scores are worth.
    pub(super) bounds: Bounds,
}

/// What scores are worth.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds {
    /// From this score on, the bot answers.
    pub sure: f64,
    /// A guess with less than this score is not worth asking about.
    pub unsure: f64,
    /// Whether scores are chances, which the entries share.
    pub chances: bool,
}

/// Who judges when.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Judges {
    /// As a rule.
    pub(super) usual: Judge,
    /// Where words alone would not answer, as in another language than most phrasings are in: it hears the model alone.
    /// Only with an encoder, whose vectors know meanings without words.
    pub(super) wordless: Option<Judge>,
}

impl Judges {
    /// How likely each class is meant, by the one that is to judge these opinions.
    pub(super) fn scores(&self, opinions: &mut Opinions) -> Vec<f32> {
        match self.wordless.as_ref().filter(|_| opinions.words.iter().all(|words| *words < ENOUGH)) {
            Some(wordless) => {
                // It was fitted without a word.
                opinions.words.fill(0.0);
                wordless.scores(opinions)
            }
            None => self.usual.scores(opinions),
        }
    }
}

/// A class that covers more of a text would make the search alone answer.
const ENOUGH: f32 = 1.0;

/// Both opinions on a text.
#[derive(Clone, Debug)]
pub(super) struct Opinions {
    pub(super) model: Weighed,
    /// How much of the text each class covers: 1 is what makes the search alone answer.
    pub(super) words: Vec<f32>,
    /// The cosine to the nearest text that is said elsewhere, from 0 to 1; 0 without an encoder.
    pub(super) elsewhere: f32,
}

/// What there is to know of a text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Evidence {
    /// How likely the likeliest class is, if any is meant, from 0 to 1.
    likely: f32,
    /// From 0 to 1.
    familiar: f32,
    /// The most that a class covers of it.
    covered: f32,
    /// From 0 to 1.
    elsewhere: f32,
}

/// Keeps the logarithm of next to nothing finite.
const LITTLE: f32 = 0.05;
/// How familiar a text is differs less than the rest: its logarithm is brought to their scale.
const FAMILIAR: f32 = 4.0;
/// How near it is to what is said elsewhere, the same.
const ELSEWHERE: f32 = 5.0;

impl Evidence {
    /// What tells whether any entry is meant.
    pub(super) fn of_any(self) -> [f32; 5] {
        let Self { likely, familiar, covered, elsewhere } = self;
        let [likely, familiar, covered] = [likely, familiar, covered].map(|share| (share + LITTLE).ln());
        [1.0, likely, FAMILIAR * familiar, covered, ELSEWHERE * elsewhere]
    }

    /// What tells whether the likeliest is the right one.
    pub(super) fn of_best(self) -> [f32; 2] {
        [1.0, (self.likely + LITTLE).ln()]
    }
}

/// The logistic function of the sum of terms, each as often as its coefficient says.
pub(super) fn chance<const N: usize>(coefficients: &[f32; N], terms: [f32; N]) -> f32 {
    let sum: f32 = coefficients.iter().zip(terms).map(|(coefficient, term)| coefficient * term).sum();
    1.0 / (1.0 + (-sum).exp())
}

impl Judge {
    /// How likely each class is if one of them is meant, which is the likeliest, and the evidence.
    pub(super) fn weigh(&self, opinions: &Opinions) -> (Vec<f32>, usize, Evidence) {
        let Opinions { model, words, elsewhere } = opinions;
        let both = model.scores.iter().zip(words);
        let mut likely: Vec<f32> = both.map(|(score, words)| self.model * score + self.words * words).collect();
        probabilities(&mut likely);
        let best = highest(&likely).unwrap_or_default();
        let evidence = Evidence {
            likely: likely.get(best).copied().unwrap_or_default(),
            familiar: model.familiar,
            covered: words.iter().copied().fold(0.0, f32::max),
            elsewhere: *elsewhere,
        };
        (likely, best, evidence)
    }

    /// How likely the likeliest class is meant.
    pub(super) fn chance(&self, evidence: Evidence) -> f32 {
        chance(&self.any, evidence.of_any()) * chance(&self.best, evidence.of_best())
    }

    /// How likely each class is meant.
    pub(super) fn scores(&self, opinions: &Opinions) -> Vec<f32> {
        let (mut likely, _, evidence) = self.weigh(opinions);
        let share = self.chance(evidence) / evidence.likely.max(f32::MIN_POSITIVE);
        // The others' chances are in the proportion of their likelihoods.
        for likely in &mut likely {
            *likely *= share;
        }
        likely
    }
}

#[cfg(test)]
mod tests {
    use super::super::fit::ALONE;
    use super::*;

    fn opinions(scores: [f32; 3], familiar: f32, words: [f32; 3]) -> Opinions {
        Opinions { model: Weighed { scores: scores.to_vec(), familiar }, words: words.to_vec(), elsewhere: 0.0 }
    }

    #[test]
    fn hears_both() {
        let judge = ALONE;
        let (_, best, _) = judge.weigh(&opinions([1.0, 0.0, 0.0], 1.0, [0.0, 2.0, 0.0]));
        assert_eq!(best, 1);
        let (_, best, _) = judge.weigh(&opinions([9.0, 0.0, 0.0], 1.0, [1.0, 1.1, 0.0]));
        assert_eq!(best, 0);
    }

    #[test]
    fn is_surer_the_more_speaks_for_one() {
        let score = |opinions: Opinions| ALONE.scores(&opinions)[0];
        let clear = score(opinions([9.0, 0.0, 0.0], 0.95, [4.0, 0.0, 0.0]));
        assert!(clear > score(opinions([9.0, 0.0, 0.0], 0.5, [4.0, 0.0, 0.0])), "{clear}");
        assert!(clear > score(opinions([9.0, 0.0, 0.0], 0.95, [0.5, 0.0, 0.0])));
        assert!(clear > score(opinions([9.0, 8.5, 0.0], 0.95, [4.0, 4.0, 0.0])));
    }

    #[test]
    fn scores_are_chances() {
        let all = ALONE.scores(&opinions([3.0, 2.0, 1.0], 0.9, [3.0, 2.0, 0.0]));
        assert!(all.iter().all(|score| (0.0..=1.0).contains(score)) && all.is_sorted_by(|a, b| a > b), "{all:?}");
        let none = Opinions { model: Weighed { scores: Vec::new(), familiar: 0.0 }, words: Vec::new(), elsewhere: 0.0 };
        assert!(ALONE.scores(&none).is_empty());
    }
}

//! Fitting a judge on texts that neither opinion knew.

use super::judge::{Bounds, Evidence, Judge, Opinions, chance};
use crate::understand::{Held, real};

/// A text that neither opinion knew.
#[derive(Clone, Debug)]
pub(super) struct Case {
    pub(super) opinions: Opinions,
    /// Its class; `None` if it has none.
    pub(super) class: Option<usize>,
}

/// From which score on the bot answers was chosen on the demo shop's tuning phrasings, and where as many of them are
/// answered as by the search alone, and on the off-topic sentences of `tests/off_topic.txt`. Held-out questions, on which
/// scores are fitted, are harder than most new ones.
const ALONE_BOUNDS: Bounds = Bounds { sure: 0.55, unsure: 0.4, chances: true };
const ENCODED_BOUNDS: Bounds = Bounds { sure: 0.63, unsure: 0.35, chances: true };
/// What judges are drawn to, those of small bases all the way: chosen on the demo shop's own questions.
/// Without an encoder.
pub(super) const ALONE: Judge =
    Judge { model: 0.3, words: 5.0, any: [1.3, -1.0, 0.4, 4.5, 0.0], best: [1.7, 1.9], bounds: ALONE_BOUNDS };
/// With one.
pub(super) const ENCODED: Judge =
    Judge { model: 0.7, words: 3.5, any: [14.5, 1.1, 1.6, 1.3, -3.0], best: [2.3, 3.4], bounds: ENCODED_BOUNDS };
/// With an encoder, where words say nothing.
pub(super) const WORDLESS: Judge =
    Judge { model: 1.0, words: 0.0, any: [15.2, 0.8, 1.8, 0.0, -3.4], best: [2.2, 3.4], bounds: ENCODED_BOUNDS };

/// How many texts of no class there are taken to be for one that has one: as a rule, and where words say nothing, since
/// what shares few words with the knowledge is seldom its business.
pub(super) const OUTSIDE: f32 = 0.3;
pub(super) const OUTSIDE_WORDLESS: f32 = 1.0;
/// How many cases the usual coefficients count as.
const USUAL_COUNTS: f32 = 0.5;
/// Fewer cases of a class show nothing.
const LEAST_CASES: usize = 50;

/// The judge of these cases, drawn to what is usual.
pub(super) fn judge(cases: &[Case], usual: &Judge, outside: f32) -> Judge {
    let inside: Vec<(&Opinions, usize)> = cases.iter().filter_map(|case| Some((&case.opinions, case.class?))).collect();
    if inside.len() < LEAST_CASES {
        return *usual;
    }
    let mut judge = *usual;
    let model: Vec<f32> = inside.iter().flat_map(|(opinions, _)| opinions.model.scores.iter().copied()).collect();
    let words: Vec<f32> = inside.iter().flat_map(|(opinions, _)| opinions.words.iter().copied()).collect();
    let labels: Vec<usize> = inside.iter().map(|(_, class)| *class).collect();
    let held = Held { scores: vec![&model, &words], classes: model.len() / labels.len(), labels };
    let (weights, _) = held.weights(&[usual.model, usual.words]);
    if let &[model, words] = weights.as_slice() {
        (judge.model, judge.words) = (model, words);
    }
    let each = outside * real(inside.len()) / real((cases.len() - inside.len()).max(1));
    let (mut any, mut best) = (Vec::new(), Vec::new());
    for Case { opinions, class } in cases {
        let (_, found, evidence): (_, _, Evidence) = judge.weigh(opinions);
        let counts = if class.is_some() { 1.0 } else { each };
        any.push(Trial { terms: evidence.of_any(), holds: class.is_some(), counts });
        if let Some(class) = class {
            best.push(Trial { terms: evidence.of_best(), holds: *class == found, counts });
        }
    }
    judge.any = logistic(&any, usual.any);
    judge.best = logistic(&best, usual.best);
    judge
}

/// Something that is true or not, and what was known of it.
struct Trial<const N: usize> {
    terms: [f32; N],
    holds: bool,
    /// How much it counts.
    counts: f32,
}

const STEPS: usize = 3000;

/// Logistic regression, drawn to what is usual: descent, each step as long as the last allows.
fn logistic<const N: usize>(trials: &[Trial<N>], usual: [f32; N]) -> [f32; N] {
    let all: f32 = trials.iter().map(|trial| trial.counts).sum();
    let steepness = |at: &[f32; N]| {
        let (mut lost, mut slopes) = (0.0_f32, [0.0_f32; N]);
        for Trial { terms, holds, counts } in trials {
            let likely = chance(at, *terms);
            lost -= counts * if *holds { likely } else { 1.0 - likely }.max(1e-9).ln();
            let off = likely - f32::from(u8::from(*holds));
            slopes.iter_mut().zip(terms).for_each(|(slope, term)| *slope += counts * off * term);
        }
        for ((slope, one), usual) in slopes.iter_mut().zip(at).zip(usual) {
            lost += USUAL_COUNTS * (one - usual).powi(2) / 2.0;
            *slope = (*slope + USUAL_COUNTS * (one - usual)) / all;
        }
        (lost / all, slopes)
    };
    let mut found = usual;
    let (mut least, mut slopes) = steepness(&found);
    let mut pace = 1.0;
    for _ in 0..STEPS {
        let mut tried = found;
        tried.iter_mut().zip(slopes).for_each(|(one, slope)| *one -= pace * slope);
        let (lost, steeper) = steepness(&tried);
        if lost <= least {
            (found, least, slopes) = (tried, lost, steeper);
            pace *= 1.3;
        } else {
            pace *= 0.4;
            if pace < 1e-5 {
                break;
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::understand::Weighed;

    #[test]
    fn finds_how_likely_what_is_known_makes_it() {
        // True 9 times in 10 at 1, and 1 time in 10 at −1.
        let trial = |at: usize, term: f32| Trial {
            terms: [1.0, term],
            holds: at.is_multiple_of(10) != (term > 0.0),
            counts: 1.0,
        };
        let trials: Vec<_> = (0..1000).map(|at| trial(at, if at % 20 < 10 { 1.0 } else { -1.0 })).collect();
        let found = logistic(&trials, [3.0, 0.0]);
        assert!((chance(&found, [1.0, 1.0]) - 0.9).abs() < 0.01, "{found:?}");
        assert!((chance(&found, [1.0, -1.0]) - 0.1).abs() < 0.01, "{found:?}");
    }

    /// So many cases of three classes, of which the model knows all and the words know none.
    fn cases(count: usize) -> Vec<Case> {
        let case = |at: usize| {
            let mut scores = vec![0.0; 3];
            scores[at % 3] = 1.0;
            let words = vec![2.0, 2.0, 2.0];
            Case {
                opinions: Opinions { model: Weighed { scores, familiar: 0.9 }, words, elsewhere: 0.0 },
                class: Some(at % 3),
            }
        };
        (0..count).map(case).collect()
    }

    #[test]
    fn trusts_who_is_right() {
        let found = judge(&cases(60), &ALONE, OUTSIDE);
        assert!(found.model > 3.0 * ALONE.model, "{found:?}");
        assert_eq!(judge(&cases(49), &ALONE, OUTSIDE), ALONE);
    }
}

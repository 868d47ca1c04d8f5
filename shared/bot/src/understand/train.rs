//! Training: which models are mixed, how, and what a score is worth.

use std::collections::BTreeSet;

use super::folds::Folds;
use super::member::{Loss, Member, Task};
use super::mix::Held;
use super::num::real;
use super::parallel;
use super::rows::{Parts, Rows};

/// What cross-validation found.
#[derive(Clone, Debug)]
pub(super) struct Found {
    /// The models that are mixed, with their weights.
    pub(super) mixed: Vec<(Member, f32)>,
    /// The held-out texts' scores, mixed: a score for each class, text by text.
    pub(super) scores: Vec<f32>,
    /// Which rows these are, and the part that each was held out with.
    pub(super) rows: Vec<(usize, usize)>,
    /// The parts.
    pub(super) folds: Folds,
}

const SPARSE: Parts = Parts { sparse: 1.0, dense: 0.0 };
const DENSE: Parts = Parts { sparse: 0.0, dense: 1.0 };
const BOTH: Parts = Parts { sparse: 1.0, dense: 1.5 };

/// Ways to train, those of a line differing in their cost alone: the best of each is taken. Where that is too much
/// work, the first of each.
const LINEAR: &[&[Member]] =
    &[&[entropy(SPARSE, 20.0), entropy(SPARSE, 60.0)], &[hinge(SPARSE, 0.3), hinge(SPARSE, 1.0)]];
const ENCODED: &[&[Member]] = &[
    &[entropy(SPARSE, 20.0), entropy(SPARSE, 60.0)],
    &[entropy(DENSE, 20.0), entropy(DENSE, 7.0), entropy(DENSE, 60.0)],
    &[entropy(BOTH, 20.0), entropy(BOTH, 7.0)],
    &[hinge(BOTH, 0.3), hinge(BOTH, 1.0)],
];

/// So much work is too much for all of these: phrasings × values of each × classes. And so many weights are too many for
/// all classes at once.
const MANY: usize = 3_000_000_000;
const MOST_WEIGHTS: usize = 40_000_000;
/// Ways that are left then.
const ENCODED_MANY: &[&[Member]] = &[&[entropy(SPARSE, 20.0)], &[entropy(BOTH, 20.0)]];
const ENCODED_MOST: &[&[Member]] = &[&[hinge(SPARSE, 0.3)], &[mean(DENSE)]];
const LINEAR_MOST: &[&[Member]] = &[&[hinge(SPARSE, 0.3), hinge(SPARSE, 1.0)]];

/// Beyond so many classes nothing is solved for: a text is compared with the mean of each class.
const MOST_CLASSES: usize = 1_000;
const MEANS: &[&[Member]] = &[&[mean(SPARSE)]];
const ENCODED_MEANS: &[&[Member]] = &[&[mean(SPARSE)], &[mean(DENSE)]];

/// What is too much for a way to train.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// Multiplications in one pass over all phrasings.
    pub(super) work: usize,
    /// Weights of all classes at once.
    pub(super) weights: usize,
    /// Classes.
    pub(super) classes: usize,
}

/// What two processors can do within a minute.
pub(super) const LIMITS: Limits = Limits { work: MANY, weights: MOST_WEIGHTS, classes: MOST_CLASSES };

/// The ways to train that are tried.
fn ways(task: &Task<'_>, limits: Limits) -> &'static [&'static [Member]] {
    let Task { rows, classes, .. } = *task;
    let encoded = rows.dimensions > 0;
    let large = rows.width() * classes > limits.weights;
    match (encoded, classes > limits.classes, large) {
        (true, true, _) => ENCODED_MEANS,
        (true, false, true) => ENCODED_MOST,
        (true, false, false) if work(rows, classes) > limits.work => ENCODED_MANY,
        (true, false, false) => ENCODED,
        (false, true, _) => MEANS,
        (false, false, true) => LINEAR_MOST,
        (false, false, false) => LINEAR,
    }
}

const fn entropy(parts: Parts, cost: f32) -> Member {
    Member { loss: Loss::Entropy, parts, cost }
}

const fn hinge(parts: Parts, cost: f32) -> Member {
    Member { loss: Loss::Hinge, parts, cost }
}

const fn mean(parts: Parts) -> Member {
    Member { loss: Loss::Mean, parts, cost: 1.0 }
}

/// How many parts there are, and how much work is held out at most: scores of texts, and multiplications.
const PARTS: usize = 5;
const MOST_SCORES: usize = 3_000_000;
const MOST_WORK: usize = 1_200_000_000;
/// A model with less weight than this share of the highest is left out.
const LEAST_SHARE: f32 = 0.02;

/// Chooses by cross-validation.
pub(super) fn choose(task: &Task<'_>, limits: Limits) -> Found {
    let Task { rows, labels, classes } = *task;
    let parts = parts_to_hold(rows, classes);
    let tried = |line: &'static [Member]| if parts < PARTS { line.get(..1).unwrap_or(line) } else { line };
    let lines: Vec<&[Member]> = ways(task, limits).iter().copied().map(tried).collect();
    let folds = Folds::new(labels, PARTS);
    let candidates: Vec<Member> = lines.iter().copied().flatten().copied().collect();
    let most = (MOST_SCORES / parts / classes.max(1)).max(1);
    let splits: Vec<_> = (0..parts)
        .map(|part| {
            let (mut held, rest) = folds.split(part);
            if classes > limits.classes {
                // With so many classes many have a phrasing or two: one of which nothing is left shows nothing.
                let known: BTreeSet<Option<&usize>> = rest.iter().map(|row| labels.get(*row)).collect();
                held.retain(|row| known.contains(&labels.get(*row)));
                held.truncate(most);
            }
            (held, rest)
        })
        .collect();
    let guessed = parallel::map(candidates.len() * parts, |at| {
        let member = candidates.get(at / parts)?;
        let (held, rest) = splits.get(at % parts)?;
        Some(task.scores(*member, rest, held))
    });
    let mut by_part: Vec<Vec<f32>> = guessed.into_iter().map(Option::unwrap_or_default).collect();
    let scores: Vec<Vec<f32>> =
        by_part.chunks_mut(parts).map(|each| each.iter_mut().flat_map(std::mem::take).collect()).collect();
    let places: Vec<(usize, usize)> =
        splits.iter().enumerate().flat_map(|(part, (held, _))| held.iter().map(move |row| (*row, part))).collect();
    let truths: Vec<usize> = places.iter().map(|(row, _)| labels.get(*row).copied().unwrap_or_default()).collect();
    let held = |scores| Held { scores, labels: truths.clone(), classes };
    let mut chosen: Vec<(Member, &[f32], f32)> = Vec::new();
    let mut all = candidates.iter().zip(&scores);
    for line in lines {
        let tried = all.by_ref().take(line.len()).map(|(member, scores)| {
            let alone = held(vec![scores.as_slice()]);
            let (weights, lost) = alone.weights(&[3.0]);
            (lost, *member, scores.as_slice(), weights.first().copied().unwrap_or_default())
        });
        let best = tried.min_by(|(one, ..), (other, ..)| one.total_cmp(other));
        chosen.extend(best.map(|(_, member, scores, weight)| (member, scores, weight)));
    }
    let together = held(chosen.iter().map(|(_, scores, _)| *scores).collect());
    let alone: Vec<f32> = chosen.iter().map(|(.., weight)| weight / real(chosen.len())).collect();
    let (weights, _) = together.weights(&alone);
    let highest = weights.iter().copied().fold(0.0, f32::max);
    let mut mixed = Vec::new();
    let mut sum = vec![0.0; places.len() * classes];
    for ((member, scores, _), weight) in chosen.iter().zip(&weights) {
        if *weight >= LEAST_SHARE * highest {
            mixed.push((*member, *weight));
            sum.iter_mut().zip(*scores).for_each(|(sum, score)| *sum += weight * score);
        }
    }
    Found { mixed, scores: sum, rows: places, folds }
}

/// How many of the parts are held out in turn: all, unless that is too much work.
fn parts_to_hold(rows: &Rows, classes: usize) -> usize {
    let scores = rows.len().max(1) * classes / PARTS;
    (MOST_SCORES / scores.max(1)).min(MOST_WORK / work(rows, classes).max(1)).clamp(1, PARTS)
}

fn work(rows: &Rows, classes: usize) -> usize {
    (rows.filled() + rows.len() * rows.dimensions) * classes
}

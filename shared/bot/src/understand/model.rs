//! The trained model: from a text to the classes that it may be of.

use std::collections::BTreeSet;

use super::dense::Dense;
use super::familiar;
use super::member::{Loss, Task};
use super::mix::{highest, probabilities};
use super::nearest::Vectors;
use super::rows::Rows;
use super::space::{Space, Sparse};
use super::threshold::{Trial, threshold};
use super::train::{self, Found, LIMITS, Limits};
use super::weights::Weights;

/// A linear model over the features of texts, and over an encoder's vectors of them if it was trained with one.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    pub(super) labels: Vec<String>,
    pub(super) space: Space,
    /// By feature.
    pub(super) weights: Weights,
    /// By dimension of the encoder; then the classes' constants.
    pub(super) dense: Dense,
    /// The encoder's vectors of the phrasings; empty without one.
    pub(super) vectors: Vectors,
    /// A guess that is less sure than this is none.
    pub(super) threshold: f32,
}

/// What a model says of a text.
#[derive(Clone, Debug, PartialEq)]
pub struct Understanding {
    /// How likely each class is, in the order of [`Model::labels`]; they sum to 1.
    pub probabilities: Vec<f32>,
    /// The most likely class.
    pub best: usize,
    /// How sure it is that the text is of that class, and of any at all, from 0 to 1.
    pub confidence: f32,
}

/// What speaks for each class, and how familiar a text is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Weighed {
    /// As a probability's logarithm, but for what all classes have in common.
    pub(crate) scores: Vec<f32>,
    /// From 0 to 1.
    pub(crate) familiar: f32,
}

/// A phrasing that a model was not trained on.
#[derive(Clone, Debug)]
pub(crate) struct HeldOut {
    /// Its place among the phrasings.
    pub(crate) row: usize,
    pub(crate) weighed: Weighed,
}

/// A model, and how models that know less do on the rest.
#[derive(Clone, Debug)]
pub(crate) struct Learnt {
    pub(crate) model: Model,
    pub(crate) held: Vec<HeldOut>,
    /// The part that each phrasing is held out with.
    pub(crate) parts: Vec<usize>,
}

/// How many bytes a model may have, and about how many a weight, a feature and a dimension of a phrasing take.
const MOST_BYTES: usize = 9_500_000;
const WEIGHT_BYTES: usize = 2;
/// With more phrasings than these a model has more bytes in proportion.
const MANY_PHRASINGS: usize = 10_000;
const FEATURE_BYTES: usize = 14;

/// So many bytes; with more than ten thousand phrasings as many more as there are of them.
pub(crate) fn in_proportion(bytes: usize, phrasings: usize) -> usize {
    bytes / MANY_PHRASINGS * phrasings.max(MANY_PHRASINGS)
}

impl Model {
    /// Trains on phrasings, each with its label. The same phrasings give the same model. `vectors` holds an encoder's
    /// vectors of the texts, one after the other, or nothing.
    pub fn train(phrasings: &[(&str, &str)], vectors: &[f32]) -> Self {
        Self::learn(phrasings, vectors, in_proportion(MOST_BYTES, phrasings.len())).model
    }

    /// As [`train`](Self::train), with what the model says of phrasings that it does not know. The model has at most
    /// so many bytes, or few more.
    pub(crate) fn learn(phrasings: &[(&str, &str)], vectors: &[f32], most_bytes: usize) -> Learnt {
        Self::learn_within(phrasings, vectors, most_bytes, LIMITS)
    }

    fn learn_within(phrasings: &[(&str, &str)], vectors: &[f32], most_bytes: usize, limits: Limits) -> Learnt {
        let labels: BTreeSet<&str> = phrasings.iter().map(|(_, label)| *label).collect();
        let labels: Vec<String> = labels.into_iter().map(str::to_owned).collect();
        if labels.is_empty() {
            return Learnt { model: Self::nothing(), held: Vec::new(), parts: Vec::new() };
        }
        let texts: Vec<&str> = phrasings.iter().map(|(text, _)| *text).collect();
        let class = |label: &str| labels.binary_search_by(|known| known.as_str().cmp(label)).unwrap_or_default();
        let of: Vec<usize> = phrasings.iter().map(|(_, label)| class(label)).collect();
        let space = Space::of(&texts);
        let sparse: Vec<Sparse> = texts.iter().map(|text| space.vector(text)).collect();
        let rows = Rows::new(&sparse, space.len(), vectors);
        let task = Task { rows: &rows, labels: &of, classes: labels.len() };
        let found = train::choose(&task, limits);
        let held = held_out(&task, &found, &space);
        let threshold = threshold(&trials(&task, &held));
        let parts = (0..rows.len()).map(|row| found.folds.part(row)).collect();
        let vectors = Vectors::new(vectors, rows.dimensions);
        let rest = most_bytes.saturating_sub(space.len() * FEATURE_BYTES + vectors.bytes());
        let (weights, dense) = weights(&task, &found, rest);
        let model = Self { labels, space, weights, dense, vectors, threshold };
        Learnt { model, held, parts }
    }

    /// What is learnt from nothing.
    fn nothing() -> Self {
        Self {
            labels: Vec::new(),
            space: Space::default(),
            weights: Weights::of(&[], 0, 0),
            dense: Dense::default(),
            vectors: Vectors::default(),
            threshold: 1.0,
        }
    }

    /// The classes' labels, sorted.
    pub fn labels(&self) -> &[String] {
        &self.labels
    }

    /// How sure it must be before its guess should count, as cross-validation found it.
    pub fn threshold(&self) -> f32 {
        self.threshold
    }

    /// What a text means; `vector` is the encoder's of the text, [as of the
    /// phrasings](crate::encode::Encoder::encode_questions), if the model was trained with one.
    pub fn understand(&self, text: &str, vector: &[f32]) -> Understanding {
        let Weighed { mut scores, familiar } = self.weigh(text, vector);
        probabilities(&mut scores);
        let best = highest(&scores).unwrap_or_default();
        let likely = scores.get(best).copied().unwrap_or_default();
        Understanding { best, confidence: likely * familiar, probabilities: scores }
    }

    /// What speaks for each class, in the order of [`labels`](Self::labels), and how familiar the text is.
    pub(crate) fn weigh(&self, text: &str, vector: &[f32]) -> Weighed {
        let sparse = self.space.vector(text);
        let mut scores = vec![0.0; self.labels.len()];
        for (index, value) in &sparse.values {
            self.weights.add_to(&mut scores, *index as usize, *value);
        }
        let values = vector.iter().copied().chain(std::iter::repeat(0.0)).take(self.vectors.dimensions);
        self.dense.add_to(&mut scores, values.chain([1.0]));
        let familiar = if self.vectors.dimensions > 0 {
            familiar::by_vector(self.vectors.nearest(vector))
        } else {
            familiar::by_words(sparse.known)
        };
        Weighed { scores, familiar }
    }
}

/// The mixed models, trained on everything, as one: a sum of linear models is one. Both parts have at most so many bytes.
fn weights(task: &Task<'_>, found: &Found, most_bytes: usize) -> (Weights, Dense) {
    let Task { rows, classes, .. } = *task;
    let everything: Vec<usize> = (0..rows.len()).collect();
    let most = |dense: &Dense| most_bytes.saturating_sub(dense.bytes()) / WEIGHT_BYTES;
    if found.mixed.iter().all(|(member, _)| member.loss == Loss::Mean) {
        return means(task, found, &everything, most);
    }
    let mut sums = vec![0.0; rows.width() * classes];
    for (member, share) in &found.mixed {
        let trained = task.train(*member, &everything);
        let dense = rows.features * classes;
        let constants = (rows.width() - 1) * classes;
        for (at, (sum, weight)) in sums.iter_mut().zip(trained).enumerate() {
            let part = match at {
                _ if at < dense => member.parts.sparse,
                _ if at < constants => member.parts.dense,
                _ => 1.0,
            };
            *sum += share * part * weight;
        }
    }
    let (of_features, dense) = sums.split_at_checked(rows.features * classes).unwrap_or_default();
    let dense = Dense::of(dense, classes);
    (Weights::of(of_features, classes, most(&dense)), dense)
}

/// The same where all are means: of most features, most classes have nothing, and the whole would not fit into memory.
fn means(task: &Task<'_>, found: &Found, on: &[usize], most: impl Fn(&Dense) -> usize) -> (Weights, Dense) {
    let Task { rows, classes, .. } = *task;
    let mut dense = vec![0.0; (rows.dimensions + 1) * classes];
    let mut sparse = Vec::new();
    for (member, share) in &found.mixed {
        let means = task.means(member.parts, on);
        let by_dimension = dense.iter_mut().zip(means.by_dimension());
        by_dimension.for_each(|(sum, value)| *sum += share * member.parts.dense * value);
        let times = share * member.parts.sparse;
        let rows = (0..rows.features).map(|feature| means.feature(feature));
        let scaled = |(class, value): &(u16, f32)| (*class, times * value);
        if times > 0.0 {
            sparse = rows.map(|entries| entries.iter().map(scaled).collect::<Vec<_>>()).collect();
        }
    }
    sparse.resize(rows.features, Vec::new());
    let dense = Dense::of(&dense, classes);
    (Weights::of_entries(&sparse, most(&dense)), dense)
}

/// What models without them say of the phrasings that were held out.
fn held_out(task: &Task<'_>, found: &Found, space: &Space) -> Vec<HeldOut> {
    let familiar = familiar::of_held_out(task.rows, found, space);
    let scores = found.scores.chunks_exact(task.classes.max(1));
    let held = scores.zip(&found.rows).zip(familiar);
    held.map(|((scores, (row, _)), familiar)| HeldOut {
        row: *row,
        weighed: Weighed { scores: scores.to_vec(), familiar },
    })
    .collect()
}

fn trials(task: &Task<'_>, held: &[HeldOut]) -> Vec<Trial> {
    let trial = |HeldOut { row, weighed }: &HeldOut| {
        let mut likely = weighed.scores.clone();
        probabilities(&mut likely);
        let best = highest(&likely).unwrap_or_default();
        let right = task.labels.get(*row) == Some(&best);
        let confidence = likely.get(best).copied().unwrap_or_default() * weighed.familiar;
        Trial { confidence, right, outside: false }
    };
    held.iter().map(trial).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ASKED: [(&str, &str); 12] = [
        ("where is my order", "track"),
        ("track my order", "track"),
        ("has my order left", "track"),
        ("order status", "track"),
        ("i want a refund", "refund"),
        ("refund my money", "refund"),
        ("money back please", "refund"),
        ("give my money back", "refund"),
        ("when do you open", "hours"),
        ("opening hours", "hours"),
        ("open on sunday", "hours"),
        ("are you open today", "hours"),
    ];

    /// What is too much for a way to train leaves another, whichever it is: none forgets what it was taught.
    #[test]
    fn whatever_is_too_much_it_learns() {
        let most = usize::MAX;
        let encoded: Vec<f32> =
            (0..ASKED.len()).flat_map(|row| (0..3).map(move |at| [0.1, 1.0][usize::from(row / 4 == at)])).collect();
        for (work, weights, classes) in
            [(most, most, most), (1, most, most), (1, 1, most), (most, 1, most), (1, 1, 2), (most, most, 2)]
        {
            let limits = Limits { work, weights, classes };
            for vectors in [&[][..], &encoded] {
                let Learnt { model, held, .. } = Model::learn_within(&ASKED, vectors, 100_000, limits);
                let dimensions = vectors.len() / ASKED.len();
                for (row, (text, label)) in ASKED.iter().enumerate() {
                    let found = model.understand(text, &vectors[row * dimensions..(row + 1) * dimensions]);
                    let case = format!("{limits:?}, {dimensions} dimensions: {text}");
                    assert_eq!(model.labels()[found.best], *label, "{case}");
                    assert!(found.probabilities[found.best] > 0.4, "{case}: {found:?}");
                }
                assert!(!held.is_empty() && held.iter().all(|held| held.weighed.scores.len() == 3), "{limits:?}");
                let read = Model::from_bytes(&model.to_bytes());
                assert_eq!(read.as_ref(), Ok(&model), "{limits:?}");
            }
        }
    }
}

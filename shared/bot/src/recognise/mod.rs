//! Which entries a message may mean, and how sure that is.
//!
//! Two opinions are heard: a model's that was trained on the knowledge's own phrasings (with the sentence encoder, if it
//! is there), and that of the words which the message shares with each entry ([`retrieve`](crate::retrieve)). How much
//! each counts, and what both together are worth, was fitted on phrasings that were held out of both. Knowledge that was
//! published without a model is searched by its words alone.

mod elsewhere;
mod fit;
mod judge;
mod learn;
mod spelling;
mod trained;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use self::judge::Bounds;
use self::judge::Opinions;
use self::learn::{Opinionated, by_class, places};
use self::spelling::Spelling;
pub(crate) use self::trained::{TRAINING, Trained};
use crate::encode::Encoder;
use crate::knowledge::KnowledgeBase;
use crate::retrieve::{Corpus, Index, threshold};
use crate::text::Language;

/// An entry that a message may mean.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Guess<'a> {
    /// The entry's id.
    pub entry: &'a str,
    /// How likely it is meant, from 0 to 1; 1 when the message is one of its questions word for word. Without a model
    /// it is no probability, but the share of the message that the entry covers.
    pub score: f64,
}

/// What a message may mean.
#[derive(Clone, Debug, PartialEq)]
pub struct Guesses<'a> {
    /// The language that the message was taken to be in.
    pub language: Language,
    /// The entries, the likeliest first.
    pub list: Vec<Guess<'a>>,
    /// What their scores are worth.
    pub bounds: Bounds,
}

/// What messages are understood by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// The model over words and the sentence encoder's vectors.
    Encoder,
    /// The model over words.
    Words,
    /// The search alone: the knowledge was published without a model.
    Search,
}

impl By {
    /// A name, for logs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Encoder => "encoder",
            Self::Words => "words",
            Self::Search => "search",
        }
    }
}

/// An entry's place in the base, with its score.
pub(crate) type Found = (usize, f64);

/// A base, ready to be asked what messages mean.
#[derive(Debug)]
pub(crate) struct Recogniser {
    spelling: Spelling,
    indexes: BTreeMap<Language, Index>,
    model: Option<Modelled>,
}

#[derive(Debug)]
struct Modelled {
    opinionated: Arc<Opinionated>,
    /// Each class's place in the base.
    places: Vec<usize>,
    encoder: Option<Arc<Encoder>>,
}

impl Recogniser {
    /// Of a base [as it is searched](KnowledgeBase::as_searched). Takes the model that fits the encoder: the one that was trained with it, else the one of words alone.
    pub(crate) fn new(base: &KnowledgeBase, trained: Option<&Trained>, encoder: Option<Arc<Encoder>>) -> Self {
        let model = trained.map(|trained| {
            let with = encoder.and_then(|encoder| Some((trained.with(&encoder)?, encoder)));
            let (opinionated, encoder) = with.map_or((trained.alone(), None), |(with, encoder)| (with, Some(encoder)));
            let places = places(&base.entries, &opinionated.model);
            Modelled { opinionated: Arc::clone(opinionated), places, encoder }
        });
        Self { spelling: Spelling::of(&base.entries), indexes: indexes(base), model }
    }

    /// What messages are understood by.
    pub(crate) fn by(&self) -> By {
        match &self.model {
            Some(Modelled { encoder: Some(_), .. }) => By::Encoder,
            Some(_) => By::Words,
            None => By::Search,
        }
    }

    /// The entries that share words with a text, those that cover most of it first.
    pub(crate) fn search(&self, text: &str, language: Language) -> Vec<Found> {
        let text = self.spelling.mend(text);
        let found = self.indexes.get(&language).map(|index| index.rank(&text)).unwrap_or_default();
        found.into_iter().map(|candidate| (candidate.entry, candidate.score)).collect()
    }

    /// The entries that a text may mean, the likeliest first, and what the scores are worth.
    /// Entries that do not speak are none.
    pub(crate) fn guess(&self, text: &str, language: Language, speaks: &dyn Fn(usize) -> bool) -> (Vec<Found>, Bounds) {
        let mended = self.spelling.mend(text);
        let Some(modelled) = &self.model else {
            let mut found = self.search(text, language);
            found.retain(|(place, _)| speaks(*place));
            return (found, search_bounds(language));
        };
        let index = self.indexes.get(&language);
        let (covered, same) = index.map(|index| index.cover(&mended)).unwrap_or_default();
        let scores = modelled.scores((text, &mended), language, &covered, speaks);
        let places = modelled.places.iter().zip(scores);
        let mut found: Vec<Found> = places.map(|(place, score)| (*place, f64::from(score))).collect();
        if let Some(same) = same {
            found.iter_mut().filter(|(place, _)| *place == same).for_each(|(_, score)| *score = 1.0);
        }
        found.retain(|(place, score)| *score >= LEAST_SCORE && speaks(*place));
        found.sort_by(|(one, a), (other, b)| b.total_cmp(a).then(one.cmp(other)));
        (found, modelled.opinionated.judges.usual.bounds)
    }
}

/// What the scores of the search alone are worth: chosen on the demo shop's questions and the off-topic sentences of
/// `tests/off_topic.txt`.
pub(crate) fn search_bounds(language: Language) -> Bounds {
    let sure = threshold(language);
    Bounds { sure, unsure: sure * UNSURE, chances: false }
}

const UNSURE: f64 = 0.85;

/// A guess with less is none.
const LEAST_SCORE: f64 = 0.001;
/// What speaks for an entry that has nothing to say: so little that its chance is none.
const SILENT: f32 = -1e4;

impl Modelled {
    /// How likely each class is meant by a text and the same with its slips put right. The encoder knows of slips itself.
    fn scores(
        &self,
        (text, mended): (&str, &str),
        language: Language,
        covered: &[f64],
        speaks: &dyn Fn(usize) -> bool,
    ) -> Vec<f32> {
        let Opinionated { model, judges, elsewhere } = self.opinionated.as_ref();
        let vector = self.encoder.as_ref().map(|encoder| encoder.encode_question(text)).unwrap_or_default();
        let words = by_class(covered, &self.places, language);
        let mut opinions =
            Opinions { model: model.weigh(mended, &vector), words, elsewhere: elsewhere.nearest(&vector) };
        let Opinions { model, words, .. } = &mut opinions;
        let all = self.places.iter().zip(&mut model.scores).zip(words);
        for ((_, score), words) in all.filter(|((place, _), _)| !speaks(**place)) {
            // Others share what would be its part.
            (*score, *words) = (SILENT, 0.0);
        }
        judges.scores(&mut opinions)
    }
}

fn indexes(base: &KnowledgeBase) -> BTreeMap<Language, Index> {
    let index = |language| Index::new(Corpus::new(&base.entries, language));
    base.languages.iter().map(|language| (*language, index(*language))).collect()
}

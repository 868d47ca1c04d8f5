//! How well the bot finds the right entry, measured on phrasings whose entry is known.

use std::collections::BTreeMap;
use std::fmt;

use crate::knowledge::{KnowledgeBase, Phrasings};
use crate::reply::Bot;
use crate::retrieve::{Corpus, Index, threshold};
use crate::text::Language;

/// What an evaluation found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Evaluation {
    /// The counts, by language.
    pub tallies: BTreeMap<Language, Tally>,
    /// Every phrasing whose entry did not come first, in order.
    pub misses: Vec<Miss>,
}

/// How many phrasings of a language found their entry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// All.
    pub total: u32,
    /// The right entry came first.
    pub right: u32,
    /// The right entry came first, and with a score at which the bot answers.
    pub answered: u32,
}

/// A phrasing that did not find its entry first.
#[derive(Clone, Debug, PartialEq)]
pub struct Miss {
    /// Its language.
    pub language: Language,
    /// What was asked.
    pub phrasing: String,
    /// The entry that should have come first.
    pub expected: String,
    /// The entry that came first, with its score; `None` when nothing was found.
    pub found: Option<(String, f64)>,
}

impl Evaluation {
    /// All phrasings.
    pub fn total(&self) -> u32 {
        self.tallies.values().map(|t| t.total).sum()
    }

    /// Those whose entry came first.
    pub fn right(&self) -> u32 {
        self.tallies.values().map(|t| t.right).sum()
    }

    /// `least` is the score at which the bot answers.
    fn add(&mut self, (language, least): (Language, f64), phrasing: &str, expected: &str, found: Option<(&str, f64)>) {
        let tally = self.tallies.entry(language).or_default();
        tally.total += 1;
        match found {
            Some((id, score)) if id == expected => {
                tally.right += 1;
                tally.answered += u32::from(score >= least);
            }
            _ => self.misses.push(Miss {
                language,
                phrasing: phrasing.to_owned(),
                expected: expected.to_owned(),
                found: found.map(|(id, score)| (id.to_owned(), score)),
            }),
        }
    }
}

impl Tally {
    /// The share that is right, from 0 to 1; 1 of none.
    pub fn share(self) -> f64 {
        if self.total == 0 { 1.0 } else { f64::from(self.right) / f64::from(self.total) }
    }
}

impl fmt::Display for Miss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { language, phrasing, expected, .. } = self;
        write!(f, "{language} “{phrasing}”: {expected} expected, ")?;
        match &self.found {
            Some((id, score)) => write!(f, "{id} found ({score:.2})"),
            None => f.write_str("nothing found"),
        }
    }
}

/// Asks the bot every phrasing.
pub fn evaluate(bot: &Bot, phrasings: &Phrasings) -> Evaluation {
    let mut evaluation = Evaluation::default();
    for (id, languages) in &phrasings.0 {
        for (language, list) in languages {
            for phrasing in list {
                let guesses = bot.guess(phrasing, Some(language.code()));
                let found = guesses.list.first().map(|guess| (guess.entry, guess.score));
                evaluation.add((*language, guesses.bounds.sure), phrasing, id, found);
            }
        }
    }
    evaluation
}

/// Asks every question of the knowledge itself, each as if it did not stand there: how well the others of its entry,
/// with the title and the answer, speak for new ways of asking. A harsh measure, since a question is meant to say what
/// the others do not.
pub fn leave_one_out(base: &KnowledgeBase) -> Evaluation {
    let mut evaluation = Evaluation::default();
    for &language in &base.languages {
        let corpus = Corpus::new(&base.entries, language);
        for (place, entry) in base.entries.iter().enumerate() {
            for (at, question) in entry.questions.get(&language).into_iter().flatten().enumerate() {
                let found = Index::rank_without(&corpus, (place, at), question).into_iter().next();
                let found = found.and_then(|c| Some((base.entries.get(c.entry)?.id.as_str(), c.score)));
                evaluation.add((language, threshold(language)), question, &entry.id, found);
            }
        }
    }
    evaluation
}

//! Which entries are taken for which: what a support lead mends first.

use std::collections::BTreeMap;

use crate::encode::Encoder;
use crate::evaluate::{Evaluation, Miss};
use crate::knowledge::KnowledgeBase;
use crate::reply::{Answer, Bot, Input, Query};
use crate::text::{Language, detect};
use crate::understand::cross_validate;

/// Into how many parts the questions are divided, each of which is held out once.
const PARTS: usize = 5;

/// Sentences that no shop's knowledge answers, a line each.
const OFF_TOPIC: &str = include_str!("../tests/off_topic.txt");

/// Questions of one entry that were taken for another's.
#[derive(Clone, Debug, PartialEq)]
pub struct Confusion {
    /// The entry that they are of.
    pub expected: String,
    /// The entry that they were taken for; `None`: for none.
    pub found: Option<String>,
    /// The questions.
    pub questions: Vec<(Language, String)>,
}

/// What the bot does with sentences that it cannot know the answer to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OffTopic {
    /// How many there were.
    pub total: u32,
    /// Those that it answered all the same, with the entry.
    pub answered: Vec<(String, String)>,
}

/// Asks every question of the knowledge a model that was trained without it, and without a fifth of the others. Titles
/// are trained on always.
pub fn held_out(base: &KnowledgeBase, encoder: Option<&Encoder>) -> Evaluation {
    let mut asked = Vec::new();
    let mut titles = Vec::new();
    for entry in &base.entries {
        for language in &base.languages {
            let questions = entry.questions.get(language).into_iter().flatten();
            asked.extend(questions.map(|question| (*language, question.as_str(), entry.id.as_str())));
            titles.extend(entry.title.get(*language).map(|title| (title, entry.id.as_str())));
        }
    }
    let all: Vec<(&str, &str)> = asked.iter().map(|(_, text, id)| (*text, *id)).chain(titles).collect();
    let texts: Vec<&str> = all.iter().map(|(text, _)| *text).collect();
    let vectors = encoder.map(|encoder| encoder.encode_questions(&texts)).unwrap_or_default();
    let guesses = cross_validate(&all, &vectors, asked.len(), PARTS);
    let mut evaluation = Evaluation::default();
    for ((language, question, id), guess) in asked.into_iter().zip(guesses) {
        let tally = evaluation.tallies.entry(language).or_default();
        tally.total += 1;
        if guess.label == id {
            tally.right += 1;
            tally.answered += u32::from(guess.sure);
        } else {
            evaluation.misses.push(Miss {
                language,
                phrasing: question.to_owned(),
                expected: id.to_owned(),
                found: Some((guess.label, f64::from(guess.confidence))).filter(|(label, _)| !label.is_empty()),
            });
        }
    }
    evaluation
}

/// The misses by pair of entries, the most frequent pair first.
pub fn confusions(evaluation: &Evaluation) -> Vec<Confusion> {
    let mut pairs: BTreeMap<(&str, Option<&str>), Confusion> = BTreeMap::new();
    for miss in &evaluation.misses {
        let found = miss.found.as_ref().map(|(id, _)| id.as_str());
        let pair = pairs.entry((&miss.expected, found)).or_insert_with(|| Confusion {
            expected: miss.expected.clone(),
            found: found.map(str::to_owned),
            questions: Vec::new(),
        });
        pair.questions.push((miss.language, miss.phrasing.clone()));
    }
    let mut confusions: Vec<Confusion> = pairs.into_values().collect();
    confusions.sort_by_key(|confusion| std::cmp::Reverse(confusion.questions.len()));
    confusions
}

/// Says sentences to the bot that it should not know: those given, a line each (`#` starts a note), else its own list of
/// general ones in the base's languages.
pub fn off_topic(bot: &Bot, base: &KnowledgeBase, own: Option<&str>) -> OffTopic {
    let lines =
        own.unwrap_or(OFF_TOPIC).lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let mut found = OffTopic::default();
    for line in lines {
        // Of the general ones, those in a language that the base does not speak say nothing of it.
        if own.is_none() && !detect(line).is_some_and(|language| base.languages.contains(&language)) {
            continue;
        }
        found.total += 1;
        if let Answer::Entry { id, .. } = bot.answer(&Query::new(Input::Text(line))) {
            found.answered.push((line.to_owned(), id.to_owned()));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_come_by_frequency() {
        let miss = |expected: &str, found: Option<&str>, phrasing: &str| Miss {
            language: Language::En,
            phrasing: phrasing.to_owned(),
            expected: expected.to_owned(),
            found: found.map(|id| (id.to_owned(), 0.5)),
        };
        let misses =
            vec![miss("a", Some("b"), "1"), miss("b", Some("a"), "2"), miss("c", None, "3"), miss("b", Some("a"), "4")];
        let found = confusions(&Evaluation { misses, ..Evaluation::default() });
        let told: Vec<_> = found.iter().map(|c| (c.expected.as_str(), c.found.as_deref(), c.questions.len())).collect();
        assert_eq!(told, [("b", Some("a"), 2), ("a", Some("b"), 1), ("c", None, 1)]);
    }
}

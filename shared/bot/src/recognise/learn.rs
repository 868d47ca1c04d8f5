//! Learning a knowledge base's phrasings.

use std::collections::BTreeMap;

use super::elsewhere::{self, Said, nearest};
use super::fit::{self, Case};
use super::judge::{Judges, Opinions};
use crate::encode::{DIMENSIONS, Encoder};
use crate::knowledge::{Entry, KnowledgeBase};
use crate::retrieve::{Corpus, Index, threshold};
use crate::text::Language;
use crate::understand::{HeldOut, Learnt, Model, Vectors, narrow};

/// One way to ask for an entry.
#[derive(Clone, Copy, Debug)]
struct Phrasing<'a> {
    entry: usize,
    language: Language,
    text: &'a str,
    /// Whether it is one of the entry's questions, and not its title.
    is_question: bool,
}

/// A model, and the judge of what it says.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Opinionated {
    pub(super) model: Model,
    pub(super) judges: Judges,
    /// What is said elsewhere; empty without an encoder.
    pub(super) elsewhere: Vectors,
}

/// Every way to ask that the base itself knows, in all its languages.
fn phrasings(base: &KnowledgeBase) -> Vec<Phrasing<'_>> {
    let mut all = Vec::new();
    for (entry, each) in base.entries.iter().enumerate() {
        for &language in &base.languages {
            let phrasing = |text, is_question| Phrasing { entry, language, text, is_question };
            let questions = each.questions.get(&language).into_iter().flatten();
            all.extend(questions.map(|text| phrasing(text.as_str(), true)));
            all.extend(each.title.get(language).map(|text| phrasing(text, false)));
        }
    }
    all
}

/// Learns a base's phrasings, with an encoder or without, into so many bytes, or few more.
pub(super) fn learn(base: &KnowledgeBase, encoder: Option<&Encoder>, most_bytes: usize) -> Opinionated {
    let phrasings = phrasings(base);
    let id = |phrasing: &Phrasing<'_>| base.entries.get(phrasing.entry).map(|entry| entry.id.as_str());
    let labelled: Vec<(&str, &str)> =
        phrasings.iter().map(|phrasing| (phrasing.text, id(phrasing).unwrap_or_default())).collect();
    let texts: Vec<&str> = phrasings.iter().map(|phrasing| phrasing.text).collect();
    let vectors = encoder.map(|encoder| encoder.encode_questions(&texts)).unwrap_or_default();
    let learnt = Model::learn(&labelled, &vectors, most_bytes);
    let places = places(&base.entries, &learnt.model);
    let said = elsewhere::said(encoder, &vectors);
    let near = |row: usize| {
        let own = vectors.get(row * DIMENSIONS..(row + 1) * DIMENSIONS).unwrap_or_default();
        nearest(own, said.iter().map(|said| said.vector.as_slice()))
    };
    let mut cases = inside(base, &phrasings, &learnt, &places, near);
    cases.extend(outside(base, &said, &learnt.model, &places));
    let usual = fit::judge(&cases, if encoder.is_some() { &fit::ENCODED } else { &fit::ALONE }, fit::OUTSIDE);
    let wordless = encoder.map(|_| {
        for case in &mut cases {
            case.opinions.words.fill(0.0);
        }
        fit::judge(&cases, &fit::WORDLESS, fit::OUTSIDE_WORDLESS)
    });
    let elsewhere = elsewhere::vectors(&said);
    Opinionated { judges: Judges { usual, wordless }, model: learnt.model, elsewhere }
}

/// Each class's place among the entries.
pub(super) fn places(entries: &[Entry], model: &Model) -> Vec<usize> {
    let by_id: BTreeMap<&str, usize> = entries.iter().enumerate().map(|(at, entry)| (entry.id.as_str(), at)).collect();
    model.labels().iter().map(|label| by_id.get(label.as_str()).copied().unwrap_or(usize::MAX)).collect()
}

/// What each class covers of a text, in units of what makes the search alone answer in its language.
pub(super) fn by_class(covered: &[f64], places: &[usize], language: Language) -> Vec<f32> {
    let share = |place: &usize| covered.get(*place).map(|covered| narrow(covered / threshold(language)));
    places.iter().map(|place| share(place).unwrap_or_default()).collect()
}

/// The base's own questions, each as it is seen by a model and an index that do not know it.
/// `elsewhere` tells how near a phrasing is to what is said elsewhere.
fn inside(
    base: &KnowledgeBase,
    phrasings: &[Phrasing<'_>],
    learnt: &Learnt,
    places: &[usize],
    elsewhere: impl Fn(usize) -> f32,
) -> Vec<Case> {
    let mut classes = vec![None; base.entries.len()];
    for (class, place) in places.iter().enumerate() {
        classes.get_mut(*place).into_iter().for_each(|found| *found = Some(class));
    }
    let part = |row: usize| learnt.parts.get(row).copied().unwrap_or_default();
    let mut by_part: BTreeMap<usize, Vec<&HeldOut>> = BTreeMap::new();
    for held in &learnt.held {
        by_part.entry(part(held.row)).or_default().push(held);
    }
    let mut cases = Vec::new();
    for (out, held) in by_part {
        let kept = phrasings.iter().enumerate().filter(|(row, _)| part(*row) != out).map(|(_, phrasing)| phrasing);
        let rest = with_questions(base, kept);
        for HeldOut { row, weighed } in held {
            let asked = phrasings.get(*row).filter(|phrasing| phrasing.is_question);
            let Some((phrasing, index)) = asked.and_then(|asked| Some((asked, rest.get(&asked.language)?))) else {
                continue;
            };
            let words = by_class(&index.cover(phrasing.text).0, places, phrasing.language);
            let class = classes.get(phrasing.entry).copied().flatten();
            let opinions = Opinions { model: weighed.clone(), words, elsewhere: elsewhere(*row) };
            cases.push(Case { opinions, class });
        }
    }
    cases
}

/// The base's indexes, if it had no questions but these.
fn with_questions<'a>(
    base: &KnowledgeBase,
    questions: impl Iterator<Item = &'a Phrasing<'a>>,
) -> BTreeMap<Language, Index> {
    let mut entries = base.entries.clone();
    for entry in &mut entries {
        entry.questions.clear();
    }
    for Phrasing { entry, language, text, .. } in questions.filter(|phrasing| phrasing.is_question) {
        if let Some(entry) = entries.get_mut(*entry) {
            entry.questions.entry(*language).or_default().push((*text).to_owned());
        }
    }
    let index = |language| Index::new(Corpus::new(&entries, language));
    base.languages.iter().map(|language| (*language, index(*language))).collect()
}

/// What is said elsewhere, each as if the rest of it were known, but for the same in another language.
fn outside(base: &KnowledgeBase, said: &[Said], model: &Model, places: &[usize]) -> Vec<Case> {
    let mut cases = Vec::new();
    for language in &base.languages {
        let index = Index::new(Corpus::new(&base.entries, *language));
        for Said { line, text, vector, .. } in said.iter().filter(|said| said.language == *language) {
            let words = by_class(&index.cover(text).0, places, *language);
            let others = said.iter().filter(|other| other.line != *line);
            let elsewhere = nearest(vector, others.map(|other| other.vector.as_slice()));
            cases.push(Case { opinions: Opinions { model: model.weigh(text, vector), words, elsewhere }, class: None });
        }
    }
    cases
}

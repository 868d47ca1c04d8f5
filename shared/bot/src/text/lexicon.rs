//! Words that customers use for the same thing: "postage" and "delivery fee", 邮费 and 运费.
//!
//! A group of such words is a concept. A text that uses any of them also has the concept as a term, in entries and in
//! questions alike, so that the two meet although they share no word.

use std::collections::HashMap;

use super::language::Language;
use super::normalise::{is_han, normalise};
use super::tokens::tokenise;

/// Phrases that start alike, each with its concepts, the longest first.
type Phrases<P> = Vec<(P, Vec<u16>)>;

/// The groups of a language, ready to be found in texts.
#[derive(Debug, Default)]
pub(super) struct Lexicon {
    /// Phrases of Chinese characters, by their first one.
    han: HashMap<char, Phrases<Box<str>>>,
    /// Phrases of words, by their first stem.
    words: HashMap<Box<str>, Phrases<Vec<Box<str>>>>,
    /// Concepts that only say how one asks.
    asking: Vec<u16>,
}

impl Lexicon {
    /// The groups that come with the bot.
    pub(super) fn of(language: Language) -> Self {
        Self::parse(match language {
            Language::Zh => include_str!("synonyms/zh.txt"),
            Language::En => include_str!("synonyms/en.txt"),
        })
    }

    /// Reads groups, one a line, their members parted by commas; a line that starts with `?` says how one asks, one that
    /// starts with `#` is a note.
    fn parse(text: &str) -> Self {
        let mut lexicon = Self::default();
        let groups = text.lines().filter(|l| !l.starts_with('#') && !l.trim().is_empty());
        for (concept, group) in (0..).zip(groups) {
            let subject = group.strip_prefix('?');
            if subject.is_some() {
                lexicon.asking.push(concept);
            }
            for member in subject.unwrap_or(group).split(',') {
                lexicon.add(&normalise(member), concept);
            }
        }
        for phrases in lexicon.han.values_mut() {
            phrases.sort_by(|(a, _), (b, _)| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        }
        for phrases in lexicon.words.values_mut() {
            phrases.sort_by(|(a, _), (b, _)| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        }
        lexicon
    }

    fn add(&mut self, member: &str, concept: u16) {
        if let Some(first) = member.chars().next().filter(|c| is_han(*c)) {
            insert(self.han.entry(first).or_default(), member.into(), concept);
            return;
        }
        let mut stems: Vec<Box<str>> = Vec::new();
        tokenise(member, |term| stems.push(term.into()));
        if let Some(first) = stems.first().cloned() {
            insert(self.words.entry(first).or_default(), stems, concept);
        }
    }

    /// Whether a concept only says how one asks.
    pub(super) fn is_asking(&self, concept: u16) -> bool {
        self.asking.contains(&concept)
    }

    /// Calls `each` with the concepts of the longest phrase that starts at the start of `rest`.
    pub(super) fn at_character(&self, rest: &str, each: &mut impl FnMut(u16)) {
        let phrases = rest.chars().next().and_then(|c| self.han.get(&c));
        let found = phrases.into_iter().flatten().find(|(phrase, _)| rest.starts_with(&**phrase));
        found.into_iter().flat_map(|(_, concepts)| concepts).copied().for_each(each);
    }

    /// Calls `each` with the concepts of the longest phrase that starts at the first of `stems`.
    pub(super) fn at_word(&self, stems: &[&str], each: &mut impl FnMut(u16)) {
        let phrases = stems.first().and_then(|stem| self.words.get(*stem));
        let starts =
            |phrase: &[Box<str>]| phrase.len() <= stems.len() && phrase.iter().zip(stems).all(|(a, b)| **a == **b);
        let found = phrases.into_iter().flatten().find(|(phrase, _)| starts(phrase));
        found.into_iter().flat_map(|(_, concepts)| concepts).copied().for_each(each);
    }
}

fn insert<P: PartialEq>(phrases: &mut Phrases<P>, phrase: P, concept: u16) {
    match phrases.iter_mut().find(|(known, _)| *known == phrase) {
        Some((_, concepts)) if concepts.contains(&concept) => {}
        Some((_, concepts)) => concepts.push(concept),
        None => phrases.push((phrase, vec![concept])),
    }
}

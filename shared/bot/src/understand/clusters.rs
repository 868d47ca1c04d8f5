//! Questions that ask much the same, together.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::features::{Family, spelling};
use super::num::{narrow, place, real};
use super::space::Space;
use crate::text::{Analyser, Language, Term, canonical, detect, normalise};

/// From this likeness on, a question is put to another: half what they are about (their terms, with the synonyms that the
/// search knows), half how they are written.
const TOGETHER: f32 = 0.25;
/// From this share of equal letters on, a word is another with a slip.
const SLIP: f64 = 0.8;

/// Questions that ask much the same, by their places: the largest cluster first, in each the most frequent wording first.
/// What many of the `known` phrasings have counts little, and questions that are each about something new are together only
/// if they have something of that in common: “can I pay with bitcoin” and “can I pay by cheque” are not, where the
/// knowledge says how to pay. The same questions give the same clusters, in whatever order they come. Two languages have
/// nothing in common here: each has its own clusters.
pub fn clusters(texts: &[&str], known: &[&str]) -> Vec<Vec<usize>> {
    let mut wordings: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (at, text) in texts.iter().enumerate() {
        wordings.entry(canonical(&spelling(text))).or_default().push(at);
    }
    let mut wordings: Vec<(String, Vec<usize>)> = wordings.into_iter().collect();
    // The most frequent ones are what others are put to.
    wordings.sort_by_key(|(_, places)| Reverse(places.len()));
    let all: Vec<&str> = wordings.iter().map(|(text, _)| text.as_str()).chain(known.iter().copied()).collect();
    let likeness = Likeness::of(&all, known);
    // The clusters that have a feature, by their first wording.
    let mut having: HashMap<Feature, Vec<(usize, f32)>> = HashMap::new();
    let mut found: Vec<Vec<usize>> = Vec::new();
    // What is new in their first wordings.
    let mut news: Vec<BTreeSet<Feature>> = Vec::new();
    let mut near: Vec<f32> = Vec::new();
    for (text, places) in wordings {
        let vector = likeness.vector(&text);
        near.fill(0.0);
        for (feature, value) in &vector {
            for (cluster, theirs) in having.get(feature).into_iter().flatten() {
                near.get_mut(*cluster).into_iter().for_each(|sum| *sum += value * theirs);
            }
        }
        let new = likeness.new_in(&text);
        let mut best: Option<(usize, f32)> = None;
        for ((cluster, cosine), theirs) in near.iter().copied().enumerate().zip(&news) {
            let nearer = cosine >= TOGETHER && best.is_none_or(|(_, most)| cosine > most);
            if nearer && !are_apart(&new, theirs) {
                best = Some((cluster, cosine));
            }
        }
        if let Some(cluster) = best.and_then(|(cluster, _)| found.get_mut(cluster)) {
            cluster.extend(places);
            continue;
        }
        for (feature, value) in vector {
            having.entry(feature).or_default().push((found.len(), value));
        }
        found.push(places);
        news.push(new);
        near.push(0.0);
    }
    found.sort_by_key(|cluster| Reverse(cluster.len()));
    found
}

/// What of a text is compared: one of the model's features, or a term in a language.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Feature {
    Written(Language, u32),
    Word(Language, String),
    Concept(Language, u16),
}

impl Feature {
    /// Whether it is another, or the same with a slip.
    fn is_nearly(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Word(language, one), Self::Word(theirs, other)) if language == theirs => {
                one == other || strsim::normalized_damerau_levenshtein(one, other) >= SLIP
            }
            (one, other) => one == other,
        }
    }
}

/// Whether what is new in two texts has nothing in common.
fn are_apart(new: &BTreeSet<Feature>, theirs: &BTreeSet<Feature>) -> bool {
    let common = || new.iter().any(|one| theirs.iter().any(|other| one.is_nearly(other)));
    !new.is_empty() && !theirs.is_empty() && !common()
}

/// What texts are compared by.
struct Likeness {
    space: Space,
    analysers: [(Language, Analyser); 2],
    /// In how many of the known phrasings a term is.
    counts: HashMap<Feature, usize>,
    known: usize,
}

impl Likeness {
    fn of(texts: &[&str], known: &[&str]) -> Self {
        let analysers = [Language::Zh, Language::En].map(|language| (language, Analyser::new(language)));
        let (space, counts) = (Space::of(texts), HashMap::new());
        let mut likeness = Self { space, analysers, counts, known: known.len() };
        for text in known {
            for (term, _) in likeness.terms(text) {
                *likeness.counts.entry(term).or_default() += 1;
            }
        }
        likeness
    }

    /// What of a text no known phrasing has.
    fn new_in(&self, text: &str) -> BTreeSet<Feature> {
        self.terms(text).into_keys().filter(|term| !self.counts.contains_key(term)).collect()
    }

    /// A text's terms, each once, with what they count because of their kind.
    fn terms(&self, text: &str) -> BTreeMap<Feature, f64> {
        let language = detect(text).unwrap_or(Language::En);
        let mut terms = BTreeMap::new();
        let normal = normalise(text);
        for (language, analyser) in self.analysers.iter().filter(|(of, _)| *of == language) {
            analyser.terms(&normal, |term| {
                let feature = match term {
                    Term::Text(text) => Feature::Word(*language, text.to_owned()),
                    Term::Concept(concept) => Feature::Concept(*language, concept),
                };
                terms.insert(feature, analyser.weight(term));
            });
        }
        terms
    }

    /// A text as a vector of length 1.
    fn vector(&self, text: &str) -> BTreeMap<Feature, f32> {
        let rarity = |term: &Feature| {
            let having = self.counts.get(term).copied().unwrap_or_default();
            (f64::from(place(self.known + 1)) / f64::from(place(having + 1))).ln() + 1.0
        };
        let mut vector: BTreeMap<Feature, f32> =
            self.terms(text).into_iter().map(|(term, kind)| (term.clone(), narrow(kind * rarity(&term)))).collect();
        let length = vector.values().map(|value| value * value).sum::<f32>().sqrt().max(f32::MIN_POSITIVE);
        for value in vector.values_mut() {
            *value *= std::f32::consts::FRAC_1_SQRT_2 / length;
        }
        // Each family has length 1.
        let half = (2.0 * real(Family::ALL.len())).sqrt();
        let language = detect(text).unwrap_or(Language::En);
        let written = self.space.vector(text).values;
        vector.extend(written.into_iter().map(|(feature, value)| (Feature::Written(language, feature), value / half)));
        vector
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: &[&str] = &[
        "how can I pay",
        "which cards do you take",
        "can I pay by invoice",
        "how do I return a lamp",
        "do you deliver to Poland",
        "where is my order",
        "怎么付款",
        "可以货到付款吗",
        "可以用微信付款吗",
        "支持哪些银行卡",
        "怎么退货",
        "多久能发货",
        "可以开发票吗",
    ];

    /// The wordings of each cluster.
    fn told<'a>(texts: &[&'a str]) -> Vec<Vec<&'a str>> {
        let named = |cluster: Vec<usize>| cluster.into_iter().map(|at| texts[at]).collect();
        clusters(texts, KNOWN).into_iter().map(named).collect()
    }

    #[test]
    fn puts_together_what_asks_much_the_same() {
        let texts = [
            "do you sell gift cards",
            "can I pay with bitcoin",
            "你们支持比特币吗",
            "Can I pay with Bitcoin?",
            "pay with bitcoin please",
            "可以用比特币付款吗",
            "你們支持比特幣嗎",
            "is there a lamp for cats",
        ];
        let expected: [&[&str]; 4] = [
            &["can I pay with bitcoin", "Can I pay with Bitcoin?", "pay with bitcoin please"],
            &["你们支持比特币吗", "你們支持比特幣嗎", "可以用比特币付款吗"],
            &["do you sell gift cards"],
            &["is there a lamp for cats"],
        ];
        assert_eq!(told(&texts), expected);
    }

    #[test]
    fn what_is_asked_of_different_things_stays_apart() {
        let texts = [
            "can I pay with bitcoin",
            "can I pay with klarna",
            "pay with bitcion",
            "可以用花呗付款吗",
            "可以用支票付款吗",
        ];
        let expected: [&[&str]; 4] = [
            &["can I pay with bitcoin", "pay with bitcion"],
            &["can I pay with klarna"],
            &["可以用支票付款吗"],
            &["可以用花呗付款吗"],
        ];
        let mut found = told(&texts);
        found[1..].sort();
        assert_eq!(found, expected);
        // What is known of both is no reason to part them.
        assert_eq!(told(&["can I pay with cards", "which cards can I pay with"]).len(), 1);
    }

    #[test]
    fn the_order_of_the_questions_does_not_count() {
        let texts = ["where can I park", "parking where", "is parking free", "park", "我能停车吗", "where can I park"];
        let sorted = |texts: &[&str]| {
            let mut all: Vec<Vec<String>> =
                told(texts).iter().map(|list| list.iter().map(|text| (*text).to_owned()).collect()).collect();
            for list in &mut all {
                list.sort();
            }
            all
        };
        let mut turned = texts;
        turned.reverse();
        assert_eq!(sorted(&texts), sorted(&turned));
        assert!(clusters(&[], KNOWN).is_empty());
        assert_eq!(clusters(&["", "？"], &[]).concat().len(), 2, "nothing is lost");
    }
}

//! Several questions in one message: each that is surely about another entry is answered, in order.

use super::letter::{asks, questions};
use super::verdict::{Scored, Verdict};
use super::{Answer, Bot, Query};
use crate::text::Language;

/// Questions that one message may ask; with more it is a letter, or a story.
const MOST: usize = 3;
/// The share of the best score that each answer must reach by the whole message: half a question is easily mistaken.
const OF_WHOLE: f64 = 0.55;
/// Words between two questions of one sentence.
const JOINTS: [&str; 12] = [
    "还有就是",
    "还有",
    "另外",
    "以及",
    "顺便问一下",
    "顺便问",
    " and also ",
    " and ",
    " also ",
    ", also ",
    "; ",
    "；",
];

/// A half that ends so is about the other.
const REFERRING: [&str; 4] = ["it", "them", "that", "this"];

/// The questions of a message, as far as marks and joints tell.
fn parts(text: &str) -> Vec<String> {
    questions(text).iter().flat_map(|sentence| halves(sentence)).collect()
}

/// The two questions of a sentence, if a joint parts it so that both halves ask; else itself.
fn halves(sentence: &str) -> Vec<String> {
    // Only ASCII changes its case: places stay.
    let plain = sentence.to_ascii_lowercase();
    for joint in JOINTS {
        let Some(at) = plain.find(joint) else { continue };
        let (Some(one), Some(other)) = (sentence.get(..at), sentence.get(at + joint.len()..)) else { continue };
        let trimmed = |half: &str| half.trim_matches(|c: char| !c.is_alphanumeric()).to_owned();
        let (one, other) = (trimmed(one), trimmed(other));
        let refers = other.rsplit(' ').next().is_some_and(|word| REFERRING.contains(&word));
        if asks(&one) && asks(&other) && !refers {
            return vec![one, other];
        }
    }
    vec![sentence.to_owned()]
}

impl Bot {
    /// The answers to a message of several questions; `None`: it asks one thing, or not all of it is sure.
    pub(super) fn several(&self, text: &str, language: Language, query: &Query<'_>) -> Option<Answer<'_>> {
        let asked: Vec<_> = parts(text).into_iter().filter(|part| self.whole.meaning(part).is_none()).collect();
        if !(2..=MOST).contains(&asked.len()) {
            return None;
        }
        let whole = self.by_words(text, language, query.now);
        let least = whole.first()?.1 * OF_WHOLE;
        let mut found: Vec<Scored> = Vec::new();
        let mut topic = query.topic;
        for part in &asked {
            let sure = self.surely(part, topic, language, query.now)?;
            if !whole.iter().any(|(place, score)| *place == sure.0 && *score >= least) {
                return None;
            }
            topic = self.base.entries.get(sure.0).map(|entry| entry.id.as_str());
            if found.iter().all(|(place, _)| *place != sure.0) {
                found.push(sure);
            }
        }
        if found.len() < 2 {
            return None;
        }
        let entries = found.into_iter().filter_map(|(place, score)| Some((self.base.entries.get(place)?, score)));
        let mut answers: Vec<_> = entries.map(|(entry, score)| self.tell(entry, language, score, query)).collect();
        // Choices stand below the last message.
        if let Some((_, earlier)) = answers.split_last_mut() {
            for answer in earlier {
                if let Answer::Entry { replies, .. } = answer {
                    replies.clear();
                }
            }
        }
        Some(Answer::Several(answers))
    }

    fn surely(&self, part: &str, topic: Option<&str>, language: Language, now: i64) -> Option<Scored> {
        // A flow is begun by a message of its own.
        let entry = |(place, _): &Scored| !self.begins_flow(*place);
        if let Some(found) = topic.and_then(|topic| self.followed(part, topic, language, now)) {
            return Some(found).filter(entry);
        }
        let (candidates, bounds) = self.candidates(part, language, now);
        match bounds.verdict(&candidates) {
            Verdict::Sure(found) => Some(found).filter(entry),
            Verdict::Close(_) | Verdict::Unknown => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_what_asks_twice() {
        for (text, expected) in [
            ("怎么退货？运费多少？", &["怎么退货？", "运费多少？"][..]),
            ("怎么退货，还有运费多少", &["怎么退货", "运费多少"]),
            ("How do I return it and who pays the postage?", &["How do I return it", "who pays the postage"]),
            (
                "I'd like to know what you store and who gets to see it",
                &["I'd like to know what you store and who gets to see it"],
            ),
            ("Can I pay with Alipay and WeChat?", &["Can I pay with Alipay and WeChat?"]),
            ("你好。我买的灯坏了。怎么退？", &["怎么退？"]),
            ("还有货吗", &["还有货吗"]),
            ("谢谢", &[]),
        ] {
            assert_eq!(parts(text), expected, "{text}");
        }
    }
}

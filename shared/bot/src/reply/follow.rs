//! Questions that go on from the last answer: 那运费呢？, “and the postage?”.

use super::Bot;
use super::verdict::{Bounds, Scored};
use crate::knowledge::Entry;
use crate::text::{Language, canonical};

/// Longer ones speak for themselves: Chinese in characters, English in words.
const MOST_CHARS: usize = 10;
const MOST_WORDS: usize = 6;
/// The share of the best score that an entry around the topic must reach by the customer's own words.
const OWN_WORDS: f64 = 0.35;

const OPENINGS_ZH: [&str; 6] = ["那么", "那", "还有", "另外", "然后", "而"];
const OPENINGS_EN: [&str; 8] =
    ["and what about ", "and how about ", "what about ", "how about ", "and what of ", "what of ", "and the ", "and "];
const ASKING_ZH: [&str; 12] =
    ["怎么", "怎样", "如何", "多少", "多久", "什么", "谁", "哪", "几", "吗", "能不能", "可不可以"];

/// What is asked about, if the words go on from something.
pub(super) fn rest(text: &str) -> Option<String> {
    let plain = canonical(text);
    chinese(&plain).or_else(|| english(&plain)).map(str::to_owned)
}

fn chinese(plain: &str) -> Option<&str> {
    let opened = OPENINGS_ZH.iter().find_map(|opening| plain.strip_prefix(opening));
    let closed = opened.unwrap_or(plain);
    let rest = closed.strip_suffix('呢').unwrap_or(closed);
    let asked = rest.len() < closed.len();
    let whole = ASKING_ZH.iter().any(|word| rest.contains(word));
    let short = (1..=MOST_CHARS).contains(&rest.chars().count()) && !rest.is_ascii();
    (short && (opened.is_some() || (asked && !whole))).then_some(rest)
}

fn english(plain: &str) -> Option<&str> {
    let rest = OPENINGS_EN.iter().find_map(|opening| plain.strip_prefix(opening))?;
    let words = rest.split(' ').count();
    (rest.is_ascii() && !rest.is_empty() && words <= MOST_WORDS).then_some(rest)
}

impl Bot {
    /// The entry that a question means which goes on from a topic: one around it of which the customer's own words speak,
    /// and of these the one that fits best the words alone and together with the topic.
    pub(super) fn followed(&self, text: &str, topic: &str, language: Language, now: i64) -> Option<Scored> {
        let rest = rest(text)?;
        let (at, about) = self.places.get(topic).and_then(|at| Some((*at, self.base.entries.get(*at)?)))?;
        let own = self.by_words(&rest, language, now);
        let (first, best) = own.first().copied()?;
        let least = (best * OWN_WORDS).max(Bounds::of(language).unsure);
        let around = |(place, _): &Scored| {
            *place != at && self.base.entries.get(*place).is_some_and(|entry| is_around(about, entry))
        };
        // The topic's own words are asked for again.
        if first == at {
            return None;
        }
        let joined = self.by_words(&format!("{} {rest}", super::say(&about.title, language)), language, now);
        let both = |(place, score): Scored| {
            let with_topic = joined.iter().find(|(other, _)| *other == place).map_or(0.0, |(_, score)| *score);
            (place, score + with_topic)
        };
        let spoken = own.into_iter().filter(|found| around(found) && found.1 >= least);
        let (place, _) = spoken.map(both).max_by(|a, b| a.1.total_cmp(&b.1))?;
        joined.into_iter().find(|(other, _)| *other == place)
    }
}

/// Whether an entry is of the same matter as the topic: its answer offers it, or their ids start alike.
fn is_around(topic: &Entry, entry: &Entry) -> bool {
    let matter = |id: &str| id.split_once('.').map(|(matter, _)| matter.to_owned());
    topic.replies.contains(&entry.id) || (matter(&topic.id).is_some() && matter(&topic.id) == matter(&entry.id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_what_goes_on_from_something() {
        for (text, expected) in [
            ("那运费呢？", Some("运费")),
            ("运费呢", Some("运费")),
            ("那么换货呢", Some("换货")),
            ("那要多久", Some("要多久")),
            ("还有发票", Some("发票")),
            ("那運費呢？", Some("运费")),
            ("還有發票", Some("发票")),
            ("那麼換貨呢", Some("换货")),
            ("怎麼退貨呢", None),
            ("運費誰出呢", None),
            ("and the postage?", Some("postage")),
            ("What about exchanges?", Some("exchanges")),
            ("and how long does it take", Some("how long does it take")),
            ("怎么退货呢", None),
            ("运费多少", None),
            ("那", None),
            ("那我上个星期在你们这里买的台灯现在坏了怎么办呢", None),
            ("android app", None),
            ("and I would also like to know when my parcel comes", None),
            ("", None),
        ] {
            assert_eq!(rest(text).as_deref(), expected, "{text}");
        }
    }
}

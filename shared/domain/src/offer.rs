//! Choices that stand in a message as numbered lines, because the channel has no buttons for them, and how a typed
//! answer takes one.

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization as _;

use crate::{Capabilities, Content, QuickReply};

/// No choice that fits in a head is longer, in bytes.
const MAX_TEXT_BYTES: usize = 2048;
/// Messages after which the numbers are not meant any more: three questions, each with its answer.
const MAX_AGE: u64 = 6;
/// The Chinese digits from 1 on.
const CHINESE: &str = "一二三四五六七八九十";

/// The numbered choices that the customer saw last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// Seq of the message that they stand in.
    pub seq: u64,
    /// The choices, in order: the first is number 1.
    pub choices: Vec<QuickReply>,
}

impl Offer {
    /// The choices that a message offers by number on this channel; `None`: it offers none, or the channel shows them as
    /// such.
    pub fn of(content: &Content, seq: u64, can: &Capabilities) -> Option<Self> {
        let choices = content.postbacks();
        if choices.is_empty() || can.shows_choices(content) {
            return None;
        }
        Some(Self { seq, choices })
    }

    /// Whether the customer can still mean these choices, after so many messages.
    pub fn holds(&self, seq: u64) -> bool {
        seq.saturating_sub(self.seq) <= MAX_AGE
    }

    /// The choice that a typed text takes: by its title, or by its number in any of the usual spellings.
    pub fn taken(&self, text: &str) -> Option<&QuickReply> {
        if text.len() > MAX_TEXT_BYTES {
            return None;
        }
        let said = dense(text);
        let titled = self.choices.iter().find(|choice| !said.is_empty() && dense(&choice.title) == said);
        titled.or_else(|| self.choices.get(number(text)?.checked_sub(1)?))
    }
}

/// The number that a whole text is: `2`, `2.`, `２`, `(2)`, `②`, `2️⃣`, `二`.
pub(crate) fn number(text: &str) -> Option<usize> {
    let plain = dense(text);
    let bare = plain
        .trim_start_matches(['(', '[', '【', '「', '#'])
        .trim_end_matches([')', ']', '】', '」', '.', '。', '、', ',', '!', '\u{fe0f}', '\u{20e3}']);
    let mut letters = bare.chars();
    if let (Some(letter), None) = (letters.next(), letters.next())
        && let Some(at) = CHINESE.chars().position(|digit| digit == letter)
    {
        return Some(at + 1);
    }
    let short = (1..=3).contains(&bare.len()) && bare.bytes().all(|byte| byte.is_ascii_digit());
    bare.parse().ok().filter(|_| short)
}

/// A text in one spelling, for comparing: compatibility forms (full width, circled) as plain ones, lower case, no blanks.
fn dense(text: &str) -> String {
    text.nfkc().flat_map(char::to_lowercase).filter(|letter| !letter.is_whitespace()).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn reply(title: &str) -> QuickReply {
        QuickReply { title: title.to_owned(), payload: format!("p-{title}") }
    }

    fn offer(titles: &[&str]) -> Offer {
        Offer { seq: 1, choices: titles.iter().map(|title| reply(title)).collect() }
    }

    #[test]
    fn numbers_and_titles_take_choices_however_they_are_written() {
        let offer = offer(&["Delivery cost", "退货 说明", "转人工"]);
        for (text, taken) in [
            ("2", Some("退货 说明")),
            ("2.", Some("退货 说明")),
            ("２", Some("退货 说明")),
            (" 2 ", Some("退货 说明")),
            ("\u{3000}２。\n", Some("退货 说明")),
            ("②", Some("退货 说明")),
            ("⑵", Some("退货 说明")),
            ("⒉", Some("退货 说明")),
            ("(2)", Some("退货 说明")),
            ("【2】", Some("退货 说明")),
            ("2️⃣", Some("退货 说明")),
            ("#2", Some("退货 说明")),
            ("二", Some("退货 说明")),
            ("「二」", Some("退货 说明")),
            ("2、", Some("退货 说明")),
            ("退货说明", Some("退货 说明")),
            ("DELIVERY  COST", Some("Delivery cost")),
            ("ｄｅｌｉｖｅｒｙ　ｃｏｓｔ", Some("Delivery cost")),
            ("转人工", Some("转人工")),
            ("0", None),
            ("4", None),
            ("十", None),
            ("-2", None),
            ("+2", None),
            ("2.5", None),
            ("2%", None),
            ("2 boxes", None),
            ("二手", None),
            ("22", None),
            ("0002", None),
            ("²³", None),
            ("99999999999999999999999999", None),
            ("退货", None),
            ("delivery costs", None),
            ("", None),
            (" ", None),
            ("。", None),
        ] {
            assert_eq!(offer.taken(text).map(|choice| choice.title.as_str()), taken, "{text}");
        }
    }

    #[test]
    fn what_stands_on_a_choice_counts_before_its_number() {
        let offer = offer(&["2", "3"]);
        assert_eq!(["1", "2", "3"].map(|text| offer.taken(text).unwrap().title.as_str()), ["2", "2", "3"]);
    }

    #[test]
    fn only_choices_that_stand_as_numbers_are_offered() {
        let replies = |titles: &[&str]| Content::QuickReplies {
            text: "?".to_owned(),
            replies: titles.iter().map(|title| reply(title)).collect(),
        };
        let buttons = Capabilities { max_quick_replies: 3, ..Capabilities::PLAIN };
        let offered = |content: &Content, can| Offer::of(content, 7, can).map(|offer| offer.choices.len());
        assert_eq!(offered(&replies(&["a", "b"]), &Capabilities::PLAIN), Some(2));
        assert_eq!(offered(&replies(&["a", "b"]), &buttons), None);
        assert_eq!(offered(&replies(&["a", "b", "c", "d"]), &buttons), Some(4), "more than it shows");
        assert_eq!(offered(&Content::Text { text: "1. a".to_owned() }, &Capabilities::PLAIN), None);
    }

    proptest! {
        #[test]
        fn whatever_is_typed_takes_what_was_offered_or_nothing(
            titles in proptest::collection::vec("\\PC{0,8}", 0..9),
            text in prop_oneof!["\\PC{0,12}", "[ 0-9０-９.。()①-⑳一-十#]{0,4}"],
        ) {
            let offer = Offer { seq: 1, choices: titles.iter().map(|title| reply(title)).collect() };
            if let Some(choice) = offer.taken(&text) {
                prop_assert!(offer.choices.contains(choice));
                let titled = dense(&choice.title) == dense(&text);
                prop_assert!(titled || number(&text).is_some_and(|number| offer.choices[number - 1] == *choice));
            }
        }

        #[test]
        fn titles_take_themselves(titles in proptest::collection::vec("[a-d三2 ]{1,4}", 1..6)) {
            let offer = Offer { seq: 1, choices: titles.iter().map(|title| reply(title)).collect() };
            for title in titles.iter().filter(|title| !title.trim().is_empty()) {
                prop_assert_eq!(dense(&offer.taken(title).unwrap().title), dense(title));
            }
        }
    }
}

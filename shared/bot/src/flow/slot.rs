//! What a message says of a slot, and how its value is shown.

use std::ops::Range;

use regex_lite::{Regex, RegexBuilder};
use time::Date;
use unicode_normalization::UnicodeNormalization as _;

use super::spoken::{Run, runs};
use super::words::{self, Say};
use super::{Choice, Kind, VALUE_BYTES, contact, date, number};
use crate::knowledge::Phrases;
use crate::text::{Language, canonical, normalise};

/// No longer message is searched, in characters.
const MAX_CHARS: usize = 500;
/// A pattern compiles to at most so many bytes.
const PATTERN_BYTES: usize = 64 << 10;

/// A slot's pattern, ready to search; `None`: it is none, or too large.
pub fn pattern(pattern: &str) -> Option<Regex> {
    RegexBuilder::new(&format!("(?:{pattern})")).case_insensitive(true).size_limit(PATTERN_BYTES).build().ok()
}

impl Kind {
    /// The value in a message, if there is one that may be taken.
    pub(super) fn take(&self, text: &str, today: Option<Date>) -> Option<String> {
        let text: String = text.chars().take(MAX_CHARS).collect();
        let affirmed = if self.is_strict() { words::affirmed(&text) } else { None };
        let found = affirmed.as_ref().map(|rest| self.found(rest, today));
        match (found, self) {
            // An option's own name may be a denial: 「没收到货」.
            (Some(None), Self::Choice { .. }) | (None, _) => self.found(&text, today),
            (Some(found), _) => found,
        }
    }

    fn found(&self, text: &str, today: Option<Date>) -> Option<String> {
        let plain = normalise(text);
        match self {
            Self::Date { past } => {
                let today = today?;
                date::find(&plain, today).filter(|day| *past || *day >= today).map(|day| day.to_string())
            }
            Self::Number { min, max } => {
                number::find(&plain).filter(|number| (min..=max).contains(&number)).map(|number| number.to_string())
            }
            Self::Phone => contact::phone(&plain),
            Self::Email => contact::email(&plain),
            Self::Pattern { pattern, prefix } => coded(text, pattern, prefix),
            Self::Choice { options } => chosen(options, &plain),
            Self::YesNo => words::yes_no(&plain).map(|yes| if yes { "yes" } else { "no" }.to_owned()),
            Self::Text { max } => {
                let said = text.trim();
                let most = usize::try_from(*max).unwrap_or(usize::MAX);
                (!said.is_empty() && said.chars().count() <= most).then(|| said.to_owned())
            }
        }
    }

    /// Whether a value can be told from other words, so that it is taken wherever it stands.
    pub(super) fn is_strict(&self) -> bool {
        match self {
            Self::Date { .. } | Self::Phone | Self::Email | Self::Pattern { .. } | Self::Choice { .. } => true,
            Self::Number { .. } | Self::YesNo | Self::Text { .. } => false,
        }
    }

    /// A value in words.
    pub(super) fn show(&self, value: &str, language: Language) -> String {
        let shown = match self {
            Self::Choice { options } => {
                options.iter().find(|option| option.value == value).and_then(|option| option.title.get(language))
            }
            Self::YesNo => Some(if value == "yes" { Say::Yes } else { Say::No }.text(language)),
            Self::Date { .. }
            | Self::Number { .. }
            | Self::Phone
            | Self::Email
            | Self::Pattern { .. }
            | Self::Text { .. } => None,
        };
        shown.unwrap_or(value).to_owned()
    }
}

/// What a pattern fits as a whole word, or said letter by letter, or digits that it fits with its prefix.
fn coded(text: &str, source: &str, prefix: &str) -> Option<String> {
    let text: String = text.nfkc().collect();
    let pattern = pattern(source)?;
    let fits = |code: &String| pattern.find(code).is_some_and(|found| found.len() == code.len());
    let alone = |span: &Range<usize>| {
        let before = text.get(..span.start).and_then(|part| part.chars().next_back());
        let after = text.get(span.end..).and_then(|part| part.chars().next());
        !before.into_iter().chain(after).any(|c| c.is_ascii_alphanumeric())
    };
    let written = pattern.find_iter(&text).map(|found| found.range()).find(alone);
    // What is written is the whole of it, unless it was said on.
    let around =
        |run: &Run| written.as_ref().is_none_or(|part| run.span.start <= part.start && part.end <= run.span.end);
    let said = runs(&text).into_iter().filter(|run| run.spoken && run.sure).filter(around);
    let said = said.flat_map(|run| forms(&run.code, prefix)).find(fits);
    let digits = || {
        let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'));
        let numbers = words.filter(|word| !word.is_empty() && word.bytes().all(|digit| digit.is_ascii_digit()));
        let mut codes = numbers.map(|number| format!("{prefix}{number}"));
        codes.find(fits)
    };
    let found = said.or_else(|| written.and_then(|span| text.get(span)).map(str::to_owned));
    let found = found.or_else(|| if prefix.is_empty() { None } else { digits() })?;
    Some(found.to_ascii_uppercase()).filter(|code| !code.is_empty() && code.len() <= VALUE_BYTES)
}

/// What may be meant by letters and digits that were said: as they are, with a dash between letters and digits, which nobody
/// says, and with the prefix.
fn forms(code: &str, prefix: &str) -> Vec<String> {
    let letters = code.find(|c: char| c.is_ascii_digit()).and_then(|at| code.split_at_checked(at));
    let dashed = letters.filter(|(letters, _)| !letters.is_empty()).map(|(letters, rest)| format!("{letters}-{rest}"));
    let prefixed = code.bytes().all(|c| c.is_ascii_digit()).then(|| format!("{prefix}{code}"));
    [Some(code.to_owned()), dashed, prefixed].into_iter().flatten().collect()
}

/// The option that is named, the longest name first.
fn chosen(options: &[Choice], plain: &str) -> Option<String> {
    let said = canonical(plain);
    let padded = format!(" {said} ");
    let words = |words: &Phrases| words.values().flatten().cloned().collect::<Vec<_>>();
    let named = options.iter().flat_map(|option| {
        let names = option.title.0.values().cloned().chain(words(&option.words)).chain([option.value.clone()]);
        names.map(move |name| (canonical(&name), option))
    });
    let found = named.filter(|(name, _)| {
        !name.is_empty() && if name.is_ascii() { affirms(&padded, &format!(" {name} ")) } else { affirms(&said, name) }
    });
    let found = found.max_by_key(|(name, _)| name.len()).map(|(_, option)| option);
    found.or_else(|| by_place(options, &said)).map(|option| option.value.clone())
}

/// Whether a name stands there and is not denied.
fn affirms(said: &str, name: &str) -> bool {
    said.match_indices(name).any(|(at, _)| !said.get(..at).is_some_and(words::denies_next))
}

/// The option that is named by its place: 「第二个」, "the second one", "the last".
fn by_place<'a>(options: &'a [Choice], said: &str) -> Option<&'a Choice> {
    if matches!(said.trim_start_matches("the ").trim_end_matches(" one"), "last" | "最后一个" | "最后那个") {
        return options.last();
    }
    let chinese = || {
        let place = said.strip_prefix('第')?.trim_end_matches(['个', '项', '种', '吧']);
        number::find(place).filter(|_| place.chars().count() <= 2)
    };
    let english = || {
        let place = said.trim_start_matches("the ").trim_end_matches(" one").trim_end_matches(" option");
        let at = ORDINALS.iter().position(|(word, short)| [word, short].contains(&&place))?;
        u64::try_from(at + 1).ok()
    };
    let place = usize::try_from(chinese().or_else(english)?).ok()?;
    options.get(place.checked_sub(1)?)
}

const ORDINALS: [(&str, &str); 5] =
    [("first", "1st"), ("second", "2nd"), ("third", "3rd"), ("fourth", "4th"), ("fifth", "5th")];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::knowledge::Localised;

    fn order() -> Kind {
        Kind::Pattern { pattern: r"[A-Z]-\d{1,8}".into(), prefix: "A-".into() }
    }

    fn last4() -> Kind {
        Kind::Pattern { pattern: r"\d{4}".into(), prefix: String::new() }
    }

    fn letters() -> Kind {
        Kind::Pattern { pattern: r"[A-Z]{2}\d{2}".into(), prefix: String::new() }
    }

    fn reasons() -> Kind {
        let option = |value: &str, zh: &str, en: &str, more: &str| Choice {
            value: value.into(),
            title: Localised([(Language::Zh, zh.to_owned()), (Language::En, en.to_owned())].into()),
            words: [(Language::Zh, vec![more.to_owned()])].into(),
        };
        Kind::Choice {
            options: vec![
                option("damaged", "坏了", "Damaged", "破损"),
                option("size", "尺寸不合适", "Wrong size", "太大"),
            ],
        }
    }

    #[test]
    fn takes_values() {
        let today = Date::from_calendar_date(2026, time::Month::November, 23).ok();
        for (kind, text, expected) in [
            (order(), "我要退 a-10293 这单", Some("A-10293")),
            (order(), "订单Ａ－10293", Some("A-10293")),
            (order(), "10293", Some("A-10293")),
            (order(), "XA-10293", None),
            (order(), "none", None),
            (order(), "A dash one oh two nine three", Some("A-10293")),
            (order(), "a one oh two nine three", Some("A-10293")),
            (order(), "B one", Some("B-1")),
            (order(), "A杠一零二九三", Some("A-10293")),
            (order(), "幺零二九三", Some("A-10293")),
            (order(), "订单号是一零二九三", Some("A-10293")),
            (order(), "A-102 nine three", Some("A-10293")),
            (order(), "102 nine three", Some("A-10293")),
            (order(), "A-10293 有三四五个问题", Some("A-10293")),
            (order(), "我有一个问题", None),
            (order(), "I have one question", None),
            (order(), "a one way trip", None),
            (order(), "三四天了", None),
            (last4(), "one two double three", Some("1233")),
            (last4(), "一二三四", Some("1234")),
            (last4(), "一２三4", Some("1234")),
            (last4(), "尾号1234", Some("1234")),
            (last4(), "一二三", None),
            (letters(), "A B one two", Some("AB12")),
            (letters(), "AB one two", Some("AB12")),
            (reasons(), "有點破損", Some("damaged")),
            (reasons(), "wrong size!", Some("size")),
            (reasons(), "没坏了，是尺寸不合适", Some("size")),
            (reasons(), "不是坏了，是太大", Some("size")),
            (reasons(), "不是坏了是太大", Some("size")),
            (reasons(), "not damaged, wrong size", Some("size")),
            (reasons(), "it isn't damaged but the wrong size", Some("size")),
            (reasons(), "没坏", None),
            (reasons(), "没坏了，谢谢", None),
            (reasons(), "it's not damaged", None),
            (reasons(), "是不是坏了", Some("damaged")),
            (order(), "不是A-1，是A-2", Some("A-2")),
            (order(), "不是A-1是A-2", Some("A-2")),
            (order(), "not A-1 but A-2", Some("A-2")),
            (order(), "没收到货，A-2", Some("A-2")),
            (Kind::Phone, "不是13800138000，是13900139000", Some("+8613900139000")),
            (Kind::Date { past: false }, "不是周三，是周四", Some("2026-11-26")),
            (reasons(), "resized", None),
            (reasons(), "第二个", Some("size")),
            (reasons(), "The first one", Some("damaged")),
            (reasons(), "the last one please", None),
            (reasons(), "最后一个", Some("size")),
            (reasons(), "第三个", None),
            (reasons(), "second", Some("size")),
            (Kind::Date { past: false }, "2020-01-01", None),
            (Kind::Date { past: true }, "2020-01-01", Some("2020-01-01")),
            (Kind::Number { min: 1, max: 400 }, "三百二", Some("320")),
            (Kind::Number { min: 1, max: 5 }, "三百二", None),
            (Kind::YesNo, "好的", Some("yes")),
            (Kind::Text { max: 4 }, " 就这样 ", Some("就这样")),
            (Kind::Text { max: 4 }, "too long", None),
        ] {
            assert_eq!(kind.take(text, today).as_deref(), expected, "{text}");
        }
        assert!(pattern("(").is_none() && pattern("a{1000}{1000}").is_none());
    }

    proptest! {
        #[test]
        fn no_value_is_longer_than_said(text in "\\PC{0,80}|[A-Z0-9@. -]{0,80}") {
            for kind in [order(), reasons(), Kind::Phone, Kind::Email, Kind::YesNo, Kind::Text { max: 20 }, Kind::Number { min: 0, max: u64::MAX }] {
                if let Some(value) = kind.take(&text, None) {
                    prop_assert!(value.len() <= kind.most_bytes(), "{value}");
                }
            }
        }
    }
}

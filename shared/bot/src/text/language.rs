//! Which language a customer writes in.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::english;
use super::normalise::{is_han, normalise};

/// A language that the bot can search and answer in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// Chinese.
    Zh,
    /// English.
    En,
}

impl Language {
    /// All languages.
    pub const ALL: [Self; 2] = [Self::Zh, Self::En];

    /// Its code in knowledge files: `zh`, `en`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Zh => "zh",
            Self::En => "en",
        }
    }

    /// The language of a knowledge file's code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|l| l.code() == code)
    }

    /// The language of a BCP 47 tag such as `zh-Hans-CN` or `en_GB`.
    pub fn from_locale(locale: &str) -> Option<Self> {
        let primary = locale.split(['-', '_']).next().unwrap_or_default();
        Self::ALL.into_iter().find(|l| l.code().eq_ignore_ascii_case(primary))
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

const PARTICLES: [char; 12] = ['吗', '呢', '吧', '的', '了', '么', '怎', '能', '不', '有', '是', '要'];

/// Tells the language of a text by its script; `None` when it holds neither Chinese characters nor Latin letters.
///
/// Chinese customers mix English names into their sentences ("iPhone 15 Pro Max 有货吗"), so a text with a Chinese
/// character is Chinese, unless it has more Latin words than Chinese characters, an English sentence's little words among
/// them, and none of the particles that hold a Chinese sentence together ("how do I pay with 支付宝").
pub fn detect(text: &str) -> Option<Language> {
    let text = normalise(text);
    let han = text.chars().filter(|c| is_han(*c)).count();
    let mut words = 0_usize;
    let mut little_words = false;
    for word in text.split(|c: char| !c.is_alphabetic() || is_han(c)).filter(|w| !w.is_empty()) {
        if word.starts_with(|c: char| c.is_ascii_alphabetic()) {
            words += 1;
            little_words |= english::is_little_word(word);
        }
    }
    match (han, words) {
        (0, 0) => None,
        (0, _) => Some(Language::En),
        _ if words > han && little_words && !text.contains(PARTICLES) => Some(Language::En),
        _ => Some(Language::Zh),
    }
}

/// Whether a text that [reads as](detect) a language is surely said in it, and no mere name, address or number: English in
/// more than one word, little ones among them; Chinese alone, or with the particles of a sentence.
pub(crate) fn is_said_in(text: &str, language: Language) -> bool {
    let text = normalise(text);
    match language {
        Language::Zh => text.contains(PARTICLES) || !text.contains(|c: char| c.is_ascii_alphanumeric()),
        Language::En => {
            let words: Vec<&str> =
                text.split(|c: char| !c.is_ascii_alphabetic()).filter(|word| !word.is_empty()).collect();
            words.len() > 1 && words.iter().any(|word| word.len() > 1 && english::is_little_word(word))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_the_language_by_script() {
        for (text, expected) in [
            ("你们几天能发货？", Some(Language::Zh)),
            ("how do I return a broken item", Some(Language::En)),
            ("iPhone 15 Pro Max Ultra Titanium 有货吗", Some(Language::Zh)),
            ("how do I pay with 支付宝?", Some(Language::En)),
            ("PayPal 可以吗", Some(Language::Zh)),
            ("in stock吗", Some(Language::Zh)),
            ("12345", None),
            ("😀!!", None),
            ("", None),
            ("Ｈｅｌｌｏ", Some(Language::En)),
        ] {
            assert_eq!(detect(text), expected, "{text:?}");
        }
    }

    #[test]
    fn reads_locales() {
        for (tag, expected) in [
            ("zh", Some(Language::Zh)),
            ("zh-Hans-CN", Some(Language::Zh)),
            ("ZH_tw", Some(Language::Zh)),
            ("en-GB", Some(Language::En)),
            ("fr", None),
            ("", None),
            ("zha", None),
        ] {
            assert_eq!(Language::from_locale(tag), expected, "{tag:?}");
        }
    }
}

//! Texts for the ear: no addresses, no markup, no pictures of faces; numbers digit by digit; not for longer than somebody
//! listens.

use domain::{Author, Content, Message};

use super::{Language, words};
use crate::markup::Marked;

/// Longest text of a bot's message, in characters: about a minute and a half of Chinese.
const MAX_BOT: usize = 400;
/// The same of what a person writes.
const MAX_PERSON: usize = 800;
/// So many digits in a row are a number of something (an order, a telephone), not an amount.
const NUMBER_DIGITS: usize = 5;

/// What is heard of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Heard {
    /// Words.
    Words(Language, String),
    /// A sound, at this address.
    Sound(String),
}

/// What is heard of a message, and how many choices it offers.
pub(crate) fn heard(message: &Message, language: Language) -> (Vec<Heard>, usize) {
    let most = if message.author == Author::Agent { MAX_PERSON } else { MAX_BOT };
    let words = |text: &str| {
        let language = language_of(text).unwrap_or(language);
        let text = shortened(&spoken(text, language), most);
        (!text.is_empty()).then_some(Heard::Words(language, text))
    };
    let first = match &message.content {
        Content::Text { text } | Content::QuickReplies { text, .. } | Content::Buttons { text, .. } => words(text),
        Content::Card { title, text, .. } => words(&[title, text.as_deref().unwrap_or_default()].join("\n")),
        Content::Audio(file) => match file.url.as_deref().filter(|url| url.starts_with("https://")) {
            Some(url) => Some(Heard::Sound(url.to_owned())),
            None => words(words::file(language)),
        },
        Content::Image(_) | Content::Video(_) | Content::File(_) => words(words::file(language)),
        Content::Location { label, .. } => words(label.as_deref().unwrap_or(words::file(language))),
        Content::Postback { title, .. } => words(title),
        Content::Event { .. } => None,
    };
    let choices = message.content.postbacks();
    let choice = |(number, title): (usize, &str)| {
        let language = language_of(title).unwrap_or(language);
        Heard::Words(language, words::choice(language, number, &spoken(title, language)))
    };
    let mut all: Vec<Heard> = first.into_iter().collect();
    all.extend((1..).zip(choices.iter().map(|choice| choice.title.as_str())).map(choice));
    (all, choices.len())
}

/// The language of a text; `None`: it has no words.
pub(crate) fn language_of(text: &str) -> Option<Language> {
    let chinese = |letter: char| matches!(letter, '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}');
    if text.chars().any(chinese) {
        return Some(Language::Zh);
    }
    text.chars().any(|letter| letter.is_ascii_alphabetic()).then_some(Language::En)
}

/// A text in light Markdown as it is said.
pub(crate) fn spoken(text: &str, language: Language) -> String {
    let text = without_addresses(&Marked::plain(text));
    let mut out = String::new();
    for line in text.lines() {
        let line = line.trim().trim_start_matches(['-', '*', '•', '·', '>', '#', '|']).trim();
        let line = sayable(line, language);
        let line = line.trim();
        if line.is_empty() {
            continue;
        }
        out.push_str(line);
        let closed =
            line.ends_with(|letter: char| letter.is_ascii_punctuation() || "。！？，；：、…）】」”".contains(letter));
        out.push_str(match (closed, language) {
            (true, _) => " ",
            (false, Language::Zh) => "。",
            (false, Language::En) => ". ",
        });
    }
    out.trim().to_owned()
}

/// The addresses of pages in a text in light Markdown, in order, each once.
pub(crate) fn addresses(text: &str) -> Vec<String> {
    let text = Marked::plain(text);
    let mut found: Vec<String> = vec![];
    let mut rest = text.as_str();
    while let Some(start) = ["https://", "http://"].iter().filter_map(|sign| rest.find(sign)).min() {
        let (_, address) = rest.split_at(start);
        let end = address.find(|letter: char| letter.is_whitespace() || !letter.is_ascii()).unwrap_or(address.len());
        let (address, after) = address.split_at(end);
        rest = after;
        // Neither the sentence's end nor what is around the address is part of it.
        let address = address.trim_end_matches(['.', ',', ';', ':', '!', '?', '>', '"', '\'']);
        let around = address.ends_with(')') && !address.contains('(');
        let address = if around { address.trim_end_matches([')', '.', ',']) } else { address };
        if !found.iter().any(|known| known == address) {
            found.push(address.to_owned());
        }
    }
    found
}

/// Without addresses of pages and of mail, and without the colon before them.
fn without_addresses(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(start) = ["https://", "http://", "www."].iter().filter_map(|sign| rest.find(sign)).min() {
        let (before, address) = rest.split_at(start);
        out.push_str(before.trim_end().trim_end_matches([':', '：', '(', '（', '<']));
        let end = address.find(|letter: char| letter.is_whitespace() || !letter.is_ascii()).unwrap_or(address.len());
        let (address, after) = address.split_at(end);
        // The sentence's own end is no part of the address.
        let sign = address.chars().last().filter(|sign| matches!(sign, '.' | ',' | ';' | '!' | '?'));
        out.extend(sign);
        rest = after.trim_start_matches([')', '）', '>']);
    }
    out.push_str(rest);
    out
}

/// A line with its signs as words, and long numbers digit by digit.
fn sayable(line: &str, language: Language) -> String {
    let mut out = String::new();
    let mut letters = line.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '0'..='9' => {
                let mut digits = letter.to_string();
                while let Some(digit) = letters.next_if(char::is_ascii_digit) {
                    digits.push(digit);
                }
                let apart = digits.len() >= NUMBER_DIGITS;
                let join = digits.chars().map(String::from).collect::<Vec<_>>().join(if apart { " " } else { "" });
                out.push_str(&join);
            }
            '★' => {
                let mut stars = 1;
                while letters.next_if_eq(&'★').is_some() {
                    stars += 1;
                }
                out.push_str(&words::stars(language, stars));
            }
            '&' => out.push_str(match language {
                Language::Zh => "和",
                Language::En => "and",
            }),
            '*' | '_' | '`' | '~' | '|' | '#' | '→' | '⇒' | '<' | '>' | '\u{200b}'..='\u{200f}' => out.push(' '),
            _ if is_picture(letter) => {}
            _ if letter.is_control() => {}
            _ => out.push(letter),
        }
    }
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Emoji and what joins, colours and boxes them.
fn is_picture(letter: char) -> bool {
    matches!(letter, '\u{1f000}'..='\u{1faff}' | '\u{2600}'..='\u{27bf}' | '\u{2b00}'..='\u{2bff}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{20e3}' | '\u{e0020}'..='\u{e007f}')
}

/// The beginning of a text, up to the end of a sentence if there is one.
pub(crate) fn shortened(text: &str, most: usize) -> String {
    let Some((end, _)) = text.char_indices().nth(most) else { return text.to_owned() };
    let beginning = text.get(..end).unwrap_or(text);
    let sentence = |(at, letter): (usize, char)| {
        let after = at + letter.len_utf8();
        let ends = matches!(letter, '。' | '！' | '？' | '；')
            || (matches!(letter, '.' | '!' | '?') && text.get(after..).is_some_and(|next| next.starts_with(' ')));
        ends.then_some(after)
    };
    let end = beginning.char_indices().filter_map(sentence).next_back();
    let word = || beginning.rfind([' ', '，', '、', ',']);
    let end = end.or_else(word).unwrap_or(beginning.len());
    beginning.get(..end).unwrap_or(beginning).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_meant_for_the_eye_is_not_read_aloud() {
        for (text, said) in [
            ("**退货**需要 7 天 😀👍🏽", "退货需要 7 天。"),
            ("详见：https://shop.example/returns。谢谢", "详见。谢谢。"),
            ("See [our page](https://shop.example/a?b=c) for more.", "See our page for more."),
            ("Write to https://a.example/x. Thanks!", "Write to. Thanks!"),
            ("订单 SF20261122 已发出", "订单 SF2 0 2 6 1 1 2 2 已发出。"),
            ("请拨打 400-820-8820", "请拨打 400-820-8820。"),
            ("电话 13800138000，价格 1299 元", "电话 1 3 8 0 0 1 3 8 0 0 0，价格 1299 元。"),
            ("# Returns\n- one\n- two & three", "Returns. one. two and three."),
            ("★★★", "3星。"),
            ("a_b `code` <x> 1️⃣", "a b code x 1."),
            ("", ""),
            ("😀", ""),
        ] {
            let language = language_of(text).unwrap_or(Language::Zh);
            assert_eq!(spoken(text, language), said, "{text}");
        }
    }

    #[test]
    fn addresses_are_found_without_what_stands_around_them() {
        for (text, found) in [
            ("详见：https://shop.example/returns。谢谢", &["https://shop.example/returns"][..]),
            ("See [our page](https://shop.example/a?b=c) for more.", &["https://shop.example/a?b=c"]),
            ("(see https://a.example/x). And http://b.example/y, too!", &["https://a.example/x", "http://b.example/y"]),
            ("https://a.example/x_(1) https://a.example/x_(1)", &["https://a.example/x_(1)"]),
            ("www.a.example, ann@a.example", &[]),
            ("", &[]),
        ] {
            assert_eq!(addresses(text), found, "{text}");
        }
    }

    #[test]
    fn long_texts_end_with_a_sentence() {
        assert_eq!(shortened("第一句。第二句。第三句", 9), "第一句。第二句。");
        assert_eq!(shortened("One. Two three four", 12), "One.");
        assert_eq!(shortened("one two three four", 12), "one two");
        assert_eq!(shortened("一二三四五六", 3), "一二三");
        assert_eq!(shortened("short", 5), "short");
    }

    proptest! {
        #[test]
        fn no_address_and_no_picture_is_ever_said(words in proptest::collection::vec("[a-z一二三 ]{0,6}|https://[a-z./]{1,9}|😀|\\*\\*", 0..12)) {
            let said = spoken(&words.concat(), Language::Zh);
            prop_assert!(!said.contains("://") && !said.contains('😀') && !said.contains('*'), "{said}");
        }

        #[test]
        fn nothing_is_longer_than_the_ear_bears(text in "\\PC{0,300}", most in 1_usize..50) {
            prop_assert!(shortened(&text, most).chars().count() <= most);
        }
    }
}

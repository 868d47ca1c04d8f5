//! From text to the terms that the index counts.

use super::english;
use super::normalise::is_han;

/// Chinese courtesies, pronouns and particles: they part runs of characters like punctuation does. The longer ones
/// stand first.
const FILLERS: [&str; 31] = [
    "不好意思",
    "麻烦问下",
    "请问一下",
    "你好",
    "您好",
    "请问",
    "麻烦",
    "谢谢",
    "一下",
    "你们",
    "您们",
    "咱们",
    "我们",
    "的话",
    "亲",
    "我",
    "你",
    "您",
    "的",
    "了",
    "吗",
    "呢",
    "吧",
    "啊",
    "呀",
    "哦",
    "嗯",
    "么呀",
    "啦",
    "嘛",
    "请",
];

/// Calls `each` with every term of a normalised text, in order: English words without the little ones, stemmed;
/// Chinese characters as overlapping pairs and singly.
pub(crate) fn tokenise<'a>(normal: &'a str, mut each: impl FnMut(&'a str)) {
    let mut rest = normal;
    while let Some(c) = rest.chars().next() {
        let length = if is_han(c) {
            let run = span(rest, is_han);
            characters(run, &mut each);
            run.len()
        } else if c.is_alphanumeric() {
            let run = span(rest, |c| (c.is_alphanumeric() || c == '\'') && !is_han(c));
            word(run, &mut each);
            run.len()
        } else {
            c.len_utf8()
        };
        rest = rest.get(length..).unwrap_or_default();
    }
}

/// The text's longest start in which every character fits.
fn span(text: &str, fits: impl Fn(char) -> bool) -> &str {
    let end = text.find(|c| !fits(c)).unwrap_or(text.len());
    text.get(..end).unwrap_or_default()
}

fn word<'a>(run: &'a str, each: &mut impl FnMut(&'a str)) {
    // "what's", "i'd": the part before the apostrophe says it.
    let word = run.split('\'').next().unwrap_or_default();
    if english::is_negation(run) {
        each("not");
    } else if !word.is_empty() && !english::is_little_word(word) {
        each(english::stem(word));
    }
}

fn characters<'a>(run: &'a str, each: &mut impl FnMut(&'a str)) {
    let mut at = 0;
    let mut previous = None;
    while let Some((rest, c)) = run.get(at..).and_then(|rest| Some((rest, rest.chars().next()?))) {
        if let Some(filler) = FILLERS.iter().find(|f| rest.starts_with(**f)) {
            at += filler.len();
            previous = None;
            continue;
        }
        let end = at + c.len_utf8();
        if let Some(pair) = previous.and_then(|start| run.get(start..end)) {
            each(pair);
        }
        if let Some(single) = run.get(at..end) {
            each(single);
        }
        previous = Some(at);
        at = end;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::text::normalise;

    fn tokens(text: &str) -> Vec<String> {
        let mut found = Vec::new();
        tokenise(&normalise(text), |token| found.push(token.to_owned()));
        found
    }

    #[test]
    fn takes_texts_apart() {
        for (text, expected) in [
            ("", &[][..]),
            ("?! 😀", &[]),
            ("How do I return a broken item?", &["how", "return", "break", "item"]),
            ("I haven't received my parcels", &["not", "receiv", "parcel"]),
            ("What's the fee", &["what", "fe"]),
            ("SF1234567 x2", &["sf1234567", "x2"]),
            ("发票", &["发", "发票", "票"]),
            ("退", &["退"]),
            ("请问你们的发票呢", &["发", "发票", "票"]),
            ("用PayPal付款", &["用", "paypal", "付", "付款", "款"]),
            ("退货，换货", &["退", "退货", "货", "换", "换货", "货"]),
            ("ＶＩＰ会员", &["vip", "会", "会员", "员"]),
        ] {
            assert_eq!(tokens(text), expected, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn any_text_can_be_taken_apart(text in any::<String>()) {
            for token in tokens(&text) {
                prop_assert!(!token.is_empty());
            }
        }

        #[test]
        fn any_mixed_text_can_be_taken_apart(text in "[a-z'’ 退货发票的了吗，。0-9é😀]{0,40}") {
            tokens(&text);
        }

        #[test]
        fn unnormalised_text_does_no_harm(text in any::<String>()) {
            tokenise(&text, |_| {});
        }
    }
}

//! The sentences of a letter that ask something.

use std::collections::BTreeSet;

/// A line that was broken by a mail program is at least so long, in characters.
const WRAPPED: usize = 60;
/// Shorter ones hold no question, in characters.
const SHORTEST: usize = 3;

const MARKS_ZH: &str = "吗, 呢？, 怎么, 怎样, 如何, 多少, 多久, 几天, 几点, 几个, 什么, 哪里, 哪个, 哪些, 哪儿, 能否, 能不能, 可否, 可不可以, \
    是否, 是不是, 有没有, 为什么, 为何, 想知道, 想了解, 想问";
const STARTS_EN: &str = "how, what, when, where, why, which, who, whose, can, could, do, does, did, is, are, was, were, will, \
    would, may, should, shall, has, have, am";
const MARKS_EN: &str =
    "like to know, want to know, need to know, wonder, tell me, please advise, let me know, like to ask";

/// The sentences that ask something, in order, each once.
pub fn questions(text: &str) -> Vec<String> {
    let mut seen = BTreeSet::new();
    sentences(text).into_iter().filter(|sentence| asks(sentence) && seen.insert(sentence.clone())).collect()
}

/// The sentences of a text, without marks of lists.
fn sentences(text: &str) -> Vec<String> {
    paragraphs(text).iter().flat_map(|paragraph| split(paragraph)).collect()
}

/// Lines that a mail program has broken are one again; marks of lists are off.
fn paragraphs(text: &str) -> Vec<String> {
    let mut paragraphs: Vec<String> = Vec::new();
    let mut open = false;
    for line in text.lines().map(str::trim) {
        let (listed, rest) = unlisted(line);
        match paragraphs.last_mut() {
            Some(before) if open && !listed && !rest.is_empty() => {
                before.push(' ');
                before.push_str(rest);
            }
            Some(_) | None => paragraphs.push(rest.to_owned()),
        }
        open = line.chars().count() >= WRAPPED && !line.ends_with(is_end) && !line.ends_with('.');
    }
    paragraphs
}

/// A line without its mark, and whether it had one: `1.`, `2)`, `（3）`, `三、`, `-`.
fn unlisted(line: &str) -> (bool, &str) {
    let bare = line.trim_start_matches(['(', '（']);
    let number = |c: char| c.is_ascii_digit() || "一二三四五六七八九十".contains(c);
    let rest = bare.trim_start_matches(number);
    let numbered = rest.len() < bare.len() && rest.starts_with(['.', ')', '）', '、', ':', '：', '．']);
    // "1.5 kg" is no item.
    let rest = rest.trim_start_matches(['.', ')', '）', '、', ':', '：', '．']);
    if numbered && !rest.starts_with(|c: char| c.is_ascii_digit()) {
        return (true, rest.trim());
    }
    let dashed = line.strip_prefix(['-', '*', '•', '·']).filter(|rest| rest.starts_with(char::is_whitespace));
    dashed.map_or((false, line), |rest| (true, rest.trim()))
}

fn is_end(letter: char) -> bool {
    matches!(letter, '。' | '？' | '！' | '；' | '?' | '!' | '…')
}

fn split(paragraph: &str) -> Vec<String> {
    let mut sentences = vec![String::new()];
    let mut letters = paragraph.chars().peekable();
    while let Some(letter) = letters.next() {
        let Some(sentence) = sentences.last_mut() else { break };
        sentence.push(letter);
        let next = letters.peek().copied();
        let ends = match letter {
            // Several marks end one sentence.
            _ if is_end(letter) => !next.is_some_and(is_end),
            '.' | ';' => next.is_none_or(char::is_whitespace),
            _ => false,
        };
        if ends {
            sentences.push(String::new());
        }
    }
    let trimmed = sentences.iter().map(|sentence| sentence.trim().to_owned());
    trimmed.filter(|sentence| sentence.chars().count() >= SHORTEST).collect()
}

fn members(list: &'static str) -> impl Iterator<Item = &'static str> {
    list.split(',').map(str::trim)
}

/// Whether a sentence asks something.
pub(in crate::reply) fn asks(sentence: &str) -> bool {
    let plain = sentence.to_lowercase();
    if plain.ends_with(['?', '？']) || members(MARKS_ZH).any(|mark| plain.contains(mark)) {
        return true;
    }
    let first = plain.split(|c: char| !c.is_ascii_alphabetic()).find(|word| !word.is_empty()).unwrap_or_default();
    let opened = plain.starts_with(|c: char| c.is_ascii_alphabetic()) && members(STARTS_EN).any(|word| word == first);
    opened || members(MARKS_EN).any(|mark| plain.contains(mark))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_is_asked() {
        for (text, asked) in [
            ("你好，我叫王芳。运费多少？多久能到？谢谢！", &["运费多少？", "多久能到？"][..]),
            (
                "Dear team,\n\nI bought a lamp last week. How do I get an invoice? Also, I'd like to know when it\narrives.\n\nBest",
                &["How do I get an invoice?", "Also, I'd like to know when it arrives."],
            ),
            (
                "I bought a lamp in your shop last week and I would really like to know\nwhether it can be returned. Thanks.",
                &["I bought a lamp in your shop last week and I would really like to know whether it can be returned."],
            ),
            ("1. 怎么退货\n2、运费谁出？\n(3) is it 1.5 kg?", &["怎么退货", "运费谁出？", "is it 1.5 kg?"]),
            ("- Can I pay later\n- Can I pay later\nNice shop.", &["Can I pay later"]),
            ("真的吗？！好的。", &["真的吗？！"]),
            ("谢谢您的帮助。祝好", &[]),
            ("", &[]),
        ] {
            assert_eq!(questions(text), asked, "{text}");
        }
    }
}

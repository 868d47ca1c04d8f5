//! Splitting a text that is longer than a channel's messages.

use std::ops::Range;

use domain::Capabilities;
use unicode_segmentation::UnicodeSegmentation as _;

/// The text in parts that the channel takes: broken after lines or sentences where that leaves no part almost empty, else
/// between words, else between graphemes; never within a URL that fits in a part. Each part by its place in the text.
pub(crate) fn split(text: &str, can: &Capabilities) -> Vec<Range<usize>> {
    let mut parts = vec![];
    let mut rest = text;
    while let Some(end) = too_long(rest, can) {
        let (part, after) = rest.split_at(place(rest, end));
        let start = text.len() - rest.len();
        if !part.trim().is_empty() {
            parts.push(start..start + part.trim_end().len());
        }
        rest = after.trim_start();
    }
    if !rest.trim().is_empty() || parts.is_empty() {
        parts.push(text.len() - rest.len()..text.len());
    }
    parts
}

/// Up to where the channel would take the text, in bytes; `None`: all of it.
fn too_long(text: &str, can: &Capabilities) -> Option<usize> {
    let chars = text.char_indices().nth(can.max_text_chars).map(|(at, _)| at);
    let bytes = can.max_text_bytes.filter(|most| text.len() > *most).map(|most| text.floor_char_boundary(most));
    chars.into_iter().chain(bytes).min()
}

/// Where to break so that no more than `end` comes before, in bytes.
fn place(text: &str, end: usize) -> usize {
    let least = text.floor_char_boundary(end / 2);
    let mut best = [None; 4];
    let mut whole = 0;
    for (at, grapheme) in text.grapheme_indices(true) {
        let after = at + grapheme.len();
        if after > end {
            break;
        }
        whole = after;
        let level = match grapheme {
            "\n" | "\r\n" => 0,
            "。" | "！" | "？" | "…" => 1,
            "." | "!" | "?" if text.get(after..).is_some_and(|next| next.starts_with(char::is_whitespace)) => 1,
            "，" | "；" | "、" => 2,
            " " | "\t" => 3,
            _ => continue,
        };
        if let Some(slot) = best.get_mut(level) {
            *slot = Some(after);
        }
    }
    let broken = best.into_iter().flatten().find(|at| *at > least).or_else(|| best.into_iter().flatten().max());
    let at = broken.unwrap_or(whole);
    // A single grapheme longer than a part is broken all the same: nothing else is left to do.
    let at = if at == 0 { end } else { at };
    outside_url(text, at, end)
}

/// The place, or the beginning of the URL that it would break.
fn outside_url(text: &str, at: usize, end: usize) -> usize {
    let before = text.get(..at).unwrap_or_default();
    let start = before.rfind("https://").max(before.rfind("http://"));
    let Some(start) = start.filter(|start| *start > 0) else { return at };
    let url = text.get(start..).unwrap_or_default();
    let length = url.find(|letter: char| letter.is_whitespace() || !letter.is_ascii()).unwrap_or(url.len());
    let broken = start + length > at;
    if broken && length <= end { start } else { at }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parts<'a>(text: &'a str, can: &Capabilities) -> Vec<&'a str> {
        super::split(text, can).into_iter().filter_map(|part| text.get(part)).collect()
    }

    fn split(text: &str, max_text_chars: usize) -> Vec<&str> {
        parts(text, &Capabilities { max_text_chars, ..Capabilities::PLAIN })
    }

    #[test]
    fn bytes_count_where_the_provider_counts_bytes() {
        let can = Capabilities { max_text_bytes: Some(13), ..Capabilities::PLAIN };
        assert_eq!(parts("第一句。第二句。", &can), ["第一句。", "第二句。"]);
        assert_eq!(parts("thirteen here", &can), ["thirteen here"]);
    }

    #[test]
    fn breaks_where_a_reader_would() {
        for (text, most, parts) in [
            ("short", 10, vec!["short"]),
            ("", 10, vec![""]),
            ("one two three", 8, vec!["one two", "three"]),
            ("第一句。第二句很长", 6, vec!["第一句。", "第二句很长"]),
            ("a line\nanother line", 10, vec!["a line", "another", "line"]),
            ("see https://example.com/a/b now", 20, vec!["see", "https://example.com/", "a/b now"]),
            ("see https://example.com/a now", 22, vec!["see", "https://example.com/a", "now"]),
            ("👩‍👩‍👧👩‍👩‍👧", 6, vec!["👩‍👩‍👧", "👩‍👩‍👧"]),
        ] {
            assert_eq!(split(text, most), parts, "{text}");
        }
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_nothing_is_too_long(text in "\\PC{0,400}", most in 8_usize..60) {
            let parts = split(&text, most);
            prop_assert!(parts.iter().all(|part| part.chars().count() <= most));
            let dense = |text: &str| text.chars().filter(|letter| !letter.is_whitespace()).collect::<String>();
            prop_assert_eq!(dense(&parts.concat()), dense(&text));
        }

        #[test]
        fn short_urls_stay_whole(words in proptest::collection::vec("[a-z]{1,9}", 0..40)) {
            let text = format!("{} https://example.com/x {}", words.join(" "), words.join(" "));
            prop_assert!(split(&text, 40).iter().any(|part| part.contains("https://example.com/x")), "{}", text);
        }
    }
}

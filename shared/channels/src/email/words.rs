//! Texts in headers (RFC 2047). Programs cut them into words wherever there is no more room, also within a letter: words of
//! one charset that follow each other are decoded together.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use encoding_rs::{Encoding, GB18030, UTF_8};

const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// Longest part of a word of one header of ours, in bytes: 75 characters with what stands around it.
const MAX_PART: usize = 42;

/// The text of a header's bytes.
pub(super) fn decode(raw: &[u8]) -> String {
    let whole = match std::str::from_utf8(raw) {
        Ok(text) => text.to_owned(),
        // Eight bits without any word of what they mean: in practice Chinese.
        Err(_) => GB18030.decode_without_bom_handling(raw).0.into_owned(),
    };
    let whole = whole.replace("\r\n", "").replace(['\n', '\r'], "");
    let (mut text, mut open) = (String::new(), Open::default());
    let mut rest = whole.as_str();
    while let Some(at) = rest.find("=?") {
        let (before, from) = rest.split_at(at);
        let Some((word, after)) = word(from) else {
            let (sign, after) = from.split_at(2);
            open.close(&mut text);
            text.push_str(before);
            text.push_str(sign);
            rest = after;
            continue;
        };
        // Blanks between two words are not meant.
        if !(before.trim().is_empty() && open.charset.is_some()) {
            open.close(&mut text);
            text.push_str(before);
        }
        open.add(word, &mut text);
        rest = after;
    }
    open.close(&mut text);
    text.push_str(rest);
    text.trim().to_owned()
}

/// An encoded word: its charset in lower case, and its bytes.
struct Word {
    charset: String,
    bytes: Vec<u8>,
}

/// Words that are not decoded yet.
#[derive(Default)]
struct Open {
    charset: Option<String>,
    bytes: Vec<u8>,
}

impl Open {
    fn add(&mut self, word: Word, text: &mut String) {
        if self.charset.as_ref() != Some(&word.charset) {
            self.close(text);
            self.charset = Some(word.charset);
        }
        self.bytes.extend(word.bytes);
    }

    fn close(&mut self, text: &mut String) {
        if let Some(charset) = self.charset.take() {
            let encoding = match Encoding::for_label(charset.as_bytes()) {
                Some(encoding) if encoding.name() == "GBK" => GB18030,
                Some(encoding) => encoding,
                None => UTF_8,
            };
            text.push_str(&encoding.decode_without_bom_handling(&std::mem::take(&mut self.bytes)).0);
        }
    }
}

/// The word that a text begins with, and what follows it.
fn word(text: &str) -> Option<(Word, &str)> {
    let (charset, rest) = text.strip_prefix("=?")?.split_once('?')?;
    let (form, rest) = rest.split_once('?')?;
    let (words, after) = rest.split_once("?=")?;
    let bytes = match form {
        "B" | "b" => LENIENT.decode(words.split_whitespace().collect::<String>()).ok()?,
        "Q" | "q" => quoted(words),
        _ => return None,
    };
    // A language may follow: `utf-8*en` (RFC 2231, section 5).
    let charset = charset.split('*').next().unwrap_or_default().to_lowercase();
    Some((Word { charset, bytes }, after))
}

fn quoted(words: &str) -> Vec<u8> {
    let mut bytes = vec![];
    let mut rest = words.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let code = after.get(..2).and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok());
        match (first, code) {
            (b'=', Some(code)) => {
                bytes.push(code);
                rest = after.get(2..).unwrap_or_default();
            }
            (b'_', _) => {
                bytes.push(b' ');
                rest = after;
            }
            (other, _) => {
                bytes.push(*other);
                rest = after;
            }
        }
    }
    bytes
}

/// A name before an address (RFC 5322, section 3.4), with a blank behind it; empty if there is none.
pub(super) fn phrase(name: &str) -> String {
    let name: String = name.chars().filter(|letter| !letter.is_control()).collect();
    let name = name.trim();
    if name.is_empty() {
        return String::new();
    }
    if name.is_ascii() {
        return format!("\"{}\" ", name.replace('\\', "\\\\").replace('"', "\\\""));
    }
    let mut parts = vec![String::new()];
    for letter in name.chars() {
        if parts.last().is_some_and(|part| part.len() + letter.len_utf8() > MAX_PART) {
            parts.push(String::new());
        }
        if let Some(part) = parts.last_mut() {
            part.push(letter);
        }
    }
    let word = |part: &String| format!("=?utf-8?B?{}?=", base64::engine::general_purpose::STANDARD.encode(part));
    format!("{}\r\n ", parts.iter().map(word).collect::<Vec<_>>().join("\r\n "))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn words_are_joined_before_they_are_decoded() {
        for (raw, text) in [
            ("=?utf-8?B?6K6i5Y2V5Y+35A==?= =?utf-8?B?uK3lpZY=?=", "订单号中奖"),
            ("=?gb2312?B?tqm1pbrF1g==?=\r\n =?gb2312?B?0L2x?=", "订单号中奖"),
            ("=?UTF-8?Q?=E8=AE=A2=E5=8D?= =?utf-8?q?=95_x?=", "订单 x"),
            ("Re: =?utf-8*zh?B?6K6i?= x =?utf-8?B?5Y2V?=", "Re: 订 x 单"),
            ("=?iso-8859-1?Q?caf=E9?= =?utf-8?B?6K6i?=", "café订"),
            ("=?utf-8?B?6K6i5Y2V5Y+3?", "=?utf-8?B?6K6i5Y2V5Y+3?"),
            ("1 =? 2 ?= 3", "1 =? 2 ?= 3"),
            ("=?x-unknown?B?YWJj?=", "abc"),
            ("plain\r\n folded", "plain folded"),
            ("", ""),
        ] {
            assert_eq!(decode(raw.as_bytes()), text, "{raw}");
        }
        assert_eq!(decode(&GB18030.encode("订单").0), "订单");
    }

    proptest! {
        #[test]
        fn a_name_is_read_back(name in "\\PC{0,80}") {
            let wanted: String = name.chars().filter(|letter| !letter.is_control()).collect();
            let phrase = phrase(&name);
            prop_assert!(phrase.is_ascii() && phrase.lines().all(|line| line.len() <= 90 || wanted.is_ascii()));
            if !wanted.is_ascii() {
                prop_assert_eq!(decode(phrase.as_bytes()), wanted.trim());
            }
        }

        #[test]
        fn nothing_that_is_sent_panics(raw in proptest::collection::vec(any::<u8>(), 0..200), text in "(=\\?|\\?=|utf-8|\\?|B|Q|=|_|[a-z]|订){0,30}") {
            let (_, _) = (decode(&raw), decode(text.as_bytes()));
        }
    }
}

//! A text in the spelling of the encoder's pieces: NFKC with `SentencePiece`'s changes, from the file's own table.
//!
//! The table is a double array (darts-clone): a trie in units of 32 bits, whose values are places of replacements.

use std::ops::Range;

use super::file::whole;

/// What stands for a blank in the pieces: ▁, U+2581.
const BLANK: &str = "\u{2581}";

/// Where the table is in the file.
#[derive(Debug)]
pub(super) struct Spelling {
    pub(super) units: Range<usize>,
    pub(super) replacements: Range<usize>,
}

impl Spelling {
    /// The text's spelling: a blank before it, single blanks inside, none after it; empty when nothing is left.
    pub(super) fn of(&self, bytes: &[u8], text: &str) -> String {
        let mut spelt = String::with_capacity(text.len() + BLANK.len());
        let mut rest = text;
        let mut after_blank = true;
        while !rest.is_empty() {
            let (length, replacement) = self.longest(bytes, rest);
            let (taken, after) = rest.split_at_checked(length).unwrap_or((rest, ""));
            rest = after;
            let mut put = replacement.unwrap_or(taken);
            if after_blank {
                put = put.trim_start_matches(' ');
            }
            if put.is_empty() {
                continue;
            }
            if spelt.is_empty() {
                spelt.push_str(BLANK);
            }
            for c in put.chars() {
                if c == ' ' { spelt.push_str(BLANK) } else { spelt.push(c) }
            }
            after_blank = put.ends_with(' ');
        }
        while spelt.ends_with(BLANK) {
            spelt.truncate(spelt.len() - BLANK.len());
        }
        spelt
    }

    /// How many bytes at the text's start are replaced together, and by what; a character as it is when none are.
    fn longest<'a>(&self, bytes: &'a [u8], text: &str) -> (usize, Option<&'a str>) {
        let unit = |at: u32| whole(bytes.get(self.units.clone()).unwrap_or_default(), at as usize * 4);
        let mut at = offset(unit(0));
        let mut found = None;
        for (byte, length) in text.bytes().zip(1..) {
            at ^= u32::from(byte);
            let here = unit(at);
            if here & 0x8000_00FF != u32::from(byte) {
                break;
            }
            at ^= offset(here);
            if here & 0x100 != 0 {
                found = Some((length, unit(at) & 0x7FFF_FFFF));
            }
        }
        let one = text.chars().next().map_or(0, char::len_utf8);
        // A replacement that ends inside a character would part it; the table has none.
        let Some((length, value)) = found.filter(|(length, _)| text.is_char_boundary(*length)) else {
            return (one, None);
        };
        let all = bytes.get(self.replacements.clone()).unwrap_or_default();
        let Some(start) = all.get(value as usize..) else { return (one, None) };
        let end = start.iter().position(|byte| *byte == 0).unwrap_or(start.len());
        let replacement = start.get(..end).and_then(|text| std::str::from_utf8(text).ok());
        if replacement.is_some() { (length, replacement) } else { (one, None) }
    }
}

/// How far a unit's children are from it.
fn offset(unit: u32) -> u32 {
    (unit >> 10) << ((unit & 0x200) >> 6)
}

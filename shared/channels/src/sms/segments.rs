//! How many text messages a text is. Source: 3GPP TS 23.038 (the alphabet) and 23.040 (messages in several parts).

use unicode_segmentation::UnicodeSegmentation as _;

/// Letters of the default alphabet besides ASCII's, each seven bits.
const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./:;<=>?¡ÄÖÑÜ§¿äöñüà";
/// Signs that take an escape before them: fourteen bits.
const EXTENDED: &str = "\u{c}^{}\\[~]|€";

/// In which alphabet a text goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// The default alphabet: 160 letters of seven bits, 153 where there are several parts.
    Gsm7,
    /// UTF-16: 70 units, 67 where there are several parts.
    Ucs2,
}

/// What a text costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segments {
    /// The alphabet.
    pub encoding: Encoding,
    /// How many messages are paid for.
    pub count: usize,
}

/// How many messages a text is. Neither an escaped sign nor what is read as one letter is parted.
pub fn segments(text: &str) -> Segments {
    if let Some(letters) = text.chars().map(septets).collect() {
        return Segments { encoding: Encoding::Gsm7, count: packed(letters, 160, 153) };
    }
    let units = text.graphemes(true).map(|grapheme| grapheme.encode_utf16().count());
    Segments { encoding: Encoding::Ucs2, count: packed(units.collect(), 70, 67) }
}

/// How many letters of the default alphabet a letter takes; `None`: it is not in it.
pub(super) fn septets(letter: char) -> Option<usize> {
    if letter.is_ascii_alphanumeric() || BASIC.contains(letter) {
        Some(1)
    } else {
        EXTENDED.contains(letter).then_some(2)
    }
}

/// How many parts hold these sizes: one, if all fit in `whole`; else as many of `each` as it takes.
fn packed(sizes: Vec<usize>, whole: usize, each: usize) -> usize {
    if sizes.iter().sum::<usize>() <= whole {
        return 1;
    }
    let (mut count, mut filled) = (1, 0);
    for size in sizes {
        if filled + size > each && filled > 0 {
            count += 1;
            filled = 0;
        }
        filled += size;
    }
    count
}

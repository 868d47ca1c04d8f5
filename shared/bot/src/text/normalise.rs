//! One spelling for each text.

use unicode_normalization::UnicodeNormalization as _;

use super::simplify::simplified;

/// Brings a text to the one spelling that is searched and compared: compatibility forms (full-width letters and
/// digits, ligatures, circled numbers) become plain ones, traditional characters simplified, letters lower-case, typographic
/// apostrophes straight; emoji and invisible characters are dropped; white space becomes single blanks. Doing it twice changes nothing.
pub fn normalise(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let folded =
        text.nfkc().filter(|c| !is_dropped(*c)).map(straighten).flat_map(char::to_lowercase).nfkc().map(simplified);
    for c in folded {
        if !c.is_whitespace() {
            plain.push(c);
        } else if !plain.is_empty() && !plain.ends_with(' ') {
            plain.push(' ');
        }
    }
    plain.truncate(plain.trim_end().len());
    plain
}

/// The text with nothing but letters and digits, in runs parted by single blanks; between Chinese characters even the
/// blanks go. Two texts with the same canonical form say the same thing.
pub fn canonical(text: &str) -> String {
    let normal = normalise(text);
    let mut out = String::with_capacity(normal.len());
    let mut parted = false;
    for c in normal.chars() {
        if c == '\'' {
            continue;
        }
        if !c.is_alphanumeric() {
            parted = true;
            continue;
        }
        let joins = out.is_empty() || is_han(c) || out.chars().next_back().is_some_and(is_han);
        if parted && !joins {
            out.push(' ');
        }
        parted = false;
        out.push(c);
    }
    // Marks that something stood between may have to change places now.
    out.nfkc().collect()
}

/// A Chinese character.
pub(crate) fn is_han(c: char) -> bool {
    matches!(u32::from(c),
        0x4E00..=0x9FFF | 0x3400..=0x4DBF | 0xF900..=0xFAFF | 0x3007 | 0x2_0000..=0x3_FFFF)
}

fn straighten(c: char) -> char {
    match c {
        '\u{2018}' | '\u{2019}' | '\u{02BC}' | '\u{00B4}' | '`' => '\'',
        other => other,
    }
}

/// Emoji, their joiners and modifiers, and characters that nobody sees.
fn is_dropped(c: char) -> bool {
    matches!(u32::from(c),
        // Zero-width characters, direction marks, soft hyphen, byte order mark.
        0x00AD | 0x200B..=0x200F | 0x202A..=0x202E | 0x2060..=0x206F | 0xFEFF
        // Variation selectors, the keycap, tags.
        | 0xFE00..=0xFE0F | 0x20E3 | 0xE_0000..=0xE_0FFF
        // Pictures: technical, miscellaneous symbols, dingbats, arrows with pictures, the emoji planes.
        | 0x2300..=0x23FF | 0x2600..=0x27BF | 0x2B00..=0x2BFF | 0x1_F000..=0x1_FAFF)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn brings_texts_to_one_spelling() {
        for (given, expected) in [
            ("ＡＢＣ１２３！", "abc123!"),
            ("怎麼退貨，還要運費嗎", "怎么退货,还要运费吗"),
            ("  退货\u{3000} 怎么办\t？\n", "退货 怎么办 ?"),
            ("I can’t PAY 😭😭", "i can't pay"),
            ("ﬁnd ①", "find 1"),
            ("发\u{200B}票👨‍👩‍👧❤️", "发票"),
            ("", ""),
            ("🎉", ""),
        ] {
            assert_eq!(normalise(given), expected, "{given:?}");
        }
    }

    #[test]
    fn canonical_form_ignores_punctuation_and_blanks() {
        for (given, expected) in [
            ("你好！！", "你好"),
            ("怎么 退货，谢谢。", "怎么退货谢谢"),
            ("Hello,   World!", "hello world"),
            ("What's up?", "whats up"),
            ("用 PayPal 付款", "用paypal付款"),
            ("？？？", ""),
        ] {
            assert_eq!(canonical(given), expected, "{given:?}");
        }
    }

    #[test]
    fn every_single_character_is_stable() {
        for c in '\0'..=char::MAX {
            let once = normalise(&c.to_string());
            assert_eq!(normalise(&once), once, "U+{:04X}", u32::from(c));
        }
    }

    proptest! {
        #[test]
        fn normalising_twice_changes_nothing(text in any::<String>()) {
            let once = normalise(&text);
            prop_assert_eq!(normalise(&once), once);
        }

        #[test]
        fn canonical_twice_changes_nothing(text in any::<String>()) {
            let once = canonical(&text);
            prop_assert_eq!(canonical(&once), once);
        }
    }
}

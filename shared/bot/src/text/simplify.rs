//! Traditional Chinese characters as simplified ones.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

use hanconv::RawDictionary;

/// The table of `OpenCC` for single characters, to the end: what it makes of one is not looked up again.
static SIMPLIFIED: LazyLock<HashMap<char, char>> = LazyLock::new(|| {
    let single = |text: &str| text.chars().next();
    let table = RawDictionary::TSCharacters.iter();
    let once: HashMap<char, char> = table.filter_map(|(from, to)| Some((single(from)?, single(to)?))).collect();
    let end = |mut c: char| {
        for _ in 0..MOST_STEPS {
            c = once.get(&c).copied().unwrap_or(c);
        }
        c
    };
    once.keys().map(|c| (*c, end(*c))).filter(|(from, to)| from != to).collect()
});

/// No chain of the table is longer.
const MOST_STEPS: usize = 4;

/// A traditional character simplified; any other as it is. Characters alone are looked at: where the right one depends on
/// the word (乾, 著), it is the usual one, in phrasings and questions alike.
pub(super) fn simplified(c: char) -> char {
    if c.is_ascii() { c } else { SIMPLIFIED.get(&c).copied().unwrap_or(c) }
}

/// The text with each traditional character simplified.
pub(crate) fn simplify(text: &str) -> Cow<'_, str> {
    if text.is_ascii() { Cow::Borrowed(text) } else { Cow::Owned(text.chars().map(simplified).collect()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn simplifies_what_is_traditional() {
        for (given, expected) in
            [("請問運費多少", "请问运费多少"), ("退货", "退货"), ("my 訂單", "my 订单"), ("plain", "plain")]
        {
            assert_eq!(simplify(given), expected);
        }
    }
}

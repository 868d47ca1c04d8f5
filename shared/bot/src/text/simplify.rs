//! Traditional Chinese characters as simplified ones.

use std::collections::HashMap;
use std::sync::LazyLock;

use hanconv::RawDictionary;

/// The table of `OpenCC` for single characters.
static SIMPLIFIED: LazyLock<HashMap<char, char>> = LazyLock::new(|| {
    let single = |text: &str| text.chars().next();
    RawDictionary::TSCharacters.iter().filter_map(|(from, to)| Some((single(from)?, single(to)?))).collect()
});

/// The text with each traditional character simplified. Characters alone are looked at: where the right one depends on
/// the word (乾, 著), it is the usual one, in phrasings and questions alike.
pub(crate) fn simplify(text: &str) -> String {
    if text.is_ascii() {
        return text.to_owned();
    }
    text.chars().map(|c| SIMPLIFIED.get(&c).copied().unwrap_or(c)).collect()
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

//! The clauses of a message, parted by punctuation.

/// The parts of a text between full stops, commas and line breaks, without empty ones. Points and commas inside numbers
/// and addresses part nothing.
pub fn clauses(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (end, next) = first_break(rest).unwrap_or((rest.len(), rest.len()));
        let clause = rest.get(..end).unwrap_or_default();
        rest = rest.get(next..).unwrap_or_default();
        Some(clause.trim())
    })
    .filter(|clause| clause.contains(char::is_alphanumeric))
}

/// Where the first clause ends and where the text goes on.
fn first_break(text: &str) -> Option<(usize, usize)> {
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let next = chars.peek().map(|(_, next)| *next);
        let parts = match c {
            '。' | '，' | '！' | '？' | '；' | '：' | '…' | '～' | '~' | '!' | '?' | ';' | '\n' => true,
            '.' | ',' | ':' => next.is_none_or(|next| !next.is_alphanumeric()),
            _ => false,
        };
        if parts {
            return Some((at, at + c.len_utf8()));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn parts_at_punctuation() {
        for (text, expected) in [
            ("", &[][..]),
            ("?!", &[]),
            ("one", &["one"]),
            (
                "Hi there, I paid 1,299.50 at shop.example. Where is it?",
                &["Hi there", "I paid 1,299.50 at shop.example", "Where is it"],
            ),
            ("你好，我想问一下：怎么退货？谢谢", &["你好", "我想问一下", "怎么退货", "谢谢"]),
        ] {
            assert_eq!(clauses(text).collect::<Vec<_>>(), expected, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn loses_no_letter(text in any::<String>()) {
            let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).count();
            prop_assert_eq!(clauses(&text).map(letters).sum::<usize>(), letters(&text));
        }
    }
}

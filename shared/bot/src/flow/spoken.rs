//! Digits and letters that are said one by one, as speech recognition writes them: 「幺三八零零」, "double oh seven",
//! "A B one two".

use std::ops::Range;

use super::number::{one_word, value};

/// Digits and letters that follow on each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Run {
    /// Them alone, letters in capitals.
    pub(super) code: String,
    /// Where they stand in the text.
    pub(super) span: Range<usize>,
    /// Whether any of them is a word or a Chinese character.
    pub(super) spoken: bool,
    /// Whether it is surely no number of things: nothing else is said, or there are more than two of them.
    pub(super) sure: bool,
}

/// Fewer digits may count something: 「三四个」, "one or two".
const LEAST: usize = 3;

/// What else is said with a number.
const FILLERS: [&str; 21] = [
    "it", "is", "s", "its", "my", "the", "number", "order", "card", "code", "digits", "are", "um", "uh", "er", "well",
    "please", "thanks", "ok", "yes", "hi",
];
const FILLERS_ZH: &str = "嗯呃啊哦是我的订单号码尾电话手机编就好吧呢您你\'’:：!！";

/// One piece of a text.
#[derive(Clone, Debug, PartialEq)]
enum Piece<'t> {
    /// What a run is made of, and whether it is a word.
    Part(String, bool),
    /// "Double" or "triple": what follows comes so many times.
    Times(usize),
    /// A dash or a blank, also said: it parts nothing.
    Joint,
    Word(&'t str),
}

/// The runs of a text that say at least one digit. Full-width forms are plain already.
pub(super) fn runs(text: &str) -> Vec<Run> {
    let pieces = pieces(text);
    let mut runs: Vec<Run> = Vec::new();
    let mut open: Option<Run> = None;
    let mut times = 1;
    for (piece, span) in pieces.iter().chain([&(Piece::Word(""), text.len()..text.len())]) {
        match piece {
            Piece::Part(part, spoken) => {
                let run =
                    open.get_or_insert(Run { code: String::new(), span: span.clone(), spoken: false, sure: false });
                run.code.push_str(&part.repeat(times));
                run.span.end = span.end;
                run.spoken |= *spoken;
                times = 1;
            }
            Piece::Times(count) => times = *count,
            Piece::Joint => {}
            Piece::Word(word) => {
                let count = std::mem::replace(&mut times, 1);
                // Elsewhere "oh" is a sigh.
                if let Some(run) = open.as_mut().filter(|run| is_zero(word) && run.code.ends_with(is_digit)) {
                    run.code.push_str(&"0".repeat(count));
                    run.span.end = span.end;
                    run.spoken = true;
                    continue;
                }
                runs.extend(open.take().filter(|run| run.code.contains(is_digit)));
            }
        }
    }
    let filler = |word: &str| FILLERS.contains(&word) || word.chars().all(|c| FILLERS_ZH.contains(c));
    let words = pieces.iter().filter_map(|(piece, _)| if let Piece::Word(word) = piece { Some(*word) } else { None });
    let others = words.filter(|word| !filler(&word.to_ascii_lowercase()) && !is_zero(word)).count();
    let alone = runs.len() == 1 && others == 0;
    for run in &mut runs {
        run.sure = alone || run.code.chars().filter(|c| is_digit(*c)).count() >= LEAST;
    }
    runs
}

fn is_digit(c: char) -> bool {
    c.is_ascii_digit()
}

fn is_zero(word: &str) -> bool {
    word.eq_ignore_ascii_case("oh") || word.eq_ignore_ascii_case("o")
}

fn pieces(text: &str) -> Vec<(Piece<'_>, Range<usize>)> {
    let mut pieces = Vec::new();
    let mut chars = text.char_indices().peekable();
    while let Some((start, c)) = chars.next() {
        let mut end = start + c.len_utf8();
        if c.is_ascii_alphanumeric() {
            let digits = c.is_ascii_digit();
            while let Some((at, _)) =
                chars.next_if(|(_, next)| if digits { next.is_ascii_digit() } else { next.is_ascii_alphabetic() })
            {
                end = at + 1;
            }
            let word = text.get(start..end).unwrap_or_default();
            // What an apostrophe cuts off is no letter that is said.
            let cut = text.get(..start).is_some_and(|before| before.ends_with(['\'', '’']));
            pieces.push((if cut { Piece::Word(word) } else { latin(word) }, start..end));
        } else {
            let piece = match c {
                '幺' => Piece::Part("1".to_owned(), true),
                // Twos of things: 「两个」.
                '两' => Piece::Word("两"),
                '杠' | '横' | ' ' | '-' | ',' | '、' | '.' | '(' | ')' | '，' | '。' => Piece::Joint,
                '+' => Piece::Part("+".to_owned(), false),
                _ => match value(c) {
                    Some(digit) => Piece::Part(digit.to_string(), true),
                    None => Piece::Word(text.get(start..end).unwrap_or_default()),
                },
            };
            pieces.push((piece, start..end));
        }
    }
    pieces
}

fn latin(word: &str) -> Piece<'_> {
    if word.bytes().all(|c| c.is_ascii_digit()) {
        return Piece::Part(word.to_owned(), false);
    }
    let small = word.to_ascii_lowercase();
    match small.as_str() {
        "double" => return Piece::Times(2),
        "triple" | "treble" => return Piece::Times(3),
        "dash" | "hyphen" => return Piece::Joint,
        "plus" => return Piece::Part("+".to_owned(), true),
        "o" | "oh" => return Piece::Word(word),
        _ => {}
    }
    if let Some(digit) = one_word(&small).filter(|digit| *digit < 10) {
        return Piece::Part(digit.to_string(), true);
    }
    if word.len() == 1 || (word.len() < 4 && word.bytes().all(|c| c.is_ascii_uppercase())) {
        return Piece::Part(word.to_ascii_uppercase(), true);
    }
    Piece::Word(word)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn hears_digits_and_letters_one_by_one() {
        for (text, expected) in [
            ("幺三八零零一三八零零零", &[("13800138000", true)][..]),
            ("我的电话是幺三八，零零一三，八〇〇〇", &[("13800138000", true)]),
            ("one three eight double oh one three eight triple oh", &[("13800138000", true)]),
            ("138 double zero 1 3 eight thousand", &[("13800138", true)]),
            ("A B one two", &[("AB12", true)]),
            ("AB one oh two", &[("AB102", true)]),
            ("A杠一零二九三", &[("A10293", true)]),
            ("it's A one", &[("A1", true)]),
            ("plus four four two oh", &[("+4420", true)]),
            ("oh, one two", &[("12", true)]),
            ("我有一个问题", &[("1", false)]),
            ("one or two lamps", &[("1", false), ("2", false)]),
            ("两个", &[]),
            ("nobody", &[]),
        ] {
            let found: Vec<_> = runs(text).into_iter().map(|run| (run.code, run.sure)).collect();
            let found: Vec<_> = found.iter().map(|(code, sure)| (code.as_str(), *sure)).collect();
            assert_eq!(found, expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn is_total(text in "(one|oh|double|A|b |,|-|幺|三|两|个|12| ){0,20}|\\PC{0,40}") {
            for run in runs(&text) {
                prop_assert!(text.get(run.span).is_some());
            }
        }
    }
}

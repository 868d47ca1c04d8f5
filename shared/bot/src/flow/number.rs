//! Whole numbers as people write and say them.

const DIGITS: &str = "零一二三四五六七八九";
const ONES: [&str; 20] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];
const TENS: [&str; 8] = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];

/// The first number in a normalised text.
pub(super) fn find(text: &str) -> Option<u64> {
    let belongs = |c: char| c.is_ascii_digit() || value(c).is_some() || unit(c).is_some();
    if let Some(start) = text.find(belongs) {
        let rest = text.get(start..)?;
        let end = rest.find(|c: char| !(belongs(c) || c == ',')).unwrap_or(rest.len());
        // A number with a point is no whole one.
        let after: String = rest.get(end..)?.chars().take(2).collect();
        let mut after = after.chars();
        if after.next() == Some('.') && after.next().is_some_and(|c| c.is_ascii_digit()) {
            return None;
        }
        return chinese(rest.get(..end)?);
    }
    english(text)
}

/// A Chinese digit.
pub(super) fn value(c: char) -> Option<u64> {
    match c {
        '两' => Some(2),
        '〇' => Some(0),
        _ => DIGITS.chars().position(|digit| digit == c).and_then(|at| u64::try_from(at).ok()),
    }
}

fn unit(c: char) -> Option<u64> {
    Some(match c {
        '十' => 10,
        '百' => 100,
        '千' => 1000,
        '万' => 10_000,
        '亿' => 100_000_000,
        _ => return None,
    })
}

/// Digits and units, Chinese or not: `1,200`, `三百二` (320), `一万五` (15000), `二〇二六`.
pub(super) fn chinese(text: &str) -> Option<u64> {
    let (mut total, mut section, mut digit) = (0_u64, 0_u64, None::<u64>);
    // What a last digit without its unit counts, if the unit before it was not followed by a zero.
    let mut short = 1_u64;
    let mut any = false;
    for c in text.chars().filter(|c| *c != ',') {
        let read = c.to_digit(10).map(u64::from).or_else(|| value(c));
        if let Some(read) = read {
            any = true;
            if read == 0 {
                short = 1;
            }
            digit = Some(digit.unwrap_or(0).checked_mul(10)?.checked_add(read)?);
            continue;
        }
        let size = unit(c)?;
        any = true;
        if size >= 10_000 {
            section = section.checked_add(digit.take().unwrap_or(0))?;
            // Ten thousands count by themselves, hundred millions all that stands before.
            let (before, counted) = if size == 10_000 { (total, section) } else { (0, total.checked_add(section)?) };
            total = before.checked_add(counted.max(1).checked_mul(size)?)?;
            section = 0;
        } else {
            section = section.checked_add(digit.take().unwrap_or(1).checked_mul(size)?)?;
        }
        short = if size > 10 { size / 10 } else { 1 };
    }
    let last = digit.unwrap_or(0);
    let last = if last < 10 { last.checked_mul(short)? } else { last };
    any.then_some(())?;
    total.checked_add(section)?.checked_add(last)
}

/// An English number of one word below twenty.
pub(super) fn one_word(word: &str) -> Option<u64> {
    u64::try_from(ONES.iter().position(|one| *one == word)?).ok()
}

fn english(text: &str) -> Option<u64> {
    let (mut total, mut part, mut any) = (0_u64, 0_u64, false);
    for word in text.split(|c: char| !c.is_ascii_alphabetic()).filter(|word| !word.is_empty()) {
        let small = one_word(word);
        let small = small.or_else(|| TENS.iter().position(|ten| *ten == word).map(|at| (at as u64 + 2) * 10));
        match (small, word) {
            (Some(small), _) => part = part.checked_add(small)?,
            (None, "hundred") if any => part = part.max(1).checked_mul(100)?,
            (None, "thousand") if any => {
                total = total.checked_add(part.max(1).checked_mul(1000)?)?;
                part = 0;
            }
            (None, "and") if any => {}
            (None, _) if any => break,
            (None, _) => continue,
        }
        any = true;
    }
    any.then_some(total.checked_add(part)?)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::text::normalise;

    #[test]
    fn reads_numbers() {
        for (text, expected) in [
            ("三百二", Some(320)),
            ("三百零二", Some(302)),
            ("一万五", Some(15_000)),
            ("一万零五", Some(10_005)),
            ("两千三百四十五", Some(2345)),
            ("十二个", Some(12)),
            ("二十", Some(20)),
            ("一亿两千万", Some(120_000_000)),
            ("3百5", Some(350)),
            ("我要１２件", Some(12)),
            ("1,200", Some(1200)),
            ("twelve", Some(12)),
            ("two hundred and five please", Some(205)),
            ("twenty one", Some(21)),
            ("one thousand two hundred", Some(1200)),
            ("1.5", None),
            ("many", None),
            ("", None),
            ("99999999999999999999999", None),
        ] {
            assert_eq!(find(&normalise(text)), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn is_total(text in "[零一二两三十百千万亿0-9,. a-z]{0,30}|\\PC{0,30}") {
            find(&text);
        }
    }
}

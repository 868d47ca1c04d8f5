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

/// The number in a normalised text. `None`: there is none, it is not whole, or it may be another one: two are named, or
/// it is said roughly (「两三百」, 「十来个」).
pub(super) fn find(text: &str) -> Option<u64> {
    let text = meant(text);
    let found = written(text);
    let found = if found.is_empty() { english(text) } else { found };
    match found.as_slice() {
        [first, rest @ ..] if rest.iter().all(|other| other == first) => *first,
        _ => None,
    }
}

/// What is said after what it is not: 「不是3，是5」, "not 3 but 5".
fn meant(text: &str) -> &str {
    let denied = text.strip_prefix("不是").or_else(|| text.strip_prefix("not "));
    let after = denied.and_then(|rest| rest.split_once(['，', ',']).or_else(|| rest.split_once(" but ")));
    after.map_or(text, |(_, after)| after)
}

fn belongs(c: char) -> bool {
    c.is_ascii_digit() || value(c).is_some() || unit(c).is_some()
}

/// The numbers in digits and Chinese characters, each as far as it is clear.
fn written(text: &str) -> Vec<Option<u64>> {
    let mut found = Vec::new();
    let mut rest = text;
    let mut before = None;
    while let Some(start) = rest.find(|c: char| belongs(c) || c == '半') {
        before = rest.get(..start).and_then(|skipped| skipped.chars().next_back()).or(before);
        let from = rest.get(start..).unwrap_or_default();
        let (read, length) = one(from);
        // Half of anything but a dozen is no whole number of things.
        if read.is_some() || !from.starts_with('半') {
            let below_zero = before == Some('-') && from.starts_with(|c: char| c.is_ascii_digit());
            // A letter's number is no number of things: `A-3`, `x2`.
            found.push(read.filter(|_| !below_zero));
        }
        before = from.get(..length).and_then(|part| part.chars().next_back());
        rest = from.get(length..).unwrap_or_default();
    }
    found
}

/// The number that a text begins with, if it is clear, and its length in bytes.
fn one(text: &str) -> (Option<u64>, usize) {
    if let Some(after) = text.strip_prefix("半打") {
        return (Some(6), text.len() - after.len());
    }
    let end = text.find(|c: char| !(belongs(c) || c == ',')).unwrap_or(text.len()).max(1);
    let end = if text.starts_with('半') { '半'.len_utf8() } else { end };
    let (digits, after) = text.split_at_checked(end).unwrap_or((text, ""));
    let digits = digits.trim_end_matches(',');
    let after = text.get(digits.len()..).unwrap_or(after);
    // Thousands may stand apart: `1 000`.
    if let Some((whole, length)) = apart(text) {
        return (Some(whole), length);
    }
    // A point: whole only with a unit, `1.5万`, `3.5k`.
    let point = after.strip_prefix('.').filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    if let Some(rest) = point {
        let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let (parts, rest) = rest.split_at_checked(end).unwrap_or((rest, ""));
        let length = text.len() - rest.len();
        let Some((size, mark)) = scale(rest) else { return (None, length) };
        return (scaled(digits, parts, size), length + mark);
    }
    if after.starts_with('点') && after.chars().nth(1).is_some_and(|c| value(c).is_some() || c.is_ascii_digit()) {
        let rest = after.trim_start_matches(|c: char| c == '点' || belongs(c));
        return (None, text.len() - rest.len());
    }
    if rough(digits) || after.starts_with(['来', '多', '几', '余']) {
        return (None, digits.len());
    }
    if let Some((size, mark)) = scale(after).filter(|_| digits.bytes().all(|c| c.is_ascii_digit() || c == b',')) {
        return (grouped(digits).and_then(|number| number.checked_mul(size)), digits.len() + mark);
    }
    let dozens = after.strip_prefix('打').filter(|rest| !rest.starts_with(['电', '开', '扰', '折', '包']));
    match grouped(digits) {
        Some(count) if dozens.is_some() => (count.checked_mul(12), digits.len() + '打'.len_utf8()),
        number => (number, digits.len()),
    }
}

/// Groups of three digits with spaces between them.
fn apart(text: &str) -> Option<(u64, usize)> {
    let mut groups = text.split(' ');
    let first =
        groups.next().filter(|group| (1..=3).contains(&group.len()) && group.bytes().all(|c| c.is_ascii_digit()))?;
    let is_group = |group: &&str| group.len() >= 3 && group.bytes().take(3).all(|c| c.is_ascii_digit());
    let mut number = first.to_owned();
    let mut length = first.len();
    for group in groups.take_while(is_group) {
        let rest = group.get(3..)?;
        // More digits: a telephone's, not thousands.
        if rest.starts_with(|c: char| c.is_ascii_digit()) {
            return None;
        }
        number.push_str(group.get(..3)?);
        length += 4;
        if !rest.is_empty() {
            break;
        }
    }
    (length > first.len()).then(|| number.parse().ok().map(|number| (number, length)))?
}

/// What a mark behind digits multiplies them by, and its length.
fn scale(after: &str) -> Option<(u64, usize)> {
    let word_ends = |rest: &str| !rest.starts_with(|c: char| c.is_ascii_alphanumeric());
    if let Some(rest) = after.strip_prefix('k').filter(|rest| word_ends(rest)) {
        return Some((1000, after.len() - rest.len()));
    }
    let c = after.chars().next()?;
    unit(c).filter(|unit| *unit >= 1000).map(|unit| (unit, c.len_utf8()))
}

/// A number with a point, times a unit, if that is whole.
fn scaled(whole: &str, parts: &str, size: u64) -> Option<u64> {
    let tenth = 10_u64.checked_pow(u32::try_from(parts.len()).ok()?)?;
    let all = format!("{whole}{parts}").parse::<u64>().ok()?.checked_mul(size)?;
    all.is_multiple_of(tenth).then(|| all / tenth)
}

/// Commas part thousands, and nothing else.
fn grouped(digits: &str) -> Option<u64> {
    let sound = !digits.contains(',') || digits.split(',').skip(1).all(|group| group.len() == 3);
    if sound { chinese(digits) } else { None }
}

/// Two digits that follow on each other and are no number's: 「两三百」, 「七八个」.
fn rough(digits: &str) -> bool {
    let letters: Vec<char> = digits.chars().filter(|c| !c.is_ascii_digit()).collect();
    let follow = |pair: &[char]| match pair {
        [a, b] => value(*a).zip(value(*b)).is_some_and(|(a, b)| a > 0 && b == a + 1),
        _ => false,
    };
    let plain = letters.iter().all(|c| value(*c).is_some());
    letters.windows(2).any(follow) && (letters.len() == 2 || !plain)
}

/// A Chinese digit.
pub(super) fn value(c: char) -> Option<u64> {
    match c {
        '两' | '俩' | '贰' => Some(2),
        '仨' | '叁' => Some(3),
        '〇' => Some(0),
        '壹' => Some(1),
        '肆' => Some(4),
        '伍' => Some(5),
        '陆' => Some(6),
        '柒' => Some(7),
        '捌' => Some(8),
        '玖' => Some(9),
        _ => DIGITS.chars().position(|digit| digit == c).and_then(|at| u64::try_from(at).ok()),
    }
}

fn unit(c: char) -> Option<u64> {
    Some(match c {
        '十' | '拾' => 10,
        '百' | '佰' => 100,
        '千' | '仟' => 1000,
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

/// The numbers in English words.
fn english(text: &str) -> Vec<Option<u64>> {
    let words: Vec<&str> = text.split(|c: char| !c.is_ascii_alphabetic()).filter(|word| !word.is_empty()).collect();
    let mut found = Vec::new();
    let mut rest = words.as_slice();
    while !rest.is_empty() {
        let (read, length) = spoken(rest);
        if length > 0 {
            found.push(read);
        }
        rest = rest.get(length.max(1)..).unwrap_or_default();
    }
    found
}

/// The number that words begin with, and how many of them it takes; none: they begin with no number.
fn spoken(words: &[&str]) -> (Option<u64>, usize) {
    match words {
        ["half", "a", "dozen", ..] => return (Some(6), 3),
        ["a", "dozen", ..] => return (Some(12), 2),
        ["dozen", ..] => return (Some(12), 1),
        ["a", "couple", ..] => return (Some(2), 2),
        // Nobody knows how many.
        ["dozens" | "hundreds" | "thousands", ..] => return (None, 1),
        _ => {}
    }
    let (mut total, mut part, mut taken) = (Some(0_u64), Some(0_u64), 0);
    for (at, word) in words.iter().enumerate() {
        let next = words.get(at + 1).copied().unwrap_or_default();
        let small = one_word(word);
        let small = small.or_else(|| TENS.iter().position(|ten| ten == word).map(|at| (at as u64 + 2) * 10));
        match (small, *word) {
            (Some(small), _) => part = part.and_then(|part| part.checked_add(small)),
            (None, "a") if taken == 0 && matches!(next, "hundred" | "thousand") => part = Some(1),
            (None, "hundred") if taken > 0 => part = part.and_then(|part| part.max(1).checked_mul(100)),
            (None, "thousand") if taken > 0 => {
                total = total.zip(part).and_then(|(total, part)| total.checked_add(part.max(1).checked_mul(1000)?));
                part = Some(0);
            }
            (None, "dozen") if taken > 0 => part = part.and_then(|part| part.max(1).checked_mul(12)),
            (None, "and") if taken > 0 && (one_word(next).is_some() || TENS.contains(&next)) => {}
            (None, _) => break,
        }
        taken = at + 1;
    }
    (total.zip(part).and_then(|(total, part)| total.checked_add(part)), taken)
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
            ("2k", Some(2000)),
            ("3.5k", Some(3500)),
            ("1.5万", Some(15_000)),
            ("3万", Some(30_000)),
            ("2kg", Some(2)),
            ("1 000", Some(1000)),
            ("12 000 000", Some(12_000_000)),
            ("2,5", None),
            ("-5", None),
            ("3-4", None),
            ("3 or 4", None),
            ("two or three", None),
            ("3个，就3个", Some(3)),
            ("不是3，是5", Some(5)),
            ("not 3 but 5", Some(5)),
            ("两三百", None),
            ("三四个", None),
            ("二三四五", Some(2345)),
            ("十来个", None),
            ("一百多", None),
            ("一点五", None),
            ("一打", Some(12)),
            ("半打", Some(6)),
            ("半个", None),
            ("两打", Some(24)),
            ("俩", Some(2)),
            ("壹佰", Some(100)),
            ("a hundred", Some(100)),
            ("a hundred and twenty", Some(120)),
            ("one hundred and five and that is it", Some(105)),
            ("a couple", Some(2)),
            ("a dozen", Some(12)),
            ("two dozen", Some(24)),
            ("half a dozen", Some(6)),
            ("hundreds", None),
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

//! Numbers that are personal by their form.

use std::ops::Range;

use super::Personal;

/// Weights of an identity card's first seventeen digits, and the check sign for each remainder by 11 (GB 11643).
const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const CHECKS: [char; 11] = ['1', '0', 'X', '9', '8', '7', '6', '5', '4', '3', '2'];
/// No number has more blocks that are parted by blanks: +86 and three more, a card's five.
const MOST_BLOCKS: usize = 5;

/// The places of the digits to cover.
pub(super) fn covered(plain: &[char], kinds: &[Personal]) -> Vec<usize> {
    runs(plain).iter().flat_map(|run| of_run(plain, run, kinds)).collect()
}

/// Digits in blocks, parted by single blanks. A block may hold single hyphens, and an identity card's last sign.
type Run = Vec<Range<usize>>;

fn runs(plain: &[char]) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut at = 0;
    while at < plain.len() {
        let block = block(plain, at);
        if block.is_empty() {
            at += 1;
            continue;
        }
        at = block.end;
        let last = runs.last_mut().filter(|run| {
            let end = run.last().map(|block| block.end);
            end.is_some_and(|end| end + 1 == block.start && plain.get(end) == Some(&' '))
        });
        match last {
            Some(run) => run.push(block),
            None => runs.push(vec![block]),
        }
    }
    runs
}

/// The block that starts here, if one does: nothing that belongs to it, and no letter, stands before.
fn block(plain: &[char], at: usize) -> Range<usize> {
    let is_digit = |at: usize| plain.get(at).is_some_and(char::is_ascii_digit);
    let mut end = at;
    while is_digit(end) || (end > at && plain.get(end) == Some(&'-') && is_digit(end + 1) && is_digit(end - 1)) {
        end += 1;
    }
    let checked = end > at && matches!(plain.get(end), Some('x' | 'X'));
    at..if checked { end + 1 } else { end }
}

fn of_run(plain: &[char], run: &Run, kinds: &[Personal]) -> Vec<usize> {
    let mut covered = Vec::new();
    let mut from = 0;
    while from < run.len() {
        let longest = (1..=MOST_BLOCKS.min(run.len() - from)).rev();
        let found =
            longest.filter_map(|count| Some((count, run.get(from..from + count)?))).find_map(|(count, blocks)| {
                let places: Vec<usize> = places(plain, blocks)?;
                Some((count, hidden(plain, &places, kinds)?))
            });
        let (count, places) = found.unwrap_or((1, vec![]));
        covered.extend(places);
        from += count;
    }
    covered
}

/// The places of the digits of some blocks, unless a letter or digit stands right beside them.
fn places(plain: &[char], blocks: &[Range<usize>]) -> Option<Vec<usize>> {
    let (start, end) = (blocks.first()?.start, blocks.last()?.end);
    let beside = |letter: Option<&char>| letter.is_some_and(|letter| letter.is_ascii_alphanumeric() || *letter == '_');
    let before = start.checked_sub(1).and_then(|at| plain.get(at));
    // A hyphen between a letter and the number, as in `LP-138…`, belongs to the number of an order.
    let prefix = start.checked_sub(2).and_then(|at| plain.get(at));
    let prefixed = before == Some(&'-') && beside(prefix);
    if beside(before) || prefixed || beside(plain.get(end)) {
        return None;
    }
    let sign = |at: &usize| plain.get(*at).is_some_and(|letter| !matches!(letter, '-' | ' '));
    Some((start..end).filter(sign).collect())
}

/// Which of a number's digits to cover, if it is personal.
fn hidden(plain: &[char], places: &[usize], kinds: &[Personal]) -> Option<Vec<usize>> {
    let number: String = places.iter().filter_map(|at| plain.get(*at)).map(char::to_ascii_uppercase).collect();
    let among = |kind| kinds.contains(&kind);
    let length = places.len();
    let shown = if among(Personal::Mobile) && is_mobile(&number) {
        // The network and the last four.
        length - 8..length - 4
    } else if (among(Personal::IdCard) && is_id_card(&number)) || (among(Personal::BankCard) && is_bank_card(&number)) {
        0..length - 4
    } else {
        return None;
    };
    Some(places.get(shown)?.to_vec())
}

fn is_mobile(number: &str) -> bool {
    let bare = ["+86", "0086", "86"].iter().find_map(|code| number.strip_prefix(code)).unwrap_or(number);
    let mut digits = bare.bytes();
    bare.len() == 11
        && digits.next() == Some(b'1')
        && digits.next().is_some_and(|second| (b'3'..=b'9').contains(&second))
        && digits.all(|digit| digit.is_ascii_digit())
}

fn is_id_card(number: &str) -> bool {
    let signs: Vec<char> = number.chars().collect();
    let Some((check, digits)) = signs.split_last().filter(|_| signs.len() == 18) else { return false };
    let values: Option<Vec<u32>> = digits.iter().map(|digit| digit.to_digit(10)).collect();
    let Some(values) = values else { return false };
    let part =
        |range: Range<usize>| values.get(range).unwrap_or_default().iter().fold(0, |sum, digit| sum * 10 + digit);
    let (year, month, day) = (part(6..10), part(10..12), part(12..14));
    let born = (1880..2100).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
    let sum: u32 = values.iter().zip(WEIGHTS).map(|(digit, weight)| digit * weight).sum();
    let expected = usize::try_from(sum % 11).ok().and_then(|rest| CHECKS.get(rest));
    // The regions' first digits: 1 to 6 the mainland, 7 and 8 Taiwan, Hong Kong and Macao; 9 foreigners.
    values.first().is_some_and(|first| *first > 0) && born && expected == Some(check)
}

fn is_bank_card(number: &str) -> bool {
    let head = |length: usize| number.get(..length).and_then(|head| head.parse::<u32>().ok()).unwrap_or_default();
    let known = match number.len() {
        13 => head(1) == 4,
        15 => matches!(head(2), 34 | 37),
        16 => {
            head(1) == 4
                || matches!(head(2), 35 | 51..=55 | 62)
                || (2221..=2720).contains(&head(4))
                || matches!(head(4), 6011)
        }
        17 | 18 => head(2) == 62,
        19 => head(2) == 62 || head(1) == 4,
        _ => false,
    };
    known && luhn(number)
}

/// The check of ISO/IEC 7812: every second digit from the right doubled, the sum of all digits a multiple of ten.
fn luhn(number: &str) -> bool {
    let mut sum = 0;
    for (at, digit) in number.chars().rev().enumerate() {
        let Some(digit) = digit.to_digit(10) else { return false };
        let value = if at % 2 == 1 { digit * 2 } else { digit };
        sum += value / 10 + value % 10;
    }
    sum % 10 == 0
}

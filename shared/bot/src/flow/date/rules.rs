//! The words of time that are understood, each with what it says of a day. Earlier rules take their words away from later
//! ones.

use std::sync::LazyLock;

use regex_lite::{Captures, Regex};
use time::{Date, Duration};

use super::{Part, coming, date, in_month, in_week, numbered, place};
use crate::flow::number::{chinese, one_word};

/// What the part `d` of a match says; `None`: it is no word of time.
type Read = fn(&Captures<'_>, Date) -> Option<Part>;

/// Numbers of at most three digits, and of days and months.
pub(super) const NUMBER: &str = "(?:[0-9]{1,3}|[二三四五六七八九]?十[一二三四五六七八九]?|[一二两三四五六七八九])";
const SMALL: &str = "(?:[0-9]{1,2}|[二三]?十[一二三四五六七八九]?|[一二三四五六七八九])";
/// What stands before a number that begins here.
const FRESH: &str = "(?:^|[^0-9零〇一二两三四五六七八九十几百千万.])";
const COUNT: &str = "(?:[0-9]{1,3}|an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)";
const MONTH: &str = "(?:jan(?:uary)?|feb(?:r?uary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)";
const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const WEEKDAY: &str = "(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?";
const WEEKDAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const WEEK: &str = "(?:周|週|星期|礼拜|禮拜)";

const NAMED: [(&str, i64); 20] = [
    ("大后天", 3),
    ("大前天", -3),
    ("后天", 2),
    ("后日", 2),
    ("前天", -2),
    ("前日", -2),
    ("明天", 1),
    ("明日", 1),
    ("明儿", 1),
    ("明早", 1),
    ("明晚", 1),
    ("今天", 0),
    ("今日", 0),
    ("今儿", 0),
    ("今早", 0),
    ("今晚", 0),
    ("昨天", -1),
    ("昨日", -1),
    ("昨儿", -1),
    ("昨晚", -1),
];

const WORDS: [(&str, Read); 20] = [
    (
        "(?:^|[^0-9])(?P<d>(?P<y>[0-9]{4}|[零〇一二三四五六七八九]{4}) ?[-/.年] ?(?P<m>SMALL) ?[-/.月] ?(?P<a>SMALL) ?[日号]?)(?:$|[^0-9])",
        full,
    ),
    ("(?:^|[^0-9])(?P<d>(?P<y>20[0-9]{2})(?P<m>[01][0-9])(?P<a>[0-3][0-9]))(?:$|[^0-9])", full),
    ("FRESH(?P<d>(?:(?P<w>[今明后去前])年 ?的?)?(?P<m>SMALL) ?月份? ?的?(?P<a>SMALL) ?[日号]?)(?:$|[^0-9])", of_month),
    ("(?P<d>(?P<w>[上下]+|[这本])(?:一?个)?月份? ?的? ?(?P<a>SMALL) ?[日号])", of_that_month),
    ("FRESH(?P<d>过?(?P<n>NUMBER) ?(?P<u>天|个?WEEK) ?[之以过]?(?P<k>[前后]))", ago_or_ahead),
    ("(?:^|[^超])(?P<d>过(?P<n>NUMBER) ?(?P<u>天|个?WEEK))", ago_or_ahead),
    ("(?P<d>[今明昨][天日儿早晚])", named),
    ("(?:^|[^目以之提当先眼面午])(?P<d>大?[前后][天日])(?:$|[^气])", named),
    (
        "(?:^|[^0-9一二两三四五六七八九十几每])(?P<d>(?P<w>[上下]+|[这本今])?(?:一?个)?WEEK(?P<a>[一二三四五六日天1-6]))(?:$|[^次个回0-9])",
        weekday,
    ),
    ("(?P<d>(?P<w>[上下]+|[这本])(?:一?个)?WEEK)(?:$|[^末])", week),
    ("FRESH(?P<d>(?P<a>SMALL) ?[号日])(?:$|[^线楼店码院内元本常用])", day_of_month),
    (r"\b(?P<d>(?:the )?day (?:after tomorrow|before yesterday))\b", english_day),
    (r"\b(?P<d>(?P<n>COUNT) (?P<u>day|week|fortnight)s? (?P<k>ago|from now|from today|later))\b", ago_or_ahead),
    (r"\b(?P<d>in (?P<n>COUNT) (?P<u>day|week|fortnight)s?)\b", ago_or_ahead),
    (r"\b(?P<d>tomm?orr?ow|tmrw?|today|tonight|yesterday)\b", english_day),
    (
        r"\b(?P<d>(?P<m>MONTH)\.? (?:the )?(?P<a>[0-9]{1,2})(?:st|nd|rd|th)?(?:,? (?P<y>[0-9]{4}))?)(?:$|[^0-9a-z:])",
        english_month,
    ),
    (r"\b(?P<d>(?P<a>[0-9]{1,2})(?:st|nd|rd|th)?(?: of)? (?P<m>MONTH)\b\.?(?:,? (?P<y>[0-9]{4})\b)?)", english_month),
    (r"(?:^|[^0-9/])(?P<d>(?P<m>[0-9]{1,2})/(?P<a>[0-9]{1,2}))(?:$|[^0-9/])", slashed),
    // A point stands in amounts and versions too: it is of a day where nothing stands beside it.
    (r"^(?P<d>(?P<m>[0-9]{1,2})\.(?P<a>[0-9]{1,2}))[日号]?[.。!]?$", of_month),
    (r"\b(?P<d>(?:(?P<w>next|last|this coming|this past|this|coming) )?(?P<a>WEEKDAY))\b", english_weekday),
];

/// A week, and a day by its number: only what the others have left.
const LAST: [(&str, Read); 2] = [
    (r"\b(?P<d>(?P<w>next|last|this) week)\b", week),
    (r"(?:^|\bon |\bthe )(?P<d>(?P<a>[0-9]{1,2})(?:st|nd|rd|th))(?:$|[,.!?]| please)", day_of_month),
];

/// The rules in their order.
pub(super) static RULES: LazyLock<Vec<(Regex, Read)>> = LazyLock::new(|| {
    let whole = |words: &str| {
        let parts = [
            ("WEEKDAY", WEEKDAY),
            ("NUMBER", NUMBER),
            ("SMALL", SMALL),
            ("FRESH", FRESH),
            ("COUNT", COUNT),
            ("MONTH", MONTH),
            ("WEEK", WEEK),
        ];
        parts.iter().fold(words.to_owned(), |words, (name, part)| words.replace(name, part))
    };
    let rules = WORDS.iter().chain(&LAST);
    rules.filter_map(|(words, read)| Some((Regex::new(&whole(words)).ok()?, *read))).collect()
});

fn part<'t>(found: &Captures<'t>, name: &str) -> Option<&'t str> {
    found.name(name).map(|part| part.as_str())
}

fn number(found: &Captures<'_>, name: &str) -> Option<u64> {
    chinese(part(found, name)?)
}

/// A day that there is; one that there is not is none.
fn day(found: Option<Date>) -> Part {
    found.map_or(Part::Unclear, Part::Day)
}

fn days_from(today: Date, days: i64) -> Part {
    day(today.checked_add(Duration::days(days)))
}

fn full(found: &Captures<'_>, _: Date) -> Option<Part> {
    let year = i32::try_from(number(found, "y")?).ok()?;
    Some(day(date(year, number(found, "m")?, number(found, "a")?)))
}

fn of_month(found: &Captures<'_>, today: Date) -> Option<Part> {
    let (month, number) = (number(found, "m")?, number(found, "a")?);
    let ahead = match part(found, "w") {
        Some("今") => 0,
        Some("明") => 1,
        Some("后") => 2,
        Some("去") => -1,
        Some("前") => -2,
        Some(_) | None => return Some(day(coming(month, number, today))),
    };
    Some(day(date(today.year() + ahead, month, number)))
}

/// Month first, unless there is no such month: 13/12 is in December.
fn slashed(found: &Captures<'_>, today: Date) -> Option<Part> {
    let (first, second) = (number(found, "m")?, number(found, "a")?);
    let (month, number) = if first > 12 { (second, first) } else { (first, second) };
    Some(day(coming(month, number, today)))
}

/// How many weeks or months after this one: 「下下」 is two, 「上」 is one before.
fn steps(word: &str) -> i64 {
    word.chars().map(|c| i64::from(c == '下') - i64::from(c == '上')).sum()
}

fn of_that_month(found: &Captures<'_>, today: Date) -> Option<Part> {
    let ahead = i32::try_from(steps(part(found, "w")?)).ok()?;
    Some(day(in_month(today, ahead, number(found, "a")?)))
}

fn day_of_month(found: &Captures<'_>, today: Date) -> Option<Part> {
    Some(day(numbered(number(found, "a")?, today)))
}

fn ago_or_ahead(found: &Captures<'_>, today: Date) -> Option<Part> {
    let count = part(found, "n")?;
    let count = if matches!(count, "a" | "an") { Some(1) } else { one_word(count).or_else(|| chinese(count)) };
    let count = i64::try_from(count?).ok()?;
    let length = match part(found, "u")? {
        "天" | "day" => 1,
        "fortnight" => 14,
        _ => 7,
    };
    let back = matches!(part(found, "k"), Some("前" | "ago"));
    Some(days_from(today, if back { -count * length } else { count * length }))
}

fn named(found: &Captures<'_>, today: Date) -> Option<Part> {
    let word = part(found, "d")?;
    let (_, days) = NAMED.iter().find(|(name, _)| *name == word)?;
    Some(days_from(today, *days))
}

fn english_day(found: &Captures<'_>, today: Date) -> Option<Part> {
    let days = match part(found, "d")?.trim_start_matches("the ") {
        "day after tomorrow" => 2,
        "day before yesterday" => -2,
        "today" | "tonight" => 0,
        "yesterday" => -1,
        _ => 1,
    };
    Some(days_from(today, days))
}

fn weekday(found: &Captures<'_>, today: Date) -> Option<Part> {
    let name = part(found, "a")?.chars().next()?;
    let names = ["一1", "二2", "三3", "四4", "五5", "六6", "日天"];
    let at = u8::try_from(names.iter().position(|names| names.contains(name))?).ok()?;
    match part(found, "w") {
        Some(word) => Some(day(in_week(today, steps(word), i64::from(at)))),
        None => Some(Part::Weekday(at)),
    }
}

fn week(found: &Captures<'_>, _: Date) -> Option<Part> {
    Some(Part::Week(match part(found, "w")? {
        "next" => 1,
        "last" => -1,
        word => steps(word),
    }))
}

fn english_month(found: &Captures<'_>, today: Date) -> Option<Part> {
    let name = part(found, "m")?;
    let month = u64::try_from(MONTHS.iter().position(|month| name.starts_with(month))?).ok()? + 1;
    let number = number(found, "a")?;
    let Some(year) = part(found, "y") else { return Some(day(coming(month, number, today))) };
    Some(day(date(year.parse().ok()?, month, number)))
}

/// "Last Wednesday" on a Friday may be two days ago or nine, "this Wednesday" then has been or is to come.
fn english_weekday(found: &Captures<'_>, today: Date) -> Option<Part> {
    let name = part(found, "a")?;
    let at = WEEKDAYS.iter().position(|day| name.starts_with(day))?;
    let (at, now) = (i64::try_from(at).ok()?, place(today));
    let Some(word) = part(found, "w") else { return Some(Part::Weekday(u8::try_from(at).ok()?)) };
    Some(match word {
        "next" => day(in_week(today, 1, at)),
        "this" if at >= now => day(in_week(today, 0, at)),
        "last" if at >= now => day(in_week(today, -1, at)),
        "this past" => day(in_week(today, if at < now { 0 } else { -1 }, at)),
        "coming" | "this coming" if at != now => day(in_week(today, i64::from(at < now), at)),
        _ => Part::Unclear,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_is_one() {
        assert_eq!(RULES.len(), WORDS.len() + LAST.len());
    }
}

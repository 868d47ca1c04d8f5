//! Days as people write and say them.

use regex_lite::Regex;
use time::{Date, Duration, Month};

use super::number::chinese;

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const WEEKDAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const NUMERAL: &str = "[0-9零一二三四五六七八九十]{1,3}";

/// The first day that a normalised text speaks of. A day without its year is the next one of that name; `5/3` is the third
/// of May. 「下周三」 and "next Wednesday" are in the week after this one; 「周三」 and "Wednesday" are today at the earliest.
pub(super) fn find(text: &str, today: Date) -> Option<Date> {
    relative(text, today)
        .or_else(|| calendar(text, today))
        .or_else(|| english(text, today))
        .or_else(|| weekday(text, today))
}

fn captures<'t>(pattern: &str, text: &'t str) -> Option<regex_lite::Captures<'t>> {
    Regex::new(pattern).ok()?.captures(text)
}

fn relative(text: &str, today: Date) -> Option<Date> {
    for (word, days) in [
        ("大后天", 3),
        ("后天", 2),
        ("明天", 1),
        ("明日", 1),
        ("今天", 0),
        ("今日", 0),
        ("day after tomorrow", 2),
        ("tomorrow", 1),
        ("today", 0),
    ] {
        if text.contains(word) {
            return today.checked_add(Duration::days(days));
        }
    }
    let found = captures(&format!("({NUMERAL}|两) ?天(?:后|之后|以后)"), text)
        .or_else(|| captures(r"\bin ([0-9]{1,3}) days?\b", text))?;
    let days = found.get(1)?.as_str();
    today.checked_add(Duration::days(i64::try_from(chinese(days)?).ok()?))
}

fn calendar(text: &str, today: Date) -> Option<Date> {
    if let Some(found) = captures(r"\b([0-9]{4})[-/.年] ?([0-9]{1,2})[-/.月] ?([0-9]{1,2})", text) {
        let part = |at| found.get(at)?.as_str().parse::<u16>().ok();
        return date(i32::from(part(1)?), u64::from(part(2)?), u64::from(part(3)?));
    }
    let found = captures(&format!("({NUMERAL}) ?月 ?({NUMERAL}) ?[日号號]?"), text)
        .or_else(|| captures(r"(?:^|[^0-9/])([0-9]{1,2})/([0-9]{1,2})(?:$|[^0-9/])", text));
    if let Some(found) = found {
        return coming(chinese(found.get(1)?.as_str())?, chinese(found.get(2)?.as_str())?, today);
    }
    let found = captures(&format!("({NUMERAL}) ?[号號]"), text)?;
    let day = chinese(found.get(1)?.as_str())?;
    let month = u64::from(u8::from(today.month()));
    let this = date(today.year(), month, day).filter(|day| *day >= today);
    this.or_else(|| if month == 12 { date(today.year() + 1, 1, day) } else { date(today.year(), month + 1, day) })
}

fn english(text: &str, today: Date) -> Option<Date> {
    let months = MONTHS.join("|");
    let found = captures(&format!(r"\b({months})[a-z]*\.? ([0-9]{{1,2}})(?:st|nd|rd|th)?(?:,? ([0-9]{{4}}))?\b"), text);
    let (month, day, year) = if let Some(found) = &found {
        (found.get(1)?, found.get(2)?, found.get(3))
    } else {
        let pattern = format!(r"\b([0-9]{{1,2}})(?:st|nd|rd|th)?(?: of)? ({months})[a-z]*\.?(?:,? ([0-9]{{4}}))?");
        let found = captures(&pattern, text)?;
        (found.get(2)?, found.get(1)?, found.get(3))
    };
    let month = u64::try_from(MONTHS.iter().position(|name| *name == month.as_str())?).ok()? + 1;
    let day = day.as_str().parse().ok()?;
    match year {
        Some(year) => date(year.as_str().parse().ok()?, month, day),
        None => coming(month, day, today),
    }
}

fn weekday(text: &str, today: Date) -> Option<Date> {
    let (next, day) = if let Some(found) = captures("(下?)(?:个|個)?(?:周|週|星期|礼拜|禮拜)([一二三四五六日天])", text)
    {
        let name = found.get(2)?.as_str().chars().next()?;
        let at = "一二三四五六日".chars().position(|day| day == if name == '天' { '日' } else { name })?;
        (!found.get(1)?.as_str().is_empty(), at)
    } else {
        let found = captures(&format!(r"\b(next )?({})(?:day|sday|nesday|rsday|urday)?\b", WEEKDAYS.join("|")), text)?;
        (found.get(1).is_some(), WEEKDAYS.iter().position(|day| *day == found.get(2).map_or("", |m| m.as_str()))?)
    };
    let now = i64::from(today.weekday().number_days_from_monday());
    let day = i64::try_from(day).ok()?;
    let ahead = if next { day - now + 7 } else { (day - now).rem_euclid(7) };
    today.checked_add(Duration::days(ahead))
}

/// The next day of that name.
fn coming(month: u64, day: u64, today: Date) -> Option<Date> {
    (0..=4).filter_map(|ahead| date(today.year() + ahead, month, day)).find(|day| *day >= today)
}

fn date(year: i32, month: u64, day: u64) -> Option<Date> {
    let month = Month::try_from(u8::try_from(month).ok()?).ok()?;
    Date::from_calendar_date(year, month, u8::try_from(day).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::text::normalise;

    /// A Monday.
    fn today() -> Date {
        date(2026, 11, 23).unwrap()
    }

    #[test]
    fn reads_days() {
        for (text, expected) in [
            ("今天", "2026-11-23"),
            ("明天下午", "2026-11-24"),
            ("后天", "2026-11-25"),
            ("大后天吧", "2026-11-26"),
            ("下周三", "2026-12-02"),
            ("下个星期天", "2026-12-06"),
            ("周三", "2026-11-25"),
            ("礼拜一", "2026-11-23"),
            ("三月五号", "2027-03-05"),
            ("十二月二十五日", "2026-12-25"),
            ("3月5日", "2027-03-05"),
            ("5/3", "2027-05-03"),
            ("１２／０１", "2026-12-01"),
            ("2026-12-01", "2026-12-01"),
            ("2027年1月2日", "2027-01-02"),
            ("5号", "2026-12-05"),
            ("二十五号", "2026-11-25"),
            ("三天后", "2026-11-26"),
            ("tomorrow please", "2026-11-24"),
            ("the day after tomorrow", "2026-11-25"),
            ("next Wednesday", "2026-12-02"),
            ("on Friday", "2026-11-27"),
            ("in 10 days", "2026-12-03"),
            ("March 5", "2027-03-05"),
            ("5th of march 2028", "2028-03-05"),
            ("Dec. 1st, 2026", "2026-12-01"),
        ] {
            let found = find(&normalise(text), today()).map(|day| day.to_string());
            assert_eq!(found.as_deref(), Some(expected), "{text}");
        }
        for text in ["", "sometime", "2026-13-01", "2月30日", "13/13", "A-10293", "money"] {
            assert_eq!(find(&normalise(text), today()), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn is_total(text in "[0-9/\\- 年月日号周下三十一in days of mar]{0,30}|\\PC{0,30}", day in 0_i64..100_000) {
            find(&text, date(1900, 1, 1).unwrap() + Duration::days(day));
        }
    }
}

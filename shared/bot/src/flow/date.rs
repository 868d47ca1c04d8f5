//! Days as people write and say them. A wrong day is worse than none: where a text holds a word of time that is not
//! understood, or two days, it names none.

mod rules;
mod unclear;

use time::{Date, Duration, Month};

use self::rules::RULES;

/// What stands where a word of time was read.
const READ: &str = "\u{1}";

/// What a part of a text says of a day.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Part {
    /// It is this one.
    Day(Date),
    /// A day of the week, from Monday 0.
    Weekday(u8),
    /// In the week so many after this one.
    Week(i64),
    /// None, or one of two.
    Unclear,
}

/// The day that a normalised text speaks of. A day without its year is the next one of that name; `5/3` is the third of May.
/// 「下周三」 and "next Wednesday" are in the week after this one; 「周三」 and "Wednesday" are today at the earliest.
pub(super) fn find(text: &str, today: Date) -> Option<Date> {
    let mut rest = text.replace(READ, " ");
    let mut parts = Vec::new();
    for (words, read) in RULES.iter() {
        let mut at = 0;
        while let Some(found) = words.captures_at(&rest, at) {
            let Some(span) = found.name("d").map(|part| part.range()) else { break };
            at = span.end;
            if let Some(part) = read(&found, today) {
                parts.push(part);
                at = span.start + READ.len();
                rest.replace_range(span, READ);
            }
        }
    }
    if unclear::is_unclear(&rest) || parts.contains(&Part::Unclear) {
        return None;
    }
    let only = |part: fn(&Part) -> Option<i64>| {
        let mut found: Vec<i64> = parts.iter().filter_map(part).collect();
        found.dedup();
        (found.len() < 2).then_some(found.first().copied())
    };
    let day = only(|part| if let Part::Day(day) = part { Some(i64::from(day.to_julian_day())) } else { None })?;
    let weekday = only(|part| if let Part::Weekday(day) = part { Some(i64::from(*day)) } else { None })?;
    let week = only(|part| if let Part::Week(week) = part { Some(*week) } else { None })?;
    match (day, weekday, week) {
        (Some(day), weekday, None) => {
            let day = Date::from_julian_day(i32::try_from(day).ok()?).ok()?;
            let same = weekday.is_none_or(|name| name == i64::from(day.weekday().number_days_from_monday()));
            same.then_some(day)
        }
        (None, Some(weekday), Some(week)) => in_week(today, week, weekday),
        (None, Some(weekday), None) => today.checked_add(Duration::days((weekday - place(today)).rem_euclid(7))),
        (Some(_), _, Some(_)) | (None, None, _) => None,
    }
}

/// A day's place in its week, from Monday 0.
fn place(day: Date) -> i64 {
    i64::from(day.weekday().number_days_from_monday())
}

/// The day of that place in the week so many after this one.
fn in_week(today: Date, week: i64, weekday: i64) -> Option<Date> {
    today.checked_add(Duration::days(week * 7 + weekday - place(today)))
}

/// The next day of that name.
fn coming(month: u64, day: u64, today: Date) -> Option<Date> {
    (0..=4).filter_map(|ahead| date(today.year() + ahead, month, day)).find(|day| *day >= today)
}

/// The next day of that number, in this month or the next.
fn numbered(day: u64, today: Date) -> Option<Date> {
    in_month(today, 0, day).filter(|day| *day >= today).or_else(|| in_month(today, 1, day))
}

/// The day of the month so many after this one.
fn in_month(today: Date, ahead: i32, day: u64) -> Option<Date> {
    let months = today.year().checked_mul(12)? + i32::from(u8::from(today.month())) - 1 + ahead;
    date(months.div_euclid(12), u64::try_from(months.rem_euclid(12)).ok()? + 1, day)
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

    fn assert_read(today: Date, texts: &[(&str, &str)]) {
        let read = |text: &str| find(&normalise(text), today).map_or("none".to_owned(), |day| day.to_string());
        let wrong: Vec<_> = texts.iter().filter(|(text, expected)| read(text) != *expected).collect();
        let told: Vec<_> = wrong.iter().map(|(text, day)| format!("{text}: {}, not {day}", read(text))).collect();
        assert!(told.is_empty(), "{}", told.join("\n"));
    }

    #[test]
    fn reads_days() {
        let texts = [
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
            ("13/12", "2026-12-13"),
            ("12.5", "2026-12-05"),
            ("12.5号", "2026-12-05"),
            ("20261205", "2026-12-05"),
            ("约在20261205吧", "2026-12-05"),
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
        ];
        assert_read(today(), &texts);
        let none =
            ["", "sometime", "2026-13-01", "2月30日", "13/13", "A-10293", "money", "20261305", "13.12", "about 12.5"];
        assert_read(today(), &none.map(|text| (text, "none")));
    }

    #[test]
    fn reads_weeks_and_months_that_are_not_this_one() {
        let texts = [
            ("下下周三", "2026-12-09"),
            ("下下个星期天", "2026-12-13"),
            ("上周三", "2026-11-18"),
            ("上上周五", "2026-11-13"),
            ("这周五", "2026-11-27"),
            ("本周日", "2026-11-29"),
            ("下周的星期三", "2026-12-02"),
            ("下周3", "2026-12-02"),
            ("下星期３上午", "2026-12-02"),
            ("下个月5号", "2026-12-05"),
            ("下下个月五号", "2027-01-05"),
            ("上个月5号", "2026-10-05"),
            ("这个月28号", "2026-11-28"),
            ("本月3号", "2026-11-03"),
            ("明年3月5日", "2027-03-05"),
            ("去年12月1号", "2025-12-01"),
            ("二〇二六年十二月一号", "2026-12-01"),
            ("last Wednesday", "2026-11-18"),
            ("this Friday", "2026-11-27"),
            ("this coming Friday", "2026-11-27"),
            ("Wednesday next week", "2026-12-02"),
            ("next week on Wednesday", "2026-12-02"),
            ("this past Friday", "2026-11-20"),
            ("Wednesday 2 December", "2026-12-02"),
            ("Wednesday the 2nd", "2026-12-02"),
            ("12月2日周三", "2026-12-02"),
            ("改到5号", "2026-12-05"),
        ];
        assert_read(today(), &texts);
    }

    #[test]
    fn reads_days_before_and_after_today() {
        let texts = [
            ("昨天", "2026-11-22"),
            ("前天买的", "2026-11-21"),
            ("大前天", "2026-11-20"),
            ("昨晚", "2026-11-22"),
            ("yesterday", "2026-11-22"),
            ("the day before yesterday", "2026-11-21"),
            ("in two days", "2026-11-25"),
            ("a week from today", "2026-11-30"),
            ("in a fortnight", "2026-12-07"),
            ("two fortnights ago", "2026-10-26"),
            ("in a week", "2026-11-30"),
            ("two days ago", "2026-11-21"),
            ("3 weeks ago", "2026-11-02"),
            ("3天前", "2026-11-20"),
            ("３天前", "2026-11-20"),
            ("两天之前", "2026-11-21"),
            ("十天以后", "2026-12-03"),
            ("两周后", "2026-12-07"),
            ("再过三天", "2026-11-26"),
            ("tommorow", "2026-11-24"),
            ("tmr", "2026-11-24"),
        ];
        assert_read(today(), &texts);
    }

    #[test]
    fn asks_again_for_what_is_no_one_day() {
        let none = [
            "下周",
            "下个月",
            "周末",
            "月底吧",
            "过几天",
            "两三天后",
            "三到五天后",
            "大大后天",
            "三个月后",
            "农历五号",
            "每周三",
            "周三之前",
            "周三以后都行",
            "除了周三",
            "周三不行",
            "周三或者周四",
            "周一到周五",
            "3月5日到10日",
            "26年3月5日",
            "12月2日周四",
            "周三的下一周",
            "一周三次",
            "目前天气不好",
            "next week",
            "last week",
            "next month on the 5th",
            "Wednesday week",
            "the Wednesday after next",
            "a week from tomorrow",
            "before Wednesday",
            "not on Wednesday",
            "anything but Wednesday",
            "Wednesday or Thursday",
            "two or three days ago",
            "in a couple of days",
            "a Wednesday in December",
            "every Wednesday",
            "at the weekend",
            "maybe 5",
            "the 5th one",
        ];
        assert_read(today(), &none.map(|text| (text, "none")));
    }

    /// On a Friday, "last Wednesday" may be two days ago or nine.
    #[test]
    fn asks_again_where_speakers_differ() {
        let friday = date(2026, 11, 27).unwrap();
        let texts = [
            ("last Wednesday", "none"),
            ("last Saturday", "2026-11-21"),
            ("this past Wednesday", "2026-11-25"),
            ("this Wednesday", "none"),
            ("上周三", "2026-11-18"),
            ("这周三", "2026-11-25"),
            ("周三", "2026-12-02"),
        ];
        assert_read(friday, &texts);
    }

    proptest! {
        #[test]
        fn is_total(text in "[0-9/\\- 年月日号周下上前后天三一十in days ago of mar]{0,30}|\\PC{0,30}", day in 0_i64..100_000) {
            find(&text, date(1900, 1, 1).unwrap() + Duration::days(day));
        }
    }
}

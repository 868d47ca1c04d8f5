//! When people are there: `{"offset": "+08:00", "days": {"mon": ["09:00-12:00", "13:00-18:00"], …}, "closed_on":
//! ["2027-01-01"]}`. `offset` is the company's time from UTC; it does not change with summer time. A weekday that is not
//! among `days` is closed; a span ends before its second time, and `24:00` is midnight.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, de};
use time::{OffsetDateTime, UtcOffset, Weekday};

/// Opening hours.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Hours {
    offset: Offset,
    days: BTreeMap<Day, Vec<Span>>,
    #[serde(default)]
    closed_on: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Day {
    Mon,
    Tue,
    Wed,
    Thu,
    Fri,
    Sat,
    Sun,
}

/// Minutes east of UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Offset(i32);

/// Minutes of a day, from and to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Span(i32, i32);

impl Hours {
    /// Whether it is open at this second since 1970.
    pub(super) fn hold(&self, second: i64) -> bool {
        let offset = UtcOffset::from_whole_seconds(self.offset.0.saturating_mul(60));
        let (Ok(at), Ok(offset)) = (OffsetDateTime::from_unix_timestamp(second), offset) else { return false };
        let Some(here) = at.checked_to_offset(offset) else { return false };
        if self.closed_on.contains(&here.date().to_string()) {
            return false;
        }
        let minute = i32::from(here.hour()) * 60 + i32::from(here.minute());
        let spans = self.days.get(&day(here.weekday())).map(Vec::as_slice).unwrap_or_default();
        spans.iter().any(|span| (span.0..span.1).contains(&minute))
    }
}

const fn day(weekday: Weekday) -> Day {
    match weekday {
        Weekday::Monday => Day::Mon,
        Weekday::Tuesday => Day::Tue,
        Weekday::Wednesday => Day::Wed,
        Weekday::Thursday => Day::Thu,
        Weekday::Friday => Day::Fri,
        Weekday::Saturday => Day::Sat,
        Weekday::Sunday => Day::Sun,
    }
}

/// `hh:mm` in minutes.
fn minutes(text: &str) -> Option<i32> {
    let (hours, minutes) = text.trim().split_once(':')?;
    let (hours, minutes) = (hours.parse::<i32>().ok()?, minutes.parse::<i32>().ok()?);
    ((0..=24).contains(&hours) && (0..60).contains(&minutes)).then_some(hours * 60 + minutes)
}

impl<'de> Deserialize<'de> for Offset {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        let read = |text: &str| match text.split_at_checked(1)? {
            ("+", rest) => minutes(rest),
            ("-", rest) => minutes(rest).map(i32::wrapping_neg),
            _ => None,
        };
        read(&text).map(Self).ok_or_else(|| de::Error::custom("`offset` must be like +08:00"))
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        let span = text.split_once('-').and_then(|(from, to)| Some(Self(minutes(from)?, minutes(to)?)));
        let span = span.filter(|span| span.0 < span.1 && span.1 <= 24 * 60);
        span.ok_or_else(|| de::Error::custom("a span of time must be like 09:00-18:00"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(text: &str) -> Hours {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn a_day_has_its_hours_where_the_company_is() {
        let hours = hours(
            r#"{"offset":"+08:00","days":{"mon":["09:00-12:00","13:00-18:00"],"sun":["00:00-24:00"]},"closed_on":["2026-11-30"]}"#,
        );
        // 2026-11-23 is a Monday; 01:00 UTC is 09:00 in Shanghai.
        let at = |text: &str| {
            let at = OffsetDateTime::parse(text, &time::format_description::well_known::Rfc3339).unwrap();
            hours.hold(at.unix_timestamp())
        };
        for (instant, open) in [
            ("2026-11-23T09:00:00+08:00", true),
            ("2026-11-23T08:59:59+08:00", false),
            ("2026-11-23T01:00:00Z", true),
            ("2026-11-23T12:00:00+08:00", false),
            ("2026-11-23T17:59:59+08:00", true),
            ("2026-11-24T10:00:00+08:00", false),
            ("2026-11-22T23:59:00+08:00", true),
            ("2026-11-22T15:59:00Z", true),
            ("2026-11-30T10:00:00+08:00", false),
        ] {
            assert_eq!(at(instant), open, "{instant}");
        }
    }

    #[test]
    fn hours_that_say_nothing_are_refused() {
        for text in [
            r#"{"offset":"8","days":{}}"#,
            r#"{"offset":"+08:00","days":{"mon":["9-18"]}}"#,
            r#"{"offset":"+08:00","days":{"mon":["18:00-09:00"]}}"#,
            r#"{"offset":"+08:00","days":{"monday":[]}}"#,
            r#"{"offset":"+08:00","days":{},"holidays":[]}"#,
            r#"{"offset":"中08:00","days":{}}"#,
        ] {
            assert!(serde_json::from_str::<Hours>(text).is_err(), "{text}");
        }
    }
}

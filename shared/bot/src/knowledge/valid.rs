//! When an entry holds: `valid: {from: 2026-11-01, until: 2026-11-11}`, days of the base's `time_zone`.

use serde::{Deserialize, Serialize};
use time::{Date, Month};

use super::read::{Located, Reader};
use super::yaml::Node;

/// The time in which an entry holds, in seconds of Unix time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Valid {
    /// From this second on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<i64>,
    /// Until right before this second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<i64>,
}

impl Valid {
    /// Whether a moment lies in it.
    pub fn holds(self, now: i64) -> bool {
        self.from.is_none_or(|from| from <= now) && self.until.is_none_or(|until| now < until)
    }
}

const DAY: i64 = 24 * 60 * 60;

/// The days, and where they stand; the base's offset is not known yet.
#[derive(Clone, Copy, Debug)]
pub(super) struct Days {
    pub(super) line: u32,
    from: Option<Date>,
    until: Option<Date>,
}

impl Days {
    /// The seconds in which the days lie, so many seconds east of UTC. Both days are whole.
    pub(super) fn at(&self, offset: i64) -> Valid {
        let start = |date: Date| date.midnight().assume_utc().unix_timestamp() - offset;
        Valid { from: self.from.map(start), until: self.until.map(|date| start(date) + DAY) }
    }
}

/// Reads an entry's days.
pub(super) fn read(reader: &mut Reader<'_>, node: Node, what: &str) -> Option<Days> {
    let line = node.line;
    let mut fields = reader.fields(node, what, &["from", "until"])?;
    let mut day = |reader: &mut Reader<'_>, name: &str| {
        let node = fields.take(name)?;
        let text = reader.text(node, &format!("`{name}` of {what}"))?;
        let date = date(&text.value);
        if date.is_none() {
            let value = &text.value;
            reader.error(
                text.line,
                format!("`{name}` of {what} is `{value}`, a day that never comes; write one such as `2026-11-23`"),
            );
        }
        date
    };
    let (from, until) = (day(reader, "from"), day(reader, "until"));
    if from.zip(until).is_some_and(|(from, until)| until < from) {
        reader.error(line, format!("{what} ends before it begins, so that its time never comes; mend one of the days"));
    }
    Some(Days { line, from, until })
}

fn date(text: &str) -> Option<Date> {
    let mut parts = text.split('-');
    let mut number = |digits: usize| {
        let part = parts.next().filter(|part| part.len() == digits && part.bytes().all(|b| b.is_ascii_digit()))?;
        part.parse::<u16>().ok()
    };
    let (year, month, day) = (number(4)?, number(2)?, number(2)?);
    let month = Month::try_from(u8::try_from(month).ok()?).ok()?;
    let date = Date::from_calendar_date(i32::from(year), month, u8::try_from(day).ok()?).ok()?;
    parts.next().is_none().then_some(date)
}

/// Reads `time_zone`: hours and minutes east (`+08:00`) or west of UTC.
pub(super) fn offset(reader: &mut Reader<'_>, node: Node) -> Option<i64> {
    let Located { line, value } = reader.text(node, "`time_zone`")?;
    let seconds = seconds(&value);
    if seconds.is_none() {
        reader.error(line, format!("`time_zone` is `{value}`; write how far it is from UTC, such as `\"+08:00\"`"));
    }
    seconds
}

fn seconds(text: &str) -> Option<i64> {
    let (sign, rest) = match text.strip_prefix('+') {
        Some(rest) => (1, rest),
        None => (-1, text.strip_prefix('-')?),
    };
    let (hours, minutes) = rest.split_once(':')?;
    let number = |part: &str, most: i64| {
        let plain = part.len() == 2 && part.bytes().all(|digit| digit.is_ascii_digit());
        part.parse::<i64>().ok().filter(|number| plain && *number <= most)
    };
    Some(sign * (number(hours, 14)? * 3600 + number(minutes, 59)? * 60))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_whole_and_those_of_the_zone() {
        let days = Days { line: 1, from: date("2026-11-01"), until: date("2026-11-11") };
        let valid = days.at(8 * 3600);
        // 2026-10-31T16:00Z and 2026-11-11T16:00Z.
        assert_eq!(valid, Valid { from: Some(1_793_462_400), until: Some(1_794_412_800) });
        for (now, holds) in
            [(1_793_462_399, false), (1_793_462_400, true), (1_794_412_799, true), (1_794_412_800, false)]
        {
            assert_eq!(valid.holds(now), holds, "{now}");
        }
        assert!(Valid::default().holds(i64::MIN));
    }

    #[test]
    fn reads_days_and_offsets_that_exist() {
        for text in ["2026-02-29", "2026-13-01", "2026-00-01", "26-01-01", "2026-1-1", "2026-01-01-01", "tomorrow", ""]
        {
            assert_eq!(date(text), None, "{text}");
        }
        assert!(date("2028-02-29").is_some());
        for (text, expected) in [
            ("+08:00", Some(28_800)),
            ("-03:30", Some(-12_600)),
            ("+15:00", None),
            ("8", None),
            ("+8:00", None),
            ("+0800", None),
        ] {
            assert_eq!(seconds(text), expected, "{text}");
        }
    }
}

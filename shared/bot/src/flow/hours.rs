//! Weekly hours: `mon-fri 09:00-18:00`, on a clock a fixed time ahead of UTC.

use domain::UnixMillis;
use serde::{Deserialize, Serialize};
use time::{Date, OffsetDateTime, UtcOffset};

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// When something is open on some days of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opening {
    /// The first and the last day, from Monday 0.
    pub days: (u8, u8),
    /// From this minute of the day to before that; over midnight if the second is not later.
    pub minutes: (u32, u32),
}

impl Opening {
    /// Reads `mon-fri 09:00-18:00`, `sun 22:00-02:00`.
    pub fn parse(text: &str) -> Option<Self> {
        let (days, times) = text.trim().split_once(' ')?;
        let day = |name: &str| u8::try_from(DAYS.iter().position(|day| *day == name)?).ok();
        let (first, last) = days.split_once('-').unwrap_or((days, days));
        let (from, to) = times.trim().split_once('-')?;
        let days = (day(first)?, day(last)?);
        (days.0 <= days.1).then_some(Self { days, minutes: (clock(from)?, clock(to)?) })
    }

    fn holds(self, weekday: u8, minute: u32) -> bool {
        let on = |day: u8| (self.days.0..=self.days.1).contains(&day);
        let (from, to) = self.minutes;
        if from < to {
            return on(weekday) && (from..to).contains(&minute);
        }
        (on(weekday) && minute >= from) || (on((weekday + 6) % 7) && minute < to)
    }
}

/// Minutes of the day: `09:00`, `24:00`.
fn clock(text: &str) -> Option<u32> {
    let (hours, minutes) = text.split_once(':')?;
    let plain = |part: &str| part.len() == 2 && part.bytes().all(|digit| digit.is_ascii_digit());
    let (hours, minutes): (u32, u32) =
        (hours.parse().ok()?, minutes.parse().ok().filter(|_| plain(minutes) && plain(hours))?);
    let total = hours * 60 + minutes;
    (minutes < 60 && total <= 24 * 60).then_some(total)
}

/// The minutes of `+08:00`.
pub fn offset(text: &str) -> Option<i32> {
    let (sign, rest) = match text.split_at_checked(1)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let minutes = clock(rest).filter(|minutes| *minutes <= 14 * 60)?;
    Some(sign * i32::try_from(minutes).ok()?)
}

/// Whether any of these is open; none: always.
pub(super) fn open(hours: &[Opening], now: UnixMillis, offset: i32) -> bool {
    let Some(at) = local(now, offset) else { return true };
    let minute = u32::from(at.hour()) * 60 + u32::from(at.minute());
    hours.is_empty() || hours.iter().any(|hours| hours.holds(at.weekday().number_days_from_monday(), minute))
}

/// The day on that clock.
pub(super) fn today(now: UnixMillis, offset: i32) -> Option<Date> {
    local(now, offset).map(OffsetDateTime::date)
}

fn local(now: UnixMillis, offset: i32) -> Option<OffsetDateTime> {
    let at = OffsetDateTime::from_unix_timestamp(now.seconds()).ok()?;
    at.checked_to_offset(UtcOffset::from_whole_seconds(offset.checked_mul(60)?).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-23 is a Monday; 08:00 UTC is 16:00 in Beijing.
    const MONDAY: i64 = 1_795_420_800;

    #[test]
    fn opens_and_closes() {
        for (hours, hour, expected) in [
            ("mon-fri 09:00-18:00", 0, true),
            ("mon-fri 09:00-18:00", 2, false),
            ("sat 09:00-18:00", 0, false),
            ("mon 22:00-02:00", 9, true),
            ("mon 22:00-02:00", -8, false),
            ("sun 22:00-02:00", -15, true),
            ("sun 22:00-02:00", -14, false),
        ] {
            let now = UnixMillis::from_seconds(MONDAY + hour * 3600);
            assert_eq!(open(&[Opening::parse(hours).unwrap()], now, 480), expected, "{hours} {hour}");
        }
        for wrong in ["", "mon", "fri-mon 09:00-10:00", "mon 9-10", "mon 09:00-25:00", "day 09:00-10:00"] {
            assert_eq!(Opening::parse(wrong), None, "{wrong}");
        }
        assert_eq!(["+08:00", "-03:30", "8", "+15:00"].map(offset), [Some(480), Some(-210), None, None]);
    }
}

//! Times as a person writes them: `90s`, `10m`, `2h`, `3d`.

use std::fmt;

const UNITS: [(u32, char); 4] = [(24 * 60 * 60, 'd'), (60 * 60, 'h'), (60, 'm'), (1, 's')];

/// A time in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Span(pub(super) u32);

impl Span {
    /// Reads a whole number with one unit. What is too much to count is as long as can be.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (seconds, number) = UNITS.iter().find_map(|(seconds, unit)| Some((seconds, text.strip_suffix(*unit)?)))?;
        let plain = !number.is_empty() && number.bytes().all(|digit| digit.is_ascii_digit());
        plain.then(|| Self(number.parse::<u32>().unwrap_or(u32::MAX).saturating_mul(*seconds)))
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // People say 24 hours rather than one day.
        let fits = |(seconds, unit): &&(u32, char)| {
            self.0.is_multiple_of(*seconds) && self.0 >= if *unit == 'd' { 2 * seconds } else { *seconds }
        };
        let (seconds, unit) = UNITS.iter().find(fits).copied().unwrap_or((1, 's'));
        write!(f, "{}{unit}", self.0 / seconds)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_one_number_and_one_unit() {
        for (text, seconds) in [
            ("0s", 0),
            ("90s", 90),
            ("10m", 600),
            ("010m", 600),
            ("2h", 7200),
            ("3d", 259_200),
            ("49711d", u32::MAX),
            ("9999999999s", u32::MAX),
        ] {
            assert_eq!(Span::parse(text), Some(Span(seconds)), "{text}");
        }
        for text in ["", "s", "10", "m10", "10 m", "10M", "+1m", "-1m", "1.5h", "1h30m", "10min", "１０m", "10分"] {
            assert_eq!(Span::parse(text), None, "{text}");
        }
    }

    #[test]
    fn is_written_in_the_largest_unit_that_fits() {
        for (seconds, text) in
            [(0, "0s"), (59, "59s"), (60, "1m"), (90, "90s"), (86_400, "24h"), (129_600, "36h"), (172_800, "2d")]
        {
            assert_eq!(Span(seconds).to_string(), text);
        }
    }

    proptest! {
        #[test]
        fn is_read_as_it_is_written(seconds in any::<u32>()) {
            prop_assert_eq!(Span::parse(&Span(seconds).to_string()), Some(Span(seconds)));
        }

        #[test]
        fn is_written_as_it_is_read(text in "\\PC{0,2}[0-9]{1,12}\\PC{0,1}[smhd]?") {
            if let Some(span) = Span::parse(&text) {
                prop_assert_eq!(Span::parse(&span.to_string()), Some(span));
            }
        }
    }
}

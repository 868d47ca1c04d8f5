//! What the user reads: results on stdout, progress and errors on stderr.

use std::fmt::Display;
use std::io::{self, Write as _};
use std::time::Duration;

/// A line of the result.
pub fn say(line: impl Display) {
    swallow(writeln!(io::stdout(), "{line}"));
}

/// A line about what is going on.
pub fn progress(line: impl Display) {
    swallow(writeln!(io::stderr(), "{line}"));
}

/// A time span as a person says it.
pub fn span(time: Duration) -> String {
    match time.as_secs() {
        0 => format!("{} ms", time.as_millis()),
        seconds @ 1..120 => format!("{seconds} s"),
        seconds => format!("{} min {} s", seconds / 60, seconds % 60),
    }
}

// A reader that went away (`cargo local logs | head`) is no error of ours.
fn swallow(result: io::Result<()>) {
    drop(result);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_short() {
        assert_eq!(span(Duration::from_millis(40)), "40 ms");
        assert_eq!(span(Duration::from_millis(119_900)), "119 s");
        assert_eq!(span(Duration::from_secs(185)), "3 min 5 s");
    }
}

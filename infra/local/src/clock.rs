//! The time, by the clock of the machine that the tool runs on.

use domain::UnixMillis;
use time::OffsetDateTime;

/// Now.
pub fn now() -> UnixMillis {
    UnixMillis(i64::try_from(OffsetDateTime::now_utc().unix_timestamp_nanos() / 1_000_000).unwrap_or_default())
}

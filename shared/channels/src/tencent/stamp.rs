//! The time and the nonce in a request's address, which its signature covers.

use domain::UnixMillis;

use super::signed;
use crate::{RawRequest, VerifyError};

/// Seconds by which a request's time may differ from ours. The provider's own tries all come within some 15 seconds; what
/// was overheard is of no use later, also where the signature does not cover the body.
pub(crate) const MAX_AGE_SECONDS: i64 = 600;

/// The time and the nonce of a request.
#[derive(Debug)]
pub(crate) struct Stamp {
    timestamp: String,
    pub(crate) nonce: String,
}

impl Stamp {
    /// From the request's address.
    ///
    /// # Errors
    /// One of the two is missing.
    pub(crate) fn of(request: &RawRequest<'_>) -> Result<Self, VerifyError> {
        let part = |name, what| request.query(name).filter(|text| !text.is_empty()).ok_or(VerifyError::Missing(what));
        Ok(Self { timestamp: part("timestamp", "`timestamp`")?, nonce: part("nonce", "`nonce`")? })
    }

    /// Whether the signature was made with the token, over time, nonce and, where the body is ciphered, the ciphered text.
    pub(crate) fn signed(&self, signature: &str, token: &str, sealed: Option<&str>) -> bool {
        let parts: Vec<&str> = [self.timestamp.as_str(), &self.nonce].into_iter().chain(sealed).collect();
        signed(signature, token, &parts)
    }

    /// Whether it was signed about now.
    ///
    /// # Errors
    /// It was not, or the time is no time.
    pub(crate) fn fresh(&self, now: UnixMillis) -> Result<(), VerifyError> {
        let time: i64 = self.timestamp.parse().map_err(|_| VerifyError::Refused("`timestamp` is no number"))?;
        // WeChat counts seconds, Weibo milliseconds; seconds have 11 digits in the year 5138.
        let at = if time.unsigned_abs() < 100_000_000_000 { UnixMillis::from_seconds(time) } else { UnixMillis(time) };
        let apart = now.0.abs_diff(at.0);
        if apart > UnixMillis::from_seconds(MAX_AGE_SECONDS).0.unsigned_abs() {
            return Err(VerifyError::Expired);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stamp(query: &str) -> Result<Stamp, VerifyError> {
        Stamp::of(&RawRequest { method: "GET", url: &format!("https://x/y?{query}"), headers: &[], body: b"" })
    }

    #[test]
    fn ten_minutes_either_way_are_about_now() {
        let now = UnixMillis::from_seconds(1_767_225_600);
        for (timestamp, fresh) in [
            ("1767225600", Ok(())),
            ("1767225000", Ok(())),
            ("1767224999", Err(VerifyError::Expired)),
            ("1767226200", Ok(())),
            ("1767226201", Err(VerifyError::Expired)),
            ("1767225000000", Ok(())),
            ("1767224999999", Err(VerifyError::Expired)),
            ("0", Err(VerifyError::Expired)),
            ("9223372036854775807", Err(VerifyError::Expired)),
            ("-9223372036854775808", Err(VerifyError::Expired)),
            ("now", Err(VerifyError::Refused("`timestamp` is no number"))),
        ] {
            assert_eq!(stamp(&format!("timestamp={timestamp}&nonce=1")).unwrap().fresh(now), fresh, "{timestamp}");
        }
    }

    #[test]
    fn both_are_needed() {
        assert_eq!(stamp("nonce=1").unwrap_err(), VerifyError::Missing("`timestamp`"));
        assert_eq!(stamp("timestamp=1&nonce=").unwrap_err(), VerifyError::Missing("`nonce`"));
    }
}

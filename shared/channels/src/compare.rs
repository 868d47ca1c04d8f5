//! Comparing secrets in a time that tells nothing about them.

use subtle::ConstantTimeEq as _;

/// Whether what was sent is the secret. Only the lengths may be told from the time that it takes.
pub(crate) fn same(sent: &[u8], secret: &[u8]) -> bool {
    !secret.is_empty() && bool::from(sent.ct_eq(secret))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_bytes_are_the_same_and_nothing_is_no_secret() {
        assert!(same(b"abc", b"abc"));
        for (sent, secret) in [("abd", "abc"), ("ab", "abc"), ("abcd", "abc"), ("", "abc"), ("", "")] {
            assert!(!same(sent.as_bytes(), secret.as_bytes()), "{sent} {secret}");
        }
    }
}

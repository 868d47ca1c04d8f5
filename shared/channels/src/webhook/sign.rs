//! Standard Webhooks: HMAC-SHA256 over id, time and body.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};

use crate::Key;
use crate::hmac::sha256;

pub(super) const ID: &str = "webhook-id";
pub(super) const TIMESTAMP: &str = "webhook-timestamp";
pub(super) const SIGNATURE: &str = "webhook-signature";
/// What a symmetric signature begins with.
pub(super) const VERSION: &str = "v1,";

const PREFIX: &str = "whsec_";

/// Secrets are handed around with and without the padding.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// The bytes of a secret; `None` if it is no secret.
pub(super) fn secret(key: &Key) -> Option<Vec<u8>> {
    let text = key.secret.strip_prefix(PREFIX)?;
    LENIENT.decode(text).ok().filter(|bytes| !bytes.is_empty())
}

/// A signature, version included.
pub(super) fn signature(secret: &[u8], id: &str, timestamp: &str, body: &[u8]) -> String {
    let digest = sha256(secret, &[id.as_bytes(), b".", timestamp.as_bytes(), b".", body]);
    format!("{VERSION}{}", STANDARD.encode(digest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(secret: &str) -> Key {
        Key { kid: "shop".to_owned(), alg: None, from: None, secret: secret.to_owned() }
    }

    #[test]
    fn agrees_with_the_specification() {
        let secret = secret(&key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")).unwrap();
        let signature = signature(&secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", br#"{"test": 2432232314}"#);
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn a_secret_is_marked_as_one_and_holds_something() {
        assert_eq!(secret(&key("whsec_YWI=")).unwrap(), b"ab");
        assert_eq!(secret(&key("whsec_YWI")).unwrap(), b"ab");
        for none in ["", "whsec_", "YWI=", "whsec_Y!", "whsec_ "] {
            assert_eq!(secret(&key(none)), None, "{none}");
        }
    }
}

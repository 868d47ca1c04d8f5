//! Standard Webhooks (standardwebhooks.com, version 1: symmetric): HMAC-SHA256 over id, time and body.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};

use domain::UnixMillis;

use crate::hmac::sha256;
use crate::{HttpCall, Key};

/// The header of the message's id, which is the same in every try.
pub const ID: &str = "webhook-id";
/// The header of the time of this try, in seconds since the epoch.
pub const TIMESTAMP: &str = "webhook-timestamp";
/// The header of the signatures, with a space between them.
pub const SIGNATURE: &str = "webhook-signature";
/// What a symmetric signature begins with.
pub(crate) const VERSION: &str = "v1,";
/// Bytes of a secret.
pub const SECRET_BYTES: std::ops::RangeInclusive<usize> = 24..=64;

const PREFIX: &str = "whsec_";

/// Secrets are handed around with and without the padding.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// The bytes of a secret; `None` if it is no secret.
pub fn secret(key: &Key) -> Option<Vec<u8>> {
    let text = key.secret.strip_prefix(PREFIX)?;
    LENIENT.decode(text).ok().filter(|bytes| !bytes.is_empty())
}

/// A signature, version included.
pub(crate) fn signature(secret: &[u8], id: &str, timestamp: &str, body: &[u8]) -> String {
    let digest = sha256(secret, &[id.as_bytes(), b".", timestamp.as_bytes(), b".", body]);
    format!("{VERSION}{}", STANDARD.encode(digest))
}

/// The call with its id, the time, and a signature by each secret, so that the receiver may know any of them.
pub fn signed(call: HttpCall, id: &str, secrets: &[Vec<u8>], now: UnixMillis) -> HttpCall {
    let timestamp = now.seconds().to_string();
    let signatures: Vec<String> = secrets.iter().map(|secret| signature(secret, id, &timestamp, &call.body)).collect();
    call.with_header(ID, id.to_owned()).with_header(TIMESTAMP, timestamp).with_header(SIGNATURE, signatures.join(" "))
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

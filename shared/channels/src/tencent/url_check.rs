//! The check of a webhook's address, as the platforms make it.

use domain::UnixMillis;
use form_urlencoded::Serializer;

use super::{CipherKey, signature};
use crate::UrlCheck;

/// The check of an address whose text stands in the open: WeChat's, and Weibo's.
pub(crate) fn open_check(token: &str, now: UnixMillis, random: [u8; 16]) -> UrlCheck {
    let (time, nonce, echo) = parts(now, random);
    let signature = signature(&[token, &time, &nonce]);
    let pairs = [("signature", &signature), ("timestamp", &time), ("nonce", &nonce), ("echostr", &echo)];
    UrlCheck { query: Serializer::new(String::new()).extend_pairs(pairs).finish(), expects: echo }
}

/// The check of an address whose text is ciphered: `WeCom`'s.
pub(crate) fn sealed_check(
    token: &str,
    key: &CipherKey,
    receiver: &str,
    now: UnixMillis,
    random: [u8; 16],
) -> UrlCheck {
    let (time, nonce, echo) = parts(now, random);
    let sealed = key.seal(echo.as_bytes(), receiver, random);
    let signature = signature(&[token, &time, &nonce, &sealed]);
    let pairs = [("msg_signature", &signature), ("timestamp", &time), ("nonce", &nonce), ("echostr", &sealed)];
    UrlCheck { query: Serializer::new(String::new()).extend_pairs(pairs).finish(), expects: echo }
}

/// The time, a nonce, and the text to be repeated.
fn parts(now: UnixMillis, random: [u8; 16]) -> (String, String, String) {
    let number = u128::from_be_bytes(random);
    (now.seconds().to_string(), (number % 10_000_000_000).to_string(), number.to_string())
}

//! The signatures of the providers.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac as _};
use sha1::{Digest as _, Sha1};
use sha2::Sha256;

/// HMAC-SHA256.
pub fn hmac_sha256(key: &[u8], text: &[u8]) -> Vec<u8> {
    // Any length of key will do.
    let Ok(mut mac) = <Hmac<Sha256> as hmac::Mac>::new_from_slice(key) else { return vec![] };
    mac.update(text);
    mac.finalize().into_bytes().to_vec()
}

/// HMAC-SHA256 in base 64.
pub fn hmac_base64(key: &[u8], text: &[u8]) -> String {
    STANDARD.encode(hmac_sha256(key, text))
}

/// HMAC-SHA256 in hexadecimal.
pub fn hmac_hex(key: &[u8], text: &[u8]) -> String {
    hex::encode(hmac_sha256(key, text))
}

/// HMAC-SHA1 in base 64.
pub fn hmac_sha1_base64(key: &[u8], text: &[u8]) -> String {
    // Any length of key will do.
    let Ok(mut mac) = <Hmac<Sha1> as hmac::Mac>::new_from_slice(key) else { return String::new() };
    mac.update(text);
    STANDARD.encode(mac.finalize().into_bytes())
}

/// Tencent's and Weibo's: SHA-1 in hexadecimal over the parts in the order of their bytes.
pub fn sorted_sha1(parts: &[&str]) -> String {
    let mut parts = parts.to_vec();
    parts.sort_unstable();
    hex::encode(Sha1::digest(parts.concat()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vendors_own_vectors() {
        assert_eq!(
            sorted_sha1(&["AAAAA", "1714036504", "1514711492"]),
            "f464b24fc39322e44b38aa78f5edd27bd1441696",
            "WeChat's"
        );
        assert_eq!(
            sorted_sha1(&["xyz123xyz", "1397022061823", "57155157"]),
            "90e4c22c90a58f26526c2dd5b6c56c8822edeaa1",
            "Weibo's"
        );
        assert_eq!(
            hmac_hex(b"0123456789abcdef0123456789abcdef", b"EAATESTTOKEN"),
            "99cbac345910084e738e780a0d5a02f2421ea86e53d6f64eff41e367a76944c6",
            "facebook-business's appsecret_proof"
        );
        assert_eq!(
            hmac_hex(b"Jefe", b"what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            "RFC 4231"
        );
        assert_eq!(
            hmac_sha1_base64(
                b"12345",
                b"https://mycompany.com/myapp.php?foo=1&bar=2CallSidCA1234567890ABCDECaller+14158675309Digits1234From\
                  +14158675309To+18005551212"
            ),
            "RSOYDt4T1cUTdK1PDd93/VVr8B8=",
            "Twilio's"
        );
    }
}

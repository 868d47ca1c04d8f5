//! What Tencent's two platforms share: WeChat (Official Account, mini-program) and `WeCom` sign their requests and cipher
//! them in the same way, and write the same flat XML. Source: developers.weixin.qq.com, "message push, encryption";
//! developer.work.weixin.qq.com/document/path/90968.

mod cipher;
mod envelope;
mod json;
mod media;
mod stamp;
mod url_check;
#[cfg(test)]
pub(crate) mod vectors;
mod xml;

pub(crate) use cipher::CipherKey;
pub(crate) use envelope::{Format, envelope, sealed};
pub(crate) use media::MediaGet;
pub(crate) use stamp::Stamp;
pub(crate) use url_check::{open_check, sealed_check};
pub(crate) use xml::{Fields, cdata};

use sha1::{Digest as _, Sha1};

use crate::compare::same;

/// The signature over a request's parts (the token, the time, the nonce and, where the body is ciphered, the ciphered
/// text): SHA-1 over the parts, sorted bytewise and joined, in lower-case hexadecimal.
pub(crate) fn signature(parts: &[&str]) -> String {
    let mut sorted = parts.to_vec();
    sorted.sort_unstable();
    let mut hash = Sha1::new();
    for part in sorted {
        hash.update(part);
    }
    let digest: [u8; 20] = hash.finalize().into();
    hex::encode(digest)
}

/// Whether a request's signature was made with the token. An empty token signs nothing.
pub(crate) fn signed(sent: &str, token: &str, rest: &[&str]) -> bool {
    let parts: Vec<&str> = std::iter::once(token).chain(rest.iter().copied()).collect();
    !token.is_empty() && same(sent.as_bytes(), signature(&parts).as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vendors_signatures_of_plain_requests() {
        for (token, timestamp, nonce, sent) in [
            ("AAAAA", "1714036504", "1514711492", "f464b24fc39322e44b38aa78f5edd27bd1441696"),
            ("AAAAA", "1714037059", "486452656", "899cf89e464efb63f54ddac96b0a0a235f53aa78"),
            ("kefuTestToken", "1767225600", "8675309", "ae204bdd705ff50806a2c3a81dc1bc0329e7d226"),
            // Weibo signs in the same way, with the app's secret.
            ("xyz123xyz", "1397022061823", "57155157", "90e4c22c90a58f26526c2dd5b6c56c8822edeaa1"),
        ] {
            assert!(signed(sent, token, &[timestamp, nonce]));
            assert!(!signed(sent, "other", &[timestamp, nonce]));
            assert!(!signed(sent, token, &[timestamp, "1"]));
            assert!(!signed(&sent.to_uppercase(), token, &[timestamp, nonce]));
        }
        assert!(!signed(&signature(&["", "1", "2"]), "", &["1", "2"]), "no token is no proof");
    }
}

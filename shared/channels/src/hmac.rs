//! Keyed digests, as providers sign with them.

use hmac::{Hmac, Mac as _};
use sha1::Sha1;
use sha2::{Digest as _, Sha256};

/// Bytes of a block of SHA-1 and SHA-256.
const BLOCK: usize = 64;

/// HMAC-SHA1 (RFC 2104) of the parts, one after the other.
pub(crate) fn sha1(key: &[u8], parts: &[&[u8]]) -> [u8; 20] {
    let hashed = Sha1::digest(key);
    let mut mac = <Hmac<Sha1> as hmac::digest::KeyInit>::new(&block(key, hashed.as_slice()).into());
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// HMAC-SHA256 (RFC 2104) of the parts, one after the other.
pub(crate) fn sha256(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let hashed = Sha256::digest(key);
    let mut mac = <Hmac<Sha256> as hmac::digest::KeyInit>::new(&block(key, hashed.as_slice()).into());
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// The key as a block: filled up with zeros, or hashed where it is longer.
fn block(key: &[u8], hashed: &[u8]) -> [u8; BLOCK] {
    let key = if key.len() > BLOCK { hashed } else { key };
    let mut block = [0; BLOCK];
    block.iter_mut().zip(key).for_each(|(to, from)| *to = *from);
    block
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_rfc_4231() {
        let long = "Test Using Larger Than Block-Size Key - Hash Key First";
        for (key, text, begins) in [
            (&b"Jefe"[..], "what do ya want for nothing?", [0x5b, 0xdc, 0xc1, 0x46, 0xbf, 0x60, 0x75, 0x4e]),
            (&[0x0b; 20], "Hi There", [0xb0, 0x34, 0x4c, 0x61, 0xd8, 0xdb, 0x38, 0x53]),
            (&[0xaa; 131], long, [0x60, 0xe4, 0x31, 0x59, 0x1e, 0xe0, 0xb6, 0x7f]),
        ] {
            let (one, other) = text.as_bytes().split_at(text.len() / 2);
            assert_eq!(sha256(key, &[one, other])[..8], begins, "{text}");
        }
    }

    #[test]
    fn agrees_with_rfc_2202() {
        let long = "Test Using Larger Than Block-Size Key - Hash Key First";
        for (key, text, begins) in [
            (&b"Jefe"[..], "what do ya want for nothing?", [0xef, 0xfc, 0xdf, 0x6a, 0xe5, 0xeb, 0x2f, 0xa2]),
            (&[0x0b; 20], "Hi There", [0xb6, 0x17, 0x31, 0x86, 0x55, 0x05, 0x72, 0x64]),
            (&[0xaa; 80], long, [0xaa, 0x4a, 0xe5, 0xe1, 0x52, 0x72, 0xd0, 0x0e]),
        ] {
            let (one, other) = text.as_bytes().split_at(text.len() / 2);
            assert_eq!(sha1(key, &[one, other])[..8], begins, "{text}");
        }
    }
}

//! AES-256-CBC as Tencent uses it: the key's first half is also the first vector, the text stands between random bytes and
//! the receiver's id, and the padding is PKCS#7 for blocks of 32 bytes.

use aes::Aes256;
use aes::cipher::block_padding::NoPadding;
use aes::cipher::{BlockDecryptMut as _, BlockEncryptMut as _, KeyIvInit as _};
use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig, general_purpose::STANDARD};

/// 43 characters carry two bits more than 32 bytes have, and the console draws them at random too.
const LOOSE: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);
/// Bytes that the padding fills up to; not the cipher's own 16.
const PAD: usize = 32;
/// Random bytes before the length.
const RANDOM: usize = 16;

/// An `EncodingAESKey`.
pub(crate) struct CipherKey([u8; 32]);

/// A ciphered text that this key and this receiver do not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("cannot be deciphered: {0}")]
pub(crate) struct OpenError(pub(crate) &'static str);

impl CipherKey {
    /// From its 43 characters; `None` if it is no such key.
    pub(crate) fn from_text(text: &str) -> Option<Self> {
        let text = text.trim().trim_end_matches('=');
        let bytes = (text.len() == 43).then(|| LOOSE.decode(text).ok()).flatten()?;
        bytes.try_into().ok().map(Self)
    }

    fn vector(&self) -> [u8; 16] {
        let mut vector = [0; 16];
        vector.iter_mut().zip(self.0).for_each(|(to, from)| *to = from);
        vector
    }

    /// The text in a ciphered one, if it is for this receiver (an app's, a corporation's id).
    ///
    /// # Errors
    /// What is wrong with it; also what another key than the one that ciphered it leads to.
    pub(crate) fn open(&self, sealed: &str, receiver: &str) -> Result<Vec<u8>, OpenError> {
        let mut bytes = LOOSE.decode(sealed.trim()).map_err(|_| OpenError("not base 64"))?;
        let cipher = cbc::Decryptor::<Aes256>::new(&self.0.into(), &self.vector().into());
        let plain = cipher.decrypt_padded_mut::<NoPadding>(&mut bytes).map_err(|_| OpenError("not whole blocks"))?;
        let plain = unpadded(plain).ok_or(OpenError("wrong padding"))?;
        let (length, rest) = plain.get(RANDOM..).and_then(<[u8]>::split_first_chunk).ok_or(OpenError("too short"))?;
        let length = usize::try_from(u32::from_be_bytes(*length)).map_err(|_| OpenError("wrong length"))?;
        let (text, id) = rest.split_at_checked(length).ok_or(OpenError("wrong length"))?;
        if receiver.is_empty() || id != receiver.as_bytes() {
            return Err(OpenError("for another receiver"));
        }
        Ok(text.to_vec())
    }

    /// The text ciphered for a receiver, in base 64. Random bytes are the caller's: never the same twice.
    pub(crate) fn seal(&self, text: &[u8], receiver: &str, random: [u8; 16]) -> String {
        let mut bytes = random.to_vec();
        // Nothing that is sent comes near 4 GB.
        bytes.extend(u32::try_from(text.len()).unwrap_or(u32::MAX).to_be_bytes());
        bytes.extend(text);
        bytes.extend(receiver.as_bytes());
        let pad = PAD - bytes.len() % PAD;
        // 1 to 32.
        bytes.extend(std::iter::repeat_n(u8::try_from(pad).unwrap_or_default(), pad));
        let cipher = cbc::Encryptor::<Aes256>::new(&self.0.into(), &self.vector().into());
        STANDARD.encode(cipher.encrypt_padded_vec_mut::<NoPadding>(&bytes))
    }
}

/// The bytes without their padding; `None` if there is none that is right.
fn unpadded(bytes: &[u8]) -> Option<&[u8]> {
    let pad = *bytes.last()?;
    let most = u8::try_from(PAD).unwrap_or_default();
    let (text, padding) = bytes.split_at_checked(bytes.len().checked_sub(usize::from(pad))?)?;
    ((1..=most).contains(&pad) && bytes.len().is_multiple_of(PAD) && padding.iter().all(|byte| *byte == pad))
        .then_some(text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::tencent::vectors;

    #[test]
    fn every_published_text_opens_and_seals_to_the_same() {
        for vector in vectors::all() {
            let key = CipherKey::from_text(vector.key).unwrap();
            assert_eq!(
                crate::tencent::signature(&[vector.token, vector.timestamp, vector.nonce, vector.sealed]),
                vector.signature,
                "{}",
                vector.name
            );
            assert_eq!(
                String::from_utf8(key.open(vector.sealed, vector.receiver).unwrap()).unwrap(),
                vector.text,
                "{}",
                vector.name
            );
            if let Some(random) = vector.random {
                let random = random.as_bytes().try_into().unwrap();
                assert_eq!(key.seal(vector.text.as_bytes(), vector.receiver, random), vector.sealed, "{}", vector.name);
            }
            assert_eq!(key.open(vector.sealed, "wxother"), Err(OpenError("for another receiver")));
            assert_eq!(key.open(vector.sealed, ""), Err(OpenError("for another receiver")));
        }
    }

    #[test]
    fn no_key_and_no_text_of_a_wrong_form() {
        for text in ["", "A", &"A".repeat(42), &"A".repeat(44), &"-".repeat(43), &"é".repeat(22)] {
            assert!(CipherKey::from_text(text).is_none(), "{text}");
        }
        let key = CipherKey::from_text(&"A".repeat(43)).unwrap();
        for sealed in ["", "AAAA", "*", &STANDARD.encode([7_u8; 16]), &STANDARD.encode([7_u8; 32])] {
            assert!(key.open(sealed, "wx1").is_err(), "{sealed}");
        }
    }

    #[test]
    fn a_length_beyond_the_text_and_a_padding_beyond_32_are_refused() {
        let key = CipherKey([3; 32]);
        let raw = |plain: &[u8]| {
            let cipher = cbc::Encryptor::<Aes256>::new(&key.0.into(), &key.vector().into());
            STANDARD.encode(cipher.encrypt_padded_vec_mut::<NoPadding>(plain))
        };
        // random, length, "hi", "wx1", padding of 7
        let whole = |length: u32, pad: u8| {
            let mut plain = vec![1; 16];
            plain.extend(length.to_be_bytes());
            plain.extend(b"hiwx1");
            plain.extend(vec![7; 6]);
            plain.push(pad);
            raw(&plain)
        };
        assert_eq!(key.open(&whole(2, 7), "wx1").unwrap(), b"hi");
        for (length, pad, why) in [
            (3, 7, "for another receiver"),
            (600, 7, "wrong length"),
            (u32::MAX, 7, "wrong length"),
            (2, 0, "wrong padding"),
            (2, 33, "wrong padding"),
            (2, 8, "wrong padding"),
        ] {
            assert_eq!(key.open(&whole(length, pad), "wx1"), Err(OpenError(why)), "{length} {pad}");
        }
        assert_eq!(key.open(&raw(&[1; 48]), "wx1"), Err(OpenError("wrong padding")), "no block of 32");
        assert_eq!(key.open(&raw(&[32; 32]), "wx1"), Err(OpenError("too short")));
    }

    proptest! {
        #[test]
        fn what_was_sealed_opens(key in any::<[u8; 32]>(), text in any::<Vec<u8>>(), random in any::<[u8; 16]>()) {
            let key = CipherKey(key);
            let sealed = key.seal(&text, "wx0123456789abcdef", random);
            prop_assert_eq!(key.open(&sealed, "wx0123456789abcdef").unwrap(), text);
        }

        #[test]
        fn any_bytes_are_refused_without_a_panic(key in any::<[u8; 32]>(), bytes in any::<Vec<u8>>()) {
            prop_assert!(CipherKey(key).open(&STANDARD.encode(&bytes), "wx1").is_err());
        }

        #[test]
        fn every_key_of_the_console_is_read(text in "[A-Za-z0-9]{43}") {
            prop_assert!(CipherKey::from_text(&text).is_some());
        }
    }
}

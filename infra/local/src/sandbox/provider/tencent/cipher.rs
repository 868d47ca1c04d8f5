//! Tencent's ciphering: AES-256-CBC under an `EncodingAESKey`.

use aes::Aes256;
use aes::cipher::block_padding::NoPadding;
use aes::cipher::{BlockDecryptMut as _, BlockEncryptMut as _, KeyIvInit as _};
use base64::Engine as _;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};

/// The padding fills up to so many bytes.
const BLOCK: usize = 32;
/// Of 43 characters the last one carries two bits too many.
const LOOSE: GeneralPurpose =
    GeneralPurpose::new(&base64::alphabet::STANDARD, GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true));

/// A text for an app, ciphered, in base 64; `None` if the key is none.
pub fn seal(key: &str, text: &str, app: &str, random: [u8; 16]) -> Option<String> {
    let (key, vector) = key_of(key)?;
    let mut bytes = random.to_vec();
    bytes.extend(u32::try_from(text.len()).ok()?.to_be_bytes());
    bytes.extend(text.as_bytes());
    bytes.extend(app.as_bytes());
    let pad = BLOCK - bytes.len() % BLOCK;
    bytes.extend(std::iter::repeat_n(u8::try_from(pad).ok()?, pad));
    let cipher = cbc::Encryptor::<Aes256>::new(&key.into(), &vector.into());
    Some(STANDARD.encode(cipher.encrypt_padded_vec_mut::<NoPadding>(&bytes)))
}

/// The text of a ciphered answer, if it was ciphered with this key for this app.
pub fn open(key: &str, sealed: &str, app: &str) -> Option<String> {
    let (key, vector) = key_of(key)?;
    let mut bytes = STANDARD.decode(sealed).ok()?;
    let cipher = cbc::Decryptor::<Aes256>::new(&key.into(), &vector.into());
    let plain = cipher.decrypt_padded_mut::<NoPadding>(&mut bytes).ok()?;
    let pad = usize::from(*plain.last()?);
    let plain = plain.get(..plain.len().checked_sub(pad).filter(|_| (1..=BLOCK).contains(&pad))?)?;
    let (length, rest) = plain.get(16..)?.split_first_chunk::<4>()?;
    let (text, to) = rest.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)?;
    (to == app.as_bytes()).then(|| String::from_utf8(text.to_vec()).ok()).flatten()
}

fn key_of(text: &str) -> Option<([u8; 32], [u8; 16])> {
    let key: [u8; 32] = LOOSE.decode(format!("{text}=")).ok()?.try_into().ok()?;
    Some((key, *key.first_chunk()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vendors_answer_is_reproduced() {
        let key = "A".repeat(43);
        let sealed = seal(&key, r#"{"demo_resp":"good luck"}"#, "wxba5fad812f8e6fb9", *b"707722b803182950").unwrap();
        assert_eq!(sealed, "ELGduP2YcVatjqIS+eZbp80MNLoAUWvzzyJxgGzxZO/5sAvd070Bs6qrLARC9nVHm48Y4hyRbtzve1L32tmxSQ==");
        assert_eq!(open(&key, &sealed, "wxba5fad812f8e6fb9").as_deref(), Some(r#"{"demo_resp":"good luck"}"#));
        assert_eq!(open(&key, &sealed, "wxother"), None);
        assert_eq!(open(&"B".repeat(43), &sealed, "wxba5fad812f8e6fb9"), None);
    }

    #[test]
    fn a_key_with_spare_bits_is_taken() {
        let key = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";
        let sealed = seal(key, "退款😀", "wx1", [7; 16]).unwrap();
        assert_eq!(open(key, &sealed, "wx1").as_deref(), Some("退款😀"));
        assert_eq!(seal("short", "x", "wx1", [0; 16]), None);
    }
}

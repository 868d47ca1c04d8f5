//! The outer form of a ciphered text, in the format that the console is set to.

use serde::Deserialize;
use serde_json::json;

use super::xml::{Fields, cdata};
use super::{CipherKey, signature};

/// The two formats of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Xml,
    Json,
}

impl Format {
    /// The format of a body, by its first letter.
    pub(crate) fn of(body: &[u8]) -> Self {
        let first = body.iter().find(|byte| !byte.is_ascii_whitespace());
        if first == Some(&b'{') { Self::Json } else { Self::Xml }
    }

    /// Media type of a body.
    pub(crate) fn media_type(self) -> &'static str {
        match self {
            Self::Xml => "text/xml; charset=utf-8",
            Self::Json => "application/json; charset=utf-8",
        }
    }
}

#[derive(Deserialize)]
struct Outer {
    #[serde(rename = "Encrypt")]
    encrypt: Option<String>,
}

/// The ciphered text of a body (`Encrypt`); `None` if it holds none.
pub(crate) fn sealed(body: &[u8]) -> Option<String> {
    match Format::of(body) {
        Format::Json => serde_json::from_slice::<Outer>(body).ok()?.encrypt.filter(|text| !text.is_empty()),
        Format::Xml => Fields::read(std::str::from_utf8(body).ok()?).ok()?.get("Encrypt").map(str::to_owned),
    }
}

/// The text as a ciphered and signed answer to a request. `timestamp`: seconds since the epoch.
#[expect(clippy::too_many_arguments, reason = "the protocol's parts, each once")]
pub(crate) fn envelope(
    format: Format,
    key: &CipherKey,
    token: &str,
    text: &str,
    receiver: &str,
    timestamp: i64,
    nonce: &str,
    random: [u8; 16],
) -> String {
    let sealed = key.seal(text.as_bytes(), receiver, random);
    let signature = signature(&[token, &timestamp.to_string(), nonce, &sealed]);
    match format {
        Format::Json => {
            json!({ "Encrypt": sealed, "MsgSignature": signature, "TimeStamp": timestamp, "Nonce": nonce }).to_string()
        }
        Format::Xml => format!(
            "<xml><Encrypt>{}</Encrypt><MsgSignature>{}</MsgSignature><TimeStamp>{timestamp}</TimeStamp><Nonce>{}</Nonce></xml>",
            cdata(&sealed),
            cdata(&signature),
            cdata(nonce)
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tencent::vectors;

    #[test]
    fn the_ciphered_text_is_found_in_both_formats_and_nowhere_else() {
        for (body, expected) in [
            ("<xml><ToUserName>a</ToUserName><Encrypt><![CDATA[x+/=]]></Encrypt></xml>", Some("x+/=")),
            (" {\"ToUserName\":\"a\",\"Encrypt\":\"x+/=\"}", Some("x+/=")),
            ("<xml><A><Encrypt>x</Encrypt></A></xml>", None),
            ("<!DOCTYPE x><xml><Encrypt>x</Encrypt></xml>", None),
            ("{\"Encrypt\":1}", None),
            ("{\"Encrypt\":\"\"}", None),
            ("", None),
        ] {
            assert_eq!(sealed(body.as_bytes()).as_deref(), expected, "{body}");
        }
        assert_eq!(sealed(b"<xml><Encrypt>\xff</Encrypt></xml>"), None);
    }

    #[test]
    fn an_answer_is_what_the_vendor_publishes() {
        for (name, format) in [
            ("official answer, JSON", Format::Json),
            ("official answer, XML", Format::Xml),
            ("own answer", Format::Xml),
        ] {
            let vector = vectors::named(name);
            let key = CipherKey::from_text(vector.key).unwrap();
            let answer = envelope(
                format,
                &key,
                vector.token,
                vector.text,
                vector.receiver,
                vector.timestamp.parse().unwrap(),
                vector.nonce,
                vector.random.unwrap().as_bytes().try_into().unwrap(),
            );
            assert_eq!(Format::of(answer.as_bytes()), format);
            assert_eq!(sealed(answer.as_bytes()).as_deref(), Some(vector.sealed), "{name}");
            assert!(answer.contains(vector.signature), "{name}");
        }
    }
}

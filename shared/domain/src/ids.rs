//! Identifiers. Each kind is a type of its own with a text prefix, so that a log line, a key or a reader cannot
//! take one for another. All are derived or random by the caller: nothing here draws randomness.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// Crockford's base 32, lower case: no letter that can be misread, safe in URLs and keys.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// Characters of an id's body: 130 bits' room for the 128 bits of a digest's first half.
const BODY: usize = 26;

/// A text that is not an id of the expected kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an id of this kind: expected `{prefix}` and {BODY} characters of 0-9, a-z without i, l, o, u")]
pub struct IdError {
    prefix: &'static str,
}

/// SHA-256 over parts, each preceded by its length, so that moving a boundary changes the digest.
pub fn digest(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

fn body(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(BODY);
    let (mut buffer, mut bits) = (0_u32, 0_u32);
    for byte in bytes.iter().take(16) {
        buffer = (buffer << 8) | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            push(&mut text, buffer >> bits);
        }
        buffer &= (1 << bits) - 1;
    }
    if bits > 0 {
        push(&mut text, buffer << (5 - bits));
    }
    text
}

/// The bytes of a body; the two bits that it has over are left out.
fn unbody(text: &str) -> [u8; 16] {
    let digits = text.bytes().map(|letter| ALPHABET.iter().position(|known| *known == letter).unwrap_or(0));
    let mut bytes = [0; 16];
    let (mut buffer, mut bits, mut next) = (0_usize, 0_u32, bytes.iter_mut());
    for digit in digits {
        buffer = ((buffer << 5) | digit) & 0xfff;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            if let Some(byte) = next.next() {
                *byte = u8::try_from((buffer >> bits) & 0xff).unwrap_or_default();
            }
        }
    }
    bytes
}

fn push(text: &mut String, value: u32) {
    let letter = ALPHABET.get((value & 31) as usize).copied().unwrap_or(b'0');
    text.push(char::from(letter));
}

macro_rules! prefixed_id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// What every id of this kind starts with.
            pub const PREFIX: &'static str = $prefix;

            /// The id made of the first 16 bytes: a digest for a derived id, random bytes for a new one.
            pub fn from_bytes(bytes: &[u8; 32]) -> Self {
                Self(format!("{}{}", $prefix, body(bytes)))
            }

            /// The id derived from parts; the same parts give the same id.
            pub fn derive(parts: &[&[u8]]) -> Self {
                Self::from_bytes(&digest(parts))
            }

            /// The 16 bytes that the id holds: [`Self::from_bytes`] makes the same id of them.
            pub fn bytes(&self) -> [u8; 16] {
                unbody(self.0.get($prefix.len()..).unwrap_or_default())
            }

            /// The id as text, prefix included.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;

            fn try_from(text: String) -> Result<Self, IdError> {
                let good = text.strip_prefix($prefix).is_some_and(|body| {
                    body.len() == BODY && body.bytes().all(|byte| ALPHABET.contains(&byte))
                });
                if good { Ok(Self(text)) } else { Err(IdError { prefix: $prefix }) }
            }
        }

        impl std::str::FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                Self::try_from(text.to_owned())
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

prefixed_id!(
    /// One call of an action of the company's own systems.
    ActionId, "act_"
);
prefixed_id!(
    /// A person of the company who answers customers.
    AgentId, "agt_"
);
prefixed_id!(
    /// One conversation of one identity, from its first message to its close.
    ConversationId, "cnv_"
);
prefixed_id!(
    /// A person, whatever channels they use.
    CustomerId, "cus_"
);
prefixed_id!(
    /// One hand-over of messages to a provider.
    DeliveryId, "dlv_"
);
prefixed_id!(
    /// The order of everything that concerns one identity: the FIFO group and the table's partition.
    GroupId, "grp_"
);
prefixed_id!(
    /// The hash under which an e-mail address or phone number is known.
    HandleId, "hdl_"
);
prefixed_id!(
    /// One message as people see it.
    MessageId, "msg_"
);
prefixed_id!(
    /// A file that a visitor has uploaded.
    UploadId, "upl_"
);
prefixed_id!(
    /// A person on the web page or in the app, as their session token names them.
    VisitorId, "vis_"
);

/// What makes an inbound event the same event when it comes again: 64 hexadecimal digits of SHA-256.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DedupId(String);

impl DedupId {
    /// From the parts that name the event: channel, account, sender, kind, the provider's id.
    pub fn derive(parts: &[&[u8]]) -> Self {
        Self(hex::encode(digest(parts)))
    }

    /// From its own text; `None` if it is none.
    pub fn from_text(text: &str) -> Option<Self> {
        let good = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        good.then(|| Self(text.to_owned()))
    }

    /// As text: fits an SQS deduplication id (at most 128 characters).
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DedupId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn moving_a_boundary_changes_the_digest() {
        assert_ne!(digest(&[b"ab", b"c"]), digest(&[b"a", b"bc"]));
    }

    #[test]
    fn refuses_another_kind_and_a_wrong_letter() {
        let id = MessageId::derive(&[b"x"]);
        assert_eq!(id.as_str().len(), 30);
        assert!(id.as_str().parse::<ConversationId>().is_err());
        assert!(format!("msg_{}", "u".repeat(26)).parse::<MessageId>().is_err());
        assert!("msg_".parse::<MessageId>().is_err());
    }

    proptest! {
        #[test]
        fn every_id_reads_back(bytes in any::<[u8; 32]>()) {
            let id = ConversationId::from_bytes(&bytes);
            prop_assert_eq!(&id.as_str().parse::<ConversationId>().unwrap(), &id);
            prop_assert_eq!(&id.bytes()[..], &bytes[..16]);
        }

        #[test]
        fn different_halves_differ(left in any::<[u8; 16]>(), right in any::<[u8; 16]>()) {
            let widen = |half: [u8; 16]| { let mut all = [0_u8; 32]; all[..16].copy_from_slice(&half); all };
            prop_assert_eq!(left == right, GroupId::from_bytes(&widen(left)) == GroupId::from_bytes(&widen(right)));
        }
    }
}

//! Our name for a message at `WeCom`: it makes sending it again harmless, and comes back if the message fails.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::DeliveryId;
use domain::ids::digest;

/// Bytes of a name: as base 64 they are the 32 characters that `WeCom` allows, all of its alphabet.
const BYTES: usize = 24;
/// Bytes before the check.
const CHECKED: usize = 22;

/// A part of a delivery. The seq of its last message comes along, because a receipt wants it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PartOf {
    pub(super) delivery: DeliveryId,
    pub(super) seq: u64,
    pub(super) part: u8,
}

impl PartOf {
    /// The name of this part. The seq counts up to 2⁴⁰.
    pub(super) fn name(&self) -> String {
        let mut bytes = Vec::with_capacity(BYTES);
        bytes.extend(self.delivery.bytes());
        bytes.push(self.part);
        bytes.extend(self.seq.to_be_bytes().iter().skip(3));
        bytes.extend(check(&bytes));
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The part of this name; `None` if the name is not one of ours.
    pub(super) fn named(name: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(name).ok().filter(|bytes| bytes.len() == BYTES)?;
        let (checked, sent) = bytes.split_at_checked(CHECKED)?;
        if check(checked) != sent {
            return None;
        }
        let (id, rest) = checked.split_first_chunk::<16>()?;
        let (part, seq) = rest.split_first()?;
        let mut half = [0; 32];
        half.iter_mut().zip(id).for_each(|(to, from)| *to = *from);
        let seq = seq.iter().fold(0, |seq, byte| (seq << 8) | u64::from(*byte));
        Some(Self { delivery: DeliveryId::from_bytes(&half), seq, part: *part })
    }
}

/// What tells our names from those that `WeCom` or another program has made.
fn check(bytes: &[u8]) -> Vec<u8> {
    digest(&[b"wecom message", bytes]).iter().take(BYTES - CHECKED).copied().collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_name_never_changes() {
        // Failures come back up to three days later, perhaps to a newer Frontdesk.
        let part = PartOf { delivery: DeliveryId::derive(&[b"one"]), seq: 7, part: 1 };
        assert_eq!(part.name(), "YV9p7U4kmjSVX8CL4g_DJAEAAAAABzL-");
    }

    #[test]
    fn names_of_others_are_not_ours() {
        for name in ["", "x", "dbf4377d895f6eed6fed569fbc10241d", "YV9p7U4kmjSVX8CL4g_DJAEAAAAABzL_", "é"] {
            assert_eq!(PartOf::named(name), None, "{name}");
        }
    }

    proptest! {
        #[test]
        fn every_part_is_found_by_its_name(id in any::<[u8; 32]>(), seq in 0_u64..(1 << 40), part in any::<u8>()) {
            let part = PartOf { delivery: DeliveryId::from_bytes(&id), seq, part };
            let name = part.name();
            prop_assert!(name.len() == 32 && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-'));
            prop_assert_eq!(PartOf::named(&name), Some(part));
        }

        #[test]
        fn a_changed_letter_makes_it_another_name(seq in 0_u64..1000, at in 0_usize..32) {
            let part = PartOf { delivery: DeliveryId::derive(&[b"x"]), seq, part: 0 };
            let mut name = part.name().into_bytes();
            name[at] = if name[at] == b'A' { b'B' } else { b'A' };
            prop_assert_ne!(PartOf::named(std::str::from_utf8(&name).unwrap()), Some(part));
        }
    }
}

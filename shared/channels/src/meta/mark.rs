//! What we write on a message so that the provider gives it back with what becomes of it.

use std::fmt;

use domain::DeliveryId;

/// Which delivery a call belongs to: `<delivery>:<last seq>`, with a `+` where more of it follows in other calls, and with
/// whom it is for, as we know them, where the provider may name them otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mark {
    /// The delivery.
    pub(crate) delivery: DeliveryId,
    /// Seq of its last message.
    pub(crate) seq: u64,
    /// Whether other calls of it follow.
    pub(crate) more: bool,
    /// The customer.
    pub(crate) user: Option<String>,
}

impl Mark {
    /// Reads it; `None`: somebody else wrote it.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, ':');
        let delivery = parts.next()?.parse().ok()?;
        let place = parts.next()?;
        let (seq, more) = place.strip_suffix('+').map_or((place, false), |seq| (seq, true));
        let user = parts.next().filter(|user| !user.is_empty()).map(str::to_owned);
        Some(Self { delivery, seq: seq.parse().ok()?, more, user })
    }
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}{}", self.delivery, self.seq, if self.more { "+" } else { "" })?;
        self.user.as_ref().map_or(Ok(()), |user| write!(f, ":{user}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_its_own_and_nothing_else() {
        let delivery = DeliveryId::derive(&[b"x"]);
        for user in [None, Some("8613800138000".to_owned()), Some("US.1:2".to_owned())] {
            for more in [false, true] {
                let mark = Mark { delivery: delivery.clone(), seq: 7, more, user: user.clone() };
                assert_eq!(Mark::read(&mark.to_string()), Some(mark));
            }
        }
        assert_eq!(
            Mark { delivery: delivery.clone(), seq: 7, more: false, user: None }.to_string(),
            format!("{delivery}:7")
        );
        for text in ["", ":", "7", "ad campaign", "msg_x:7"] {
            assert_eq!(Mark::read(text), None, "{text}");
        }
        for tail in ["", ":", ":-1", ":7++", ":seven"] {
            assert_eq!(Mark::read(&format!("{delivery}{tail}")), None, "{tail}");
        }
    }
}

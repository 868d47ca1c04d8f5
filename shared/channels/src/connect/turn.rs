//! Which turn of the talk a step is: the seq of the last message that the customer has, and how often in a row they have
//! said nothing since.

/// A turn.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Turn {
    seq: Option<u64>,
    /// How often in a row nothing was said.
    pub(super) silent: u32,
}

impl Turn {
    /// As it was given back; whatever is none is the beginning.
    pub(super) fn of(text: &str) -> Self {
        let (seq, silent) = text.split_once('.').unwrap_or((text, "0"));
        match (seq.parse(), silent.parse()) {
            (Ok(seq), Ok(silent)) => Self { seq: Some(seq), silent },
            _ => Self::default(),
        }
    }

    /// After a message of this seq.
    pub(super) fn after(seq: u64) -> Self {
        Self { seq: Some(seq), silent: 0 }
    }

    /// Whether nothing was said to the customer yet.
    pub(super) fn is_first(&self) -> bool {
        self.seq.is_none()
    }

    /// The turn after one in which nothing was said.
    pub(super) fn next(&self) -> Self {
        Self { seq: Some(self.seq.unwrap_or(0)), silent: self.silent.saturating_add(1) }
    }

    /// As it is given back; empty at the beginning.
    pub(super) fn text(&self) -> String {
        match (self.seq, self.silent) {
            (None, _) => String::new(),
            (Some(seq), 0) => seq.to_string(),
            (Some(seq), silent) => format!("{seq}.{silent}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_given_back_is_the_turn_again_and_nonsense_is_the_beginning() {
        for text in ["", "0", "12", "12.1", "12.2"] {
            assert_eq!(Turn::of(text).text(), text);
        }
        for text in ["x", "1.x", "-1", "1.2.3", "99999999999999999999999", "$.External.turn"] {
            assert_eq!(Turn::of(text), Turn::default(), "{text}");
        }
        assert_eq!((Turn::of("12").next().text(), Turn::default().next().text()), ("12.1".into(), "0.1".into()));
    }
}

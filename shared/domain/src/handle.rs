//! An e-mail address or phone number that was proven to be somebody's: what an account, a guest and a channel whose user
//! ids are addresses have in common.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{CustomerId, HandleId, Proof};

/// Longest e-mail address, in bytes (RFC 5321, section 4.5.3.1.3, without the angle brackets).
const MAX_EMAIL_BYTES: usize = 254;
/// Fewest and most digits of a phone number with its country's code (ITU-T E.164: at most 15).
const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 7..=15;

/// What a handle is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HandleKind {
    /// An e-mail address.
    Email,
    /// A phone number.
    Phone,
}

/// A verified address in the one spelling under which it is compared. It is never stored or logged: its [`key`](Self::key) is.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Handle {
    kind: HandleKind,
    address: String,
}

/// A text that is no address. It never repeats the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HandleError {
    /// No e-mail address.
    #[error("not an e-mail address: one @ with something on both sides, no blanks, at most {MAX_EMAIL_BYTES} bytes")]
    Email,
    /// No phone number with its country's code.
    #[error("not a phone number in E.164: + and the country's code, 7 to 15 digits in all")]
    Phone,
}

impl HandleKind {
    /// As it enters ids; stored keys depend on it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Phone => "phone",
        }
    }
}

impl Handle {
    /// An e-mail address, in lower case as a whole. Dots and tags stay: what they mean is each provider's own affair.
    ///
    /// # Errors
    /// It is none.
    pub fn email(text: &str) -> Result<Self, HandleError> {
        let address = text.trim().to_lowercase();
        let is_whole = address.split_once('@').is_some_and(|(local, host)| {
            !local.is_empty() && !host.is_empty() && !host.contains('@') && address.len() <= MAX_EMAIL_BYTES
        });
        if !is_whole || address.chars().any(|letter| letter.is_whitespace() || letter.is_control()) {
            return Err(HandleError::Email);
        }
        Ok(Self { kind: HandleKind::Email, address })
    }

    /// A phone number as `+` and digits. No country is guessed, and a trunk zero in brackets, which is not dialled after
    /// a country's code, is refused rather than dialled.
    ///
    /// # Errors
    /// It is none, or its country is not given.
    pub fn phone(text: &str) -> Result<Self, HandleError> {
        let address: String = text.chars().filter(|letter| !is_separator(*letter)).collect();
        let digits = address.strip_prefix('+').ok_or(HandleError::Phone)?;
        let is_whole = digits.bytes().all(|digit| digit.is_ascii_digit()) && PHONE_DIGITS.contains(&digits.len());
        if !is_whole || digits.starts_with('0') || text.contains("(0)") {
            return Err(HandleError::Phone);
        }
        Ok(Self { kind: HandleKind::Phone, address })
    }

    /// What it is.
    pub fn kind(&self) -> HandleKind {
        self.kind
    }

    /// Under what it is stored: a hash, so that no address is. Whoever guesses an address can compute it.
    pub fn key(&self) -> HandleId {
        HandleId::derive(&self.parts())
    }

    /// The customer who is known by this address alone.
    pub fn customer(&self) -> CustomerId {
        CustomerId::derive(&self.parts())
    }

    /// What a link rests on that rests on it.
    pub fn proof(&self) -> Proof {
        match self.kind {
            HandleKind::Email => Proof::VerifiedEmail,
            HandleKind::Phone => Proof::VerifiedPhone,
        }
    }

    fn parts(&self) -> [&[u8]; 3] {
        [b"handle", self.kind.as_str().as_bytes(), self.address.as_bytes()]
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Handle").field(&self.kind).field(&self.key()).finish()
    }
}

/// What people put between the digits of a phone number: blanks, dashes of all lengths, dots, parentheses.
fn is_separator(letter: char) -> bool {
    letter.is_whitespace() || matches!(letter, '-' | '\u{2010}'..='\u{2015}' | '.' | '(' | ')')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_address_has_one_spelling() {
        for (text, plain) in [
            ("ann@example.com", "ann@example.com"),
            (" Ann.Lee+Shop@Example.COM\n", "ann.lee+shop@example.com"),
            ("ÄNN@example.com", "änn@example.com"),
            ("a@b", "a@b"),
        ] {
            assert_eq!(Handle::email(text).unwrap().address, plain, "{text}");
        }
        let longest = format!("{}@example.com", "a".repeat(242));
        assert!(Handle::email(&longest).is_ok());
        let longer = format!("a{longest}");
        for text in ["", "ann", "@example.com", "ann@", "a@b@c", "an n@example.com", "ann@exa\u{0}mple.com", &longer] {
            assert_eq!(Handle::email(text), Err(HandleError::Email), "{text}");
        }
    }

    #[test]
    fn a_number_has_one_spelling_and_a_country() {
        for (text, plain) in [
            ("+8613800138000", "+8613800138000"),
            (" +86 138-0013-8000 ", "+8613800138000"),
            ("+1 (555) 010.0199", "+15550100199"),
            ("+44\u{a0}20\u{2011}7946\u{2013}0958", "+442079460958"),
            ("+1234567", "+1234567"),
            ("+123456789012345", "+123456789012345"),
        ] {
            assert_eq!(Handle::phone(text).unwrap().address, plain, "{text}");
        }
        for text in [
            "",
            "+",
            "13800138000",
            "0086 13800138000",
            "+0044 20 7946 0958",
            "+44 (0)20 7946 0958",
            "+123456",
            "+1234567890123456",
            "++8613800138000",
            "+86138001380ab",
            "+８６１３８００１３８０００",
            "ann@example.com",
        ] {
            assert_eq!(Handle::phone(text), Err(HandleError::Phone), "{text}");
        }
    }

    #[test]
    fn what_is_derived_never_changes_and_never_shows_the_address() {
        // Stored keys and links depend on these values.
        let (email, phone) = (Handle::email("ann@example.com").unwrap(), Handle::phone("+8613800138000").unwrap());
        assert_eq!(email.key().as_str(), "hdl_b6cp8kwfdq69s0ehyr2z1msq7g");
        assert_eq!(phone.customer().as_str(), "cus_kqvhexpwgkhv1cp5c8nwstracc");
        assert_eq!((email.proof(), phone.proof()), (Proof::VerifiedEmail, Proof::VerifiedPhone));
        let shown = format!("{email:?} {phone:?} {} {}", HandleError::Email, HandleError::Phone);
        assert!(!shown.contains("ann") && !shown.contains("138"), "{shown}");
        let same = Handle { kind: HandleKind::Phone, ..email.clone() };
        assert!(same.key() != email.key() && same.customer() != email.customer(), "the kind counts");
    }

    proptest! {
        #[test]
        fn one_spelling_reads_as_itself(text in "\\PC{0,12}@\\PC{0,12}", number in "[+0-9 ().-]{0,24}") {
            for (handle, again) in [
                (Handle::email(&text), Handle::email as fn(&str) -> _),
                (Handle::phone(&number), Handle::phone),
            ] {
                if let Ok(handle) = handle {
                    prop_assert_eq!(again(&handle.address), Ok(handle));
                }
            }
        }

        #[test]
        fn case_and_separators_do_not_count(local in "[a-z0-9.+]{1,20}", digits in "[1-9][0-9]{6,14}", cut in 1_usize..7) {
            let email = format!("{local}@example.com");
            prop_assert_eq!(Handle::email(&email.to_uppercase()), Handle::email(&email));
            let (head, tail) = digits.split_at(cut);
            prop_assert_eq!(Handle::phone(&format!("+({head}) -{tail}")), Handle::phone(&format!("+{digits}")));
            prop_assert!(Handle::phone(&digits).is_err());
        }

        #[test]
        fn two_addresses_are_two(one in "[a-z]{1,4}@[a-z]{1,4}", other in "[a-z]{1,4}@[a-z]{1,4}") {
            let (left, right) = (Handle::email(&one).unwrap(), Handle::email(&other).unwrap());
            prop_assert_eq!(one == other, left.key() == right.key());
            prop_assert_eq!(one == other, left.customer() == right.customer());
        }
    }
}

//! Personal data in what customers write, covered before it is kept: mainland China's mobile numbers, resident identity
//! cards and bank cards, and e-mail addresses.
//!
//! A number is covered only where its form proves it: by its beginning and length, a date and a check digit. A number
//! right after or before a Latin letter, as order numbers have them, is none of these.

mod numbers;

use serde::{Deserialize, Serialize};

use crate::policy::half_width;

/// A kind of personal data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Personal {
    /// A mobile number of mainland China: 11 digits from 13 to 19, with or without +86.
    Mobile,
    /// A resident identity card's number: 18 signs with a date of birth and a check digit (GB 11643).
    IdCard,
    /// A bank card's number: 13 to 19 digits of a known scheme with a check digit (ISO/IEC 7812, Luhn).
    BankCard,
    /// An e-mail address.
    Email,
}

impl Personal {
    /// Every kind.
    pub const ALL: &'static [Self] = &[Self::Mobile, Self::IdCard, Self::BankCard, Self::Email];

    /// The kind's name, as knowledge files have it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Mobile => "mobile",
            Self::IdCard => "id_card",
            Self::BankCard => "bank_card",
            Self::Email => "email",
        }
    }
}

/// The text with personal data of these kinds covered by `*`, of each so much left that its owner knows it again. What
/// is covered stays covered: doing it twice changes nothing.
pub fn mask(text: &str, kinds: &[Personal]) -> String {
    if kinds.is_empty() {
        return text.to_owned();
    }
    let mut letters: Vec<char> = text.chars().collect();
    let plain: Vec<char> = letters.iter().copied().map(half_width).collect();
    let mut covered = numbers::covered(&plain, kinds);
    if kinds.contains(&Personal::Email) {
        covered.extend(addresses(&plain));
    }
    for at in covered {
        if let Some(letter) = letters.get_mut(at) {
            *letter = '*';
        }
    }
    letters.into_iter().collect()
}

/// The places of e-mail addresses' names, but for their first letters.
fn addresses(plain: &[char]) -> Vec<usize> {
    let of_name = |letter: &char| letter.is_ascii_alphanumeric() || "._%+-".contains(*letter);
    let of_domain = |letter: &&char| letter.is_ascii_alphanumeric() || ".-".contains(**letter);
    let mut covered = Vec::new();
    for (at, _) in plain.iter().enumerate().filter(|(_, letter)| **letter == '@') {
        let (before, after) = (plain.get(..at).unwrap_or_default(), plain.get(at + 1..).unwrap_or_default());
        let named = before.iter().rev().take_while(|letter| of_name(letter)).count();
        let domain: String = after.iter().take_while(of_domain).collect();
        let domain = domain.trim_end_matches(['.', '-']);
        let ends = domain.rsplit_once('.').is_some_and(|(host, end)| {
            !host.is_empty() && end.len() >= 2 && end.chars().all(|letter| letter.is_ascii_alphabetic())
        });
        if named > 0 && ends {
            // Of a name of one letter nothing is left.
            covered.extend(at - named + usize::from(named > 1)..at);
        }
    }
    covered
}

#[cfg(test)]
mod tests;

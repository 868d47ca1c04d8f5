//! Ids and tokens as providers give them: never the same twice, also not after a restart.

use sha2::{Digest as _, Sha256};

/// Gives ids.
#[derive(Clone, Debug)]
pub struct Ids {
    seed: i64,
    next: i64,
}

impl Ids {
    /// Starting at a number that was not reached before, such as the time in milliseconds.
    pub const fn from(seed: i64) -> Self {
        Self { seed, next: seed }
    }

    /// The next number.
    pub const fn number(&mut self) -> i64 {
        self.next += 1;
        self.next
    }

    /// The next text of so many hexadecimal digits, at most 64.
    pub fn hex(&mut self, digits: usize) -> String {
        let number = self.number();
        digest(&format!("{}/{number}", self.seed)).chars().take(digits).collect()
    }

    /// The next 16 bytes.
    pub fn bytes(&mut self) -> [u8; 16] {
        let mut bytes = [0; 16];
        let hash = Sha256::digest(self.hex(64));
        bytes.iter_mut().zip(hash).for_each(|(to, from)| *to = from);
        bytes
    }
}

/// A text's SHA-256 in hexadecimal: what a provider calls somebody whom a person at the sandbox calls so.
pub fn digest(text: &str) -> String {
    hex::encode(Sha256::digest(text))
}

/// So many decimal digits that follow from a text; the first is no zero.
pub fn digits(text: &str, count: usize) -> String {
    let hash = Sha256::digest(text);
    let digit = |(at, byte): (usize, u8)| char::from(b'0' + if at == 0 { 1 + byte % 9 } else { byte % 10 });
    hash.into_iter().take(count).enumerate().map(digit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_comes_twice() {
        let mut ids = Ids::from(7);
        let given = [ids.number().to_string(), ids.number().to_string(), ids.hex(16), ids.hex(16)];
        assert_eq!((given[0].as_str(), given[1].as_str()), ("8", "9"));
        assert!(given[2] != given[3] && given[2].len() == 16);
        assert_ne!(ids.bytes(), ids.bytes());
        assert_eq!(digits("anna", 9), digits("anna", 9));
        assert!(digits("anna", 9).len() == 9 && digits("anna", 9) != digits("otto", 9));
    }
}

//! What LINE remembers of calls: reply tokens, which work once, and retry keys, which make a repeated push harmless.

use std::collections::{BTreeMap, VecDeque};

use serde_json::Value;

/// How long a reply token works, in milliseconds.
const REPLY_MILLIS: i64 = 60_000;
/// How long a retry key is remembered.
pub(super) const RETRY_MILLIS: i64 = 24 * 3_600_000;
/// Most reply tokens and retry keys that are remembered.
const MOST: usize = 10_000;

/// The reply tokens.
#[derive(Debug, Default)]
pub(super) struct Replies {
    tokens: BTreeMap<String, Token>,
    issued: VecDeque<String>,
}

/// Whose a reply token is, until when it works, and whether it was used.
#[derive(Debug)]
struct Token {
    user: String,
    until: i64,
    used: bool,
}

/// Why a reply token does not work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Used {
    /// There is none.
    Missing,
    /// It was used, or its time is over.
    Before,
}

impl Replies {
    /// A new token for answers to this customer.
    pub(super) fn issue(&mut self, token: &str, user: &str, now: i64) {
        self.remember(token, Token { user: user.to_owned(), until: now + REPLY_MILLIS, used: false });
    }

    /// Whose a token is.
    pub(super) fn user(&self, token: &str) -> Option<String> {
        self.tokens.get(token).map(|token| token.user.clone())
    }

    /// Uses a token; the customer. One that was not given here works once too, for nobody who is known: somebody else
    /// played the customer.
    ///
    /// # Errors
    /// It does not work.
    pub(super) fn redeem(&mut self, token: &str, now: i64) -> Result<String, Used> {
        match self.tokens.get_mut(token) {
            Some(known) if known.used || known.until < now => Err(Used::Before),
            Some(known) => {
                known.used = true;
                Ok(known.user.clone())
            }
            None if token.is_empty() => Err(Used::Missing),
            None => {
                self.remember(token, Token { user: String::new(), until: now, used: true });
                Ok(String::new())
            }
        }
    }

    fn remember(&mut self, name: &str, token: Token) {
        self.issued.push_back(name.to_owned());
        self.tokens.insert(name.to_owned(), token);
        if self.issued.len() > MOST {
            self.issued.pop_front().map(|oldest| self.tokens.remove(&oldest));
        }
    }
}

/// When each retry key was accepted, and with what.
#[derive(Debug, Default)]
pub(super) struct Retries(BTreeMap<String, (i64, Value)>);

impl Retries {
    /// What was sent under this key.
    pub(super) fn accepted(&mut self, key: &str, now: i64) -> Option<Value> {
        self.0.retain(|_, (at, _)| *at + RETRY_MILLIS > now);
        self.0.get(key).map(|(_, sent)| sent.clone())
    }

    /// This was sent under this key.
    pub(super) fn accept(&mut self, key: &str, sent: Value, now: i64) {
        if self.0.len() < MOST {
            self.0.insert(key.to_owned(), (now, sent));
        }
    }
}

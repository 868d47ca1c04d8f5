//! Access tokens of apps: the same one is given until it nears its end.

use std::collections::BTreeMap;

use crate::sandbox::provider::Moment;

/// Seconds for which an access token holds.
pub const TOKEN_SECONDS: i64 = 7200;

/// Access tokens.
#[derive(Debug, Default)]
pub struct Tokens(BTreeMap<String, Held>);

#[derive(Debug)]
struct Held {
    app: String,
    /// In milliseconds.
    until: i64,
}

/// Why a call is not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Locked {
    /// It brings no token.
    Missing,
    /// Nobody was given this one.
    Unknown,
    /// It holds no more.
    Ended,
}

impl Tokens {
    /// The app's token and for how many seconds it holds. There is a new one so many seconds before the old one ends.
    pub fn given(&mut self, app: &str, overlap: i64, moment: &mut Moment<'_>) -> (String, i64) {
        let now = moment.now;
        self.0.retain(|_, held| held.until > now - TOKEN_SECONDS * 1000);
        let usable = |held: &Held| held.app == app && held.until - overlap * 1000 > now;
        if let Some((token, held)) = self.0.iter().find(|(_, held)| usable(held)) {
            return (token.clone(), (held.until - now) / 1000);
        }
        let token = format!("{}{}", moment.ids.hex(64), moment.ids.hex(64));
        self.0.insert(token.clone(), Held { app: app.to_owned(), until: now + TOKEN_SECONDS * 1000 });
        (token, TOKEN_SECONDS)
    }

    /// Whatever the app was given ends now.
    pub fn end(&mut self, app: &str, now: i64) {
        self.0.values_mut().filter(|held| held.app == app).for_each(|held| held.until = now);
    }

    /// Whether a call with this token is let in.
    ///
    /// # Errors
    /// Why it is not.
    pub fn admit(&self, token: Option<&str>, now: i64) -> Result<(), Locked> {
        let held = self.0.get(token.ok_or(Locked::Missing)?).ok_or(Locked::Unknown)?;
        if held.until > now { Ok(()) } else { Err(Locked::Ended) }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::sandbox::ids::Ids;

    #[test]
    fn a_token_is_the_same_until_it_nears_its_end_and_each_apps_own() {
        let mut tokens = Tokens::default();
        let mut ids = Ids::from(0);
        let mut given = |app: &str, now: i64| {
            let given = tokens.given(app, 300, &mut Moment { account: &Value::Null, now, ids: &mut ids });
            let locked = |at: i64| tokens.admit(Some(&given.0), at);
            assert_eq!((locked(now), locked(now + given.1 * 1000)), (Ok(()), Err(Locked::Ended)));
            given
        };
        let (first, seconds) = given("a", 0);
        assert_eq!((seconds, given("a", 1000)), (7200, (first.clone(), 7199)));
        assert_ne!(given("b", 1000).0, first);
        assert_ne!(given("a", 6900 * 1000).0, first);
        assert_eq!((tokens.admit(None, 0), tokens.admit(Some("x"), 0)), (Err(Locked::Missing), Err(Locked::Unknown)));
        tokens.end("a", 5);
        assert_eq!(tokens.admit(Some(&first), 6), Err(Locked::Ended));
    }
}

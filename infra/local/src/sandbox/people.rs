//! What a provider knows of the customers who spoke here: when they last wrote, whom they have blocked, and what the
//! company may still send them. Of others nothing is known, so nothing is held against a message to them.

use std::collections::BTreeMap;

use serde_json::Value;

/// Most customers that are remembered.
const MOST: usize = 5_000;

/// A customer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Person {
    /// When they last wrote, in milliseconds.
    pub wrote: i64,
    /// Whether they have blocked the company.
    pub blocked: bool,
    /// Whether they look at the chat all the time: what comes is read at once.
    pub open: bool,
    /// Whose the conversation is at the provider, where it says so.
    pub session: Session,
    allowances: Vec<Allowance>,
}

/// Whose a conversation is at the provider.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Session {
    /// The company's programs'.
    #[default]
    Open,
    /// A person's of the company, in the provider's own app.
    Person,
    /// Nobody's, until the customer writes again.
    Ended,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Allowance {
    seconds: i64,
    until: i64,
    left: u32,
}

/// Why a message may not be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denied {
    /// Every allowance has ended.
    Ended,
    /// What was allowed is used up.
    Spent,
}

impl Person {
    /// So many messages for so many seconds, instead of what an act of the same kind had allowed.
    pub fn allow(&mut self, messages: u32, seconds: i64, now: i64) {
        self.allowances.retain(|allowance| allowance.seconds != seconds);
        self.allowances.push(Allowance { seconds, until: now + seconds * 1000, left: messages });
    }

    /// Takes one message from the allowance that ends first.
    ///
    /// # Errors
    /// There is none left.
    pub fn spend(&mut self, now: i64) -> Result<(), Denied> {
        let open = self.allowances.iter_mut().filter(|allowance| allowance.until > now);
        let mut open: Vec<&mut Allowance> = open.collect();
        open.sort_by_key(|allowance| allowance.until);
        if open.is_empty() {
            return Err(Denied::Ended);
        }
        let allowance = open.into_iter().find(|allowance| allowance.left > 0).ok_or(Denied::Spent)?;
        allowance.left -= 1;
        Ok(())
    }

    /// Looks at the chat all the time from now on, or no more, if the request says so by `open`.
    pub fn keeps_open(&mut self, wishes: &Value) {
        self.open = wishes.get("open").and_then(Value::as_bool).unwrap_or(self.open);
    }

    /// Whether they wrote in the last so many seconds.
    pub const fn wrote_within(&self, seconds: i64, now: i64) -> bool {
        now - self.wrote < seconds * 1000
    }
}

/// The customers of a channel.
#[derive(Debug, Default)]
pub struct People(BTreeMap<String, Person>);

impl People {
    /// A customer who does something; they are known from now on.
    pub fn acts(&mut self, user: &str, now: i64) -> &mut Person {
        if self.0.len() >= MOST && !self.0.contains_key(user) {
            let silent = self.0.iter().min_by_key(|(_, person)| person.wrote).map(|(user, _)| user.clone());
            silent.map(|user| self.0.remove(&user));
        }
        let person = self.0.entry(user.to_owned()).or_default();
        person.wrote = now;
        person
    }

    /// A customer who is known.
    pub fn known(&mut self, user: &str) -> Option<&mut Person> {
        self.0.get_mut(user)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOURS_48: i64 = 48 * 3600;

    #[test]
    fn the_sixth_message_is_too_many_and_a_new_message_allows_five_again() {
        let mut person = Person::default();
        assert_eq!(person.spend(0), Err(Denied::Ended));
        person.allow(5, HOURS_48, 0);
        assert!((0..5).all(|_| person.spend(1).is_ok()));
        assert_eq!(person.spend(1), Err(Denied::Spent));
        person.allow(5, HOURS_48, 2);
        assert!((0..5).all(|_| person.spend(3).is_ok()));
        assert_eq!(person.spend(3), Err(Denied::Spent));
        assert_eq!(person.spend(HOURS_48 * 1000 + 2), Err(Denied::Ended));
    }

    #[test]
    fn what_ends_first_is_spent_first() {
        let mut person = Person::default();
        person.allow(1, HOURS_48, 0);
        person.allow(3, 60, 0);
        assert!((0..3).all(|_| person.spend(59_999).is_ok()));
        assert!(person.spend(60_000).is_ok());
        assert_eq!(person.spend(60_000), Err(Denied::Spent));
    }

    #[test]
    fn only_so_many_are_remembered() {
        let mut people = People::default();
        for number in 0..=MOST {
            people.acts(&number.to_string(), i64::try_from(number).unwrap());
        }
        assert_eq!((people.0.len(), people.known("0").is_some(), people.known("1").is_some()), (MOST, false, true));
    }
}

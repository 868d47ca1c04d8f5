//! How much the company may still send, on channels that count: what customers' own messages have granted and what was
//! spent of it.

use serde::{Deserialize, Serialize};

use crate::{Grant, UnixMillis};

/// Kinds of grant that are told apart, at most; providers have two or three.
const MAX_KINDS: usize = 4;
/// A grant that is over sooner is of no use to a person: nothing of it is kept for one.
const SHORT_SECONDS: u32 = 60;

/// What is left of the grants of one length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Allowance {
    /// The grant's length: it tells the kinds of grant apart.
    pub seconds: u32,
    /// Until when it can be spent.
    pub until: UnixMillis,
    /// So many messages.
    pub left: u32,
}

/// Everything that is left. A grant takes the place of the earlier one of its length, beside those of other lengths.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Allowances(Vec<Allowance>);

impl Allowances {
    /// Whether nothing was ever granted.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Notes what an event of that moment grants. What was spent since then, before the event had its turn, the provider
    /// counts against it already: then no more is left than before.
    pub fn grant(&mut self, grant: Grant, at: UnixMillis, spoke_at: Option<UnixMillis>) {
        let Grant { messages, seconds } = grant;
        let until = at.plus_seconds(i64::from(seconds));
        let spent_since = spoke_at.is_some_and(|spoke| spoke >= at);
        match self.0.iter_mut().find(|one| one.seconds == seconds) {
            Some(one) => {
                one.until = one.until.max(until);
                one.left = if spent_since { one.left.min(messages) } else { messages };
            }
            None => self.0.push(Allowance { seconds, until, left: messages }),
        }
        self.0.sort_unstable_by_key(|one| one.until);
        if self.0.len() > MAX_KINDS {
            self.0.remove(0);
        }
    }

    /// How many messages may go now.
    pub fn left(&self, now: UnixMillis) -> u32 {
        self.open(now).fold(0, |sum, one| sum.saturating_add(one.left))
    }

    /// Whether so many messages may go now. The last one is kept for a person.
    pub fn allows(&self, messages: u32, person: bool, now: UnixMillis) -> bool {
        let lasting = self.open(now).any(|one| one.left > 0 && one.seconds >= SHORT_SECONDS);
        let kept = u32::from(lasting && !person);
        messages.saturating_add(kept) <= self.left(now)
    }

    /// Takes so many messages from what ends first, all or nothing; until when they may go, `None`: they may not.
    pub fn spend(&mut self, messages: u32, person: bool, now: UnixMillis) -> Option<UnixMillis> {
        if !self.allows(messages, person, now) {
            return None;
        }
        let mut due = messages;
        let mut first = None;
        // In the order in which they end.
        for one in self.0.iter_mut().filter(|one| one.until > now && one.left > 0) {
            let taken = due.min(one.left);
            if taken > 0 {
                one.left -= taken;
                due -= taken;
                first = first.or(Some(one.until));
            }
        }
        first
    }

    fn open(&self, now: UnixMillis) -> impl Iterator<Item = &Allowance> {
        self.0.iter().filter(move |one| one.until > now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAYS: Grant = Grant { messages: 5, seconds: 48 * 60 * 60 };
    const MINUTE: Grant = Grant { messages: 3, seconds: 60 };

    fn at(second: i64) -> UnixMillis {
        UnixMillis::from_seconds(second)
    }

    #[test]
    fn five_in_two_days_and_the_last_is_a_persons() {
        let mut all = Allowances::default();
        assert_eq!((all.left(at(0)), all.spend(1, true, at(0))), (0, None), "nobody has written");
        all.grant(DAYS, at(0), None);
        let end = Some(at(48 * 60 * 60));
        assert_eq!([(); 5].map(|()| all.spend(1, false, at(1))), [end, end, end, end, None]);
        assert_eq!((all.spend(1, true, at(2)), all.spend(1, true, at(3))), (end, None));
        all.grant(DAYS, at(4), Some(at(3)));
        assert_eq!(all.left(at(4)), 5);
        assert_eq!((all.spend(6, true, at(4)), all.left(at(4))), (None, 5), "all or nothing");
        assert_eq!((all.left(at(48 * 60 * 60 + 3)), all.left(at(48 * 60 * 60 + 4))), (5, 0));
    }

    #[test]
    fn what_ends_first_is_spent_first() {
        let mut all = Allowances::default();
        all.grant(DAYS, at(0), None);
        all.grant(MINUTE, at(10), None);
        assert_eq!(all.left(at(10)), 8);
        assert_eq!(all.spend(2, false, at(11)), Some(at(70)));
        assert_eq!((all.left(at(69)), all.left(at(70))), (6, 5));
        assert_eq!(all.spend(2, false, at(20)), Some(at(70)), "the rest of one and some of the other");
        assert_eq!(all.left(at(70)), 4);
    }

    #[test]
    fn what_was_sent_after_an_event_counts_against_what_it_grants() {
        let mut all = Allowances::default();
        all.grant(DAYS, at(0), None);
        all.spend(3, false, at(5)).unwrap();
        all.grant(DAYS, at(4), Some(at(5)));
        assert_eq!(all.left(at(5)), 2, "written at 4, had its turn after 5");
        all.grant(DAYS, at(6), Some(at(5)));
        assert_eq!(all.left(at(6)), 5);
        all.grant(DAYS, at(1), Some(at(7)));
        assert_eq!((all.left(at(7)), all.left(at(6 + 48 * 60 * 60 - 1))), (5, 5), "an old one takes nothing away");
    }

    #[test]
    fn a_single_message_of_a_moment_is_the_bots() {
        let mut all = Allowances::default();
        all.grant(Grant { messages: 1, seconds: 20 }, at(0), None);
        assert_eq!(all.spend(1, false, at(1)), Some(at(20)));
    }

    #[test]
    fn the_ledger_stays_small() {
        let mut all = Allowances::default();
        for seconds in 1..100 {
            all.grant(Grant { messages: 1, seconds }, at(0), None);
        }
        assert_eq!(all.0.len(), MAX_KINDS);
    }
}

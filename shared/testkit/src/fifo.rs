//! A FIFO queue as SQS has them: groups in order and blocked by what is in flight, a deduplication window, visibility,
//! receive counts and a dead-letter queue. Source: Amazon SQS developer guide, "FIFO queue delivery logic",
//! "Exactly-once processing" and "Visibility timeout".

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;

use domain::UnixMillis;

/// Seconds for which a deduplication id is remembered, deleted or not.
const DEDUP_SECONDS: i64 = 300;
/// Messages that one receive returns at most.
const BATCH: usize = 10;

/// A message as it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queued {
    /// Its body.
    pub body: String,
    /// Its group.
    pub group: String,
    /// Its deduplication id.
    pub dedup: String,
}

/// A message as it was received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// What was sent.
    pub message: Queued,
    /// Names this receive; a later receive makes it worthless.
    pub receipt: String,
    /// How often the message was received, this time included.
    pub receives: u32,
}

#[derive(Debug, Clone)]
struct Stored {
    id: u64,
    message: Arc<Queued>,
    receives: u32,
    visible_at: UnixMillis,
}

impl Stored {
    /// Names the last receive; no other of any queue has the same.
    fn receipt(&self) -> String {
        format!("{}/{}/{}/{}", self.message.group, self.message.dedup, self.id, self.receives)
    }
}

/// The messages of one group, in order. Those received come before those never received.
type Group = VecDeque<Stored>;

fn in_flight(group: &Group, now: UnixMillis) -> bool {
    group.iter().take_while(|stored| stored.receives > 0).any(|stored| stored.visible_at > now)
}

/// The queue.
#[derive(Debug, Default)]
pub(crate) struct Fifo {
    next: u64,
    groups: BTreeMap<String, Group>,
    sent: Vec<Arc<Queued>>,
    seen: HashMap<(String, String), UnixMillis>,
}

impl Fifo {
    /// Takes a message, unless its id was seen in the window.
    pub(crate) fn send(&mut self, message: Queued, now: UnixMillis) {
        let key = (message.group.clone(), message.dedup.clone());
        if self.seen.get(&key).is_some_and(|seen| seen.plus_seconds(DEDUP_SECONDS) > now) {
            return;
        }
        self.seen.insert(key, now);
        self.next += 1;
        let message = Arc::new(message);
        self.sent.push(Arc::clone(&message));
        let group = self.groups.entry(message.group.clone()).or_default();
        group.push_back(Stored { id: self.next, message, receives: 0, visible_at: now });
    }

    /// Everything that was taken, in order.
    pub(crate) fn sent(&self) -> &[Arc<Queued>] {
        &self.sent
    }

    /// What is in the queue of a group.
    pub(crate) fn of_group(&self, group: &str) -> impl Iterator<Item = &Queued> {
        self.groups.get(group).into_iter().flatten().map(|stored| &*stored.message)
    }

    /// Whether nothing is left.
    pub(crate) fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }

    /// When the next message can be received at the earliest.
    pub(crate) fn next_visible(&self) -> Option<UnixMillis> {
        let opens = |group: &Group| {
            let first = group.front().map(|stored| stored.visible_at);
            first.max(group.iter().take_while(|stored| stored.receives > 0).map(|stored| stored.visible_at).max())
        };
        self.groups.values().filter_map(opens).min()
    }

    /// Receives a batch: of each group that has nothing in flight, its first messages in order. A message that was
    /// received too often leaves instead; it comes back as the second part.
    pub(crate) fn receive(&mut self, now: UnixMillis, visibility: i64, max: u32) -> (Vec<Received>, Vec<Queued>) {
        let (mut batch, mut dead, mut gone) = (vec![], vec![], vec![]);
        if self.groups.values().all(|group| in_flight(group, now)) {
            return (batch, dead);
        }
        let mut open: Vec<&mut Group> = self.groups.values_mut().filter(|group| !in_flight(group, now)).collect();
        // The oldest message of all open groups first.
        let first = |(at, group): (usize, &&mut Group)| Some((group.front()?.id, (at, 0)));
        let mut next: BTreeMap<u64, (usize, usize)> = open.iter().enumerate().filter_map(first).collect();
        while batch.len() < BATCH {
            let Some((_, (at, place))) = next.pop_first() else { break };
            let Some(group) = open.get_mut(at) else { break };
            if let Some(follower) = group.get(place + 1) {
                next.insert(follower.id, (at, place + 1));
            }
            let Some(stored) = group.get_mut(place) else { break };
            if stored.receives >= max {
                dead.push((*stored.message).clone());
                gone.push((stored.message.group.clone(), stored.id));
                continue;
            }
            stored.receives += 1;
            stored.visible_at = now.plus_seconds(visibility);
            let receipt = stored.receipt();
            batch.push(Received { message: (*stored.message).clone(), receipt, receives: stored.receives });
        }
        for (group, id) in gone {
            self.remove(&group, id);
        }
        (batch, dead)
    }

    fn remove(&mut self, group: &str, id: u64) {
        let Some(stored) = self.groups.get_mut(group) else { return };
        stored.retain(|stored| stored.id != id);
        if stored.is_empty() {
            self.groups.remove(group);
        }
    }

    /// The message that this receipt names, if nobody received it since.
    fn received(&mut self, receipt: &str) -> Option<&mut Stored> {
        let mut parts = receipt.rsplitn(4, '/');
        let (_receives, id, _dedup, group) = (parts.next(), parts.next()?, parts.next(), parts.next()?);
        let id: u64 = id.parse().ok()?;
        let stored = self.groups.get_mut(group)?.iter_mut().find(|stored| stored.id == id)?;
        (stored.receipt() == receipt).then_some(stored)
    }

    /// Deletes a received message, if nobody received it since.
    pub(crate) fn delete(&mut self, receipt: &str) {
        let found = self.received(receipt).map(|stored| (Arc::clone(&stored.message), stored.id));
        if let Some((message, id)) = found {
            self.remove(&message.group, id);
        }
    }

    /// Makes received messages visible after so many seconds.
    pub(crate) fn put_off(&mut self, receipts: &[String], seconds: u32, now: UnixMillis) {
        for receipt in receipts {
            if let Some(stored) = self.received(receipt) {
                stored.visible_at = now.plus_seconds(i64::from(seconds));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixMillis = UnixMillis(1_800_000_000_000);

    fn message(group: &str, dedup: &str) -> Queued {
        Queued { body: dedup.to_owned(), group: group.to_owned(), dedup: dedup.to_owned() }
    }

    fn bodies(batch: &[Received]) -> Vec<&str> {
        batch.iter().map(|received| received.message.body.as_str()).collect()
    }

    #[test]
    fn a_group_in_flight_is_blocked_until_it_is_deleted_or_visible() {
        let mut queue = Fifo::default();
        for (group, dedup) in [("a", "1"), ("b", "2")] {
            queue.send(message(group, dedup), NOW);
        }
        let (first, _) = queue.receive(NOW, 60, 5);
        assert_eq!(bodies(&first), ["1", "2"]);
        queue.send(message("a", "3"), NOW);
        assert!(queue.receive(NOW, 60, 5).0.is_empty());
        queue.delete(&first[1].receipt);
        let later = NOW.plus_seconds(61);
        let (again, _) = queue.receive(later, 60, 5);
        assert_eq!(bodies(&again), ["1", "3"]);
        queue.delete(&first[0].receipt);
        assert!(!queue.is_empty(), "an old receipt deletes nothing");
        queue.put_off(&[again[0].receipt.clone(), again[1].receipt.clone()], 5, later);
        assert_eq!(bodies(&queue.receive(later.plus_seconds(6), 60, 5).0), ["1", "3"]);
    }

    #[test]
    fn a_repeated_id_is_swallowed_for_five_minutes_in_its_group_only() {
        let mut queue = Fifo::default();
        queue.send(message("a", "1"), NOW);
        queue.send(message("a", "1"), NOW.plus_seconds(299));
        queue.send(message("b", "1"), NOW);
        assert_eq!(queue.sent().len(), 2);
        queue.send(message("a", "1"), NOW.plus_seconds(300));
        assert_eq!(queue.sent().len(), 3);
    }

    #[test]
    fn groups_share_a_batch_in_the_order_of_their_messages_and_open_when_the_last_in_flight_is_visible() {
        let mut queue = Fifo::default();
        for (group, dedup) in [("b", "1"), ("a", "2"), ("b", "3")] {
            queue.send(message(group, dedup), NOW);
        }
        let (batch, _) = queue.receive(NOW, 60, 5);
        assert_eq!(bodies(&batch), ["1", "2", "3"]);
        queue.put_off(&[batch[0].receipt.clone()], 5, NOW);
        queue.delete(&batch[1].receipt);
        assert_eq!(queue.next_visible(), Some(NOW.plus_seconds(60)), "3 is still in flight");
        queue.delete(&batch[2].receipt);
        assert_eq!(queue.next_visible(), Some(NOW.plus_seconds(5)));
        assert!(queue.of_group("a").next().is_none() && queue.of_group("b").count() == 1);
    }

    #[test]
    fn what_was_received_too_often_leaves() {
        let mut queue = Fifo::default();
        queue.send(message("a", "1"), NOW);
        queue.send(message("a", "2"), NOW);
        for round in 0..3 {
            assert_eq!(queue.receive(NOW.plus_seconds(100 * round), 60, 3).0.len(), 2);
        }
        let (batch, dead) = queue.receive(NOW.plus_seconds(400), 60, 3);
        assert_eq!((batch.len(), dead.len()), (0, 2));
        assert!(queue.is_empty());
    }
}

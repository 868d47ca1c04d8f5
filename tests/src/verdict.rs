//! Whether what happened in a campaign may be: a checker that decides from the log and from what is left in table and
//! queues, long after the processes are gone.

use std::collections::{BTreeMap, BTreeSet};

use crate::history::Event;

/// A message that a visitor finds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// Which.
    pub message: String,
    /// Its place.
    pub seq: u64,
    /// Whether the visitor wrote it.
    pub own: bool,
}

/// What is left of one conversation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Conversation {
    /// Its head's version.
    pub version: u64,
    /// Its head's seq.
    pub seq: u64,
    /// Its turns in the table.
    pub turns: u64,
    /// Its deliveries that are claimed and not settled.
    pub unsettled: u64,
    /// What its visitor finds, in the mailbox's order.
    pub mailbox: Vec<Mail>,
}

/// What is left at the end.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct End {
    /// By group.
    pub conversations: BTreeMap<String, Conversation>,
    /// The visitors' messages on the dead-letter queue.
    pub dead: Vec<String>,
    /// Records that are still queued.
    pub queued: usize,
}

/// What is promised in this campaign besides what always is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Promise {
    /// Visitors wrote one message after the other and records kept their order, so answers come in that order.
    pub in_order: bool,
    /// How often a message is pushed.
    pub pushes: Pushes,
    /// How many messages end on the dead-letter queue.
    pub dead: usize,
}

impl Promise {
    /// Nothing is dead, everything in order and pushed once.
    pub const ALL: Self = Self { in_order: true, pushes: Pushes::Once, dead: 0 };
    /// The same, but a sender may have died after it pushed.
    pub const PUSHED: Self = Self { pushes: Pushes::AtLeastOnce, ..Self::ALL };
}

/// How often a message is pushed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pushes {
    /// Once: no sender died, hung or was cut off.
    Once,
    /// Once or more: a sender that died may or may not have pushed it.
    AtLeastOnce,
    /// Perhaps never: the provider refuses.
    Any,
}

/// Everything that should not have happened.
pub fn violations(events: &[Event], end: &End, promise: Promise) -> Vec<String> {
    let mut found = vec![];
    if end.queued > 0 {
        found.push(format!("{} records are still queued", end.queued));
    }
    let mut posted: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut acknowledged: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for event in events {
        match event {
            Event::Posted { conversation, message } => {
                posted.entry(conversation).or_default().insert(message);
            }
            Event::Acknowledged { conversation, message } => {
                let list = acknowledged.entry(conversation).or_default();
                if !list.contains(&message.as_str()) {
                    list.push(message);
                }
            }
            Event::Refused { .. }
            | Event::Invoked { .. }
            | Event::Ended { .. }
            | Event::Reached { .. }
            | Event::Pushed { .. } => {}
        }
    }
    if end.dead.len() != promise.dead {
        found.push(format!("{} messages are dead", end.dead.len()));
    }
    let dead: BTreeSet<&str> = end.dead.iter().map(String::as_str).collect();
    if dead.len() < end.dead.len() {
        found.push("a message is on the dead-letter queue twice".to_owned());
    }
    let names: BTreeSet<&str> = posted.keys().copied().chain(end.conversations.keys().map(String::as_str)).collect();
    let none = Conversation::default();
    for name in names {
        let left = end.conversations.get(name).unwrap_or(&none);
        let posted = posted.remove(name).unwrap_or_default();
        let acknowledged = acknowledged.remove(name).unwrap_or_default();
        let mut here = answers(left, &posted, &acknowledged, &dead);
        here.extend(numbers(left));
        if promise.in_order {
            here.extend(order(left, &acknowledged));
        }
        here.extend(pushed(events, name, left, promise));
        found.extend(here.into_iter().map(|text| format!("{name}: {text}")));
    }
    found
}

/// Each acknowledged message is there once with one answer, or dead; and nothing is there that nobody wrote.
fn answers(left: &Conversation, posted: &BTreeSet<&str>, acknowledged: &[&str], dead: &BTreeSet<&str>) -> Vec<String> {
    let mut found = vec![];
    let mut answered: BTreeMap<&str, usize> = BTreeMap::new();
    let mut last = None;
    for mail in &left.mailbox {
        if mail.own {
            if answered.insert(&mail.message, 0).is_some() {
                found.push(format!("{} is there twice", mail.message));
            }
            last = Some(mail.message.as_str());
        } else {
            match last.and_then(|message| answered.get_mut(message)) {
                Some(count) => *count += 1,
                None => found.push(format!("{} answers nothing", mail.message)),
            }
        }
    }
    for (message, count) in &answered {
        if !posted.contains(message) {
            found.push(format!("{message} was never posted"));
        }
        if *count != 1 {
            found.push(format!("{message} has {count} answers"));
        }
        if dead.contains(message) {
            found.push(format!("{message} is answered and dead"));
        }
    }
    let missing = acknowledged.iter().filter(|message| !answered.contains_key(*message) && !dead.contains(*message));
    found.extend(missing.map(|message| format!("{message} was acknowledged and is lost")));
    found
}

/// The counters are exact and the places gapless.
fn numbers(left: &Conversation) -> Vec<String> {
    let mut found = vec![];
    if left.version != left.turns {
        found.push(format!("version {} after {} turns", left.version, left.turns));
    }
    let seqs: Vec<u64> = left.mailbox.iter().map(|mail| mail.seq).collect();
    if seqs != (1..=left.seq).collect::<Vec<_>>() {
        found.push(format!("the head is at seq {}, the mailbox holds {seqs:?}", left.seq));
    }
    if left.unsettled > 0 {
        found.push(format!("{} deliveries are not settled", left.unsettled));
    }
    found
}

/// The visitor's messages stand in the order in which they were acknowledged.
fn order(left: &Conversation, acknowledged: &[&str]) -> Option<String> {
    let is_there = |message: &&&str| left.mailbox.iter().any(|mail| mail.message == **message);
    let wanted: Vec<&str> = acknowledged.iter().filter(is_there).copied().collect();
    let known = |mail: &&Mail| mail.own && wanted.contains(&mail.message.as_str());
    let stand: Vec<&str> = left.mailbox.iter().filter(known).map(|mail| mail.message.as_str()).collect();
    (stand != wanted).then(|| format!("written in the order {wanted:?}, answered in the order {stand:?}"))
}

/// Each message was pushed, first pushes in order of their places.
fn pushed(events: &[Event], name: &str, left: &Conversation, promise: Promise) -> Vec<String> {
    let mut found = vec![];
    let mut pushes: BTreeMap<u64, (usize, &str)> = BTreeMap::new();
    let mut highest = 0;
    for event in events {
        let Event::Pushed { conversation, message, seq } = event else { continue };
        if conversation != name {
            continue;
        }
        let (count, first) = pushes.entry(*seq).or_insert((0, message));
        *count += 1;
        if *first != message {
            found.push(format!("seq {seq} was pushed as {first} and as {message}"));
        }
        if promise.in_order && *count == 1 && *seq < highest {
            found.push(format!("seq {seq} was pushed after {highest}"));
        }
        highest = highest.max(*seq);
    }
    for mail in &left.mailbox {
        match pushes.remove(&mail.seq) {
            Some((_, message)) if message != mail.message => {
                found.push(format!("seq {} was pushed as {message}, the mailbox has {}", mail.seq, mail.message));
            }
            Some((count, _)) if count > 1 && promise.pushes == Pushes::Once => {
                found.push(format!("seq {} was pushed {count} times", mail.seq));
            }
            None if promise.pushes != Pushes::Any => found.push(format!("seq {} was not pushed", mail.seq)),
            Some(_) | None => {}
        }
    }
    found.extend(pushes.keys().map(|seq| format!("seq {seq} was pushed and is not in the mailbox")));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail(message: &str, seq: u64) -> Mail {
        Mail { message: message.to_owned(), seq, own: message.starts_with('q') }
    }

    /// Two questions, written, answered and pushed.
    fn innocent() -> (Vec<Event>, End) {
        let (conversation, message) = ("c".to_owned(), |name: &str| name.to_owned());
        let mut events = vec![];
        for question in ["q1", "q2"] {
            events.push(Event::Posted { conversation: conversation.clone(), message: message(question) });
            events.push(Event::Acknowledged { conversation: conversation.clone(), message: message(question) });
        }
        let mailbox = vec![mail("q1", 1), mail("a1", 2), mail("q2", 3), mail("a2", 4)];
        for mail in &mailbox {
            let message = mail.message.clone();
            events.push(Event::Pushed { conversation: conversation.clone(), message, seq: mail.seq });
        }
        let left = Conversation { version: 2, seq: 4, turns: 2, unsettled: 0, mailbox };
        (events, End { conversations: BTreeMap::from([(conversation, left)]), ..End::default() })
    }

    fn guilty(change: impl FnOnce(&mut Vec<Event>, &mut End, &mut Conversation)) -> String {
        let (mut events, mut end) = innocent();
        let mut left = end.conversations.remove("c").unwrap();
        change(&mut events, &mut end, &mut left);
        end.conversations.insert("c".to_owned(), left);
        violations(&events, &end, Promise::ALL).join("; ")
    }

    #[test]
    fn an_innocent_history_is_let_go() {
        assert_eq!(guilty(|_, _, _| ()), "");
    }

    #[test]
    fn losses_and_copies_are_found() {
        let renumber = |left: &mut Conversation| {
            left.seq = left.mailbox.len() as u64;
            left.mailbox.iter_mut().zip(1..).for_each(|(mail, seq)| mail.seq = seq);
        };
        let lost = guilty(|events, _, left| {
            left.mailbox.truncate(2);
            (left.version, left.turns) = (1, 1);
            events.truncate(6);
            renumber(left);
        });
        assert_eq!(lost, "c: q2 was acknowledged and is lost");
        let twice = guilty(|_, _, left| {
            left.mailbox.extend([mail("q1", 5), mail("a3", 6)]);
            left.seq = 6;
        });
        assert!(twice.contains("q1 is there twice") && twice.contains("seq 5 was not pushed"), "{twice}");
        let silent = guilty(|_, _, left| {
            left.mailbox.remove(1);
            renumber(left);
        });
        assert!(silent.contains("q1 has 0 answers"), "{silent}");
        let talkative = guilty(|_, _, left| {
            left.mailbox.insert(2, mail("a9", 3));
            renumber(left);
        });
        assert!(talkative.contains("q1 has 2 answers"), "{talkative}");
        assert!(guilty(|_, _, left| left.mailbox.insert(0, mail("a0", 0))).contains("a0 answers nothing"));
        let foreign = guilty(|events, _, _| {
            events.retain(|event| !matches!(event, Event::Posted { message, .. } if message == "q2"));
        });
        assert_eq!(foreign, "c: q2 was never posted");
    }

    #[test]
    fn a_message_is_answered_or_dead_and_not_both() {
        let both = guilty(|_, end, _| end.dead.push("q1".to_owned()));
        assert_eq!(both, "1 messages are dead; c: q1 is answered and dead");
        assert!(guilty(|_, end, _| end.dead = vec!["x".to_owned(), "x".to_owned()]).contains("twice"));
        assert_eq!(guilty(|_, end, _| end.queued = 1), "1 records are still queued");
        let (mut events, mut end) = innocent();
        events.retain(|event| !matches!(event, Event::Pushed { .. }));
        end.conversations.clear();
        end.dead = vec!["q1".to_owned(), "q2".to_owned()];
        assert!(violations(&events, &end, Promise { dead: 2, ..Promise::ALL }).is_empty(), "dead is not lost");
        assert_eq!(violations(&events, &end, Promise::ALL), ["2 messages are dead"]);
    }

    #[test]
    fn wrong_counters_gaps_and_open_deliveries_are_found() {
        assert_eq!(guilty(|_, _, left| left.version = 3), "c: version 3 after 2 turns");
        assert!(guilty(|_, _, left| left.seq = 5).contains("the head is at seq 5"));
        assert!(guilty(|_, _, left| left.mailbox[3].seq = 5).contains("holds [1, 2, 3, 5]"));
        assert_eq!(guilty(|_, _, left| left.unsettled = 1), "c: 1 deliveries are not settled");
    }

    #[test]
    fn a_wrong_order_is_found() {
        let swapped = guilty(|events, _, _| events[0..4].rotate_left(2));
        assert!(swapped.contains("written in the order") && !swapped.contains(';'), "{swapped}");
        let (mut events, end) = innocent();
        events[0..4].rotate_left(2);
        assert!(violations(&events, &end, Promise { in_order: false, ..Promise::ALL }).is_empty());
        // Acknowledged again later: the first time counts.
        let (mut events, end) = innocent();
        events.push(events[1].clone());
        assert!(violations(&events, &end, Promise::ALL).is_empty());
    }

    #[test]
    fn pushes_are_checked() {
        assert_eq!(guilty(|events, _, _| drop(events.remove(5))), "c: seq 2 was not pushed");
        assert_eq!(guilty(|events, _, _| events.push(events[4].clone())), "c: seq 1 was pushed 2 times");
        assert!(guilty(|events, _, _| events[4..6].reverse()).contains("seq 1 was pushed after 2"));
        let other = Event::Pushed { conversation: "c".to_owned(), message: "a7".to_owned(), seq: 4 };
        assert!(guilty(|events, _, _| events.push(other.clone())).contains("as a2 and as a7"));
        let beyond = Event::Pushed { conversation: "c".to_owned(), message: "a7".to_owned(), seq: 5 };
        assert_eq!(guilty(|events, _, _| events.push(beyond)), "c: seq 5 was pushed and is not in the mailbox");
        let (mut events, end) = innocent();
        events.push(events[4].clone());
        assert!(violations(&events, &end, Promise::PUSHED).is_empty());
        let (mut events, end) = innocent();
        events.truncate(4);
        assert_eq!(violations(&events, &end, Promise::ALL).len(), 4);
        assert!(violations(&events, &end, Promise { pushes: Pushes::Any, ..Promise::ALL }).is_empty());
    }
}

//! Records of a dead-letter queue as `cargo local redrive` reads, plans and shows them. Nothing here makes a call.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context as _;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// What stands for a reason where none was given.
const UNSAID: &str = "none given: the queue moved it after its last receive (the function crashed or ran out of time)";

/// A record of a dead-letter queue. It has no `Debug`: its body is never shown.
pub struct Letter {
    /// The record's id in the dead-letter queue; it stays the same however often the record is received.
    pub id: String,
    /// What its latest receive is answered with.
    pub receipt: String,
    /// Its message group.
    pub group: String,
    /// Its present deduplication id.
    pub dedup: String,
    /// Why it was given up, if that was said.
    pub reason: Option<String>,
    /// What goes back, as it is.
    pub body: String,
}

impl Letter {
    /// Reads the records that a receive answered with, in its order.
    ///
    /// # Errors
    /// One lacks what every FIFO record has.
    pub fn read_all(answer: &Value) -> anyhow::Result<Vec<Self>> {
        answer.get("Messages").and_then(Value::as_array).into_iter().flatten().map(Self::read).collect()
    }

    /// Reads the records of an ordinary queue to which Lambda gives events that a function did not take. They stand in no
    /// group; the function stands for one.
    ///
    /// # Errors
    /// One lacks what every record has.
    pub fn read_events(answer: &Value, function: &str) -> anyhow::Result<Vec<Self>> {
        let read = |message: &Value| {
            let find = |pointer: &str| message.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
            let id = find("/MessageId").context("SQS gave a record without an id")?;
            let text = |pointer: &str| find(pointer).with_context(|| format!("SQS gave record {id} without {pointer}"));
            Ok(Self {
                receipt: text("/ReceiptHandle")?,
                group: function.to_owned(),
                dedup: id.clone(),
                reason: find("/MessageAttributes/ErrorMessage/StringValue"),
                body: text("/Body")?,
                id,
            })
        };
        answer.get("Messages").and_then(Value::as_array).into_iter().flatten().map(read).collect()
    }

    fn read(message: &Value) -> anyhow::Result<Self> {
        let find = |pointer: &str| message.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
        let id = find("/MessageId").context("SQS gave a record without an id")?;
        let text = |pointer: &str| find(pointer).with_context(|| format!("SQS gave record {id} without {pointer}"));
        Ok(Self {
            receipt: text("/ReceiptHandle")?,
            group: text("/Attributes/MessageGroupId")?,
            dedup: text("/Attributes/MessageDeduplicationId")?,
            reason: find("/MessageAttributes/reason/StringValue"),
            body: text("/Body")?,
            id,
        })
    }

    /// The deduplication id that it goes back under. Another than it had, or the source might swallow it; the same
    /// whenever this record is moved, so that the source swallows it if it was sent before but not yet deleted.
    pub fn next_dedup(&self) -> String {
        let mut hash = Sha256::new();
        for part in [&self.dedup, &self.id] {
            hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            hash.update(part);
        }
        hex::encode(hash.finalize())
    }
}

/// What a run has met and done.
#[derive(Default)]
pub struct Ledger {
    moved: usize,
    groups: BTreeSet<String>,
    /// Deduplication ids that this run sends records under.
    sent: BTreeSet<String>,
    /// Records that stay, by id: each with its latest receipt.
    held: BTreeMap<String, String>,
    held_groups: BTreeSet<String>,
    came_back: usize,
}

impl Ledger {
    /// Takes in received records and gives back those to be moved now, in their order; `None` if the receive brought
    /// nothing that was not known.
    ///
    /// A record that this run sent and that is here again died of the same cause again: it stays, or the run would
    /// never end, and so does what stands behind it in its group, since order holds.
    pub fn take(&mut self, letters: Vec<Letter>) -> Option<Vec<Letter>> {
        let known = self.held.len();
        let mut fresh = Vec::new();
        for letter in letters {
            let again = self.sent.contains(&letter.dedup);
            if again || self.held_groups.contains(&letter.group) {
                let new = self.held.insert(letter.id, letter.receipt).is_none();
                self.came_back += usize::from(new && again);
                self.held_groups.insert(letter.group);
            } else {
                fresh.push(letter);
            }
        }
        // Before they are sent: one whose answer is lost may have been sent all the same.
        self.sent.extend(fresh.iter().map(Letter::next_dedup));
        (!fresh.is_empty() || self.held.len() > known).then_some(fresh)
    }

    /// These were moved.
    pub fn moved(&mut self, letters: &[Letter]) {
        self.moved += letters.len();
        self.groups.extend(letters.iter().map(|letter| letter.group.clone()));
    }

    /// How many were moved.
    pub const fn count(&self) -> usize {
        self.moved
    }

    /// How many groups they were of.
    pub fn groups(&self) -> usize {
        self.groups.len()
    }

    /// How many were moved and are here again.
    pub const fn came_back(&self) -> usize {
        self.came_back
    }

    /// Receipts of the records that stay.
    pub fn held(&self) -> Vec<String> {
        self.held.values().cloned().collect()
    }
}

/// What a look at a dead-letter queue shows: ids and reasons.
#[derive(Default)]
pub struct Survey {
    receipts: BTreeMap<String, String>,
    reasons: BTreeMap<String, BTreeMap<String, Vec<String>>>,
}

impl Survey {
    /// Takes in received records; says how many were not known.
    pub fn take(&mut self, letters: Vec<Letter>) -> usize {
        let known = self.receipts.len();
        for letter in letters {
            if self.receipts.insert(letter.id.clone(), letter.receipt).is_none() {
                let reason = letter.reason.as_deref().map_or_else(|| UNSAID.to_owned(), printable);
                let groups = self.reasons.entry(reason).or_default();
                groups.entry(printable(&letter.group)).or_default().push(letter.id);
            }
        }
        self.receipts.len() - known
    }

    /// How many were looked at.
    pub fn count(&self) -> usize {
        self.receipts.len()
    }

    /// How many groups they are of.
    pub fn groups(&self) -> usize {
        let all: BTreeSet<&str> = self.reasons.values().flatten().map(|(group, _)| group.as_str()).collect();
        all.len()
    }

    /// Their receipts.
    pub fn receipts(&self) -> Vec<String> {
        self.receipts.values().cloned().collect()
    }

    /// What a person reads: each reason with its groups, each group with its records' ids.
    pub fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for (reason, groups) in &self.reasons {
            let records: usize = groups.values().map(Vec::len).sum();
            lines.push(format!("{records} of {} groups, reason: {reason}", groups.len()));
            lines.extend(groups.iter().map(|(group, ids)| format!("  group {group}: {}", ids.join(" "))));
        }
        lines
    }
}

/// Text from a queue that a terminal shows and does not obey.
fn printable(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn letter(id: &str, group: &str, dedup: &str) -> Letter {
        let [id, group, dedup] = [id, group, dedup].map(str::to_owned);
        Letter { receipt: format!("receipt of {id}"), id, group, dedup, reason: None, body: "secret".to_owned() }
    }

    fn ids(letters: &[Letter]) -> Vec<&str> {
        letters.iter().map(|letter| letter.id.as_str()).collect()
    }

    #[test]
    fn records_are_read_in_their_order() {
        let message = |id: &str, extra: Value| {
            let mut message = json!({"MessageId": id, "ReceiptHandle": "r", "Body": "b",
                "Attributes": {"MessageGroupId": "g", "MessageDeduplicationId": "d"}});
            message.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
            message
        };
        let reason = json!({"MessageAttributes": {"reason": {"StringValue": "why", "DataType": "String"}}});
        let letters = Letter::read_all(&json!({"Messages": [message("2", reason), message("1", json!({}))]})).unwrap();
        assert_eq!(ids(&letters), ["2", "1"]);
        assert_eq!((letters[0].reason.as_deref(), letters[1].reason.as_deref()), (Some("why"), None));
        assert!(Letter::read_all(&json!({})).unwrap().is_empty());
        let error = Letter::read_all(&json!({"Messages": [message("3", json!({"Attributes": {}}))]})).err().unwrap();
        assert!(error.to_string().contains("record 3 without /Attributes/MessageGroupId"), "{error}");
    }

    #[test]
    fn the_dedup_id_is_new_and_the_same_for_the_same_record() {
        let first = letter("m1", "g", "d").next_dedup();
        let mut received_again = letter("m1", "g", "d");
        received_again.receipt = "another".to_owned();
        assert_eq!(first, received_again.next_dedup());
        assert!(first.len() == 64 && first != "d", "within what SQS takes");
        assert_ne!(first, letter("m2", "g", "d").next_dedup(), "dead twice, moved twice");
        assert_ne!(letter("bc", "g", "a").next_dedup(), letter("c", "g", "ab").next_dedup());
    }

    #[test]
    fn what_comes_back_stays_with_what_is_behind_it_in_its_group() {
        let mut ledger = Ledger::default();
        let moved = ledger.take(vec![letter("m1", "a", "d1"), letter("m2", "b", "d2")]).unwrap();
        ledger.moved(&moved);
        let again = moved[0].next_dedup();
        let back = || vec![letter("m3", "a", &again), letter("m4", "a", "d4"), letter("m5", "b", "d5")];
        let fresh = ledger.take(back()).unwrap();
        assert_eq!(ids(&fresh), ["m5"]);
        ledger.moved(&fresh);
        assert_eq!((ledger.count(), ledger.groups(), ledger.came_back()), (3, 2, 1));
        assert_eq!(ledger.held(), ["receipt of m3", "receipt of m4"]);
        let known = back().into_iter().take(2).collect();
        assert!(ledger.take(known).is_none(), "nothing new: the run ends");
        assert!(ledger.take(vec![]).is_none());
        assert!(ledger.take(vec![letter("m6", "a", "d6")]).unwrap().is_empty(), "new, but it stays");
    }

    #[test]
    fn a_survey_shows_reasons_groups_and_ids_and_no_body() {
        let mut survey = Survey::default();
        let because = |mut letter: Letter, reason: &str| {
            letter.reason = Some(reason.to_owned());
            letter
        };
        let first = vec![
            because(letter("m1", "a", "d1"), "bad\u{1b}[2J"),
            letter("m2", "a", "d2"),
            because(letter("m3", "b", "d3"), "bad\u{1b}[2J"),
        ];
        assert_eq!(survey.take(first), 3);
        assert_eq!(survey.take(vec![letter("m2", "a", "d2")]), 0);
        assert_eq!((survey.count(), survey.groups(), survey.receipts().len()), (3, 2, 3));
        let lines = survey.lines();
        assert_eq!(lines[..3], ["2 of 2 groups, reason: bad [2J", "  group a: m1", "  group b: m3"]);
        assert_eq!(lines[3..], [format!("1 of 1 groups, reason: {UNSAID}"), "  group a: m2".to_owned()]);
        assert!(!lines.concat().contains("secret"));
    }
}

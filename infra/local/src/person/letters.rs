//! Queue records that are about a person: dead ones are deleted, those under way are looked at.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context as _;
use serde_json::Value;

use super::Person;
use super::records::Records;
use crate::cloud::Call;
use crate::dead_letters::Letter;
use crate::queue::{self, BATCH, Depth};

/// Seconds that records are kept from others while they are looked at.
const HOLD: u32 = 60;

/// How a person is told from others in a queue.
pub struct Marks {
    groups: BTreeSet<String>,
    /// The groups and the users' ids, as JSON quotes them.
    quoted: Vec<String>,
}

impl Marks {
    /// Of this person.
    pub fn of(person: &Person) -> Self {
        let groups: BTreeSet<String> = person.identities.keys().map(|group| group.as_str().to_owned()).collect();
        let users = person.identities.values().filter_map(|known| Some(known.identity.as_ref()?.user.clone()));
        let quoted = users.chain(groups.iter().cloned()).map(|text| Value::String(text).to_string()).collect();
        Self { groups, quoted }
    }

    fn fit(&self, letter: &Letter) -> bool {
        self.groups.contains(&letter.group) || self.quoted.iter().any(|text| letter.body.contains(text))
    }
}

/// What a look into a queue found.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Records about the person.
    pub theirs: usize,
    /// Records that could not be looked at: in a function's hands, or behind others of their group.
    pub unseen: usize,
}

/// Deletes the person's records from a dead-letter queue; how many. All others stay and are visible again.
///
/// # Errors
/// The queue cannot be read; whatever was deleted by then is deleted.
pub fn delete(records: &Records, url: &str, marks: &Marks) -> anyhow::Result<usize> {
    look(url, marks, true, &mut |calls| records.call(calls)).map(|found| found.theirs)
}

/// Looks for the person's records in a queue and leaves all as they were.
///
/// # Errors
/// The queue cannot be read.
pub fn count(records: &Records, url: &str, marks: &Marks) -> anyhow::Result<Found> {
    look(url, marks, false, &mut |calls| records.call(calls))
}

type Ask<'a> = dyn FnMut(&[Call]) -> anyhow::Result<Vec<Value>> + 'a;

fn look(url: &str, marks: &Marks, delete: bool, ask: &mut Ask<'_>) -> anyhow::Result<Found> {
    // Receipts of the records that stay, by id.
    let mut held = BTreeMap::new();
    let mut theirs = BTreeSet::new();
    let seen = look_at_all(url, marks, delete, &mut held, &mut theirs, ask);
    let receipts: Vec<String> = held.values().cloned().collect();
    let calls: Vec<Call> = queue::release(url, &receipts).into_iter().chain([queue::depth(url)]).collect();
    let answers = ask(&calls);
    seen?;
    let depth = Depth::read(answers.context("records are visible again in a minute only")?.last())?;
    Ok(Found { theirs: theirs.len(), unseen: depth.all.saturating_sub(held.len()) })
}

fn look_at_all(
    url: &str,
    marks: &Marks,
    delete: bool,
    held: &mut BTreeMap<String, String>,
    theirs: &mut BTreeSet<String>,
    ask: &mut Ask<'_>,
) -> anyhow::Result<()> {
    loop {
        let answer = ask(&[queue::receive(url, BATCH, HOLD)])?;
        let letters = Letter::read_all(answer.first().unwrap_or(&Value::Null))?;
        let mut fresh = false;
        let mut deletes = vec![];
        for letter in letters {
            let fits = marks.fit(&letter);
            fresh |= !held.contains_key(&letter.id);
            if fits {
                theirs.insert(letter.id.clone());
            }
            if fits && delete {
                deletes.push(queue::delete(url, &letter.receipt));
            } else {
                held.insert(letter.id, letter.receipt);
            }
        }
        ask(&deletes)?;
        if !fresh {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::{ChannelId, Identity};
    use serde_json::json;

    use super::super::Known;
    use super::*;

    /// Records (id, group, body, in flight) of a FIFO queue.
    struct Queue(Vec<(String, String, String, bool)>);

    impl Queue {
        fn answer(&mut self, call: &Call) -> Value {
            let arguments = call.arguments();
            match call.operation() {
                "receive_message" => {
                    let locked: Vec<String> =
                        self.0.iter().filter(|record| record.3).map(|record| record.1.clone()).collect();
                    let free = self.0.iter_mut().filter(|record| !locked.contains(&record.1)).take(10);
                    let messages = free.map(|(id, group, body, flying)| {
                        *flying = true;
                        json!({"MessageId": id, "ReceiptHandle": id, "Body": body,
                            "Attributes": {"MessageGroupId": group, "MessageDeduplicationId": "d"}})
                    });
                    json!({"Messages": messages.collect::<Vec<_>>()})
                }
                "delete_message" => {
                    self.0.retain(|record| arguments["ReceiptHandle"] != record.0);
                    json!({})
                }
                "change_message_visibility_batch" => {
                    for entry in arguments["Entries"].as_array().unwrap() {
                        self.0.iter_mut().filter(|one| entry["ReceiptHandle"] == one.0).for_each(|one| one.3 = false);
                    }
                    json!({})
                }
                "get_queue_attributes" => {
                    json!({"Attributes": {"ApproximateNumberOfMessages": self.0.len().to_string()}})
                }
                other => panic!("{other}"),
            }
        }

        fn look(&mut self, delete: bool) -> Found {
            let mut ask = |calls: &[Call]| Ok(calls.iter().map(|call| self.answer(call)).collect());
            look("http://q", &Marks::of(&person()), delete, &mut ask).unwrap()
        }
    }

    fn person() -> Person {
        let identity = Identity { channel: ChannelId::Web, account: "default".into(), user: "vis_1".into() };
        let customer = super::super::own(&identity.group());
        let known = Known { identity: Some(identity.clone()), member: None };
        Person { customer, identities: BTreeMap::from([(identity.group(), known)]) }
    }

    fn queue() -> Queue {
        let group = person().identities.keys().next().unwrap().to_string();
        let record = |index: usize| match index % 3 {
            0 => (group.clone(), "{}".to_owned()),
            1 => ("grp_other".to_owned(), format!(r#"{{"user":"vis_1{index}"}}"#)),
            _ => (format!("strange{index}"), r#"{"user":"vis_1"}"#.to_owned()),
        };
        let records = (0..40).map(|index| (format!("m{index}"), record(index)));
        Queue(records.map(|(id, (group, body))| (id, group, body, false)).collect())
    }

    #[test]
    fn all_records_about_a_person_go_and_no_others() {
        let mut queue = queue();
        assert_eq!(queue.look(true), Found { theirs: 27, unseen: 10 });
        assert_eq!(queue.0.len(), 13);
        assert!(queue.0.iter().all(|record| record.1 == "grp_other" && !record.3), "{:?}", queue.0);
        assert_eq!(queue.look(true).theirs, 0);
    }

    #[test]
    fn a_look_deletes_and_hides_nothing() {
        let mut queue = queue();
        assert!(queue.look(false).theirs > 0);
        assert!(queue.0.len() == 40 && queue.0.iter().all(|record| !record.3));
    }
}

//! An event source mapping as tests play it: it takes batches from a FIFO queue, invokes a function with them and
//! deletes what was done. Unlike the emulator's it runs several at a time, and it can mix groups, add copies of
//! records that were done, and lose answers.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::{DeleteMessageBatchRequestEntry, Message, MessageSystemAttributeName};
use serde_json::{Map, Value, json};
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::lambda::{Function, Outcome};

/// Records of one batch.
const BATCH: i32 = 10;
/// Between two looks at an empty queue.
const LOOK: Duration = Duration::from_millis(50);
/// Records that are remembered to be copied.
const REMEMBERED: usize = 200;

/// How a mapping treats its queue.
#[derive(Debug, Clone, Copy)]
pub struct Habits {
    /// Seconds for which records are hidden while they are worked on: short, so that a death costs little time.
    pub visibility: i32,
    /// Invocations at a time.
    pub at_a_time: usize,
    /// Whether groups are mixed within a batch, each in its order.
    pub mixed: bool,
    /// How many of a thousand records come with a copy of one that was done before.
    pub copied: u32,
    /// What all this is drawn from.
    pub seed: u64,
}

impl Habits {
    /// Nothing dies and nothing is lost: records come again only when they are put off.
    pub const PATIENT: Self = Self { visibility: 60, at_a_time: 4, mixed: false, copied: 0, seed: 1 };
}

impl Default for Habits {
    fn default() -> Self {
        Self { visibility: 3, ..Self::PATIENT }
    }
}

/// Changes what a function answered before it is read, as Lambda might find it.
type Garble = Box<dyn FnMut(Value) -> Value + Send>;

struct Inner {
    sqs: Client,
    queue: String,
    function: Arc<Function>,
    habits: Habits,
    rng: Mutex<fastrand::Rng>,
    done: Mutex<Vec<Value>>,
    garble: Mutex<Option<Garble>>,
    under_way: AtomicUsize,
    copies: AtomicUsize,
}

/// A running mapping; it lives as long as this value.
pub struct Mapping {
    inner: Arc<Inner>,
    pollers: Vec<JoinHandle<()>>,
}

impl fmt::Debug for Mapping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mapping").field("queue", &self.inner.queue).finish_non_exhaustive()
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        self.pollers.iter().for_each(JoinHandle::abort);
    }
}

impl Mapping {
    /// Starts to poll the queue at this URL.
    pub fn start(sqs: Client, queue: &str, function: Arc<Function>, habits: Habits) -> Self {
        let inner = Arc::new(Inner {
            sqs,
            queue: queue.to_owned(),
            function,
            rng: Mutex::new(fastrand::Rng::with_seed(habits.seed)),
            habits,
            done: Mutex::default(),
            garble: Mutex::default(),
            under_way: AtomicUsize::default(),
            copies: AtomicUsize::default(),
        });
        let pollers = (0..habits.at_a_time).map(|_| tokio::spawn(poll(Arc::clone(&inner)))).collect();
        Self { inner, pollers }
    }

    /// From now on answers pass through this.
    pub fn garble(&self, garble: impl FnMut(Value) -> Value + Send + 'static) {
        *self.inner.garble.lock().unwrap() = Some(Box::new(garble));
    }

    /// Batches that are being worked on.
    pub fn under_way(&self) -> usize {
        assert!(!self.pollers.iter().any(JoinHandle::is_finished), "a poller panicked");
        self.inner.under_way.load(Ordering::SeqCst)
    }

    /// Copies that were added to batches.
    pub fn copies(&self) -> usize {
        self.inner.copies.load(Ordering::SeqCst)
    }

    /// Records that were done, the latest last, as the function saw them.
    pub fn done(&self) -> Vec<Value> {
        self.inner.done.lock().unwrap().clone()
    }
}

async fn poll(inner: Arc<Inner>) {
    loop {
        let received = receive(&inner).await;
        if received.is_empty() {
            tokio::time::sleep(LOOK).await;
            continue;
        }
        inner.under_way.fetch_add(1, Ordering::SeqCst);
        run(&inner, &received).await;
        inner.under_way.fetch_sub(1, Ordering::SeqCst);
    }
}

async fn receive(inner: &Inner) -> Vec<Message> {
    let receive = inner.sqs.receive_message().queue_url(&inner.queue).max_number_of_messages(BATCH);
    let receive = receive.visibility_timeout(inner.habits.visibility);
    let receive = receive.message_system_attribute_names(MessageSystemAttributeName::All);
    receive.send().await.unwrap().messages.unwrap_or_default()
}

async fn run(inner: &Inner, received: &[Message]) {
    let mut records: Vec<Value> = received.iter().map(record).collect();
    let own = records.clone();
    disturb(inner, &mut records);
    let about = records.iter().map(|record| text(&record["attributes"]["MessageDeduplicationId"])).collect();
    let outcome = inner.function.invoke(&json!({ "Records": records }), about).await;
    let Outcome::Answered(mut answer) = outcome else { return };
    if let Some(garble) = inner.garble.lock().unwrap().as_mut() {
        answer = garble(answer);
    }
    let known: BTreeSet<String> = records.iter().map(|record| text(&record["messageId"])).collect();
    let Some(failed) = failures(&answer, &known) else { return };
    let done: Vec<Value> = own.into_iter().filter(|record| !failed.contains(&text(&record["messageId"]))).collect();
    if done.is_empty() {
        return;
    }
    let entries = done.iter().enumerate().map(|(index, record)| {
        let entry = DeleteMessageBatchRequestEntry::builder().id(index.to_string());
        entry.receipt_handle(text(&record["receiptHandle"])).build().unwrap()
    });
    let delete = inner.sqs.delete_message_batch().queue_url(&inner.queue).set_entries(Some(entries.collect()));
    delete.send().await.unwrap();
    let mut remembered = inner.done.lock().unwrap();
    remembered.extend(done);
    let surplus = remembered.len().saturating_sub(REMEMBERED);
    remembered.drain(..surplus);
}

/// Mixes groups and adds copies, as its habits are.
fn disturb(inner: &Inner, records: &mut Vec<Value>) {
    let mut rng = inner.rng.lock().unwrap();
    if inner.habits.mixed {
        *records = mixed(std::mem::take(records), &mut rng);
    }
    let copies = records.iter().filter(|_| rng.u32(0..1000) < inner.habits.copied).count();
    for _ in 0..copies {
        let Some(mut copy) = rng.choice(inner.done.lock().unwrap().as_slice()).cloned() else { return };
        copy["messageId"] = json!(Uuid::new_v4().to_string());
        records.insert(rng.usize(0..=records.len()), copy);
        inner.copies.fetch_add(1, Ordering::SeqCst);
    }
}

/// The records in another order, in which each group keeps its own.
fn mixed(records: Vec<Value>, rng: &mut fastrand::Rng) -> Vec<Value> {
    let group = |record: &Value| text(&record["attributes"]["MessageGroupId"]);
    let mut places: Vec<String> = records.iter().map(group).collect();
    rng.shuffle(&mut places);
    let mut left = records;
    let take = |place: &String| {
        let at = left.iter().position(|record| group(record) == *place).unwrap();
        left.remove(at)
    };
    places.iter().map(take).collect()
}

/// The records that an answer says failed, as Lambda reads it; `None`: all of them, because it cannot be read or names
/// one that was not in the batch.
pub fn failures(answer: &Value, known: &BTreeSet<String>) -> Option<BTreeSet<String>> {
    let list = match answer {
        Value::Null => return Some(BTreeSet::new()),
        Value::Object(answer) => match answer.get("batchItemFailures") {
            None | Some(Value::Null) => return Some(BTreeSet::new()),
            Some(list) => list.as_array()?,
        },
        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => return None,
    };
    let ids: Option<BTreeSet<String>> =
        list.iter().map(|item| Some(item.get("itemIdentifier")?.as_str()?.to_owned())).collect();
    ids.filter(|ids| ids.is_subset(known))
}

/// A record as a function is handed it at its first receive, for a batch of a test's own.
pub fn made_up(body: &str, group: &str, dedup: &str) -> Value {
    json!({
        "messageId": Uuid::new_v4().to_string(),
        "receiptHandle": Uuid::new_v4().to_string(),
        "body": body,
        "attributes": {
            "ApproximateReceiveCount": "1",
            "MessageGroupId": group,
            "MessageDeduplicationId": dedup,
        },
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:tested.fifo",
        "awsRegion": "us-east-1",
    })
}

/// A message as a function is handed it.
fn record(message: &Message) -> Value {
    let attributes: Map<String, Value> = message
        .attributes()
        .into_iter()
        .flatten()
        .map(|(name, value)| (name.as_str().to_owned(), json!(value)))
        .collect();
    json!({
        "messageId": message.message_id(),
        "receiptHandle": message.receipt_handle(),
        "body": message.body(),
        "attributes": attributes,
        "messageAttributes": {},
        "md5OfBody": message.md5_of_body(),
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:tested.fifo",
        "awsRegion": "us-east-1",
    })
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read_as_lambda_reads_them() {
        let known: BTreeSet<String> = ["a", "b"].map(str::to_owned).into();
        let none = Some(BTreeSet::new());
        assert_eq!(failures(&json!(null), &known), none);
        assert_eq!(failures(&json!({}), &known), none);
        assert_eq!(failures(&json!({ "batchItemFailures": [] }), &known), none);
        let one = json!({ "batchItemFailures": [{ "itemIdentifier": "b" }] });
        assert_eq!(failures(&one, &known), Some(BTreeSet::from(["b".to_owned()])));
        for wrong in ["x", ""] {
            let answer = json!({ "batchItemFailures": [{ "itemIdentifier": wrong }] });
            assert_eq!(failures(&answer, &known), None, "{wrong}");
        }
        for garbage in
            [json!("done"), json!([1]), json!({ "batchItemFailures": "b" }), json!({ "batchItemFailures": [{}] })]
        {
            assert_eq!(failures(&garbage, &known), None, "{garbage}");
        }
    }

    #[test]
    fn mixing_keeps_each_groups_order() {
        let record = |group: &str, number: usize| json!({ "attributes": { "MessageGroupId": group }, "n": number });
        let records: Vec<Value> = (0..12).map(|number| record(["a", "b", "c"][number / 4], number)).collect();
        let mut rng = fastrand::Rng::with_seed(1);
        let result = mixed(records.clone(), &mut rng);
        assert_ne!(result, records);
        for group in ["a", "b", "c"] {
            let of = |list: &[Value]| -> Vec<Value> {
                list.iter().filter(|record| record["attributes"]["MessageGroupId"] == group).cloned().collect()
            };
            assert_eq!(of(&result), of(&records));
        }
    }
}

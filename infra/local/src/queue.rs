//! The calls that look into one queue.

use anyhow::Context as _;
use serde_json::{Value, json};

use crate::cloud::Call;

/// Records that are received at a time: SQS gives no more.
pub const BATCH: usize = 10;
/// Seconds that a receive waits for a record. Not zero: only a receive that waits asks all of a queue's servers.
const WAIT: u32 = 1;

/// Receives up to so many records, kept from others for so many seconds.
pub fn receive(url: &str, most: usize, hold: u32) -> Call {
    let arguments = json!({
        "QueueUrl": url,
        "MaxNumberOfMessages": most.min(BATCH),
        "VisibilityTimeout": hold,
        "WaitTimeSeconds": WAIT,
        "MessageSystemAttributeNames": ["MessageGroupId", "MessageDeduplicationId"],
        // What we say, and what Lambda says of an event that its function did not take.
        "MessageAttributeNames": ["reason", "ErrorMessage"],
    });
    Call::new("sqs", "receive_message", arguments)
}

/// Lets others see received records at once.
pub fn release(url: &str, receipts: &[String]) -> Vec<Call> {
    let entry = |(index, receipt): (usize, &String)| json!({"Id": index.to_string(), "ReceiptHandle": receipt, "VisibilityTimeout": 0});
    let call = |chunk: &[String]| {
        let entries: Vec<Value> = chunk.iter().enumerate().map(entry).collect();
        Call::new("sqs", "change_message_visibility_batch", json!({"QueueUrl": url, "Entries": entries}))
    };
    receipts.chunks(BATCH).map(call).collect()
}

/// Deletes a received record.
pub fn delete(url: &str, receipt: &str) -> Call {
    Call::new("sqs", "delete_message", json!({"QueueUrl": url, "ReceiptHandle": receipt}))
}

/// Asks how many records there are.
pub fn depth(url: &str) -> Call {
    let names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"];
    Call::new("sqs", "get_queue_attributes", json!({"QueueUrl": url, "AttributeNames": names}))
}

/// How many records a queue holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Depth {
    /// All of them.
    pub all: usize,
    /// Those of them that somebody has received and not yet deleted.
    pub in_hands: usize,
}

impl Depth {
    /// Reads the answer to [`depth`].
    ///
    /// # Errors
    /// It does not say.
    pub fn read(answer: Option<&Value>) -> anyhow::Result<Self> {
        let count = |name: &str| -> Option<usize> { answer?.get("Attributes")?.get(name)?.as_str()?.parse().ok() };
        let visible = count("ApproximateNumberOfMessages").context("SQS did not say how many records there are")?;
        let in_hands = count("ApproximateNumberOfMessagesNotVisible").unwrap_or_default();
        Ok(Self { all: visible + in_hands, in_hands })
    }
}

//! A dead-letter queue, the queue that its records came from, and the calls that work on the two.

use std::collections::BTreeMap;

use anyhow::bail;
use serde_json::json;

use crate::cloud::{Call, Refusal};
use crate::dead_letters::Letter;
use crate::queue;

/// Seconds that records to be moved are kept from others: at one a second the last of a batch waits for ten. After a
/// crash, the next run waits as long for them.
pub const MOVE_HOLD: u32 = 60;

/// A dead-letter queue and the queue that its records came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// The source's name, such as `inbound`.
    pub name: String,
    /// URL of the dead-letter queue.
    pub dlq: String,
    /// URL of the source.
    pub source: String,
}

/// A queue's name as the stack has it, without the mark of a dead-letter queue.
pub fn plain(name: &str) -> String {
    let plain = name.to_lowercase().replace('_', "-");
    plain.strip_suffix("-dlq").unwrap_or(&plain).to_owned()
}

impl Pair {
    /// Finds a dead-letter queue among a stack's queues: `inbound`, `inbound_dlq` and `inbound-dlq` are the same.
    ///
    /// # Errors
    /// There is none of that name; the error lists those that are.
    pub fn find(queues: &BTreeMap<String, String>, name: &str) -> anyhow::Result<Self> {
        let plain = plain(name);
        if let (Some(dlq), Some(source)) = (queues.get(&format!("{plain}_dlq")), queues.get(&plain)) {
            return Ok(Self { dlq: dlq.clone(), source: source.clone(), name: plain });
        }
        let known: Vec<&str> = queues.keys().filter_map(|name| name.strip_suffix("_dlq")).collect();
        bail!("there is no dead-letter queue `{name}`; there are {}", known.join(", "));
    }

    /// Send and delete, record by record and no faster than `rate` a second; then, if there is room for more, a receive.
    pub fn moves(&self, letters: &[Letter], rate: u32, room: usize) -> Vec<Call> {
        let mut calls = Vec::new();
        let mut at = 0.0;
        for letter in letters {
            let send = json!({
                "QueueUrl": self.source,
                "MessageBody": letter.body,
                "MessageGroupId": letter.group,
                "MessageDeduplicationId": letter.next_dedup(),
            });
            calls.push(Call::new("sqs", "send_message", send).not_before(at));
            calls.push(queue::delete(&self.dlq, &letter.receipt));
            at += 1.0 / f64::from(rate.max(1));
        }
        if room > 0 {
            // It waits for the last one's turn to be over too, so that the next list may begin at once.
            calls.push(self.receive(room, MOVE_HOLD).not_before(at));
        }
        calls
    }

    /// Receives up to so many records, kept from others for so many seconds.
    pub fn receive(&self, most: usize, hold: u32) -> Call {
        queue::receive(&self.dlq, most, hold)
    }

    /// Lets others see received records at once.
    pub fn release(&self, receipts: &[String]) -> Vec<Call> {
        queue::release(&self.dlq, receipts)
    }

    /// Asks how many records there are.
    pub fn depth(&self) -> Call {
        queue::depth(&self.dlq)
    }

    /// What AWS said, and what to do about it.
    pub fn mend(&self, refusal: &Refusal) -> String {
        let Refusal { code, message } = refusal;
        let advice = if code.contains("AccessDenied") {
            format!(
                "; your AWS user needs sqs:ReceiveMessage, sqs:DeleteMessage, sqs:ChangeMessageVisibility and \
                 sqs:GetQueueAttributes on {}, and sqs:SendMessage on {}",
                self.dlq, self.source
            )
        } else if code.contains("NonExistentQueue") || code.contains("QueueDoesNotExist") {
            "; deploy this checkout's template.yaml, which makes the queue".to_owned()
        } else if code.contains("Throttl") {
            "; wait a little and give a lower --rate".to_owned()
        } else {
            String::new()
        };
        format!("{message}{advice}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_queue_is_found_by_each_of_its_names() {
        let names = ["inbound", "inbound_dlq", "outbound-web", "outbound-web_dlq", "media"];
        let queues = names.map(|name| (name.to_owned(), format!("http://q/{name}"))).into();
        for name in ["outbound-web", "outbound-web_dlq", "outbound-web-dlq", "outbound_web", "Outbound-Web-DLQ"] {
            let pair = Pair::find(&queues, name).unwrap();
            assert_eq!(pair.dlq, "http://q/outbound-web_dlq", "{name}");
            assert_eq!(pair.source, "http://q/outbound-web", "{name}");
            assert_eq!(pair.name, "outbound-web");
        }
        for name in ["outbound", "media", "", "inbound_dlq_dlq"] {
            let error = Pair::find(&queues, name).unwrap_err().to_string();
            assert!(error.ends_with("there are inbound, outbound-web"), "{error}");
        }
    }

    #[test]
    fn records_are_paced_and_each_is_deleted_right_after_it_was_sent() {
        let queues = ["inbound", "inbound_dlq"].map(|name| (name.to_owned(), format!("http://q/{name}"))).into();
        let pair = Pair::find(&queues, "inbound").unwrap();
        let message = |id: usize| {
            json!({"MessageId": id.to_string(), "ReceiptHandle": "r", "Body": "b",
                "Attributes": {"MessageGroupId": "g", "MessageDeduplicationId": "d"}})
        };
        let letters = Letter::read_all(&json!({"Messages": [message(1), message(2), message(3)]})).unwrap();
        let calls = pair.moves(&letters, 4, 1);
        let plan: Vec<(&str, f64)> = calls.iter().map(|call| (call.operation(), call.at())).collect();
        let (send, delete) = ("send_message", ("delete_message", 0.0));
        let wanted = [(send, 0.0), delete, (send, 0.25), delete, (send, 0.5), delete, ("receive_message", 0.75)];
        assert_eq!(plan, wanted);
        assert_eq!(pair.moves(&[], 20, 0).len(), 0);
    }
}

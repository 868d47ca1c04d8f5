//! The dead-letter queues of the functions that take AWS's events: `<stack>-receive-<channel>-dlq`, ordinary queues whose
//! records are whole events. Their way back is an invocation of the function.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::cloud::{Call, Refusal};
use crate::dead_letter_queue;
use crate::dead_letters::Letter;
use crate::queue;

/// What their names begin with.
const PREFIX: &str = "receive-";

/// Such a queue, and the function that its events are for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Door {
    /// What it is called, such as `receive-email`.
    pub name: String,
    /// The function's name.
    pub function: String,
    /// URL of the queue.
    pub dlq: String,
}

/// Asks for the doors' queues of a stack.
pub fn list(stack: &str) -> Call {
    Call::new("sqs", "list_queues", json!({"QueueNamePrefix": format!("{stack}-receive-"), "MaxResults": 1000}))
}

/// Reads the answer to [`list`]: URLs by name, such as `receive-email_dlq`.
pub fn read(answer: &Value, stack: &str) -> BTreeMap<String, String> {
    let urls = answer.get("QueueUrls").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    let named = |url: &str| {
        let name = url.rsplit('/').next()?.strip_prefix(stack)?.strip_prefix('-')?.strip_suffix("-dlq")?;
        name.starts_with(PREFIX).then(|| (format!("{name}_dlq"), url.to_owned()))
    };
    urls.filter_map(named).collect()
}

/// Whether a name can only be a door's.
pub fn is_named(name: &str) -> bool {
    dead_letter_queue::plain(name).starts_with(PREFIX)
}

impl Door {
    /// Finds one among a stack's queues; `None`: the name is none of a door's.
    pub fn find(queues: &BTreeMap<String, String>, stack: &str, name: &str) -> Option<Self> {
        let name = dead_letter_queue::plain(name);
        let dlq = queues.get(&format!("{name}_dlq")).filter(|_| is_named(&name))?;
        Some(Self { function: format!("{stack}-{name}"), dlq: dlq.clone(), name })
    }

    /// Reads the records that a receive answered with.
    ///
    /// # Errors
    /// One lacks what every record has.
    pub fn letters(&self, answer: &Value) -> anyhow::Result<Vec<Letter>> {
        Letter::read_events(answer, &self.name)
    }

    /// Hands events over, no faster than `rate` a second. The function's answer is waited for: who takes an event says so,
    /// and what is not taken stays where it is.
    pub fn invokes(&self, letters: &[Letter], rate: u32) -> Vec<Call> {
        let mut at = 0.0;
        let invoke = |letter: &Letter| {
            at += 1.0 / f64::from(rate.max(1));
            let arguments =
                json!({"FunctionName": self.function, "InvocationType": "RequestResponse", "Payload": letter.body});
            Call::new("lambda", "invoke", arguments).not_before(at)
        };
        letters.iter().map(invoke).collect()
    }

    /// Whether the function has taken what it was invoked with.
    pub fn is_taken(answer: &Value) -> bool {
        answer.get("StatusCode").and_then(Value::as_u64) == Some(200) && answer.get("FunctionError").is_none()
    }

    /// Receives up to so many records, kept from others for so many seconds.
    pub fn receive(&self, most: usize, hold: u32) -> Call {
        queue::receive(&self.dlq, most, hold)
    }

    /// What AWS said, and what to do about it.
    pub fn mend(&self, refusal: &Refusal) -> String {
        let Refusal { code, message } = refusal;
        let advice = if code.contains("AccessDenied") {
            format!(
                "; your AWS user needs sqs:ReceiveMessage, sqs:DeleteMessage, sqs:ChangeMessageVisibility and \
                 sqs:GetQueueAttributes on {}, and lambda:InvokeFunction on {}",
                self.dlq, self.function
            )
        } else if code.contains("Throttl") || code.contains("TooManyRequests") {
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
    fn a_door_is_found_by_each_of_its_names() {
        let urls =
            ["desk-receive-email-dlq", "desk-receive-sms-dlq", "desk-receive-sms", "desk-receive-inbound-dlq.fifo"];
        let answer = json!({"QueueUrls": urls.map(|name| format!("http://q/1/{name}"))});
        let queues = read(&answer, "desk");
        assert_eq!(queues.keys().collect::<Vec<_>>(), ["receive-email_dlq", "receive-sms_dlq"]);
        assert_eq!(read(&json!({}), "desk"), BTreeMap::new());
        for name in ["receive-email", "receive-email-dlq", "Receive_Email_DLQ"] {
            let door = Door::find(&queues, "desk", name).unwrap();
            assert_eq!((door.name.as_str(), door.function.as_str()), ("receive-email", "desk-receive-email"));
            assert_eq!(door.dlq, "http://q/1/desk-receive-email-dlq");
        }
        for name in ["email", "receive-", "receive-line", "inbound"] {
            assert_eq!(Door::find(&queues, "desk", name), None, "{name}");
        }
    }

    #[test]
    fn an_event_is_taken_only_when_the_function_says_so() {
        assert!(Door::is_taken(&json!({"StatusCode": 200, "Payload": "null"})));
        assert!(!Door::is_taken(&json!({"StatusCode": 200, "FunctionError": "Unhandled"})));
        assert!(!Door::is_taken(&json!({})));
    }
}

//! Records that are given up or put off.

use app::PortError;
use app::ports::{DeadLetter, DeadLetters, PutOff};
use async_trait::async_trait;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::BuildError;
use aws_sdk_sqs::types::{ChangeMessageVisibilityBatchRequestEntry, MessageAttributeValue};

use crate::Aws;
use crate::error::failed;

/// Bytes of a reason that are kept.
const REASON_CHARS: usize = 500;
/// Entries of one batch (SQS takes no more).
const BATCH: usize = 10;

/// A dead-letter queue.
#[derive(Debug, Clone)]
pub struct SqsDeadLetters {
    client: Client,
    url: String,
}

impl SqsDeadLetters {
    /// The queue at this URL.
    pub fn new(aws: &Aws, url: &str) -> Self {
        Self { client: Client::new(&aws.config), url: url.to_owned() }
    }
}

fn attribute(value: &str) -> Result<MessageAttributeValue, BuildError> {
    MessageAttributeValue::builder().data_type("String").string_value(value).build()
}

#[async_trait]
impl DeadLetters for SqsDeadLetters {
    async fn put(&self, letter: &DeadLetter<'_>) -> Result<(), PortError> {
        const DOING: &str = "put a record on the dead-letter queue";
        let reason: String = letter.reason.chars().take(REASON_CHARS).collect();
        let reason = attribute(&reason).map_err(|error| PortError::permanent(DOING, error))?;
        self.client
            .send_message()
            .queue_url(&self.url)
            .message_body(letter.body)
            .message_group_id(letter.group)
            .message_deduplication_id(letter.dedup)
            .message_attributes("reason", reason)
            .send()
            .await
            .map_err(failed(DOING))?;
        Ok(())
    }
}

/// Puts off records of one queue.
#[derive(Debug, Clone)]
pub struct SqsPutOff {
    client: Client,
    url: String,
}

impl SqsPutOff {
    /// The queue at this URL.
    pub fn new(aws: &Aws, url: &str) -> Self {
        Self { client: Client::new(&aws.config), url: url.to_owned() }
    }
}

#[async_trait]
impl PutOff for SqsPutOff {
    async fn put_off(&self, receipts: &[String], seconds: u32) -> Result<(), PortError> {
        const DOING: &str = "put off records";
        for chunk in receipts.chunks(BATCH) {
            let entries = chunk.iter().enumerate().map(|(index, receipt)| {
                ChangeMessageVisibilityBatchRequestEntry::builder()
                    .id(index.to_string())
                    .receipt_handle(receipt)
                    .visibility_timeout(i32::try_from(seconds).unwrap_or(i32::MAX))
                    .build()
            });
            let entries: Vec<_> =
                entries.collect::<Result<_, _>>().map_err(|error| PortError::permanent(DOING, error))?;
            let change = self.client.change_message_visibility_batch().queue_url(&self.url).set_entries(Some(entries));
            change.send().await.map_err(failed(DOING))?;
        }
        Ok(())
    }
}

//! The inbound queue.

use std::collections::{HashSet, VecDeque};

use app::PortError;
use app::envelope::write_inbound;
use app::ports::InboundQueue;
use async_trait::async_trait;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use domain::InboundEvent;

use crate::Aws;
use crate::error::failed;

/// Entries of one batch (SQS takes no more).
const BATCH: usize = 10;
/// Bytes of one batch: SQS takes 256 KiB, attributes included.
const BATCH_BYTES: usize = 240 * 1024;

/// `inbound.fifo`.
#[derive(Debug, Clone)]
pub struct SqsInbound {
    client: Client,
    url: String,
}

impl SqsInbound {
    /// The queue at this URL.
    pub fn new(aws: &Aws, url: &str) -> Self {
        Self { client: Client::new(&aws.config), url: url.to_owned() }
    }
}

#[async_trait]
impl InboundQueue for SqsInbound {
    async fn send(&self, events: &[InboundEvent]) -> Result<(), PortError> {
        const DOING: &str = "send to the inbound queue";
        let mut seen = HashSet::new();
        // The same event twice in one request is one event.
        let mut rest: VecDeque<(&InboundEvent, String)> =
            events.iter().filter(|event| seen.insert(&event.id)).map(|event| (event, write_inbound(event))).collect();
        // Batches go one after the other: what follows in a group must not overtake.
        while !rest.is_empty() {
            let mut entries = vec![];
            let mut bytes = 0;
            while let Some((event, body)) = rest.pop_front() {
                bytes += body.len();
                if !entries.is_empty() && (entries.len() == BATCH || bytes > BATCH_BYTES) {
                    rest.push_front((event, body));
                    break;
                }
                let entry = SendMessageBatchRequestEntry::builder()
                    .id(entries.len().to_string())
                    .message_body(body)
                    .message_group_id(event.identity.group().as_str())
                    .message_deduplication_id(event.id.as_str())
                    .build()
                    .map_err(|error| PortError::permanent(DOING, error))?;
                entries.push(entry);
            }
            let sent = self.client.send_message_batch().queue_url(&self.url).set_entries(Some(entries)).send().await;
            let sent = sent.map_err(failed(DOING))?;
            if let Some(entry) = sent.failed().first() {
                return Err(PortError::transient(DOING, format!("an entry was refused: {}", entry.code())));
            }
        }
        Ok(())
    }
}

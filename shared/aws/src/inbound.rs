//! The inbound queue.

use std::collections::{HashSet, VecDeque};

use app::PortError;
use app::envelope::{Unreadable, write_inbound, write_unreadable};
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
        let entries = events.iter().map(|event| Entry {
            group: event.identity.group().into(),
            dedup: event.id.as_str().to_owned(),
            body: write_inbound(event),
        });
        self.batches(entries).await
    }

    async fn quarantine(&self, parts: &[Unreadable]) -> Result<(), PortError> {
        let entries = parts.iter().map(|part| {
            let id = part.id().as_str().to_owned();
            Entry { group: id.clone(), dedup: id, body: write_unreadable(part) }
        });
        self.batches(entries).await
    }
}

/// A message for the queue.
struct Entry {
    group: String,
    dedup: String,
    body: String,
}

impl SqsInbound {
    async fn batches(&self, entries: impl Iterator<Item = Entry>) -> Result<(), PortError> {
        const DOING: &str = "send to the inbound queue";
        let mut seen = HashSet::new();
        // The same event twice in one request is one event.
        let mut rest: VecDeque<Entry> = entries.filter(|entry| seen.insert(entry.dedup.clone())).collect();
        // Batches go one after the other: what follows in a group must not overtake.
        while !rest.is_empty() {
            let mut entries = vec![];
            let mut bytes = 0;
            while let Some(entry) = rest.pop_front() {
                bytes += entry.body.len();
                if !entries.is_empty() && (entries.len() == BATCH || bytes > BATCH_BYTES) {
                    rest.push_front(entry);
                    break;
                }
                let entry = SendMessageBatchRequestEntry::builder()
                    .id(entries.len().to_string())
                    .message_body(entry.body)
                    .message_group_id(entry.group)
                    .message_deduplication_id(entry.dedup)
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

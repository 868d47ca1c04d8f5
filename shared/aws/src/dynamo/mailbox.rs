//! The mailbox that visitors read: the deliveries made to them, in order.

use app::PortError;
use app::ports::Mailbox;
use app::table::keys::{self, BODY, PK, SK};
use app::table::stored::read_delivery;
use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use domain::{GroupId, Outbound};

use super::item::{stored, text};
use crate::Aws;
use crate::error::failed;

/// Mailboxes in the table.
#[derive(Debug, Clone)]
pub struct DynamoMailbox {
    client: Client,
    table: String,
}

impl DynamoMailbox {
    /// In this table.
    pub fn new(aws: &Aws, table: &str) -> Self {
        Self { client: Client::new(&aws.config), table: table.to_owned() }
    }
}

#[async_trait]
impl Mailbox for DynamoMailbox {
    async fn after(&self, group: &GroupId, seq: u64, limit: usize) -> Result<Vec<Outbound>, PortError> {
        let mut found = vec![];
        let mut from = None;
        loop {
            let read = self
                .client
                .query()
                .table_name(&self.table)
                .key_condition_expression("#pk = :pk AND #sk BETWEEN :first AND :end")
                // What was erased keeps its key.
                .filter_expression("attribute_exists(#body)")
                .expression_attribute_names("#pk", PK)
                .expression_attribute_names("#sk", SK)
                .expression_attribute_names("#body", BODY)
                .expression_attribute_values(":pk", text(group.as_str()))
                .expression_attribute_values(":first", text(keys::delivery(seq.saturating_add(1))))
                .expression_attribute_values(":end", text(keys::DELIVERY_END))
                // A reader who has just opened a socket must see all that was not pushed to it.
                .consistent_read(true)
                .limit(i32::try_from(limit).unwrap_or(i32::MAX))
                .set_exclusive_start_key(from)
                .send()
                .await
                .map_err(failed("read the mailbox"))?;
            for item in read.items() {
                found.push(read_delivery(stored(item))?);
            }
            from = read.last_evaluated_key;
            if found.len() >= limit || from.is_none() {
                found.truncate(limit);
                return Ok(found);
            }
        }
    }
}

//! When a person of the company was last at work: one row, and nobody's name.

use app::PortError;
use app::ports::People;
use app::table::keys;
use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use domain::UnixMillis;

use super::item::{key, number, whole};
use crate::Aws;
use crate::error::failed;

/// The time in the table.
#[derive(Debug, Clone)]
pub struct DynamoPeople {
    client: Client,
    table: String,
}

impl DynamoPeople {
    /// In this table.
    pub fn new(aws: &Aws, table: &str) -> Self {
        Self { client: Client::new(&aws.config), table: table.to_owned() }
    }
}

#[async_trait]
impl People for DynamoPeople {
    async fn seen(&self, at: UnixMillis) -> Result<(), PortError> {
        let update = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key(keys::PEOPLE, keys::SEEN)))
            .update_expression("SET #at = :at")
            .condition_expression("attribute_not_exists(#at) OR #at < :at")
            .expression_attribute_names("#at", keys::AT)
            .expression_attribute_values(":at", number(at.0));
        match update.send().await {
            Ok(_) => Ok(()),
            // A later time stands there.
            Err(error)
                if matches!(error.as_service_error(), Some(UpdateItemError::ConditionalCheckFailedException(_))) =>
            {
                Ok(())
            }
            Err(error) => Err(failed("note that a person is at work")(error)),
        }
    }

    async fn last_seen(&self) -> Result<Option<UnixMillis>, PortError> {
        let read =
            self.client.get_item().table_name(&self.table).set_key(Some(key(keys::PEOPLE, keys::SEEN))).send().await;
        let row = read.map_err(failed("read when a person was at work"))?.item;
        Ok(whole(row.as_ref(), keys::AT).map(UnixMillis))
    }
}

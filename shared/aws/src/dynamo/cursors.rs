//! How far accounts' messages have been fetched.

use app::PortError;
use app::ports::{Cursors, Place};
use app::table::keys::{self, PK, VERSION};
use app::table::stored::{read_place, write_place};
use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use domain::ChannelId;

use super::item::{key, lasting, number, stored};
use crate::Aws;
use crate::error::failed;

/// Cursors in the table.
#[derive(Debug, Clone)]
pub struct DynamoCursors {
    client: Client,
    table: String,
}

impl DynamoCursors {
    /// In this table.
    pub fn new(aws: &Aws, table: &str) -> Self {
        Self { client: Client::new(&aws.config), table: table.to_owned() }
    }
}

#[async_trait]
impl Cursors for DynamoCursors {
    async fn load(&self, channel: ChannelId, account: &str) -> Result<Option<Place>, PortError> {
        let read = self
            .client
            .get_item()
            .table_name(&self.table)
            .set_key(Some(key(&keys::pulled(channel, account), keys::CURSOR)))
            .consistent_read(true)
            .send()
            .await
            .map_err(failed("read a cursor"))?;
        read.item.as_ref().map(|item| read_place(stored(item))).transpose()
    }

    async fn advance(&self, channel: ChannelId, account: &str, to: &Place) -> Result<bool, PortError> {
        let mut item = lasting(&keys::pulled(channel, account), keys::CURSOR, write_place(to));
        item.insert(VERSION.to_owned(), number(to.version));
        let put = self.client.put_item().table_name(&self.table).set_item(Some(item));
        let put = match to.version {
            0 | 1 => put.condition_expression("attribute_not_exists(#key)").expression_attribute_names("#key", PK),
            version => put
                .condition_expression("#version = :read")
                .expression_attribute_names("#version", VERSION)
                .expression_attribute_values(":read", number(version - 1)),
        };
        let Err(error) = put.send().await else { return Ok(true) };
        if error.as_service_error().is_some_and(PutItemError::is_conditional_check_failed_exception) {
            return Ok(false);
        }
        Err(failed("move a cursor")(error))
    }
}

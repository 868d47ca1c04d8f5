//! What the language model costs, a row a day.

use app::PortError;
use app::model::Spending;
use app::table::keys;
use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::ReturnValue;

use super::item::{key, number, whole};
use crate::Aws;
use crate::error::failed;

/// Days for which a day's sum is kept.
const KEPT: i64 = 40;
const DAY_SECONDS: i64 = 24 * 60 * 60;

/// Sums in the table.
#[derive(Debug, Clone)]
pub struct DynamoSpending {
    client: Client,
    table: String,
}

impl DynamoSpending {
    /// In this table.
    pub fn new(aws: &Aws, table: &str) -> Self {
        Self { client: Client::new(&aws.config), table: table.to_owned() }
    }
}

#[async_trait]
impl Spending for DynamoSpending {
    async fn spend(&self, day: i64, tokens: i64) -> Result<u64, PortError> {
        let update = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key(keys::MODEL, keys::day(day))))
            .update_expression("SET #ttl = :ttl ADD #tokens :more")
            .expression_attribute_names("#ttl", keys::TTL)
            .expression_attribute_names("#tokens", keys::TOKENS)
            .expression_attribute_values(":ttl", number(day.saturating_add(KEPT).saturating_mul(DAY_SECONDS)))
            .expression_attribute_values(":more", number(tokens))
            .return_values(ReturnValue::UpdatedNew);
        let updated = update.send().await.map_err(failed("count the language model's tokens"))?;
        let sum: i64 = whole(updated.attributes.as_ref(), keys::TOKENS).unwrap_or_default();
        Ok(u64::try_from(sum).unwrap_or_default())
    }
}

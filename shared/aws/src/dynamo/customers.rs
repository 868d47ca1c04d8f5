//! Customers' members, as commits have written them.

use app::PortError;
use app::customers::Member;
use app::ports::Customers;
use app::table::keys::{MEMBER, PK, SK};
use app::table::stored::read_member;
use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use domain::CustomerId;

use super::item::{stored, text};
use crate::Aws;
use crate::error::failed;

/// Customers in the table.
#[derive(Debug, Clone)]
pub struct DynamoCustomers {
    client: Client,
    table: String,
}

impl DynamoCustomers {
    /// In this table.
    pub fn new(aws: &Aws, table: &str) -> Self {
        Self { client: Client::new(&aws.config), table: table.to_owned() }
    }
}

#[async_trait]
impl Customers for DynamoCustomers {
    async fn members(&self, customer: &CustomerId) -> Result<Vec<Member>, PortError> {
        let mut members = vec![];
        let mut from = None;
        loop {
            let read = self
                .client
                .query()
                .table_name(&self.table)
                .key_condition_expression("#pk = :pk AND begins_with(#sk, :member)")
                .expression_attribute_names("#pk", PK)
                .expression_attribute_names("#sk", SK)
                .expression_attribute_values(":pk", text(customer.as_str()))
                .expression_attribute_values(":member", text(MEMBER))
                .consistent_read(true)
                .set_exclusive_start_key(from)
                .send()
                .await
                .map_err(failed("read a customer's members"))?;
            for item in read.items() {
                members.push(read_member(stored(item))?);
            }
            from = read.last_evaluated_key;
            if from.is_none() {
                return Ok(members);
            }
        }
    }
}

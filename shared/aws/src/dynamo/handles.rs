//! Whose addresses are: the first account that proves one owns it, a second contests it.

use app::PortError;
use app::customers::Address;
use app::ports::{HandleOwner, Handles};
use app::table::keys::{self, OWNER, PK, TTL, V};
use app::table::stored::{VERSION, write_address};
use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{CancellationReason, Put, TransactWriteItem, Update};
use domain::{CustomerId, Handle, UnixMillis};

use super::Retention;
use super::item::{Item, item, key, number, text, whole};
use crate::Aws;
use crate::error::failed;

const DOING: &str = "claim an address";
/// Times a claim is made anew because another one came first.
const ATTEMPTS: usize = 5;
/// Seconds for which a claim that was made or renewed is not renewed: people sign in often.
const FRESH_SECONDS: i64 = 24 * 60 * 60;

/// Addresses in the table. What an account proved goes when it has not proved it again for as long as texts are kept:
/// addresses get other owners.
#[derive(Debug, Clone)]
pub struct DynamoHandles {
    client: Client,
    table: String,
    retention: Retention,
}

impl DynamoHandles {
    /// In this table.
    pub fn new(aws: &Aws, table: &str, retention: Retention) -> Self {
        Self { client: Client::new(&aws.config), table: table.to_owned(), retention }
    }

    async fn row(&self, handle: &Handle) -> Result<Option<Item>, PortError> {
        let read = self
            .client
            .get_item()
            .table_name(&self.table)
            .set_key(Some(key(&keys::handle(&handle.key()), keys::CUSTOMER)))
            // Whoever has just claimed it must not be overlooked.
            .consistent_read(true)
            .send()
            .await
            .map_err(failed("read whose an address is"))?;
        Ok(read.item)
    }

    /// Writes the handle as this step leaves it, and the customer's address beside it.
    fn writes(
        &self,
        handle: &Handle,
        customer: &CustomerId,
        step: Step,
        now: UnixMillis,
    ) -> Result<Vec<TransactWriteItem>, BuildError> {
        let (handle_key, ends) = (keys::handle(&handle.key()), self.retention.ends(now));
        let update = Update::builder()
            .table_name(&self.table)
            .set_key(Some(key(&handle_key, keys::CUSTOMER)))
            .expression_attribute_names("#owner", OWNER)
            .expression_attribute_names("#ttl", TTL)
            .expression_attribute_names("#v", V)
            .expression_attribute_values(":customer", text(customer.as_str()))
            .expression_attribute_values(":ttl", number(ends))
            .expression_attribute_values(":v", number(VERSION));
        let own = "SET #owner = :customer, #ttl = :ttl, #v = :v";
        let update = match step {
            Step::Take => update
                .update_expression(own)
                .condition_expression("attribute_not_exists(#pk)")
                .expression_attribute_names("#pk", PK),
            Step::Renew => update.update_expression(own).condition_expression("#owner = :customer"),
            Step::Contest => update
                .update_expression("SET #ttl = :ttl, #v = :v REMOVE #owner")
                .condition_expression("attribute_exists(#pk) AND (attribute_not_exists(#owner) OR #owner <> :customer)")
                .expression_attribute_names("#pk", PK),
        };
        let address = Address { kind: handle.kind(), at: now };
        let address = item(customer.as_str(), handle_key, write_address(&address), ends);
        let put = Put::builder().table_name(&self.table).set_item(Some(address)).build()?;
        Ok(vec![
            TransactWriteItem::builder().update(update.build()?).build(),
            TransactWriteItem::builder().put(put).build(),
        ])
    }
}

/// What a claim does to a handle.
#[derive(Clone, Copy, PartialEq)]
enum Step {
    /// Nobody has it.
    Take,
    /// It is the customer's already.
    Renew,
    /// It is another's, or nobody's any more.
    Contest,
}

fn owner_of(item: &Item) -> Result<HandleOwner, PortError> {
    let Some(owner) = item.get(OWNER) else { return Ok(HandleOwner::Contested) };
    let customer = owner.as_s().ok().and_then(|owner| owner.parse().ok());
    let wrong = || PortError::permanent("read whose an address is", "its owner is no customer");
    customer.map(HandleOwner::Customer).ok_or_else(wrong)
}

/// Whether another claim came first.
fn came_second(reasons: &[CancellationReason]) -> bool {
    let codes = reasons.iter().filter_map(CancellationReason::code);
    let mut codes = codes.filter(|code| *code != "None").peekable();
    codes.peek().is_some() && codes.all(|code| matches!(code, "ConditionalCheckFailed" | "TransactionConflict"))
}

#[async_trait]
impl Handles for DynamoHandles {
    async fn claim(&self, handle: &Handle, customer: &CustomerId, now: UnixMillis) -> Result<HandleOwner, PortError> {
        for _ in 0..ATTEMPTS {
            let row = self.row(handle).await?;
            let step = match row.as_ref().map(owner_of).transpose()? {
                None => Step::Take,
                Some(HandleOwner::Customer(owner)) if owner == *customer => Step::Renew,
                Some(HandleOwner::Customer(_) | HandleOwner::Contested) => Step::Contest,
            };
            let renewed = whole(row.as_ref(), TTL)
                .is_some_and(|ends: i64| ends > self.retention.ends(now.plus_seconds(-FRESH_SECONDS)));
            let owner = match step {
                Step::Take | Step::Renew => HandleOwner::Customer(customer.clone()),
                Step::Contest => HandleOwner::Contested,
            };
            if step == Step::Renew && renewed {
                return Ok(owner);
            }
            let writes = self.writes(handle, customer, step, now);
            let writes = writes.map_err(|error| PortError::permanent(DOING, error))?;
            let sent = self.client.transact_write_items().set_transact_items(Some(writes)).send().await;
            let Err(error) = sent else { return Ok(owner) };
            match error.as_service_error() {
                Some(TransactWriteItemsError::TransactionCanceledException(canceled))
                    if came_second(canceled.cancellation_reasons()) => {}
                Some(_) | None => return Err(failed(DOING)(error)),
            }
        }
        Err(PortError::transient(DOING, "others claim it at the same time"))
    }

    async fn owner(&self, handle: &Handle) -> Result<Option<HandleOwner>, PortError> {
        // The table deletes late: an owner may be one for two days longer.
        self.row(handle).await?.as_ref().map(owner_of).transpose()
    }
}

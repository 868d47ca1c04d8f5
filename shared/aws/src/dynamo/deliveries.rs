//! Deliveries: the claim that lets one sender through.

use app::PortError;
use app::ports::{Claim, Deliveries};
use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure;
use domain::{Delivery, DeliveryState, Outbound, UnixMillis};

use super::keys::{self, DELIVERY, LEASE, PK, REASON, STATE, number, text};
use super::{Retention, items};
use crate::Aws;
use crate::error::failed;

/// Deliveries in the table.
#[derive(Debug, Clone)]
pub struct DynamoDeliveries {
    client: Client,
    table: String,
    retention: Retention,
}

impl DynamoDeliveries {
    /// In this table.
    pub fn new(aws: &Aws, table: &str, retention: Retention) -> Self {
        Self { client: Client::new(&aws.config), table: table.to_owned(), retention }
    }
}

fn state(state: DeliveryState) -> &'static str {
    match state {
        DeliveryState::Claimed => "claimed",
        DeliveryState::Sent => "sent",
        DeliveryState::Failed => "failed",
        DeliveryState::MaybeSent => "maybe_sent",
    }
}

#[async_trait]
impl Deliveries for DynamoDeliveries {
    async fn claim(&self, outbound: &Outbound, now: UnixMillis, lease_ends: UnixMillis) -> Result<Claim, PortError> {
        let group = outbound.identity.group();
        let body = items::write_delivery(outbound);
        let mut item = keys::item(&group, keys::delivery(outbound.last_seq()), body, self.retention.ends(now));
        item.insert(STATE.to_owned(), text(state(DeliveryState::Claimed)));
        item.insert(LEASE.to_owned(), number(lease_ends.0));
        item.insert(DELIVERY.to_owned(), text(outbound.id.as_str()));
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(item))
            // Nobody has it, or whoever had it let its lease end, or what lies there is left from an identity that
            // was forgotten and began anew.
            .condition_expression("attribute_not_exists(#key) OR #id <> :id OR (#state = :claimed AND #lease < :now)")
            .expression_attribute_names("#id", DELIVERY)
            .expression_attribute_values(":id", text(outbound.id.as_str()))
            .expression_attribute_names("#key", PK)
            .expression_attribute_names("#state", STATE)
            .expression_attribute_names("#lease", LEASE)
            .expression_attribute_values(":claimed", text(state(DeliveryState::Claimed)))
            .expression_attribute_values(":now", number(now.0))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        let Err(error) = put else { return Ok(Claim::Ours) };
        match error.as_service_error() {
            Some(PutItemError::ConditionalCheckFailedException(refused)) => {
                let old = |name| refused.item().and_then(|item| item.get(name));
                let claimed = old(STATE)
                    .and_then(|value| value.as_s().ok())
                    .is_some_and(|old| old == state(DeliveryState::Claimed));
                let lease = old(LEASE).and_then(|value| value.as_n().ok()).and_then(|text| text.parse().ok());
                Ok(if claimed { Claim::Held(lease.map_or(lease_ends, UnixMillis)) } else { Claim::Done })
            }
            Some(_) | None => Err(failed("claim a delivery")(error)),
        }
    }

    async fn settle(&self, outbound: &Outbound, delivery: &Delivery, now: UnixMillis) -> Result<(), PortError> {
        let key = keys::key(&outbound.identity.group(), keys::delivery(outbound.last_seq()));
        let update = self.client.update_item().table_name(&self.table).set_key(Some(key));
        let update = match delivery {
            Delivery::Sent | Delivery::Absent => update
                .update_expression("SET #state = :state REMOVE #lease")
                .expression_attribute_names("#state", STATE)
                .expression_attribute_values(":state", text(state(DeliveryState::Sent))),
            Delivery::Rejected { reason } => update
                .update_expression("SET #state = :state, #reason = :reason REMOVE #lease")
                .expression_attribute_names("#state", STATE)
                .expression_attribute_names("#reason", REASON)
                .expression_attribute_values(":state", text(state(DeliveryState::Failed)))
                .expression_attribute_values(":reason", text(reason)),
            // The claim ends now, so that the next try may take it.
            Delivery::Retry { .. } => update
                .update_expression("SET #lease = :ended")
                .expression_attribute_values(":ended", number(now.0.saturating_sub(1))),
        };
        update.expression_attribute_names("#lease", LEASE).send().await.map_err(failed("settle a delivery"))?;
        Ok(())
    }
}

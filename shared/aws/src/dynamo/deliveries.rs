//! Deliveries: the claim that lets one sender through.

use std::collections::HashMap;

use app::PortError;
use app::ports::{Claim, Deliveries, Settlement};
use app::table::keys::{self, BODY, DELIVERY, LEASE, PARTS, REASON, STATE, TRIES, TTL, V};
use app::table::stored::{VERSION, write_delivery};
use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure};
use domain::{DeliveryId, DeliveryState, DeliveryStatus, Outbound, UnixMillis};

use super::Retention;
use super::item::{Item, key, number, text, whole};
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

/// A state as it is stored.
pub(super) fn state(state: DeliveryState) -> &'static str {
    match state {
        DeliveryState::Claimed => "claimed",
        DeliveryState::Sent => "sent",
        DeliveryState::Answered => "answered",
        DeliveryState::Failed => "failed",
        DeliveryState::MaybeSent => "maybe_sent",
    }
}

/// Why a delivery could not be claimed.
enum Refused {
    /// It is settled or held.
    Ours(Claim),
    /// What lies there is another delivery.
    Foreign,
}

impl Refused {
    fn claim(self, lease_ends: UnixMillis) -> Claim {
        match self {
            Self::Ours(claim) => claim,
            // Somebody else has just taken its place.
            Self::Foreign => Claim::Held(lease_ends),
        }
    }
}

/// What lies there already, when it could not be claimed.
fn refused(item: Option<&Item>, id: &DeliveryId, lease_ends: UnixMillis) -> Refused {
    let of = |name| item.and_then(|item: &Item| item.get(name)).and_then(|value| value.as_s().ok());
    if of(DELIVERY).is_some_and(|found| found != id.as_str()) {
        return Refused::Foreign;
    }
    let is = |wanted| of(STATE).is_some_and(|old| old == state(wanted));
    if is(DeliveryState::Claimed) {
        return Refused::Ours(Claim::Held(whole(item, LEASE).map_or(lease_ends, UnixMillis)));
    }
    let news = if is(DeliveryState::MaybeSent) {
        Some(DeliveryStatus::MaybeSent)
    } else if is(DeliveryState::Failed) {
        Some(DeliveryStatus::Failed { reason: of(REASON).cloned().unwrap_or_default() })
    } else {
        None
    };
    Refused::Ours(Claim::Done { news, answered: is(DeliveryState::Answered) })
}

impl DynamoDeliveries {
    /// Claims a delivery under a condition. `counts`: what becomes of its counts.
    async fn claim_if(
        &self,
        outbound: &Outbound,
        now: UnixMillis,
        lease_ends: UnixMillis,
        counts: &str,
        condition: &str,
    ) -> Result<Result<Claim, Refused>, PortError> {
        let names = [("#id", DELIVERY), ("#state", STATE), ("#lease", LEASE), ("#body", BODY), ("#ttl", TTL)];
        let names = names.into_iter().chain([("#v", V), ("#tries", TRIES), ("#parts", PARTS)]);
        let values = [
            (":id", text(outbound.id.as_str())),
            (":claimed", text(state(DeliveryState::Claimed))),
            (":now", number(now.0)),
            (":lease", number(lease_ends.0)),
            (":body", text(write_delivery(outbound))),
            (":ttl", number(self.retention.ends(now))),
            (":v", number(VERSION)),
            (":one", number(1)),
            (":none", number(0)),
        ];
        // DynamoDB refuses a value that no expression names.
        let used = |(name, _): &(&str, AttributeValue)| *name != ":now" || condition.contains(*name);
        let values: HashMap<String, AttributeValue> =
            values.into_iter().filter(used).map(|(name, value)| (name.to_owned(), value)).collect();
        let claim = "SET #id = :id, #state = :claimed, #lease = :lease, #body = :body, #ttl = :ttl, #v = :v";
        let update = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key(outbound.identity.group().as_str(), keys::delivery(outbound.last_seq()))))
            .update_expression(format!("{claim}, {counts}"))
            .condition_expression(condition)
            .set_expression_attribute_names(Some(
                names.map(|(short, name)| (short.to_owned(), name.to_owned())).collect(),
            ))
            .set_expression_attribute_values(Some(values))
            .return_values(ReturnValue::UpdatedNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        match update {
            Ok(claimed) => {
                let item = claimed.attributes.as_ref();
                Ok(Ok(Claim::Ours { tries: whole(item, TRIES).unwrap_or(1), parts: whole(item, PARTS).unwrap_or(0) }))
            }
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(check)) => {
                    Ok(Err(refused(check.item(), &outbound.id, lease_ends)))
                }
                Some(_) | None => Err(failed("claim a delivery")(error)),
            },
        }
    }
}

#[async_trait]
impl Deliveries for DynamoDeliveries {
    async fn claim(&self, outbound: &Outbound, now: UnixMillis, lease_ends: UnixMillis) -> Result<Claim, PortError> {
        // Nobody has it, or whoever had it let its lease end.
        let free = "attribute_not_exists(#id) OR (#id = :id AND #state = :claimed AND #lease < :now)";
        let counted = "#parts = if_not_exists(#parts, :none) ADD #tries :one";
        let claimed = self.claim_if(outbound, now, lease_ends, counted, free).await?;
        if let Err(Refused::Foreign) = claimed {
            // What lies there is left from an identity whose head went and which began anew: nothing of it counts.
            let anew = "#parts = :none, #tries = :one";
            let claimed = self.claim_if(outbound, now, lease_ends, anew, "#id <> :id").await?;
            return Ok(claimed.unwrap_or_else(|refused| refused.claim(lease_ends)));
        }
        Ok(claimed.unwrap_or_else(|refused| refused.claim(lease_ends)))
    }

    async fn is_answered(&self, outbound: &Outbound) -> Result<bool, PortError> {
        let key = key(outbound.identity.group().as_str(), keys::delivery(outbound.last_seq()));
        // Not the newest word: a moment later it is asked again.
        let get = self.client.get_item().table_name(&self.table).set_key(Some(key));
        let get = get.projection_expression("#id, #state");
        let get = get.expression_attribute_names("#id", DELIVERY).expression_attribute_names("#state", STATE);
        let item = get.send().await.map_err(failed("look at a delivery"))?.item;
        let is = |name, wanted: &str| {
            item.as_ref()
                .and_then(|item| item.get(name))
                .and_then(|value| value.as_s().ok())
                .is_some_and(|is| is == wanted)
        };
        Ok(is(DELIVERY, outbound.id.as_str()) && is(STATE, state(DeliveryState::Answered)))
    }

    async fn settle(&self, outbound: &Outbound, end: &Settlement, now: UnixMillis) -> Result<(), PortError> {
        let delivery = key(outbound.identity.group().as_str(), keys::delivery(outbound.last_seq()));
        let update = self.client.update_item().table_name(&self.table).set_key(Some(delivery));
        let update = match end {
            Settlement::Sent | Settlement::Answered | Settlement::MaybeSent => {
                let sent = if *end == Settlement::Sent {
                    DeliveryState::Sent
                } else if *end == Settlement::Answered {
                    DeliveryState::Answered
                } else {
                    DeliveryState::MaybeSent
                };
                update
                    .update_expression("SET #state = :state REMOVE #lease, #tries, #parts")
                    .expression_attribute_names("#state", STATE)
                    .expression_attribute_names("#tries", TRIES)
                    .expression_attribute_names("#parts", PARTS)
                    .expression_attribute_values(":state", text(state(sent)))
            }
            Settlement::Failed { reason } => update
                .update_expression("SET #state = :state, #reason = :reason REMOVE #lease, #tries, #parts")
                .expression_attribute_names("#state", STATE)
                .expression_attribute_names("#tries", TRIES)
                .expression_attribute_names("#parts", PARTS)
                .expression_attribute_names("#reason", REASON)
                .expression_attribute_values(":state", text(state(DeliveryState::Failed)))
                .expression_attribute_values(":reason", text(reason)),
            // The claim ends now, so that the next try may take it.
            Settlement::GivenBack { parts, doubt } => update
                .update_expression("SET #lease = :ended, #parts = :parts, #tries = :tries")
                .expression_attribute_names("#tries", TRIES)
                .expression_attribute_values(":tries", number(u32::from(*doubt)))
                .expression_attribute_names("#parts", PARTS)
                .expression_attribute_values(":parts", number(parts))
                .expression_attribute_values(":ended", number(now.0.saturating_sub(1))),
            Settlement::Unknown { parts } => update
                .update_expression("SET #lease = :ended, #parts = :parts")
                .expression_attribute_names("#parts", PARTS)
                .expression_attribute_values(":parts", number(parts))
                .expression_attribute_values(":ended", number(now.0.saturating_sub(1))),
        };
        update.expression_attribute_names("#lease", LEASE).send().await.map_err(failed("settle a delivery"))?;
        Ok(())
    }
}

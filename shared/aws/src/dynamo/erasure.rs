//! Forgetting a person: everything of a group goes, but for the keys by which what comes again finds that it was done.

use app::PortError;
use app::ports::{Boundary, Clock as _, Erasure};
use app::table::keys::{self, BODY, DELIVERY, LEASE, PARTS, PK, REASON, SK, STATE, TRIES, TTL};
use app::table::stored::{read_turn, write_turn};
use app::visitor::SOCKET_SECONDS;
use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use domain::{DedupId, GroupId, Turn};

use super::Retention;
use super::item::{Item, key, number, stored, text, whole};
use crate::error::failed;
use crate::{Aws, SystemClock};

const DOING: &str = "erase a person";
/// State of a delivery whose messages were erased: no sender may claim it.
const ERASED: &str = "erased";

/// What is kept of persons in the table.
#[derive(Debug, Clone)]
pub struct DynamoErasure {
    client: Client,
    table: String,
    retention: Retention,
}

impl DynamoErasure {
    /// In this table.
    pub fn new(aws: &Aws, table: &str, retention: Retention) -> Self {
        Self { client: Client::new(&aws.config), table: table.to_owned(), retention }
    }

    /// A page of the group's items, and where the next begins.
    async fn page(&self, group: &GroupId, from: Option<Item>) -> Result<(Vec<Item>, Option<Item>), PortError> {
        let read = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("#pk = :pk")
            .expression_attribute_names("#pk", PK)
            .expression_attribute_values(":pk", text(group.as_str()))
            .consistent_read(true)
            .set_exclusive_start_key(from)
            .send()
            .await
            .map_err(failed(DOING))?;
        Ok((read.items.unwrap_or_default(), read.last_evaluated_key))
    }

    async fn erase_item(&self, group: &GroupId, item: &Item, before: Boundary) -> Result<(), PortError> {
        let Some(sort) = item.get(SK).and_then(|sort| sort.as_s().ok()) else { return Ok(()) };
        if let Some(event) = keys::turn_event(sort) {
            return self.erase_turn(group, &event, item, before).await;
        }
        // A sender that was under way may have noted why it failed.
        let full = item.contains_key(BODY) || item.contains_key(REASON);
        if keys::is_delivery(sort) && *sort <= keys::delivery(before.seq) && full {
            return self.erase_delivery(group, sort, None).await;
        }
        let opened_before = before.at.plus_seconds(SOCKET_SECONDS).seconds();
        if sort.starts_with(keys::SOCKET) && whole(Some(item), TTL).is_none_or(|ends: i64| ends <= opened_before) {
            let delete = self.client.delete_item().table_name(&self.table).set_key(Some(key(group.as_str(), sort)));
            delete.send().await.map_err(failed(DOING))?;
        }
        Ok(())
    }

    /// Empties a turn, and shuts the deliveries that it owes against senders that are still to come.
    async fn erase_turn(
        &self,
        group: &GroupId,
        event: &DedupId,
        item: &Item,
        before: Boundary,
    ) -> Result<(), PortError> {
        let turn = read_turn(event, stored(item))?;
        let empty = turn.messages.is_empty() && turn.changes.is_empty() && turn.outbox.is_empty();
        let empty = empty && turn.unanswered.is_empty();
        if empty || turn.number >= before.turn {
            return Ok(());
        }
        for entry in &turn.outbox {
            let last = turn.messages.iter().skip(entry.first).take(entry.count).next_back();
            if let Some(last) = last {
                self.erase_delivery(group, &keys::delivery(last.seq), Some(entry.id.as_str())).await?;
            }
        }
        if !turn.unanswered.is_empty() {
            // It holds ids only, which nobody is to follow any more.
            let day = keys::unanswered(keys::day_of(turn.at));
            let named = Some(key(&day, keys::shown_by(group, event)));
            self.client.delete_item().table_name(&self.table).set_key(named).send().await.map_err(failed(DOING))?;
        }
        let bare = Turn { messages: vec![], changes: vec![], unanswered: vec![], outbox: vec![], alarm: None, ..turn };
        self.client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key(group.as_str(), keys::turn(event))))
            .update_expression("SET #body = :body")
            .expression_attribute_names("#body", BODY)
            .expression_attribute_values(":body", text(write_turn(&bare)))
            .send()
            .await
            .map_err(failed(DOING))?;
        Ok(())
    }

    async fn erase_delivery(&self, group: &GroupId, sort: &str, id: Option<&str>) -> Result<(), PortError> {
        let set = "SET #state = :state, #ttl = if_not_exists(#ttl, :ttl)";
        let set = if id.is_some() { format!("{set}, #id = :id") } else { set.to_owned() };
        let mut update = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key(group.as_str(), sort)))
            .update_expression(format!("{set} REMOVE #body, #lease, #reason, #tries, #parts"))
            .expression_attribute_values(":state", text(ERASED))
            .expression_attribute_values(":ttl", number(self.retention.ends(SystemClock.now())));
        for (short, name) in [
            ("#state", STATE),
            ("#ttl", TTL),
            ("#body", BODY),
            ("#lease", LEASE),
            ("#reason", REASON),
            ("#tries", TRIES),
            ("#parts", PARTS),
        ] {
            update = update.expression_attribute_names(short, name);
        }
        if let Some(id) = id {
            update = update.expression_attribute_names("#id", DELIVERY).expression_attribute_values(":id", text(id));
        }
        update.send().await.map_err(failed(DOING))?;
        Ok(())
    }
}

#[async_trait]
impl Erasure for DynamoErasure {
    async fn erase(&self, group: &GroupId, before: Boundary) -> Result<(), PortError> {
        let mut from = None;
        loop {
            let (items, next) = self.page(group, from).await?;
            for item in &items {
                self.erase_item(group, item, before).await?;
            }
            if next.is_none() {
                return Ok(());
            }
            from = next;
        }
    }
}

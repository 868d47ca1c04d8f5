//! Heads and turns. The one transaction in which a conversation changes is here.

use app::PortError;
use app::customers::{Move, moved};
use app::ports::{Commit, Conversations};
use app::table::keys::{self, PK, SK, TTL, V, VERSION};
use app::table::stored::{self, head_version, read_head, read_turn, write_head, write_member, write_turn};
use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{CancellationReason, Delete, Put, TransactWriteItem};
use domain::{Conversation, ConversationId, DedupId, GroupId, Turn};

use super::Retention;
use super::item::{item, key, lasting, number, stored as of, text};
use crate::Aws;
use crate::error::failed;

/// Pages of a megabyte that are read of an identity's turns, thousands of them. Their keys have no order in time.
const MOST_PAGES: usize = 4;

/// Conversations in the table.
#[derive(Debug, Clone)]
pub struct DynamoConversations {
    client: Client,
    table: String,
    retention: Retention,
}

impl DynamoConversations {
    /// In this table.
    pub fn new(aws: &Aws, table: &str, retention: Retention) -> Self {
        Self { client: Client::new(&aws.config), table: table.to_owned(), retention }
    }

    fn writes(&self, group: &GroupId, head: &Conversation, turn: &Turn) -> Result<Vec<TransactWriteItem>, BuildError> {
        let ends = self.retention.ends(head.updated_at);
        // The head outlives all that counts on its numbers.
        let head_ends = self.retention.outlived(head.updated_at);
        let mut head_item = item(group.as_str(), keys::HEAD, write_head(head), head_ends);
        head_item.insert(V.to_owned(), number(head_version(head)));
        head_item.insert(VERSION.to_owned(), number(head.version));
        let head_put = Put::builder().table_name(&self.table).set_item(Some(head_item));
        let head_put = match head.version {
            0 | 1 => head_put.condition_expression("attribute_not_exists(#key)").expression_attribute_names("#key", PK),
            version => head_put
                .condition_expression("#version = :read")
                .expression_attribute_names("#version", VERSION)
                .expression_attribute_values(":read", number(version - 1)),
        };
        let turn_put = Put::builder()
            .table_name(&self.table)
            .set_item(Some(item(group.as_str(), keys::turn(&turn.id), write_turn(turn), ends)))
            .condition_expression("attribute_not_exists(#key)")
            .expression_attribute_names("#key", PK);
        let mut writes = vec![
            TransactWriteItem::builder().put(head_put.build()?).build(),
            TransactWriteItem::builder().put(turn_put.build()?).build(),
        ];
        if !turn.unanswered.is_empty() {
            let (day, sort) = (keys::unanswered(keys::day_of(turn.at)), keys::shown_by(group, &turn.id));
            // It names the turn and goes with it. A day is one partition, which takes 500 of them in a second.
            let mut named = key(&day, sort);
            named.insert(V.to_owned(), number(stored::VERSION));
            named.insert(TTL.to_owned(), number(ends));
            let put = Put::builder().table_name(&self.table).set_item(Some(named)).build()?;
            writes.push(TransactWriteItem::builder().put(put).build());
        }
        if let Some(moved) = moved(head, turn) {
            writes.extend(self.move_member(group, &moved)?);
        }
        Ok(writes)
    }

    /// A member is as lasting as its link, whatever retention says: who belongs together is no text.
    fn move_member(&self, group: &GroupId, moved: &Move) -> Result<Vec<TransactWriteItem>, BuildError> {
        let sort = || keys::member(group);
        let mut writes = vec![];
        if let Some(to) = &moved.to {
            let member = lasting(to.as_str(), sort(), write_member(&moved.member));
            let put = Put::builder().table_name(&self.table).set_item(Some(member)).build()?;
            writes.push(TransactWriteItem::builder().put(put).build());
        }
        if let Some(from) = &moved.from {
            let delete = Delete::builder().table_name(&self.table).set_key(Some(key(from.as_str(), sort()))).build()?;
            writes.push(TransactWriteItem::builder().delete(delete).build());
        }
        Ok(writes)
    }
}

#[async_trait]
impl Conversations for DynamoConversations {
    async fn load(&self, group: &GroupId) -> Result<Option<Conversation>, PortError> {
        let read = self
            .client
            .get_item()
            .table_name(&self.table)
            .set_key(Some(key(group.as_str(), keys::HEAD)))
            .consistent_read(true)
            .send()
            .await
            .map_err(failed("read a conversation"))?;
        read.item.as_ref().map(|item| read_head(of(item))).transpose()
    }

    async fn turn(&self, group: &GroupId, event: &DedupId) -> Result<Option<Turn>, PortError> {
        let read = self
            .client
            .get_item()
            .table_name(&self.table)
            .set_key(Some(key(group.as_str(), keys::turn(event))))
            .consistent_read(true)
            .send()
            .await
            .map_err(failed("read a turn"))?;
        read.item.as_ref().map(|item| read_turn(event, of(item))).transpose()
    }

    async fn turns_of(&self, group: &GroupId, conversation: &ConversationId) -> Result<Vec<Turn>, PortError> {
        let mut turns = vec![];
        let mut from = None;
        for _ in 0..MOST_PAGES {
            let read = self
                .client
                .query()
                .table_name(&self.table)
                .key_condition_expression("#pk = :pk AND begins_with(#sk, :turns)")
                .expression_attribute_names("#pk", PK)
                .expression_attribute_names("#sk", SK)
                .expression_attribute_values(":pk", text(group.as_str()))
                .expression_attribute_values(":turns", text(keys::TURNS))
                // The turn that gives the customer to a person was committed this moment.
                .consistent_read(true)
                .set_exclusive_start_key(from)
                .send()
                .await
                .map_err(failed("read a conversation's turns"))?;
            for item in read.items() {
                let event = item.get(SK).and_then(|sort| sort.as_s().ok()).and_then(|sort| keys::turn_event(sort));
                let Some(event) = event else { continue };
                let turn = read_turn(&event, of(item))?;
                turns.extend((turn.conversation == *conversation).then_some(turn));
            }
            from = read.last_evaluated_key;
            if from.is_none() {
                break;
            }
        }
        turns.sort_by_key(|turn| turn.number);
        Ok(turns)
    }

    async fn commit(&self, group: &GroupId, head: &Conversation, turn: &Turn) -> Result<Commit, PortError> {
        const DOING: &str = "commit a turn";
        let writes = self.writes(group, head, turn).map_err(|error| PortError::permanent(DOING, error))?;
        let sent = self.client.transact_write_items().set_transact_items(Some(writes)).send().await;
        let Err(error) = sent else { return Ok(Commit::Done) };
        if let Some(TransactWriteItemsError::TransactionCanceledException(canceled)) = error.as_service_error() {
            let [head_failed, turn_failed] =
                [0, 1].map(|index| failed_condition(canceled.cancellation_reasons(), index));
            if turn_failed {
                let stored = self.turn(group, &turn.id).await?;
                return Ok(stored.map_or(Commit::Stale, |turn| Commit::Repeated(Box::new(turn))));
            }
            if head_failed {
                return Ok(Commit::Stale);
            }
        }
        Err(failed(DOING)(error))
    }
}

fn failed_condition(reasons: &[CancellationReason], index: usize) -> bool {
    reasons.get(index).and_then(CancellationReason::code) == Some("ConditionalCheckFailed")
}

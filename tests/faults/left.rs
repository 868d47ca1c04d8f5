//! What a campaign has left: in the table, on the queues, in the history and among the calls.

use aws::dynamo::keys;
use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_sqs::types::{Message, MessageSystemAttributeName};
use domain::{DedupId, message_id};
use serde_json::{Value, json};
use tests::history::Event;
use tests::lambda::Function;
use tests::mapping::made_up;
use tests::verdict::{Conversation, End};

use crate::pipeline::Pipeline;
use crate::visitors::Visitor;

/// A record on a dead-letter queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Dead {
    pub(crate) group: String,
    pub(crate) dedup: String,
    pub(crate) body: String,
    pub(crate) reason: String,
}

impl Dead {
    fn read(message: &Message) -> Self {
        let attribute = |name| message.attributes().unwrap().get(&name).cloned().unwrap_or_default();
        let reason = message.message_attributes().and_then(|all| all.get("reason")?.string_value());
        Self {
            group: attribute(MessageSystemAttributeName::MessageGroupId),
            dedup: attribute(MessageSystemAttributeName::MessageDeduplicationId),
            body: message.body().unwrap_or_default().to_owned(),
            reason: reason.unwrap_or_default().to_owned(),
        }
    }
}

/// A record's deduplication id.
pub(crate) fn dedup_of(record: &Value) -> &str {
    record["attributes"]["MessageDeduplicationId"].as_str().unwrap()
}

impl Pipeline {
    /// What the table and the mailbox hold of a visitor's conversation.
    pub(crate) async fn conversation(&self, visitor: &Visitor) -> Conversation {
        let mut left = Conversation { mailbox: self.mailbox(visitor).await, ..Conversation::default() };
        let mut pages = self
            .dynamo
            .query()
            .table_name(&self.table)
            .key_condition_expression("#pk = :pk")
            .expression_attribute_names("#pk", keys::PK)
            .expression_attribute_values(":pk", AttributeValue::S(visitor.group()))
            .consistent_read(true)
            .into_paginator()
            .items()
            .send();
        while let Some(item) = pages.next().await {
            let item = item.unwrap();
            let text = |name: &str| match item.get(name) {
                Some(AttributeValue::S(text) | AttributeValue::N(text)) => text.clone(),
                other => panic!("{name}: {other:?}"),
            };
            let sort = text(keys::SK);
            if sort == keys::HEAD {
                let head: Value = serde_json::from_str(&text("body")).unwrap();
                (left.version, left.seq) = (text("ver").parse().unwrap(), head["seq"].as_u64().unwrap());
            } else if sort.starts_with("T#") {
                left.turns += 1;
            } else if sort.starts_with("D#") && text("state") == "claimed" {
                left.unsettled += 1;
            }
        }
        left
    }

    /// What lies on a dead-letter queue; it stays there, and visible.
    pub(crate) async fn dead(&self, url: &str) -> Vec<Dead> {
        let mut seen = vec![];
        loop {
            let receive = self.sqs.receive_message().queue_url(url).max_number_of_messages(10).visibility_timeout(60);
            let receive = receive.message_system_attribute_names(MessageSystemAttributeName::All);
            let received = receive.message_attribute_names("All").send().await.unwrap().messages.unwrap_or_default();
            if received.is_empty() {
                break;
            }
            seen.extend(received);
        }
        for message in &seen {
            let show = self.sqs.change_message_visibility().queue_url(url).visibility_timeout(0);
            show.receipt_handle(message.receipt_handle().unwrap()).send().await.unwrap();
        }
        seen.iter().map(Dead::read).collect()
    }

    /// What is left of everything.
    pub(crate) async fn end(&self) -> End {
        let mut end = End { queued: self.queued().await, ..End::default() };
        let visitors = self.known.lock().unwrap().clone();
        for visitor in visitors {
            end.conversations.insert(visitor.group(), self.conversation(&visitor).await);
        }
        for record in self.dead(&self.inbound_queue.dead).await {
            let body: Value = serde_json::from_str(&record.body).unwrap_or_default();
            // What is no event of ours is nobody's message.
            if let Ok(event) = serde_json::from_value::<DedupId>(body["body"]["id"].clone()) {
                end.dead.push(message_id(&event, 0).as_str().to_owned());
            }
        }
        end
    }

    /// How often a record was handed to a function.
    pub(crate) fn handed_out(&self, function: &str, record: &str) -> usize {
        let is = |event: &Event| {
            matches!(event, Event::Invoked { function: of, records, .. }
                if of == function && records.iter().any(|dedup| dedup == record))
        };
        self.history.count(is)
    }

    /// The records that the door has queued since the proxy's calls were last taken, as a responder is handed them.
    pub(crate) fn accepted(&self) -> Vec<Value> {
        let calls = self.proxy.take().into_iter().filter(|call| call.operation == "AmazonSQS.SendMessageBatch");
        let entries = calls.flat_map(|call| call.body["Entries"].as_array().unwrap().clone());
        let text = |entry: &Value, name: &str| entry[name].as_str().unwrap().to_owned();
        entries
            .map(|entry| {
                let [body, group, dedup] = ["MessageBody", "MessageGroupId", "MessageDeduplicationId"];
                made_up(&text(&entry, body), &text(&entry, group), &text(&entry, dedup))
            })
            .collect()
    }

    /// Hands a function a batch of the test's own, and gives back which records of it failed.
    pub(crate) async fn hand(&self, function: &Function, records: &[Value]) -> Vec<String> {
        let dedups = records.iter().map(|record| dedup_of(record).to_owned()).collect();
        let answer = function.invoke(&json!({ "Records": records }), dedups).await.answer();
        let failed = answer["batchItemFailures"].as_array().unwrap().iter();
        failed.map(|failure| failure["itemIdentifier"].as_str().unwrap().to_owned()).collect()
    }
}

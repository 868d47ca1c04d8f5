//! Actions of the company's own systems, which the sandbox plays: from the queue, signed, to the system, and its answer into
//! the conversation.

use std::time::Duration;

use app::envelope::write_action;
use app::ports::Clock as _;
use aws::SystemClock;
use domain::{ActionCall, ActionId, ActionOrder, ChannelId, Conversation, Identity, Locale};
use reqwest::Client;
use serde_json::{Value, json};
use tests::{Stack, until};
use uuid::Uuid;

/// How long all of it may take on a busy test machine.
const PATIENCE: Duration = Duration::from_mins(2);

struct Customer<'a> {
    stack: &'a Stack,
    client: Client,
    sqs: aws_sdk_sqs::Client,
    identity: Identity,
    conversation: domain::ConversationId,
}

impl<'a> Customer<'a> {
    /// Somebody who has written, so that there is a conversation.
    async fn of(stack: &'a Stack) -> Self {
        let (client, name) = (Client::new(), format!("actions-{}", Uuid::new_v4()));
        let address = format!("{}/say", stack.text("/sandbox_url"));
        let said = json!({ "channel": "telegram", "user": name, "locale": "en", "text": "hello" });
        let told: Value = client.post(address).json(&said).send().await.unwrap().json().await.unwrap();
        assert_eq!(told.get("accepted"), Some(&json!(true)), "{told}");
        let account = stack.text("/channels/telegram/bot_id").to_owned();
        let user = told.get("user").and_then(Value::as_str).unwrap().to_owned();
        let identity = Identity { channel: ChannelId::Telegram, account, user };
        let conversation = Conversation::first(&identity, SystemClock.now()).id;
        let sqs = aws_sdk_sqs::Client::new(&stack.sdk(None).await);
        let customer = Self { stack, client, sqs, identity, conversation };
        until("a conversation", PATIENCE, async || (!customer.turns().is_empty()).then_some(())).await;
        customer
    }

    fn order(&self, name: &str, input: &Value) -> ActionOrder {
        let input = serde_json::from_value(input.clone()).unwrap();
        let id = ActionId::derive(&[Uuid::new_v4().as_bytes()]);
        let call = ActionCall { id, name: name.to_owned(), input };
        let (identity, conversation) = (self.identity.clone(), self.conversation.clone());
        ActionOrder { identity, conversation, at: SystemClock.now(), locale: Locale::from_tag("en"), call }
    }

    /// Puts a call on the queue, as often as told: copies past the queue's own look for them.
    async fn sends(&self, order: &ActionOrder, copies: usize) {
        for copy in 0..copies {
            let send = self.sqs.send_message().queue_url(self.stack.text("/queues/actions"));
            let send = send.message_body(write_action(order)).message_group_id(self.identity.group().as_str());
            send.message_deduplication_id(format!("{}-{copy}", order.call.id)).send().await.unwrap();
        }
    }

    async fn fault(&self, mode: &str, count: u32) {
        let address = format!("{}/faults", self.stack.text("/sandbox_url"));
        // Of this conversation only: other tests run beside.
        let fault =
            json!({ "provider": "actions", "mode": mode, "count": count, "seconds": 1, "user": self.conversation });
        let answer = self.client.post(address).json(&fault).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{}", answer.text().await.unwrap());
    }

    /// What the system was asked under a call's id: status and body of each.
    async fn calls(&self, id: &ActionId) -> Vec<(u64, Value)> {
        let address = format!("{}/outbox?channel=actions&user={}", self.stack.text("/sandbox_url"), self.conversation);
        let calls: Value = self.client.get(address).send().await.unwrap().json().await.unwrap();
        let own =
            calls.as_array().unwrap().iter().filter(|call| call.pointer("/headers/webhook-id") == Some(&json!(id)));
        own.map(|call| {
            let body = serde_json::from_str(call.get("body").and_then(Value::as_str).unwrap()).unwrap();
            (call.get("status").and_then(Value::as_u64).unwrap_or_default(), body)
        })
        .collect()
    }

    fn turns(&self) -> Vec<Value> {
        let arguments = json!({
            "TableName": self.stack.text("/table"),
            "KeyConditionExpression": "pk = :g and begins_with(sk, :t)",
            "ExpressionAttributeValues": { ":g": { "S": self.identity.group() }, ":t": { "S": "T#" } },
        });
        let call = json!([{ "service": "dynamodb", "operation": "query", "arguments": arguments }]);
        self.stack.aws(&call).remove(0).get("Items").and_then(Value::as_array).unwrap().clone()
    }

    /// How often the history holds the end of a call.
    fn ends(&self, id: &ActionId) -> Vec<String> {
        let turns = self.turns().into_iter().map(|turn| turn.to_string());
        turns.filter(|turn| turn.contains(id.as_str())).collect()
    }

    async fn ended(&self, id: &ActionId) -> String {
        let some = async || Some(self.ends(id)).filter(|ends| !ends.is_empty());
        let mut found = until("the end of an action", PATIENCE, some).await;
        assert_eq!(found.len(), 1, "{found:?}");
        found.remove(0)
    }
}

#[tokio::test]
async fn an_action_is_called_signed_and_its_end_is_in_the_conversation_once() {
    let Some(stack) = Stack::running() else { return };
    let customer = Customer::of(&stack).await;
    let order = customer.order("return_request", &json!({ "order": "10021", "reason": "broken" }));
    let id = order.call.id.clone();
    customer.sends(&order, 3).await;
    let end = customer.ended(&id).await;
    // Each copy is called; the system, which looks at the signature, knows them for one.
    let calls = until("three calls", PATIENCE, async || {
        Some(customer.calls(&id).await).filter(|calls| calls.len() == 3 && calls.iter().all(|call| call.0 > 0))
    })
    .await;
    assert!(calls.iter().all(|(status, body)| *status == 200 && *body == calls[0].1), "{calls:?}");
    let body = &calls[0].1;
    assert_eq!(
        (&body["name"], &body["input"]["order"], &body["locale"], &body["channel"]),
        (&json!("return_request"), &json!("10021"), &json!("en"), &json!("telegram"))
    );
    assert_eq!((&body["id"], &body["conversation"]), (&json!(id), &json!(customer.conversation)));
    assert!(end.contains("done") && end.contains("number"), "{end}");
    // What comes behind the copies in the conversation's order has ended: so have they.
    let refused = customer.order("return_request", &json!({ "order": "10029", "reason": "broken" }));
    customer.sends(&refused, 1).await;
    let end = customer.ended(&refused.call.id).await;
    assert!(end.contains("too_late"), "{end}");
    assert_eq!(customer.ends(&id).len(), 1);
}

#[tokio::test]
async fn a_system_in_trouble_is_asked_again_under_the_same_id() {
    let Some(stack) = Stack::running() else { return };
    let customer = Customer::of(&stack).await;
    for (mode, tries) in [("500", 2), ("429", 2)] {
        customer.fault(mode, 1).await;
        let order = customer.order("order_status", &json!({ "order": "10025" }));
        customer.sends(&order, 1).await;
        let end = customer.ended(&order.call.id).await;
        assert!(end.contains("on its way"), "{mode}: {end}");
        let calls = customer.calls(&order.call.id).await;
        assert_eq!(calls.len(), tries, "{mode}: {calls:?}");
        assert!(calls.iter().all(|(_, body)| *body == calls[0].1), "{mode}: {calls:?}");
    }
}

#[tokio::test]
async fn what_nobody_does_fails_at_once() {
    let Some(stack) = Stack::running() else { return };
    let customer = Customer::of(&stack).await;
    let order = customer.order("bake_bread", &json!({}));
    customer.sends(&order, 1).await;
    let end = customer.ended(&order.call.id).await;
    assert!(end.contains("failed"), "{end}");
    assert!(customer.calls(&order.call.id).await.is_empty());
}

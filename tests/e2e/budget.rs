//! The happy path's AWS calls and write units against DESIGN §4: the functions' own handlers and adapters, through a
//! proxy that counts.

use std::time::Duration;

use app::exchange::TokenStore;
use app::ports::Keyless;
use aws::dynamo::Retention;
use aws::{
    AlarmSettings, Aws, DynamoConversations, DynamoDeliveries, DynamoErasure, DynamoHandles, DynamoPeople, S3Knowledge,
    SchedulerAlarms, SocketWire, SqsActions, SqsDeadLetters, SqsInbound, SqsMedia, SqsOutbound, SqsPutOff, SystemClock,
};
use aws_lambda_events::sqs::SqsEvent;
use domain::{Content, EventKind, InboundEvent, Transport, UnixMillis, VisitorId};
use lambda_runtime::{Context, LambdaEvent};
use runtime::consumer::Consumer;
use serde_json::{Value, json};
use tests::proxy::{Call, Proxy};
use tests::{Stack, item_bytes, write_units};

fn consumer(aws: &Aws, dead_letter_queue: &str, queue: &str) -> Consumer {
    Consumer {
        function: None,
        max_receives: 5,
        reserve: Duration::from_secs(1),
        dead_letters: Box::new(SqsDeadLetters::new(aws, dead_letter_queue)),
        put_off: Box::new(SqsPutOff::new(aws, queue)),
        clock: Box::new(SystemClock),
    }
}

fn batch(group: &str, dedup: &str, body: &str) -> LambdaEvent<SqsEvent> {
    let record = json!({
        "messageId": "m1",
        "receiptHandle": "r1",
        "body": body,
        "attributes": { "ApproximateReceiveCount": "1", "MessageGroupId": group, "MessageDeduplicationId": dedup },
    });
    let mut context = Context::default();
    context.deadline = u64::MAX / 2;
    LambdaEvent::new(serde_json::from_value(json!({ "Records": [record] })).unwrap(), context)
}

fn operations(calls: &[Call]) -> Vec<&str> {
    calls.iter().map(|call| call.operation.as_str()).collect()
}

#[tokio::test]
async fn a_bot_turn_costs_no_more_than_the_design_allows() {
    let Some(stack) = Stack::running() else { return };
    let proxy = Proxy::before(stack.text("/aws_endpoint")).await;
    let aws = Aws::with_config(stack.sdk(Some(&proxy.url)).await);
    let (table, retention) = (stack.text("/table"), Retention::days(365));
    // The proxy's answers lead to a queue that nothing polls, so that only this test delivers.
    let parked = stack.text("/queues/outbound-web_dlq");
    let alarms = AlarmSettings { group: "none".to_owned(), role: String::new(), queue: String::new() };
    let responder = responder::Deps {
        channels: channels::channel,
        conversations: Box::new(DynamoConversations::new(&aws, table, retention)),
        outbound: Box::new(SqsOutbound::new(
            &aws,
            Transport::ALL.iter().map(|transport| (*transport, parked.to_owned())).collect(),
        )),
        media: Box::new(SqsMedia::new(&aws, parked)),
        actions: Box::new(SqsActions::new(&aws, parked)),
        alarms: Box::new(SchedulerAlarms::new(&aws, alarms)),
        handles: Box::new(DynamoHandles::new(&aws, table, retention)),
        erasure: Box::new(DynamoErasure::new(&aws, table, retention)),
        people: Box::new(DynamoPeople::new(&aws, table)),
        knowledge: Box::new(S3Knowledge::new(&aws, stack.text("/buckets/knowledge"), "knowledge/")),
        writing: None,
        clock: Box::new(SystemClock),
        consumer: consumer(&aws, stack.text("/queues/inbound_dlq"), stack.text("/queues/inbound")),
    };
    let socket = stack.text("/socket_url").replacen("ws://", "http://", 1);
    let outbound = outbound::Deps {
        channels: channels::channel,
        inbound: Box::new(SqsInbound::new(&aws, stack.text("/queues/inbound"))),
        lease_seconds: 60,
        deliveries: Box::new(DynamoDeliveries::new(&aws, table, retention)),
        secrets: Box::new(Keyless),
        threads: None,
        tokens: TokenStore::default(),
        wire: Box::new(SocketWire::new(&aws, &socket, table)),
        clock: Box::new(SystemClock),
        consumer: consumer(&aws, parked, stack.text("/queues/outbound-web")),
    };
    let visitor = VisitorId::derive(&[uuid::Uuid::new_v4().as_bytes()]);
    let identity = channels::web::session::identity(&visitor);
    for (turn, question) in ["你们几天能发货？", "how do I return a broken item"].into_iter().enumerate() {
        let kind = EventKind::Message { content: Content::Text { text: question.to_owned() } };
        let event = InboundEvent::new(identity.clone(), question, UnixMillis(1_800_000_000_000), None, kind);
        let body = app::envelope::write_inbound(&event);
        let group = identity.group();
        let response = responder::handle(&responder, batch(group.as_str(), event.id.as_str(), &body)).await.unwrap();
        assert!(response.batch_item_failures.is_empty());
        let calls = proxy.take();
        // The first turn of a process loads the knowledge; no turn after it does for a while.
        let own: Vec<Call> = calls.iter().filter(|call| !call.operation.starts_with("GET ")).cloned().collect();
        assert!(turn == 0 || own.len() == calls.len());
        assert_eq!(operations(&own), ["DynamoDB.GetItem", "DynamoDB.TransactWriteItems", "AmazonSQS.SendMessage"]);
        let sizes: Vec<usize> = own[1].body["TransactItems"]
            .as_array()
            .unwrap()
            .iter()
            .map(|write| item_bytes(&write["Put"]["Item"]))
            .collect();
        let units = write_units("TransactWriteItems", &own[1].body, 0);
        assert!(units <= 4, "{units} write units for items of {sizes:?} bytes");

        let delivery: Value = own[2].body.clone();
        let delivery_body = delivery["MessageBody"].as_str().unwrap();
        let dedup = delivery["MessageDeduplicationId"].as_str().unwrap();
        let response = outbound::handle(&outbound, batch(group.as_str(), dedup, delivery_body)).await.unwrap();
        assert!(response.batch_item_failures.is_empty());
        let sent = proxy.take();
        let writes: Vec<&Call> = sent
            .iter()
            .filter(|call| ["DynamoDB.PutItem", "DynamoDB.UpdateItem"].contains(&call.operation.as_str()))
            .collect();
        assert!(writes.len() <= 2, "{:?}", operations(&sent));
        assert_eq!(operations(&sent), ["DynamoDB.UpdateItem", "DynamoDB.Query", "DynamoDB.UpdateItem"]);
        let claim = item_bytes(&writes[0].body["ExpressionAttributeValues"]);
        println!(
            "budget, turn {}: responder {} (head {} B, turn {} B, {units} write units); outbound {} (claim {claim} B)",
            turn + 1,
            operations(&own).join(" "),
            sizes[0],
            sizes[1],
            operations(&sent).join(" "),
        );

        // The same record again: read, refused commit, the turn as it stands, its outbox once more.
        responder::handle(&responder, batch(group.as_str(), event.id.as_str(), &body)).await.unwrap();
        let again = proxy.take();
        let wanted = ["DynamoDB.GetItem", "DynamoDB.TransactWriteItems", "DynamoDB.GetItem", "AmazonSQS.SendMessage"];
        assert_eq!(operations(&again), wanted);
        assert_eq!(again[3].body["MessageDeduplicationId"], dedup);
        outbound::handle(&outbound, batch(group.as_str(), dedup, delivery_body)).await.unwrap();
        assert_eq!(operations(&proxy.take()), ["DynamoDB.UpdateItem"], "a settled delivery is refused by its claim");
    }
}

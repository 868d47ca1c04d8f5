//! What a client is told, and what becomes of what it was told.

use std::time::Duration;

use serde_json::json;
use tests::fault_points::Act;
use tests::history::Event;
use tests::mapping::{Habits, Mapping};
use tests::proxy::Mishap;
use tests::verdict::Promise;
use uuid::Uuid;

use crate::left::dedup_of;
use crate::pipeline::{Pipeline, Plan, sized};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn invariant_01_one_message_gets_one_reply_however_often_it_comes() {
    let plan = Plan { at_a_time: 5, ..Plan::of(1, "one webhook id -> one reply") };
    let Some(pipeline) = Pipeline::build(plan).await else { return };
    let mappings = pipeline.run(Habits::PATIENT);
    let visitors = pipeline.visitors(sized(3, 20)).await;
    for visitor in &visitors {
        let client = Uuid::new_v4();
        let answers = futures::future::join_all((0..5).map(|_| pipeline.post(visitor, client))).await;
        assert_eq!(answers, [202; 5]);
        pipeline.made(4);
    }
    pipeline.settle(&mappings).await;
    // Later, when no queue remembers it any more: the record as it was, and once more under another id, as a redrive
    // sends it; the delivery too.
    let [inbound, outbound] = mappings.each_ref().map(Mapping::done);
    assert_eq!((inbound.len(), outbound.len()), (visitors.len(), visitors.len()));
    for record in &inbound {
        assert!(pipeline.hand(&pipeline.responder, &[record.clone(), record.clone()]).await.is_empty());
        let send = pipeline.sqs.send_message().queue_url(&pipeline.inbound_queue.url);
        let send = send.message_body(record["body"].as_str().unwrap());
        let send = send.message_group_id(record["attributes"]["MessageGroupId"].as_str().unwrap());
        send.message_deduplication_id(Uuid::new_v4().to_string()).send().await.unwrap();
        pipeline.made(3);
    }
    for record in &outbound {
        assert!(pipeline.hand(&pipeline.outbound, &[record.clone(), record.clone()]).await.is_empty());
        pipeline.made(2);
    }
    pipeline.settle(&mappings).await;
    pipeline.judge(mappings, Promise::ALL, visitors.len()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn invariant_02_what_was_acknowledged_is_answered_wherever_the_door_dies() {
    let plan = Plan::of(2, "every acknowledged webhook is answered or in the DLQ");
    let Some(pipeline) = Pipeline::build(plan).await else { return };
    let mappings = pipeline.run(Habits::PATIENT);
    let visitors = pipeline.visitors(4).await;
    let runs = sized(16, 200);
    let mut rng = fastrand::Rng::with_seed(2);
    for run in 0..runs {
        // Before the first run over all of them nothing is drawn, so that each point is hit.
        let points = [Some("before_send"), Some("after_send"), Some("before_ack"), None];
        let point = if run < points.len() { points[run] } else { rng.choice(points).unwrap() };
        pipeline.points.befall(move |reached| match point {
            Some(point) if reached.is("web-api", point) => Act::Kill,
            Some(_) | None => Act::Go,
        });
        let (visitor, client) = (&visitors[run % visitors.len()], Uuid::new_v4());
        let status = pipeline.post(visitor, client).await;
        assert_eq!(status, if point.is_some() { 0 } else { 202 }, "killed at {point:?}");
        pipeline.points.calm();
        // Some clients try again, some give up: what was not acknowledged may be answered, once.
        if rng.bool() {
            assert_eq!(pipeline.post(visitor, client).await, 202);
        }
    }
    pipeline.settle(&mappings).await;
    let kills = pipeline.history.count(|event| matches!(event, Event::Refused { status: 0, .. }));
    assert_eq!(pipeline.faults(), kills as u64);
    pipeline.judge(mappings, Promise::ALL, runs).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn invariant_03_nothing_is_acknowledged_that_is_not_queued() {
    let plan = Plan::of(3, "not acknowledged unless queued");
    let Some(pipeline) = Pipeline::build(plan).await else { return };
    let one_refused = json!({
        "Successful": [],
        "Failed": [{ "Id": "0", "Code": "InternalError", "SenderFault": false, "Message": "a test's doing" }],
    });
    let mishaps = [
        Mishap::UNAVAILABLE,
        Mishap::Refused(400, "ThrottlingException"),
        Mishap::Answered(one_refused),
        Mishap::Lost,
        Mishap::Cut,
        // Longer than the door waits.
        Mishap::Late(Duration::from_secs(6)),
    ];
    let rounds = sized(1, 10);
    let mut messages = vec![];
    for mishap in std::iter::repeat_n(mishaps, rounds).flatten() {
        let (visitor, client) = (pipeline.visitor().await, Uuid::new_v4());
        pipeline.proxy.take();
        let befalls = mishap.clone();
        pipeline.proxy.befall(move |call| (call.operation == "AmazonSQS.SendMessageBatch").then(|| befalls.clone()));
        let status = pipeline.post(&visitor, client).await;
        assert!((500..600).contains(&status), "{mishap:?}: {status}");
        pipeline.proxy.calm();
        messages.push((visitor, client));
    }
    assert!(pipeline.faults() >= messages.len() as u64);
    for (visitor, client) in &messages {
        assert_eq!(pipeline.post(visitor, *client).await, 202);
    }
    let events: Vec<_> = messages.iter().map(|(visitor, client)| visitor.event(*client)).collect();
    let queued = pipeline.accepted();
    assert!(events.iter().all(|event| queued.iter().any(|record| dedup_of(record) == event.as_str())));
    let mappings = pipeline.run(Habits::PATIENT);
    pipeline.settle(&mappings).await;
    pipeline.judge(mappings, Promise::ALL, messages.len()).await;
}

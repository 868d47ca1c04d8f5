//! Batches: order, writers side by side, and what a batch's answer means.

use serde_json::{Value, json};
use tests::fault_points::Act;
use tests::mapping::Habits;
use tests::proxy::Mishap;
use tests::verdict::Promise;

use crate::left::dedup_of;
use crate::pipeline::{Pipeline, Plan, sized};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn invariant_07_every_conversation_is_answered_in_order() {
    let plan = Plan::of(7, "one conversation is answered in order");
    let Some(pipeline) = Pipeline::build(plan).await else { return };
    let mut rng = fastrand::Rng::with_seed(7);
    pipeline.proxy.befall(move |call| {
        let struck = call.operation.starts_with("DynamoDB.") || call.operation.starts_with("AmazonSQS.");
        (struck && rng.u32(0..100) < 5).then(|| Mishap::any(&mut rng))
    });
    let mut rng = fastrand::Rng::with_seed(77);
    pipeline.points.befall(move |reached| {
        let struck = reached.is("responder", "before_commit") || reached.is("outbound-web", "before_claim");
        if struck && rng.u32(0..100) < 5 { Act::Panic } else { Act::Go }
    });
    // Nothing dies here. Records that came again while they are worked on would count receives that no queue of ours
    // gives, and a panic after five of those gives a message up.
    let mappings = pipeline.run(Habits { mixed: true, seed: 7, visibility: 30, ..Habits::PATIENT });
    let (conversations, messages) = (sized(8, 100), sized(6, 20));
    let visitors = pipeline.visitors(conversations).await;
    pipeline.chat(&visitors, messages).await;
    pipeline.settle(&mappings).await;
    pipeline.proxy.calm();
    pipeline.points.calm();
    assert!(pipeline.faults() > 0);
    pipeline.judge(mappings, Promise::PUSHED, conversations * messages).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn invariant_08_no_update_is_lost_between_responders_side_by_side() {
    let plan = Plan::of(8, "no lost state updates");
    let Some(pipeline) = Pipeline::build(plan).await else { return };
    let visitor = pipeline.visitor().await;
    let messages = sized(20, 50);
    pipeline.proxy.take();
    futures::future::join_all((0..messages).map(|_| pipeline.say(&visitor))).await;
    let accepted = pipeline.accepted();
    assert_eq!(accepted.len(), messages);
    // As a standard queue might hand them out: in any order, to anyone, some twice.
    let mut rng = fastrand::Rng::with_seed(8);
    let mut waiting = [accepted.clone(), accepted].concat();
    pipeline.made(messages);
    while !waiting.is_empty() {
        rng.shuffle(&mut waiting);
        let hands = waiting.chunks(10).map(async |batch| {
            let failed = pipeline.hand(&pipeline.responder, batch).await;
            let again = batch.iter().filter(|record| failed.iter().any(|id| record["messageId"] == id.as_str()));
            again.cloned().collect::<Vec<Value>>()
        });
        waiting = futures::future::join_all(hands).await.concat();
    }
    let left = pipeline.conversation(&visitor).await;
    assert_eq!((left.version, left.turns, left.seq), (messages as u64, messages as u64, 2 * messages as u64));
    let mappings = pipeline.run(Habits::PATIENT);
    pipeline.settle(&mappings).await;
    pipeline.judge(mappings, Promise { in_order: false, ..Promise::ALL }, messages).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn invariant_13_a_batchs_answer_names_the_failed_record_and_its_followers() {
    let plan = Plan::of(13, "partial batch is exact");
    let Some(pipeline) = Pipeline::build(plan).await else { return };
    let runs = sized(2, 10);
    for run in 0..runs {
        let visitors = pipeline.visitors(3).await;
        pipeline.proxy.take();
        // Of whom each record of the batch is; the third fails, and with it what follows in its group.
        let owners = if run % 2 == 0 { [0, 1, 0, 2, 0, 1, 2, 0, 1, 2] } else { [2, 2, 1, 0, 1, 2, 1, 0, 0, 1] };
        for owner in owners {
            pipeline.say(&visitors[owner]).await;
        }
        let batch = pipeline.accepted();
        let third = dedup_of(&batch[2]).to_owned();
        pipeline.proxy.befall(move |call| {
            let commits = call.operation == "DynamoDB.TransactWriteItems" && call.body.to_string().contains(&third);
            commits.then_some(Mishap::UNAVAILABLE)
        });
        let failed = pipeline.hand(&pipeline.responder, &batch).await;
        pipeline.proxy.calm();
        let places = (2..10).filter(|place| owners[*place] == owners[2]);
        let wanted: Vec<&str> = places.map(|place| batch[place]["messageId"].as_str().unwrap()).collect();
        assert_eq!(failed, wanted);
    }
    assert!(pipeline.faults() >= runs as u64);
    let mappings = pipeline.run(Habits::PATIENT);
    pipeline.settle(&mappings).await;
    pipeline.judge(mappings, Promise::ALL, 10 * runs).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn invariant_14_an_answer_that_cannot_be_read_loses_nothing() {
    let plan = Plan::of(14, "malformed batch response never loses");
    let Some(pipeline) = Pipeline::build(plan).await else { return };
    let visitors = pipeline.visitors(10).await;
    pipeline.proxy.take();
    pipeline.chat(&visitors, 1).await;
    let accepted = pipeline.accepted();
    // One at a time, so that all ten come as one batch: its answer is lost in every way in which it can be.
    let responder = pipeline.run_responder(Habits { at_a_time: 1, ..Habits::default() });
    let mut garbage = vec![
        json!("done"),
        json!({ "batchItemFailures": [{ "itemIdentifier": "nobody" }] }),
        json!({ "batchItemFailures": [{}] }),
    ];
    pipeline.made(garbage.len());
    responder.garble(move |answer| garbage.pop().unwrap_or(answer));
    let mut acts = vec![Act::Kill, Act::Panic];
    pipeline.points.befall(
        move |reached| {
            if reached.is("responder", "before_ack") { acts.pop().unwrap_or(Act::Go) } else { Act::Go }
        },
    );
    let outbound = pipeline.run_outbound(Habits::default());
    pipeline.settle(&[responder, outbound]).await;
    assert_eq!(pipeline.faults(), 5);
    for record in &accepted {
        let times = pipeline.handed_out("responder", dedup_of(record));
        assert!(times >= 6, "a record came {times} times");
    }
    pipeline.judge((), Promise::ALL, 10).await;
}

//! Functions that die, or sleep too long, on their way.

use std::collections::BTreeMap;
use std::time::Duration;

use tests::fault_points::{Act, first};
use tests::history::Event;
use tests::mapping::Habits;
use tests::until;
use tests::verdict::Promise;
use uuid::Uuid;

use crate::pipeline::{Pipeline, Plan, sized};

/// How long something that is under way may take.
const SOON: Duration = Duration::from_mins(1);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn invariant_04_a_reply_survives_a_kill_between_commit_and_send() {
    let plan = Plan::of(4, "a reply survives a kill between state write and send");
    let Some(pipeline) = Pipeline::build(plan).await else { return };
    let runs = sized(3, 20);
    pipeline.points.befall(first(runs, "responder", "after_commit", Act::Kill));
    let mappings = pipeline.run(Habits::default());
    let visitors = pipeline.visitors(runs).await;
    pipeline.chat(&visitors, 1).await;
    pipeline.settle(&mappings).await;
    assert_eq!(pipeline.faults(), runs as u64);
    pipeline.judge(mappings, Promise::ALL, runs).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn invariant_05_a_kill_between_send_and_mark_costs_at_most_one_copy() {
    let plan = Plan::of(5, "a kill between send and mark costs at most one copy");
    let Some(pipeline) = Pipeline::build(plan).await else { return };
    let mappings = pipeline.run(Habits::default());
    let visitors = pipeline.visitors(sized(2, 10)).await;
    // Whoever has claimed a delivery and died, has pushed it or not: it is pushed once the lease has ended.
    let points = ["after_claim", "after_send"].into_iter().cycle();
    for ((visitor, point), kills) in visitors.iter().zip(points).zip(1..) {
        pipeline.points.befall(first(1, "outbound-web", point, Act::Kill));
        pipeline.say(visitor).await;
        until("the kill", SOON, async || (pipeline.faults() == kills).then_some(())).await;
        pipeline.say(visitor).await;
    }
    pipeline.settle(&mappings).await;
    let mut pushes: BTreeMap<String, usize> = BTreeMap::new();
    for event in pipeline.history.events() {
        if let Event::Pushed { message, .. } = event {
            *pushes.entry(message).or_default() += 1;
        }
    }
    // The frames carry the messages' ids: whoever gets one twice sees it once.
    assert!(pushes.values().all(|times| *times <= 2), "{pushes:?}");
    pipeline.judge(mappings, Promise::PUSHED, visitors.len() * 2).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn invariant_06_a_kill_before_the_commit_changes_nothing() {
    let plan = Plan::of(6, "a kill before the commit changes nothing");
    let Some(pipeline) = Pipeline::build(plan).await else { return };
    let mappings = pipeline.run(Habits::default());
    let visitor = pipeline.visitor().await;
    let kills = sized(2, 10);
    for kill in 1..=kills {
        pipeline.say(&visitor).await;
        pipeline.settle(&mappings).await;
        let before = pipeline.conversation(&visitor).await;
        assert_eq!(before.version, 2 * kill as u64 - 1);
        pipeline.points.befall(first(1, "responder", "before_commit", Act::Kill));
        pipeline.say(&visitor).await;
        until("the kill", SOON, async || (pipeline.faults() == kill as u64).then_some(())).await;
        assert_eq!(pipeline.conversation(&visitor).await, before);
        pipeline.settle(&mappings).await;
    }
    pipeline.judge(mappings, Promise::ALL, 2 * kills).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn invariant_09_a_writer_that_slept_too_long_is_refused_and_sends_nothing() {
    let plan = Plan::of(9, "a stale writer loses");
    let Some(pipeline) = Pipeline::build(plan).await else { return };
    let runs = sized(2, 10);
    for _ in 0..runs {
        let visitor = pipeline.visitor().await;
        let client = Uuid::new_v4();
        pipeline.points.befall(first(1, "responder", "before_commit", Act::Hold(Duration::from_secs(5))));
        let mappings = pipeline.run(Habits { visibility: 2, ..Habits::default() });
        pipeline.proxy.take();
        assert_eq!(pipeline.post(&visitor, client).await, 202);
        pipeline.settle(&mappings).await;
        let calls = pipeline.proxy.take();
        let event = visitor.event(client);
        let commits: Vec<u16> = calls
            .iter()
            .filter(|call| call.operation == "DynamoDB.TransactWriteItems")
            .filter(|call| call.body.to_string().contains(event.as_str()))
            .map(|call| call.status)
            .collect();
        assert!(commits.len() > 1 && commits[0] == 200, "the other one was first: {commits:?}");
        assert!(commits[1..].iter().all(|status| *status == 400), "the sleeper is refused: {commits:?}");
        let sends = calls.iter().filter(|call| call.operation == "AmazonSQS.SendMessage");
        let mut sent: Vec<String> = sends.map(|call| call.body["MessageDeduplicationId"].to_string()).collect();
        sent.dedup();
        assert_eq!(sent.len(), 1, "what the sleeper sends is what was sent: {sent:?}");
    }
    assert_eq!(pipeline.faults(), runs as u64);
    pipeline.judge((), Promise::ALL, runs).await;
}

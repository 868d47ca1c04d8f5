//! Everything at once: many conversations, copies, mixed batches, and processes killed wherever they are.

use std::time::Instant;

use tests::history::Event;
use tests::mapping::Habits;
use tests::verdict::Promise;

use crate::pipeline::{Pipeline, Plan, sized};

/// Of a thousand records, how many come with a copy.
const COPIED: u32 = 50;
/// Of a thousand invocations, how many are killed: one in twenty of all, sessions that are opened before included.
const KILLED: u32 = 60;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_message_is_answered_once_and_in_order_whatever_dies() {
    let plan = Plan { at_a_time: 8, ..Plan::of(0, "all of it at once: shuffled, duplicated, killed") };
    let Some(pipeline) = Pipeline::build(plan).await else { return };
    let started = Instant::now();
    let (conversations, messages) = (sized(10, 50), sized(10, 20));
    let visitors = pipeline.visitors(conversations).await;
    let functions = [&pipeline.web, &pipeline.responder, &pipeline.outbound];
    for (function, seed) in functions.iter().zip(40..) {
        function.doom(KILLED, seed, pipeline.points.doomed());
    }
    let habits = Habits { mixed: true, copied: COPIED, seed: 42, ..Habits::default() };
    let mappings = pipeline.run(habits);
    pipeline.chat(&visitors, messages).await;
    pipeline.settle(&mappings).await;
    for function in functions {
        function.spare();
    }
    pipeline.points.calm();
    let copies: usize = mappings.iter().map(tests::mapping::Mapping::copies).sum();
    pipeline.made(copies);
    let kills = pipeline.history.count(|event| matches!(event, Event::Ended { how, .. } if how == "died"));
    let invocations = pipeline.history.count(|event| matches!(event, Event::Invoked { .. }));
    println!(
        "binaries: {} messages over {conversations} conversations, {copies} copies, {invocations} invocations, {kills} \
         killed, {} s",
        conversations * messages,
        started.elapsed().as_secs(),
    );
    assert!(kills > 0 && copies > 0, "nothing happened");
    pipeline.judge(mappings, Promise::PUSHED, conversations * messages).await;
}

//! Services and providers that are slow, refuse, or are away for a while.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;
use tests::history::Event;
use tests::mapping::Habits;
use tests::proxy::Mishap;
use tests::sockets::Answer;
use tests::verdict::{Promise, Pushes};

use crate::pipeline::{Pipeline, Plan, sized};
use crate::visitors::Visitor;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn invariant_15_no_function_runs_into_its_timeout_on_a_provider_that_hangs() {
    let plan = Plan { deployed_times: true, ..Plan::of(15, "timeouts are coherent") };
    let Some(pipeline) = Pipeline::build(plan).await else { return };
    for times in pipeline.times().await {
        assert!(times.visibility >= 6 * times.timeout, "{times:?}");
        assert!(times.call + Duration::from_secs(2) < times.timeout, "{times:?}");
        assert!(times.receives >= 5, "{times:?}");
    }
    let visitors = pipeline.visitors(sized(5, 20)).await;
    let mut tried: BTreeMap<String, usize> = BTreeMap::new();
    pipeline.sockets.befall(move |conversation, _| {
        let count = tried.entry(conversation.to_owned()).or_default();
        *count += 1;
        if *count <= 2 { Answer::Hang } else { Answer::Status(200) }
    });
    pipeline.made(2 * visitors.len());
    // Queued before anybody sends, so that batches are full.
    let responder = pipeline.run_responder(Habits::default());
    pipeline.chat(&visitors, 3).await;
    pipeline.settle_inbound(&responder).await;
    let outbound = pipeline.run_outbound(Habits::PATIENT);
    pipeline.settle(&[responder, outbound]).await;
    let ends: Vec<String> = pipeline
        .history
        .events()
        .into_iter()
        .filter_map(|event| if let Event::Ended { how, .. } = event { Some(how) } else { None })
        .collect();
    assert!(ends.iter().all(|how| how == "answered"), "{ends:?}");
    // Each call to the provider came back by itself, before the batch would have cut it off.
    let reached = |at: &str| {
        let is = |event: &Event| matches!(event, Event::Reached { function, point, .. } if function == "outbound-web" && point == at);
        pipeline.history.count(is)
    };
    assert_eq!(reached("before_send"), reached("after_send"));
    pipeline.judge((), Promise::ALL, 3 * visitors.len()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn invariant_16_a_provider_that_asks_to_wait_is_asked_again_in_order() {
    let plan = Plan::of(16, "429/5xx from a channel backs off, keeps order");
    let Some(pipeline) = Pipeline::build(plan).await else { return };
    let visitors = pipeline.visitors(sized(4, 20)).await;
    let slow = visitors[0].group();
    let mut statuses = [429, 500, 503, 504, 429, 500, 503].into_iter();
    pipeline.sockets.befall(move |conversation, _| {
        let status = (conversation == slow).then(|| statuses.next()).flatten();
        Answer::Status(status.unwrap_or(200))
    });
    pipeline.made(7);
    let mappings = pipeline.run(Habits::PATIENT);
    pipeline.chat(&visitors, 3).await;
    pipeline.settle(&mappings).await;
    let tries = |group: &str| pipeline.sockets.tries().iter().filter(|(of, _)| of == group).count();
    assert_eq!(tries(&visitors[0].group()), 6 + 7);
    for visitor in &visitors[1..] {
        assert_eq!(tries(&visitor.group()), 6, "another conversation was sent again");
    }
    pipeline.judge(mappings, Promise::ALL, 3 * visitors.len()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn invariant_17_a_provider_that_refuses_for_good_is_asked_once() {
    let plan = Plan::of(17, "permanent errors are not retried");
    let Some(pipeline) = Pipeline::build(plan).await else { return };
    let visitors = pipeline.visitors(3).await;
    let refusing: Vec<String> = visitors[..2].iter().map(Visitor::group).collect();
    let statuses = BTreeMap::from([(refusing[0].clone(), 400), (refusing[1].clone(), 403)]);
    pipeline.sockets.befall(move |conversation, _| Answer::Status(statuses.get(conversation).copied().unwrap_or(200)));
    let mappings = pipeline.run(Habits::PATIENT);
    pipeline.chat(&visitors, 3).await;
    pipeline.settle(&mappings).await;
    let tries = |group: &str| -> Vec<u64> {
        let of = |(conversation, message): (String, Value)| {
            (conversation == group).then(|| message["seq"].as_u64().unwrap())
        };
        pipeline.sockets.tries().into_iter().filter_map(of).collect()
    };
    for group in &refusing {
        // Of each delivery the first message, and no more.
        assert_eq!(tries(group), [1, 3, 5]);
        pipeline.made(3);
    }
    assert_eq!(tries(&visitors[2].group()), [1, 2, 3, 4, 5, 6]);
    assert!(pipeline.dead(&pipeline.outbound_queue.dead).await.is_empty(), "no storm on the dead-letter queue");
    pipeline.judge(mappings, Promise { pushes: Pushes::Any, ..Promise::ALL }, 9).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn invariant_18_an_outage_of_the_table_loses_nothing() {
    let plan = Plan::of(18, "DynamoDB throttle/outage loses nothing");
    let Some(pipeline) = Pipeline::build(plan).await else { return };
    let visitors = pipeline.visitors(sized(6, 50)).await;
    let messages = sized(4, 20);
    let mappings = pipeline.run(Habits::PATIENT);
    pipeline.chat(&visitors, 1).await;
    let ends = std::time::Instant::now() + Duration::from_secs(sized(6, 30) as u64);
    pipeline.proxy.befall(move |call| {
        let out = call.operation.starts_with("DynamoDB.") && std::time::Instant::now() < ends;
        out.then_some(Mishap::THROTTLED)
    });
    pipeline.chat(&visitors, messages - 1).await;
    pipeline.settle(&mappings).await;
    assert!(pipeline.faults() > 0);
    pipeline.judge(mappings, Promise::PUSHED, visitors.len() * messages).await;
}

//! Processes that die on their way.

use tests::fault_points::Act;
use tests::history::Promise;
use tests::mapping::Habits;

use crate::pipeline::{Pipeline, Plan, sized};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn invariant_04_a_reply_survives_a_kill_between_commit_and_send() {
    let plan = Plan::of(4, "a reply survives a kill between state write and send");
    let Some(pipeline) = Pipeline::build(plan).await else { return };
    let runs = sized(3, 20);
    let mut left = runs;
    pipeline.points.befall(move |reached| {
        if left > 0 && reached.is("responder", "after_commit") {
            left -= 1;
            return Act::Kill;
        }
        Act::Go
    });
    let mappings = pipeline.run(Habits::default());
    let visitors = pipeline.visitors(runs).await;
    pipeline.chat(&visitors, 1).await;
    pipeline.settle(&mappings).await;
    assert_eq!(pipeline.faults(), runs as u64);
    pipeline.judge(Promise { in_order: true, pushed_once: true }, runs).await;
}

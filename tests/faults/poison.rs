//! Records that cannot be processed: whom they hold up, where they end, and how they come back.

use std::process::Command;

use serde_json::json;
use tests::fault_points::Act;
use tests::mapping::Habits;
use tests::proxy::Mishap;
use tests::verdict::Promise;
use uuid::Uuid;

use crate::left::dedup_of;
use crate::pipeline::{Pipeline, Plan, sized};

/// Makes the responder panic over an event, whenever it comes.
fn panic_over(pipeline: &Pipeline, event: &str) {
    let event = event.to_owned();
    pipeline.points.befall(move |reached| {
        if reached.is("responder", "before_commit") && reached.about == event { Act::Panic } else { Act::Go }
    });
}

/// Keeps the table from taking an event's turn.
fn refuse(pipeline: &Pipeline, event: &str) {
    let event = event.to_owned();
    pipeline.proxy.befall(move |call| {
        let commits = call.operation == "DynamoDB.TransactWriteItems" && call.body.to_string().contains(&event);
        commits.then_some(Mishap::THROTTLED)
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn invariant_10_poison_holds_up_only_its_own_conversation() {
    let plan = Plan::of(10, "poison blocks only its own conversation");
    let Some(pipeline) = Pipeline::build(plan).await else { return };
    let (conversations, messages) = (sized(9, 50), sized(3, 20));
    let visitors = pipeline.visitors(conversations).await;
    let poison = Uuid::new_v4();
    let event = visitors[0].event(poison).as_str().to_owned();
    panic_over(&pipeline, &event);
    assert_eq!(pipeline.post(&visitors[0], poison).await, 202);
    pipeline.proxy.take();
    pipeline.chat(&visitors, messages).await;
    let mappings = pipeline.run(Habits::PATIENT);
    pipeline.settle(&mappings).await;
    let accepted = pipeline.accepted();
    assert_eq!(accepted.len(), conversations * messages);
    for record in accepted.iter().filter(|record| record["attributes"]["MessageGroupId"] != visitors[0].group()) {
        let times = pipeline.handed_out("responder", dedup_of(record));
        assert_eq!(times, 1, "a record of another conversation came again");
    }
    assert_eq!(pipeline.end().await.dead, [visitors[0].message(poison)]);
    let count = conversations * messages + 1;
    pipeline.judge(mappings, Promise { dead: 1, ..Promise::ALL }, count).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn invariant_11_poison_ends_with_its_reason_and_its_followers_go_on() {
    let plan = Plan { max_receives: Some(5), ..Plan::of(11, "poison reaches the DLQ in N tries") };
    let Some(pipeline) = Pipeline::build(plan).await else { return };
    let visitors = pipeline.visitors(3).await;
    let (panics, outage, garbage) = (Uuid::new_v4(), Uuid::new_v4(), Uuid::new_v4().to_string());
    let [panic_event, outage_event] =
        [visitors[0].event(panics), visitors[1].event(outage)].map(|event| event.as_str().to_owned());
    panic_over(&pipeline, &panic_event);
    refuse(&pipeline, &outage_event);
    assert_eq!(pipeline.post(&visitors[0], panics).await, 202);
    assert_eq!(pipeline.post(&visitors[1], outage).await, 202);
    let send = pipeline.sqs.send_message().queue_url(&pipeline.inbound_queue.url).message_body("zebra, no envelope");
    send.message_group_id(visitors[2].group()).message_deduplication_id(&garbage).send().await.unwrap();
    pipeline.made(1);
    pipeline.chat(&visitors, 2).await;
    let mappings = pipeline.run(Habits::PATIENT);
    pipeline.settle(&mappings).await;
    let tries = [&panic_event, &outage_event, &garbage].map(|record| pipeline.handed_out("responder", record));
    assert_eq!(tries, [5, 5, 1]);
    let dead = pipeline.dead(&pipeline.inbound_queue.dead).await;
    let reason = |record: &str| {
        let found: Vec<_> = dead.iter().filter(|dead| dead.dedup == record).collect();
        assert_eq!(found.len(), 1, "{dead:?}");
        found[0].reason.clone()
    };
    assert_eq!(dead.len(), 3, "{dead:?}");
    assert_eq!(reason(&panic_event), "the function panicked");
    assert!(reason(&outage_event).starts_with("commit a turn failed: "), "{dead:?}");
    assert!(reason(&garbage).starts_with("not an envelope") && !reason(&garbage).contains("zebra"), "{dead:?}");
    assert!(dead.iter().any(|dead| dead.dedup == garbage && dead.group == visitors[2].group()), "{dead:?}");
    // Its followers: two messages and their answers for each visitor.
    for visitor in &visitors {
        assert_eq!(pipeline.mailbox(visitor).await.len(), 4);
    }
    pipeline.judge(mappings, Promise { dead: 2, ..Promise::ALL }, 9).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn invariant_12_a_redrive_restores_what_was_given_up() {
    let plan = Plan { max_receives: Some(2), ..Plan::of(12, "redrive restores it") };
    let Some(pipeline) = Pipeline::build(plan).await else { return };
    let visitors = pipeline.visitors(sized(3, 20)).await;
    let mappings = pipeline.run(Habits::PATIENT);
    let clients: Vec<Uuid> = visitors.iter().map(|_| Uuid::new_v4()).collect();
    pipeline.proxy.befall(|call| (call.operation == "DynamoDB.TransactWriteItems").then_some(Mishap::THROTTLED));
    for (visitor, client) in visitors.iter().zip(&clients) {
        assert_eq!(pipeline.post(visitor, *client).await, 202);
    }
    pipeline.settle(&mappings).await;
    let mut dead = pipeline.end().await.dead;
    let mut given_up: Vec<String> =
        visitors.iter().zip(&clients).map(|(visitor, client)| visitor.message(*client)).collect();
    dead.sort();
    given_up.sort();
    assert_eq!(dead, given_up);

    // The cause is mended: later messages are answered, and the project's own mover brings the others back.
    pipeline.proxy.calm();
    pipeline.chat(&visitors, 1).await;
    pipeline.settle(&mappings).await;
    let stack = pipeline.as_a_stack();
    let mut redrive = Command::new("cargo");
    redrive.args(["local", "redrive", "inbound", "--aws", &stack]);
    let redrive = pipeline.stack.point(redrive.current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/..")));
    let output = redrive.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    let count = visitors.len();
    assert_eq!(said.trim_end(), format!("moved {count} records of {count} groups, 0 left"));
    pipeline.settle(&mappings).await;
    assert!(pipeline.end().await.dead.is_empty());
    for (visitor, message) in visitors.iter().zip(&clients) {
        let mailbox = pipeline.mailbox(visitor).await;
        assert_eq!(mailbox.len(), 4);
        assert_eq!(mailbox[2].message, visitor.message(*message), "under its first id, and after what came meanwhile");
    }
    pipeline.stack.aws(&json!([
        { "service": "cloudformation", "operation": "delete_stack", "arguments": { "StackName": stack } },
    ]));
    pipeline.judge(mappings, Promise { in_order: false, ..Promise::ALL }, 2 * count).await;
}

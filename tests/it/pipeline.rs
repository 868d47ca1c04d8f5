//! Records that fail, come again or cannot be read: what the functions answer, and what customers see of it.

use serde_json::{Value, json};
use testkit::Queued;

use crate::support::{Frontdesk, event, http_event, shop_bot, sqs};

async fn ask(desk: &Frontdesk, token: &str, number: u32) {
    let authorization = format!("Bearer {token}");
    let client = format!("00000000-0000-4000-8000-{number:012}");
    let body = json!({ "client_id": client, "content": { "type": "text", "text": format!("hello {number}") } });
    let request = http_event("POST", "/v1/messages", &[("authorization", &authorization)], Some(&body.to_string()));
    assert_eq!(desk.http(&request).await.0, 202);
}

async fn messages(desk: &Frontdesk, token: &str) -> Vec<Value> {
    let authorization = format!("Bearer {token}");
    let request = http_event("GET", "/v1/messages?after=0", &[("authorization", &authorization)], None);
    desk.http(&request).await.1["messages"].as_array().unwrap().clone()
}

async fn visitor(desk: &Frontdesk) -> String {
    desk.http(&event("web/open-session.json")).await.1["token"].as_str().unwrap().to_owned()
}

fn failed(response: &aws_lambda_events::sqs::SqsBatchResponse) -> Vec<&str> {
    response.batch_item_failures.iter().map(|failure| failure.item_identifier.as_str()).collect()
}

#[tokio::test]
async fn order_and_counts_hold_when_every_part_fails_once() {
    let desk = Frontdesk::new(shop_bot());
    let token = visitor(&desk).await;
    for number in 0..20 {
        ask(&desk, &token, number).await;
    }
    for part in ["table", "outbound", "wire"] {
        desk.world.break_part(Some(part));
        desk.run_queues().await;
        desk.world.break_part(None);
        // The lease of a sender that failed ends before the record comes again.
        desk.world.pass(120);
    }
    desk.run_queues().await;
    let messages = messages(&desk, &token).await;
    let seqs: Vec<_> = messages.iter().map(|message| message["seq"].as_u64().unwrap()).collect();
    assert_eq!(seqs, (1..=40).collect::<Vec<_>>());
    for (index, pair) in messages.chunks(2).enumerate() {
        assert_eq!(pair[0]["content"]["text"], format!("hello {index}"));
        assert_eq!((&pair[0]["author"], &pair[1]["author"]), (&json!("customer"), &json!("bot")));
    }
    assert!(desk.world.dead().is_empty());
}

#[tokio::test]
async fn a_crash_after_the_commit_sends_the_outbox_when_the_record_comes_again() {
    let desk = Frontdesk::new(shop_bot());
    let token = visitor(&desk).await;
    ask(&desk, &token, 1).await;
    desk.world.break_part(Some("outbound"));
    let response = desk.respond(sqs(&desk.world.inbound(), 1)).await;
    assert_eq!(failed(&response), ["m0"]);
    assert!(desk.world.outbound().is_empty());
    desk.world.break_part(None);
    assert!(failed(&desk.respond(sqs(&desk.world.inbound(), 2)).await).is_empty());
    desk.run_queues().await;
    assert_eq!(messages(&desk, &token).await.len(), 2);
}

#[tokio::test]
async fn what_cannot_be_read_goes_to_the_dead_letters_at_once_and_its_group_goes_on() {
    let desk = Frontdesk::new(shop_bot());
    let token = visitor(&desk).await;
    ask(&desk, &token, 1).await;
    let mut batch = desk.world.inbound();
    let poison = Queued { body: "{\"v\":1,\"body\":\"not ours\"}".into(), ..batch[0].clone() };
    batch.insert(0, poison.clone());
    assert!(failed(&desk.respond(sqs(&batch, 1)).await).is_empty());
    assert_eq!(desk.world.dead().len(), 1);
    assert!(failed(&desk.send_out(sqs(&[poison], 1)).await).is_empty());
    assert_eq!(desk.world.dead().len(), 2);
    assert!(desk.world.dead()[0].1.starts_with("not an envelope"), "{:?}", desk.world.dead());
    desk.run_queues().await;
    assert_eq!(messages(&desk, &token).await.len(), 2);
}

#[tokio::test]
async fn the_last_permitted_receive_ends_on_the_dead_letter_queue() {
    let desk = Frontdesk::new(shop_bot());
    let token = visitor(&desk).await;
    ask(&desk, &token, 1).await;
    desk.world.break_part(Some("table"));
    assert_eq!(failed(&desk.respond(sqs(&desk.world.inbound(), 4)).await), ["m0"]);
    assert!(failed(&desk.respond(sqs(&desk.world.inbound(), 5)).await).is_empty());
    let dead = desk.world.dead();
    assert_eq!(dead[0].0, desk.world.inbound()[0].body, "the body is kept as it was");
    assert!(!dead[0].1.contains("hello"), "the reason holds no text of the customer's");
}

#[tokio::test]
async fn two_visitors_in_one_batch_do_not_hold_each_other_up() {
    let desk = Frontdesk::new(shop_bot());
    let (one, two) = (visitor(&desk).await, visitor(&desk).await);
    ask(&desk, &one, 1).await;
    ask(&desk, &two, 1).await;
    let mut batch = desk.world.inbound();
    batch[0].body = batch[0].body.replace("\"v\":1", "\"v\":99");
    assert_eq!(failed(&desk.respond(sqs(&batch, 1)).await), ["m0"], "an older function waits for the newer one");
    desk.send_out(sqs(&desk.world.outbound(), 1)).await;
    assert_eq!((messages(&desk, &one).await.len(), messages(&desk, &two).await.len()), (0, 2));
    assert!(failed(&desk.respond(sqs(&batch, 5)).await).is_empty());
    assert!(desk.world.dead()[0].1.contains("newer"));
}

#[tokio::test]
async fn what_an_alarm_did_is_finished_when_it_comes_again_though_it_would_do_nothing_now() {
    let desk = Frontdesk::new(shop_bot());
    let token = visitor(&desk).await;
    let authorization = format!("Bearer {token}");
    let body =
        json!({ "client_id": "00000000-0000-4000-8000-000000000001", "content": { "type": "text", "text": "店员" } });
    let request = http_event("POST", "/v1/messages", &[("authorization", &authorization)], Some(&body.to_string()));
    desk.http(&request).await;
    desk.run_queues().await;
    let queued = messages(&desk, &token).await.len();
    for part in ["outbound", "alarms"] {
        // A day later nobody has come; what the turn owes cannot be done at first.
        desk.world.pass(24 * 60 * 60);
        desk.world.ring();
        desk.world.break_part(Some(part));
        desk.run_queues().await;
        desk.world.break_part(None);
        desk.world.pass(120);
        desk.run_queues().await;
    }
    let texts: Vec<Value> = messages(&desk, &token).await;
    assert_eq!(texts.len(), queued + 1, "{texts:?}");
    assert_eq!(texts[queued]["author"], "system");
    assert!(desk.world.dead().is_empty());
}

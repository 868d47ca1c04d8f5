//! Queue bodies of every version that was ever sent must be read for ever.

use std::collections::BTreeSet;

use app::envelope::{read_fetch, read_inbound, write_inbound};
use domain::{CustomerId, Fetch};
use serde_json::Value;
use testkit::Queue;

use crate::support::{Frontdesk, event, root, shop_bot};

#[tokio::test]
async fn every_inbound_event_ever_written_is_still_answered() {
    for name in files("queues", "inbound-v") {
        let desk = Frontdesk::new(shop_bot());
        let records: aws_lambda_events::sqs::SqsEvent = serde_json::from_value(event(&name)).unwrap();
        let count = records.records.len();
        assert!(desk.respond(records).await.batch_item_failures.is_empty(), "{name}");
        assert!(desk.world.dead().is_empty(), "{name}: {:?}", desk.world.dead());
        assert!(count > 0 && (name != "queues/inbound-v1.json" || desk.world.outbound().len() == count), "{name}");
    }
}

#[tokio::test]
async fn every_kind_of_event_is_read_and_decided() {
    let desk = Frontdesk::new(shop_bot());
    let whole = event("queues/inbound-v2.json");
    let group = whole["Records"][0]["attributes"]["MessageGroupId"].as_str().unwrap().parse().unwrap();
    let mut kinds = BTreeSet::new();
    for record in whole["Records"].as_array().unwrap() {
        let body: Value = serde_json::from_str(record["body"].as_str().unwrap()).unwrap();
        let version = if body["body"]["kind"]["event"] == "message" { 1 } else { 2 };
        assert_eq!(body["v"], version, "an older function waits for its successor with what it cannot read");
        kinds.insert(body["body"]["kind"]["event"].as_str().unwrap().to_owned());
    }
    assert_eq!(kinds.len(), 8, "{kinds:?}");
    desk.respond(serde_json::from_value(whole).unwrap()).await;
    assert!(desk.world.head(&group).unwrap().is_erased(), "the last of them asks to be forgotten");
}

#[tokio::test]
async fn a_link_that_rests_on_an_address_waits_for_a_reader_that_knows_what_that_is() {
    let desk = Frontdesk::new(shop_bot());
    let whole = event("queues/inbound-v3.json");
    let mut identity = None;
    for record in whole["Records"].as_array().unwrap() {
        let body = record["body"].as_str().unwrap();
        let read = read_inbound(body).unwrap();
        assert_eq!(
            serde_json::from_str::<Value>(&write_inbound(&read)).unwrap(),
            serde_json::from_str::<Value>(body).unwrap()
        );
        assert!(body.starts_with(r#"{"v":3,"#));
        identity = Some(read.identity);
    }
    desk.respond(serde_json::from_value(whole).unwrap()).await;
    let head = desk.world.head(&identity.unwrap().group()).unwrap();
    let account = CustomerId::derive(&[b"customer", b"default", b"customer-7"]);
    assert_eq!((head.version, head.customer()), (2, account), "known by the address, then by the account that has it");
}

#[tokio::test]
async fn news_of_a_file_waits_for_a_reader_that_knows_what_that_is() {
    let desk = Frontdesk::new(shop_bot());
    let whole = event("queues/inbound-v4.json");
    let records = whole["Records"].as_array().unwrap();
    for record in &records[1..] {
        let body = record["body"].as_str().unwrap();
        let read = read_inbound(body).unwrap();
        assert_eq!(
            serde_json::from_str::<Value>(&write_inbound(&read)).unwrap(),
            serde_json::from_str::<Value>(body).unwrap()
        );
        assert!(body.starts_with(r#"{"v":4,"#));
    }
    let group = records[0]["attributes"]["MessageGroupId"].as_str().unwrap().parse().unwrap();
    desk.respond(serde_json::from_value(whole).unwrap()).await;
    let turns = desk.world.turns(&group);
    assert_eq!(turns.iter().map(|turn| turn.changes.len()).collect::<Vec<_>>(), [0, 1, 1]);
    assert_eq!(turns[2].messages.len(), 1, "the customer is asked to write");
    // What the first turn asked the media worker to do is what the file beside says, but for the language.
    let fetch = event("queues/media-v1.json")["Records"][0]["body"].as_str().unwrap().to_owned();
    let wanted = Fetch { locale: None, ..read_fetch(&fetch).unwrap() };
    assert_eq!(read_fetch(&desk.world.sent_as(Queue::Media, 0).unwrap().body).unwrap(), wanted);
}

#[tokio::test]
async fn every_outbound_delivery_ever_written_is_still_sent() {
    for name in files("queues", "outbound-v") {
        let desk = Frontdesk::new(shop_bot());
        let records = serde_json::from_value(event(&name)).unwrap();
        assert!(desk.send_out(records).await.batch_item_failures.is_empty(), "{name}");
        assert!(desk.world.dead().is_empty(), "{name}: {:?}", desk.world.dead());
    }
}

#[tokio::test]
async fn every_http_event_file_has_an_answer_that_is_no_fault_of_ours() {
    for name in files("web", "") {
        let whole = event(&name);
        if whole["version"] != "2.0" {
            continue;
        }
        let desk = Frontdesk::new(shop_bot());
        let (status, body) = desk.http(&whole).await;
        let expected: u64 = match name.as_str() {
            "web/open-session.json" => 201,
            "web/send-message.json" => 202,
            "web/read-messages.json" => 200,
            "web/send-message-too-long.json" => 422,
            _ => panic!("{name}: say what it should be answered"),
        };
        assert_eq!(u64::from(status), expected, "{name}: {body}");
    }
}

fn files(folder: &str, prefix: &str) -> Vec<String> {
    let found: Vec<String> = std::fs::read_dir(root().join("events").join(folder))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with(prefix))
        .map(|name| format!("{folder}/{name}"))
        .collect();
    assert!(!found.is_empty(), "no event file {folder}/{prefix}");
    found
}

#[test]
fn event_files_hold_no_real_person() {
    for folder in ["web", "queues"] {
        for name in files(folder, "") {
            let text = event(&name).to_string();
            assert!(!text.contains('@') || text.contains("example"), "{name}");
            let _: Value = serde_json::from_str(&text).unwrap();
        }
    }
}

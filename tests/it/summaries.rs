//! What the person who takes a conversation over is told.

use std::time::Duration;

use app::ports::People as _;
use app::writer::author;
use domain::{Change, Owner};
use serde_json::{Value, json};

use crate::model::{Server, Shop};

const DECLINED: &str = "{\"decline\": true}";
const SUMMARY: &str = "The customer asked what delivery costs and was told. They want a person.";

async fn handed_off(server: Server) -> Shop {
    let mut shop = Shop::with(server, 20_000, 1_000_000).await;
    shop.sums_up = true;
    shop.say("How much is shipping?").await;
    let turn = shop.say("talk to a person").await;
    assert!(matches!(shop.world.head(&Shop::identity().group()).unwrap().owner, Owner::Queued { .. }));
    let briefed = Change::Briefed { topic: Some("delivery.cost".to_owned()), unknowns: 0 };
    assert!(turn.changes.contains(&briefed), "told always: {:?}", turn.changes);
    shop
}

fn notes(shop: &Shop) -> Vec<Change> {
    let changes = shop.turns().into_iter().flat_map(|turn| turn.changes);
    changes.filter(|change| matches!(change, Change::Noted { .. })).collect()
}

fn says(summary: &str) -> Server {
    Server::SaysInTurn(vec![DECLINED.to_owned(), json!({ "summary": summary }).to_string()])
}

#[tokio::test]
async fn whoever_takes_over_finds_a_summary_that_no_customer_gets() {
    let shop = handed_off(says(SUMMARY)).await;
    assert_eq!(notes(&shop), [Change::Noted { agent: author(), text: SUMMARY.to_owned() }]);
    let sent = format!("{:?}", shop.turns().iter().flat_map(|turn| &turn.messages).collect::<Vec<_>>());
    assert!(!sent.contains("They want a person"), "{sent}");
    let request = shop.requests()[1].json();
    let document: Value = serde_json::from_str(request["messages"][1]["content"].as_str().unwrap()).unwrap();
    let lines = document["lines"].as_array().unwrap();
    assert_eq!(lines[0], json!({ "from": "customer", "text": "How much is shipping?" }));
    assert!(lines.iter().any(|line| line["from"] == "bot" && line["text"].as_str().unwrap().contains("¥99")));
    assert_eq!(lines.last().unwrap()["from"], "bot", "up to the word that somebody comes: {lines:?}");
    assert_eq!(shop.calls(), 2, "the event came twice, the model was asked once");
    assert_eq!(shop.world.last_seen().await.unwrap(), None, "no person did anything");
}

#[tokio::test]
async fn without_one_the_customer_is_handed_over_all_the_same() {
    for server in [
        Server::Fails(500, ""),
        Server::Hangs,
        says(""),
        says("Order LP0000009999 is lost."),
        says("Call <b>them</b> at once."),
        Server::Stops(json!({ "summary": SUMMARY }).to_string(), "content_filter"),
    ] {
        let shop = handed_off(server).await;
        assert_eq!(notes(&shop), []);
    }
}

#[tokio::test]
async fn a_summary_is_not_begun_that_could_have_its_event_come_again() {
    for (millis, asked) in [(900, false), (20_000, true)] {
        let mut shop = Shop::with(says(SUMMARY), 20_000, 1_000_000).await;
        shop.sums_up = true;
        shop.say("How much is shipping?").await;
        // Twice the 500 ms for which the model is waited for have to be left.
        shop.time = Some(Duration::from_millis(millis));
        let turn = shop.say("talk to a person").await;
        assert!(turn.messages.len() > 1, "they are told: {:?}", turn.messages);
        assert_eq!((notes(&shop).len(), shop.calls()), (usize::from(asked), 1 + usize::from(asked)), "{millis} ms");
    }
}

#[tokio::test]
async fn summaries_have_what_is_left_of_the_conversation_s_share() {
    let summary = json!({ "summary": "They want a person." }).to_string();
    let mut shop = Shop::with(Server::Says(summary.clone()), 4_000, 1_000_000).await;
    shop.sums_up = true;
    for _ in 0..8 {
        let turn = shop.say("talk to a person").await;
        assert!(turn.changes.iter().any(|change| matches!(change, Change::Queued { .. })));
        // Nobody comes in the shop's 18 hours.
        shop.world.pass(18 * 60 * 60 + 1);
        shop.say("hello").await;
    }
    let many = notes(&shop).len();
    assert!((2..6).contains(&many) && shop.calls() == many, "{many} of 8, {} calls", shop.calls());
    // What answers took is taken, too: 300 tokens each here.
    let mut shop = Shop::with(Server::Says(summary), 2_000, 1_000_000).await;
    shop.sums_up = true;
    for _ in 0..6 {
        shop.say("How much is shipping?").await;
    }
    let before = shop.calls();
    assert!(before >= 2, "{before}");
    shop.say("talk to a person").await;
    assert_eq!((notes(&shop).len(), shop.calls()), (0, before));
}

#[tokio::test]
async fn nobody_is_summed_up_who_stays_with_the_bot_or_whose_company_does_not_want_it() {
    let mut shop = Shop::with(says(SUMMARY), 20_000, 1_000_000).await;
    shop.say("How much is shipping?").await;
    shop.say("talk to a person").await;
    assert_eq!((notes(&shop), shop.calls()), (vec![], 1));
    let mut shop = Shop::with(says(SUMMARY), 20_000, 1_000_000).await;
    shop.sums_up = true;
    shop.say("How much is shipping?").await;
    assert_eq!((notes(&shop), shop.calls()), (vec![], 1));
}

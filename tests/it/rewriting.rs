//! Follow-ups that a language model makes questions of.

use std::time::{Duration, Instant};

use domain::{Author, Content, Owner};
use serde_json::{Value, json};

use crate::model::{Server, Shop};

const FIRST: &str = "How much is shipping?";
const FOLLOW_UP: &str = "hmm, and what if it is for my aunt in Lhasa?";
const QUESTION: &str = "How much is delivery to Tibet?";
const DECLINED: &str = "{\"decline\": true}";

/// A conversation in which the model is asked for the first answer's words, then says this.
async fn after_the_first(says: &[&str], rewrites: bool) -> Shop {
    let contents = std::iter::once(&DECLINED).chain(says).map(|said| (*said).to_owned()).collect();
    let mut shop = Shop::with(Server::SaysInTurn(contents), 20_000, 1_000_000).await;
    shop.rewrites = rewrites;
    let (answer, _) = shop.ask(FIRST).await;
    assert!(answer.contains("¥99"), "{answer}");
    assert_eq!(shop.calls(), 1, "the bot was sure: no question is made");
    shop
}

fn question(text: &str) -> String {
    json!({ "question": text }).to_string()
}

/// What the model was asked to do, and with what.
fn asked(shop: &Shop, call: usize) -> (String, Value) {
    let request = shop.requests()[call].json();
    let text = |at: usize| request["messages"][at]["content"].as_str().unwrap().to_owned();
    (text(0), serde_json::from_str(&text(1)).unwrap())
}

#[tokio::test]
async fn a_follow_up_that_the_bot_cannot_place_is_looked_up_as_a_question_that_stands_alone() {
    let mut plain = after_the_first(&[DECLINED], false).await;
    let (unknown, _) = plain.ask(FOLLOW_UP).await;
    assert!(!unknown.contains('¥'), "the bot alone does not know: {unknown}");
    assert!(!asked(&plain, 1).0.starts_with("You rewrite"), "off unless the company wants it");

    let mut shop = after_the_first(&[&question(QUESTION), DECLINED], true).await;
    let (answer, used) = shop.ask(FOLLOW_UP).await;
    assert!(answer.contains("¥199"), "the entry's own words: {answer}");
    assert_eq!(used.unwrap().tokens, 600);
    assert_eq!((shop.calls(), shop.spent()), (3, 900));
    let (task, document) = asked(&shop, 1);
    assert!(task.starts_with("You rewrite"), "{task}");
    assert_eq!(
        (document["question"].as_str(), document["before"]["title"].as_str()),
        (Some(FOLLOW_UP), Some("Delivery cost"))
    );
    assert_eq!(asked(&shop, 2).1["question"], QUESTION, "the words are for the question that was found");
    let turn = shop.turns().pop().unwrap();
    let heard = turn.messages.iter().find(|message| message.author == Author::Customer).unwrap();
    assert_eq!(heard.content, Content::Text { text: FOLLOW_UP.to_owned() }, "the history has what they wrote");
}

#[tokio::test]
async fn a_question_made_by_the_model_only_ever_finds_an_entry() {
    let mut plain = after_the_first(&[DECLINED], false).await;
    let (unknown, _) = plain.ask(FOLLOW_UP).await;
    for made in [
        "Delivery to Tibet is ¥18, dear customer.",
        "I want to talk to a person",
        "I want to return an item",
        "where is my order",
        "You are all idiots",
        "Who won the chess championship?",
        "Get compensation at evil.example",
        "",
    ] {
        let mut shop = after_the_first(&[&question(made), DECLINED], true).await;
        let (answer, _) = shop.ask(FOLLOW_UP).await;
        let head = shop.world.head(&Shop::identity().group()).unwrap();
        assert_eq!((&head.owner, &head.memory.flow), (&Owner::Bot, &None), "{made}: nobody is called, no flow begun");
        let from_the_shop = answer == unknown || answer.contains('¥') || answer.contains("Which");
        assert!(from_the_shop && (made.is_empty() || !answer.contains(made)), "{made}: {answer}");
    }
}

#[tokio::test]
async fn a_model_that_hangs_is_waited_for_once() {
    let mut shop = Shop::with(Server::Hangs, 20_000, 1_000_000).await;
    shop.rewrites = true;
    shop.limits.wait = Duration::from_millis(400);
    shop.ask(FIRST).await;
    let (begun, calls) = (Instant::now(), shop.calls());
    shop.ask(FOLLOW_UP).await;
    assert!(begun.elapsed() < Duration::from_millis(780), "{:?}", begun.elapsed());
    assert_eq!(shop.calls(), calls + 1, "no time was left for the words");
}

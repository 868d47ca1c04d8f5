//! Answers in a language model's words: the real responder and client, and a server that plays the model.

use std::time::Duration;

use domain::ModelUse;
use serde_json::Value;

use crate::model::{MODEL, Server, Shop, own, reply};

const QUESTION: &str = "how many days until my parcel is delivered?";

#[tokio::test]
async fn an_answer_in_the_model_s_words_keeps_what_it_rests_on() {
    let words = "Your parcel usually arrives 2–4 days after dispatch.";
    let mut shop = Shop::with(Server::Says(reply("delivery.time", words)), 20_000, 1_000_000).await;
    let (text, used) = shop.ask(QUESTION).await;
    assert_eq!(text, words);
    assert_eq!(used, Some(ModelUse { sources: vec!["delivery.time".to_owned()], tokens: 300 }));
    let asked = shop.requests()[0].clone();
    let request = asked.json();
    assert_eq!((asked.header("authorization"), request["model"].as_str()), ("Bearer secret-key", Some(MODEL)));
    let document: Value = serde_json::from_str(request["messages"][1]["content"].as_str().unwrap()).unwrap();
    assert_eq!(document["question"], QUESTION);
    assert_eq!((shop.calls(), shop.spent()), (1, 300), "what it took, not what was set aside");
}

#[tokio::test]
async fn whatever_the_model_does_the_customer_is_answered() {
    let own = own(QUESTION).await;
    for server in [
        Server::Fails(500, ""),
        Server::Fails(429, ""),
        Server::Hangs,
        Server::Says(String::new()),
        Server::Stops(reply("delivery.time", "Your parcel usually arrives 2–4 days after dispatch."), "content_filter"),
        Server::Says("Ask me anything!".to_owned()),
        Server::Says("{\"decline\": true}".to_owned()),
        Server::Says(reply("delivery.time", "Parcels arrive within 1 hour, guaranteed.")),
        Server::Says(reply("secret.entry", "Your parcel usually arrives 2–4 days after dispatch.")),
    ] {
        let mut shop = Shop::with(server, 20_000, 1_000_000).await;
        let (text, used) = shop.ask(QUESTION).await;
        assert_eq!(text, own);
        assert!(used.is_none_or(|used| used.sources.is_empty()), "its words are not the model's");
        assert!(shop.calls() >= 1);
    }
}

#[tokio::test]
async fn what_stands_in_no_entry_is_not_answered() {
    let question = "Who won the chess championship of 1972?";
    let invented = reply("delivery.time", "Bobby Fischer won it in Reykjavik.");
    let mut shop = Shop::with(Server::Says(invented), 20_000, 1_000_000).await;
    let (text, _) = shop.ask(question).await;
    assert_eq!(text, own(question).await);
}

#[tokio::test]
async fn a_conversation_and_a_day_have_their_share_and_no_more() {
    let words = "Your parcel usually arrives 2–4 days after dispatch.";
    let says = || Server::Says(reply("delivery.time", words));
    let own = own(QUESTION).await;
    // A prompt of this shop takes two thousand at most, and is counted with the longest reply.
    let mut shop = Shop::with(says(), 4_000, 1_000_000).await;
    let mut worded = 0;
    for _ in 0..20 {
        worded += usize::from(shop.ask(QUESTION).await.0 == words);
    }
    assert!((1..20).contains(&worded), "{worded}");
    let (last, _) = shop.ask(QUESTION).await;
    assert!(last.ends_with(&own), "then the bot's own words: {last}");

    let mut shop = Shop::with(says(), 20_000, 1_000).await;
    assert_eq!(shop.ask(QUESTION).await, (own, None), "a day that could be overdrawn is not begun");
    assert_eq!((shop.calls(), shop.spent()), (0, 0));
}

#[tokio::test]
async fn what_the_provider_refused_is_given_back_and_what_nobody_knows_is_not() {
    for (server, kept) in [
        (Server::Fails(400, ""), false),
        (Server::Fails(401, ""), false),
        (Server::Fails(404, ""), false),
        (Server::Fails(429, ""), false),
        (Server::Fails(408, ""), true),
        (Server::Fails(424, ""), true),
        (Server::Fails(499, ""), true),
        (Server::Fails(302, ""), true),
        (Server::Fails(500, ""), true),
        (Server::Fails(503, ""), true),
        (Server::Hangs, true),
        (Server::Says("no answer".to_owned()), true),
    ] {
        let mut shop = Shop::with(server, 20_000, 1_000_000).await;
        shop.ask(QUESTION).await;
        assert_eq!((shop.calls(), shop.spent() > 0), (1, kept), "{} tokens", shop.spent());
    }
}

#[tokio::test]
async fn a_model_is_asked_without_the_parameters_that_it_refuses() {
    const REFUSED: &[(&str, &str)] = &[
        (
            "max_tokens",
            r#"{"error":{"message":"Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.","param":"max_tokens"}}"#,
        ),
        (
            "temperature",
            r#"{"error":{"message":"Unsupported value: 'temperature' does not support 0 with this model.","param":"temperature"}}"#,
        ),
    ];
    let words = "Your parcel usually arrives 2–4 days after dispatch.";
    for (refused, calls) in [(REFUSED, 3), (&REFUSED[..1], 2), (&REFUSED[1..], 2), (&[], 1)] {
        let server = Server::Refuses(refused, reply("delivery.time", words));
        let mut shop = Shop::with(server, 20_000, 1_000_000).await;
        assert_eq!(shop.ask(QUESTION).await.0, words);
        assert_eq!((shop.calls(), shop.spent()), (calls, 300), "a refusal costs nothing");
        let asked = shop.requests().last().unwrap().json();
        let limit = if asked["max_tokens"].is_null() { &asked["max_completion_tokens"] } else { &asked["max_tokens"] };
        assert_eq!(limit.as_u64(), Some(600), "{asked}");
        shop.ask(QUESTION).await;
        assert_eq!(shop.calls(), calls + 1, "it is known from then on");
    }
    // What names it and is none of ours is asked once.
    let server = Server::Refuses(&[("model", r#"{"error":{"message":"no such model"}}"#)], String::new());
    let mut shop = Shop::with(server, 20_000, 1_000_000).await;
    shop.ask(QUESTION).await;
    assert_eq!(shop.calls(), 1);
}

#[tokio::test]
async fn an_answer_is_not_worded_that_could_have_its_event_come_again() {
    let words = "Your parcel usually arrives 2–4 days after dispatch.";
    let own = own(QUESTION).await;
    for (millis, wanted, calls) in [(900, own.as_str(), 0), (20_000, words, 1)] {
        let mut shop = Shop::with(Server::Says(reply("delivery.time", words)), 20_000, 1_000_000).await;
        shop.time = Some(Duration::from_millis(millis));
        assert_eq!(shop.ask(QUESTION).await.0, wanted);
        assert_eq!((shop.calls(), shop.spent() > 0), (calls, calls > 0));
    }
}

#[tokio::test]
async fn greetings_wishes_and_flows_cost_nothing() {
    let mut shop = Shop::with(Server::Fails(500, ""), 20_000, 1_000_000).await;
    for text in ["hello", "talk to a person"] {
        shop.ask(text).await;
    }
    assert_eq!(shop.calls(), 0);
}

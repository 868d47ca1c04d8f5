//! A question's way through the whole pipeline.

use futures::future::join_all;
use serde_json::{Value, json};
use tests::{Stack, Visitor};
use uuid::Uuid;

#[tokio::test]
async fn a_question_in_either_language_gets_the_right_entrys_answer() {
    let Some(stack) = Stack::running() else { return };
    for (locale, question, words) in
        [("zh", "你们几天能发货？", "48 小时内发货"), ("en", "how do I return a broken item", "photograph the item")]
    {
        let visitor = Visitor::open(&stack, &json!({ "locale": locale })).await;
        let answer = visitor.ask(question).await;
        assert!(answer.contains(words), "{question}: {answer}");
    }
}

#[tokio::test]
async fn the_same_client_id_five_times_at_once_is_one_message_and_one_answer() {
    let Some(stack) = Stack::running() else { return };
    let visitor = Visitor::open(&stack, &json!({})).await;
    let (client, content) = (Uuid::new_v4(), json!({ "type": "text", "text": "do you ship abroad?" }));
    let responses = join_all((0..5).map(|_| visitor.post(client, &content))).await;
    let mut ids = vec![];
    for response in responses {
        assert_eq!(response.status(), 202);
        ids.push(response.json::<Value>().await.unwrap()["id"].clone());
    }
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    // A second question marks the end: whatever the copies did comes before it.
    visitor.say("thanks, and gift wrapping?").await;
    let messages = visitor.messages(4).await;
    let authors: Vec<&str> = messages.iter().map(|message| message["author"].as_str().unwrap()).collect();
    assert_eq!(authors, ["customer", "bot", "customer", "bot"]);
    assert_eq!(messages[0]["id"], ids[0]);
}

#[tokio::test]
async fn twenty_messages_at_once_are_each_answered_once_without_a_gap() {
    let Some(stack) = Stack::running() else { return };
    let visitor = Visitor::open(&stack, &json!({})).await;
    let ids = join_all((0..20).map(|number| visitor.say(["refund", "invoice", "coupon"][number % 3]))).await;
    let messages = visitor.messages(40).await;
    for pair in messages.chunks(2) {
        assert_eq!((&pair[0]["author"], &pair[1]["author"]), (&json!("customer"), &json!("bot")));
    }
    let mut seen: Vec<&str> = messages.iter().step_by(2).map(|message| message["id"].as_str().unwrap()).collect();
    let mut sent: Vec<&str> = ids.iter().map(String::as_str).collect();
    seen.sort_unstable();
    sent.sort_unstable();
    assert_eq!(seen, sent);
}

#[tokio::test]
async fn what_the_bot_does_not_know_it_says_and_offers_a_person() {
    let Some(stack) = Stack::running() else { return };
    let visitor = Visitor::open(&stack, &json!({ "locale": "en" })).await;
    visitor.say("who won the chess championship in 1972").await;
    let unknown = visitor.messages(2).await.remove(1);
    let offer = unknown["content"]["replies"][0].clone();
    assert_eq!(offer["payload"], "handoff", "{unknown}");
    let content = json!({ "type": "postback", "payload": offer["payload"], "title": offer["title"] });
    assert_eq!(visitor.post(Uuid::new_v4(), &content).await.status(), 202);
    let accepted = visitor.messages(4).await.remove(3);
    assert_eq!(accepted["content"]["type"], "text", "{accepted}");
}

#[tokio::test]
async fn a_quick_reply_answers_its_entry() {
    let Some(stack) = Stack::running() else { return };
    let visitor = Visitor::open(&stack, &json!({ "locale": "zh" })).await;
    visitor.say("你们几天能发货？").await;
    let answer = visitor.messages(2).await.remove(1);
    let reply = answer["content"]["replies"][0].clone();
    let content = json!({ "type": "postback", "payload": reply["payload"], "title": reply["title"] });
    visitor.post(Uuid::new_v4(), &content).await;
    let next = visitor.messages(4).await.remove(3);
    assert_ne!(next["content"]["text"], answer["content"]["text"]);
    assert!(next["content"]["text"].as_str().unwrap().chars().count() > 10, "{next}");
}

#[tokio::test]
async fn tokens_do_not_reach_each_others_messages_and_bad_ones_nothing() {
    let Some(stack) = Stack::running() else { return };
    let one = Visitor::open(&stack, &json!({})).await;
    let mut two = Visitor::open(&stack, &json!({})).await;
    one.ask("refund").await;
    let page: Value = two.get("/v1/messages?after=0").await.json().await.unwrap();
    assert_eq!(page["messages"], json!([]));
    let tampered = two.token.replacen('.', ".e", 1);
    for bad in ["", "nonsense", &tampered] {
        two.token = bad.to_owned();
        let refused = two.get("/v1/messages?after=0").await;
        assert_eq!(refused.status(), 401);
        assert_eq!(refused.headers()["content-type"], "application/problem+json");
    }
}

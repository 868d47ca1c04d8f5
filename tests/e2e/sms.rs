//! Text messages: over AWS as over Twilio, what the words for opting out do, and what a number is told of its messages.

use serde_json::{Value, json};
use tests::Stack;

use crate::channels::{Customer, LAST, QUESTION, WORDS};

fn customer(stack: &Stack) -> Customer {
    Customer::of(stack, domain::ChannelId::Sms)
}

#[tokio::test]
async fn a_number_at_aws_is_answered_over_aws() {
    let Some(stack) = Stack::running() else { return };
    let customer = customer(&stack);
    for copies in [1, 5] {
        let told = customer.says(&json!({ "text": QUESTION, "account": "aws", "copies": copies })).await;
        assert_eq!(told["accepted"], true, "{told}");
    }
    let seen = customer.sees(2).await;
    assert!(seen.iter().all(|text| text.contains(WORDS) && text.contains(LAST)), "{seen:?}");
    let number = stack.text("/channels/sms/accounts/aws/account");
    let calls = customer.list("/outbox").await;
    assert!(calls.iter().all(|call| call["path"].as_str().unwrap().starts_with("/sns")), "{calls:?}");
    let number = number.replace('+', "%2B");
    let from = |call: &Value| call["body"].as_str().unwrap().contains(&number);
    assert!(calls.iter().all(from), "from the number that was written to: {calls:?}");
    // A choice by its number, as everywhere.
    customer.says(&json!({ "text": "1", "account": "aws" })).await;
    let next = customer.sees(3).await.swap_remove(2);
    assert!(!next.contains(WORDS), "{next}");
}

#[tokio::test]
async fn whoever_opts_out_hears_nothing_until_they_opt_in() {
    let Some(stack) = Stack::running() else { return };
    // At Twilio, whose webhooks come one after the other: SNS hands messages over in any order.
    let customer = customer(&stack);
    let says = async |text: &str| {
        let told = customer.says(&json!({ "text": text })).await;
        assert_eq!(told["accepted"], true, "{told}");
    };
    says("do you ship abroad?").await;
    customer.sees(1).await;
    says("STOP").await;
    says(QUESTION).await;
    says("START").await;
    // It marks the end: whatever was said in between comes before it.
    says("do you ship abroad?").await;
    let seen = customer.sees(2).await;
    assert!(seen.len() == 2 && seen.iter().all(|text| !text.contains(WORDS)), "{seen:?}");
}

#[tokio::test]
async fn words_that_the_provider_does_not_know_are_confirmed_once() {
    let Some(stack) = Stack::running() else { return };
    let customer = customer(&stack);
    for text in ["退订", "退订", "恢复订阅"] {
        customer.says(&json!({ "text": text })).await;
    }
    let seen = customer.sees(2).await;
    assert!(seen[0].contains("退订") && seen[1].contains("恢复") && seen.len() == 2, "{seen:?}");
}

#[tokio::test]
async fn twilio_tells_what_became_of_a_message() {
    let Some(stack) = Stack::running() else { return };
    let customer = customer(&stack);
    customer.says(&json!({ "text": "do you ship abroad?" })).await;
    customer.sees(1).await;
    let feed = customer.list("/feed").await;
    let message = feed.iter().find(|entry| entry["kind"] == "shown").unwrap();
    assert!(message["note"].as_str().unwrap().ends_with("GSM-7"), "{message}");
    let receipt = json!({ "receipt": { "status": "delivered", "message": message["message"] } });
    assert_eq!(customer.says(&receipt).await["accepted"], true);
    // What is signed is the whole address, and with it what delivery it is about.
    let forged = json!({ "receipt": { "status": "delivered", "message": message["message"] }, "forged": true });
    assert_eq!(customer.says(&forged).await["tries"][0]["status"], 401);
}

#[tokio::test]
async fn a_gateways_reply_comes_in_by_the_word_in_its_address() {
    let Some(stack) = Stack::running() else { return };
    let (address, account) = (stack.text("/channels/sms/webhook_url"), stack.text("/channels/sms/callback_account"));
    let reply =
        json!([{ "phone_number": "13800138000", "content": "你们几天能发货？", "sequence_id": uuid::Uuid::new_v4() }]);
    let post = async |key: &str| {
        let url = format!("{address}?account={account}&key={key}");
        let answer = reqwest::Client::new().post(url).json(&reply).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    let taken = (200, r#"{"code":0,"msg":"接收成功"}"#.to_owned());
    assert_eq!(post(stack.text("/channels/sms/callback_key")).await, taken);
    assert_eq!(post("guessed").await.0, 401);
}

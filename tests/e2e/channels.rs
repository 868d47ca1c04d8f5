//! Every channel from its provider's webhook to its provider's API, played by the sandbox.

use std::time::Duration;

use domain::ChannelId;
use reqwest::Client;
use serde_json::{Value, json};
use tests::{Stack, until};
use uuid::Uuid;

/// How long an answer may take on a busy test machine.
const PATIENCE: Duration = Duration::from_mins(2);

/// What the answer to [`QUESTION`] says on every channel.
const QUESTION: &str = "how do I return a broken item";
const WORDS: &str = "photograph the item";
/// The last of its choices.
const LAST: &str = "Warranty";

/// A customer of a channel, at the sandbox.
struct Customer {
    client: Client,
    sandbox: String,
    channel: ChannelId,
    name: String,
}

impl Customer {
    fn of(stack: &Stack, channel: ChannelId) -> Self {
        let sandbox = stack.text("/sandbox_url").to_owned();
        Self { client: Client::new(), sandbox, channel, name: format!("e2e-{}", Uuid::new_v4()) }
    }

    async fn post(&self, path: &str, body: &Value) -> Value {
        let response = self.client.post(format!("{}{path}", self.sandbox)).json(body).send().await.unwrap();
        let status = response.status();
        let answer = response.text().await.unwrap();
        assert_eq!(status, 200, "{path} {body}: {answer}");
        serde_json::from_str(&answer).unwrap()
    }

    /// Does something; what came of the webhook.
    async fn says(&self, what: &Value) -> Value {
        let mut body = json!({ "channel": self.channel, "user": self.name, "locale": "en" });
        body.as_object_mut().unwrap().extend(what.as_object().unwrap().clone());
        self.post("/say", &body).await
    }

    async fn misbehaves(&self, mode: &str, count: u64) {
        let fault = json!({ "provider": self.channel, "user": self.name, "mode": mode, "count": count, "seconds": 1 });
        self.post("/faults", &fault).await;
    }

    async fn list(&self, path: &str) -> Vec<Value> {
        let address = format!("{}{path}?channel={}&user={}", self.sandbox, self.channel, self.name);
        let list: Value = self.client.get(address).send().await.unwrap().json().await.unwrap();
        list.as_array().unwrap().clone()
    }

    /// What the customer has seen of the company.
    async fn seen(&self) -> Vec<String> {
        let feed = self.list("/feed").await;
        let shown = feed.iter().filter(|entry| entry["kind"] == "shown" && entry["notice"] == false);
        shown.map(|shown| shown["text"].as_str().unwrap().to_owned()).collect()
    }

    /// Waits for the whole answer to [`QUESTION`]; in how many parts it came.
    async fn answered(&self) -> usize {
        // The last of its choices stands in what came, or below it.
        let last = |entry: &Value| entry["kind"] == "shown" && entry.to_string().contains(LAST);
        until(&format!("the answer on {}", self.channel), PATIENCE, async || {
            self.list("/feed").await.iter().any(last).then_some(())
        })
        .await;
        let seen = self.seen().await;
        assert_eq!(seen.iter().filter(|text| text.contains(WORDS)).count(), 1, "{}: {seen:?}", self.channel);
        seen.len()
    }

    /// The same once there are so many.
    async fn sees(&self, count: usize) -> Vec<String> {
        until(&format!("{count} messages on {}", self.channel), PATIENCE, async || {
            let seen = self.seen().await;
            (seen.len() >= count).then_some(seen)
        })
        .await
    }
}

fn hooked() -> impl Iterator<Item = ChannelId> {
    // Visitors have tests of their own; the sandbox does not play the pages that 微信客服 is fetched by.
    ChannelId::ALL.iter().copied().filter(|channel| !matches!(channel, ChannelId::Web | ChannelId::Wecom))
}

#[tokio::test]
async fn a_question_is_answered_on_every_channel_in_the_same_words() {
    let Some(stack) = Stack::running() else { return };
    for channel in hooked() {
        let customer = Customer::of(&stack, channel);
        let told = customer.says(&json!({ "text": QUESTION })).await;
        assert_eq!(told["accepted"], true, "{channel}: {told}");
        let parts = customer.answered().await;
        // It came by exactly one way: in calls of the provider's API, or in the answer to the webhook.
        let calls = customer.list("/outbox").await;
        let direct = told["shown"].as_array().unwrap().len();
        assert_eq!(calls.len() + direct, parts, "{channel}: {calls:?} {told}");
        assert!(calls.iter().all(|call| call["status"] == 200), "{channel}: {calls:?}");
    }
}

#[tokio::test]
async fn an_account_in_plain_mode_is_answered_beside_the_one_in_safe_mode() {
    let Some(stack) = Stack::running() else { return };
    let mut asked = 0;
    for channel in hooked() {
        let others = stack.keys(&format!("/channels/{channel}/accounts"));
        for account in others {
            let customer = Customer::of(&stack, channel);
            let told = customer.says(&json!({ "text": QUESTION, "account": account })).await;
            assert_eq!((&told["accepted"], &told["event"]["mode"]), (&json!(true), &json!("plain")), "{told}");
            customer.answered().await;
            let ciphered = customer.says(&json!({ "text": QUESTION, "mode": "plain" })).await;
            assert_eq!(ciphered["tries"][0]["status"], 401, "the other account takes ciphered requests only");
            asked += 1;
        }
    }
    assert!(asked > 0, "no channel has a second account");
}

#[tokio::test]
async fn five_copies_of_a_webhook_are_one_question() {
    let Some(stack) = Stack::running() else { return };
    for channel in hooked() {
        let customer = Customer::of(&stack, channel);
        let told = customer.says(&json!({ "text": QUESTION, "copies": 5 })).await;
        assert_eq!(told["accepted"], true, "{channel}: {told}");
        let parts = customer.answered().await;
        // A second question marks the end: whatever the copies did comes before it.
        customer.says(&json!({ "text": "do you ship abroad?" })).await;
        let seen = customer.sees(parts + 1).await;
        assert_eq!(seen.iter().filter(|text| text.contains(WORDS)).count(), 1, "{channel}: {seen:?}");
    }
}

#[tokio::test]
async fn a_forged_webhook_is_refused_and_asks_nothing() {
    let Some(stack) = Stack::running() else { return };
    // What AWS itself hands over nobody can forge by HTTP.
    for channel in hooked().filter(|channel| ::channels::channel(*channel).doors().webhook()) {
        let customer = Customer::of(&stack, channel);
        let told = customer.says(&json!({ "text": QUESTION, "forged": true })).await;
        assert_eq!(told["tries"][0]["status"], 401, "{channel}: {told}");
        customer.says(&json!({ "text": "do you ship abroad?" })).await;
        let seen = customer.sees(1).await;
        assert!(seen.iter().all(|text| !text.contains(WORDS)), "{channel}: {seen:?}");
    }
}

/// Where the answer goes out with the answer to the webhook, nothing of the API is called, and nothing befalls it.
#[tokio::test]
async fn a_provider_in_trouble_gets_one_message_in_the_end() {
    let Some(stack) = Stack::running() else { return };
    for channel in hooked() {
        for mode in ["500", "429", "hang"] {
            let customer = Customer::of(&stack, channel);
            customer.misbehaves(mode, 1).await;
            let told = customer.says(&json!({ "text": QUESTION })).await;
            let parts = customer.answered().await;
            let calls = customer.list("/outbox").await;
            let answered = calls.iter().filter(|call| call["status"] == 200 && call["fault"].is_null()).count();
            let direct = told["shown"].as_array().unwrap().len();
            assert_eq!(answered + direct, parts, "{channel} {mode}: {calls:?}");
            customer.misbehaves("ok", 0).await;
        }
    }
}

#[tokio::test]
async fn a_choice_that_was_offered_is_taken_on_every_channel() {
    let Some(stack) = Stack::running() else { return };
    for channel in hooked() {
        let customer = Customer::of(&stack, channel);
        customer.says(&json!({ "text": QUESTION })).await;
        let parts = customer.answered().await;
        let feed = customer.list("/feed").await;
        let shown = feed.iter().rfind(|entry| entry["kind"] == "shown").unwrap();
        // Where a channel shows no choices they are numbered lines of the text, and a number is typed.
        let taken = match shown["choices"].get(0) {
            Some(choice) => {
                json!({ "payload": choice["payload"], "title": choice["title"], "look": shown["look"] })
            }
            None => json!({ "text": "1" }),
        };
        customer.says(&taken).await;
        let next = customer.sees(parts + 1).await.swap_remove(parts);
        assert!(!next.contains(WORDS) && next.chars().count() > 10, "{channel} {taken}: {next}");
    }
}

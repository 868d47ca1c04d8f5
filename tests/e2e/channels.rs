//! Every channel from its provider's webhook to its provider's API, played by the sandbox.

use std::time::Duration;

use app::ports::Conversations as _;
use aws::dynamo::Retention;
use aws::{Aws, DynamoConversations};
use domain::{ChannelId, Conversation, Identity, Owner};
use futures::future::join_all;
use reqwest::Client;
use serde_json::{Value, json};
use tests::{Stack, until};
use uuid::Uuid;

/// How long an answer may take on a busy test machine.
const PATIENCE: Duration = Duration::from_mins(2);

/// What the answer to [`QUESTION`] says on every channel.
pub(crate) const QUESTION: &str = "how do I return a broken item";
pub(crate) const WORDS: &str = "photograph the item";
/// The last of its choices.
pub(crate) const LAST: &str = "Warranty";

/// A customer of a channel, at the sandbox.
pub(crate) struct Customer {
    client: Client,
    sandbox: String,
    channel: ChannelId,
    name: String,
}

impl Customer {
    pub(crate) fn of(stack: &Stack, channel: ChannelId) -> Self {
        let sandbox = stack.text("/sandbox_url").to_owned();
        Self { client: Client::new(), sandbox, channel, name: format!("e2e-{}", Uuid::new_v4()) }
    }

    async fn try_post(&self, path: &str, body: &Value) -> (u16, Value) {
        let response = self.client.post(format!("{}{path}", self.sandbox)).json(body).send().await.unwrap();
        let status = response.status().as_u16();
        (status, response.json().await.unwrap())
    }

    async fn post(&self, path: &str, body: &Value) -> Value {
        let (status, answer) = self.try_post(path, body).await;
        assert_eq!(status, 200, "{path} {body}: {answer}");
        answer
    }

    /// Does something; what came of the webhook.
    pub(crate) async fn says(&self, what: &Value) -> Value {
        self.post("/say", &self.asking(what)).await
    }

    fn asking(&self, what: &Value) -> Value {
        let mut body = json!({ "channel": self.channel, "user": self.name, "locale": "en" });
        body.as_object_mut().unwrap().extend(what.as_object().unwrap().clone());
        body
    }

    /// Does something, if the provider has it.
    async fn can(&self, what: &Value) -> bool {
        let (status, answer) = self.try_post("/say", &self.asking(what)).await;
        assert!(matches!(status, 200 | 400), "{}: {answer}", self.channel);
        status == 200
    }

    async fn misbehaves(&self, mode: &str, count: u64) {
        let fault = json!({ "provider": self.channel, "user": self.name, "mode": mode, "count": count, "seconds": 1 });
        self.post("/faults", &fault).await;
    }

    pub(crate) async fn list(&self, path: &str) -> Vec<Value> {
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
    pub(crate) async fn sees(&self, count: usize) -> Vec<String> {
        until(&format!("{count} messages on {}", self.channel), PATIENCE, async || {
            let seen = self.seen().await;
            (seen.len() >= count).then_some(seen)
        })
        .await
    }
}

/// Whether the provider has taken a call.
fn taken(call: &Value) -> bool {
    matches!(call["status"].as_u64(), Some(200 | 201))
}

/// Every channel that has a webhook; visitors have tests of their own.
fn hooked() -> impl Iterator<Item = ChannelId> {
    ChannelId::ALL.iter().copied().filter(|channel| *channel != ChannelId::Web)
}

/// Every such channel side by side: other providers, other customers.
async fn everywhere(ask: impl AsyncFn(ChannelId)) {
    join_all(hooked().map(|channel| ask(channel))).await;
}

#[tokio::test]
async fn a_question_is_answered_on_every_channel_in_the_same_words() {
    let Some(stack) = Stack::running() else { return };
    everywhere(async |channel| {
        let customer = Customer::of(&stack, channel);
        let told = customer.says(&json!({ "text": QUESTION })).await;
        assert_eq!(told["accepted"], true, "{channel}: {told}");
        let parts = customer.answered().await;
        // It came by exactly one way: in calls of the provider's API, or in the answer to the webhook.
        let calls = customer.list("/outbox").await;
        let direct = told["shown"].as_array().unwrap().len();
        assert_eq!(calls.len() + direct, parts, "{channel}: {calls:?} {told}");
        assert!(calls.iter().all(taken), "{channel}: {calls:?}");
    })
    .await;
}

/// Whether an account's pushes can be plain or ciphered.
fn has_modes(stack: &Stack, channel: ChannelId, account: &str) -> bool {
    stack.keys(&format!("/channels/{channel}/accounts/{account}")).iter().any(|key| key == "mode")
}

#[tokio::test]
async fn an_account_in_plain_mode_is_answered_beside_the_one_in_safe_mode() {
    let Some(stack) = Stack::running() else { return };
    let mut asked = 0;
    for channel in hooked() {
        let others = stack.keys(&format!("/channels/{channel}/accounts"));
        for account in others.into_iter().filter(|name| has_modes(&stack, channel, name)) {
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
    everywhere(async |channel| {
        let customer = Customer::of(&stack, channel);
        let told = customer.says(&json!({ "text": QUESTION, "copies": 5 })).await;
        assert_eq!(told["accepted"], true, "{channel}: {told}");
        let parts = customer.answered().await;
        // A second question marks the end: whatever the copies did comes before it.
        customer.says(&json!({ "text": "do you ship abroad?" })).await;
        let seen = customer.sees(parts + 1).await;
        assert_eq!(seen.iter().filter(|text| text.contains(WORDS)).count(), 1, "{channel}: {seen:?}");
    })
    .await;
}

#[tokio::test]
async fn a_forged_webhook_is_refused_and_asks_nothing() {
    let Some(stack) = Stack::running() else { return };
    // What AWS itself hands over nobody can forge by HTTP.
    let forgeable = hooked().filter(|channel| ::channels::channel(*channel).doors().webhook());
    join_all(forgeable.map(async |channel| {
        let customer = Customer::of(&stack, channel);
        let told = customer.says(&json!({ "text": QUESTION, "forged": true })).await;
        assert_eq!(told["tries"][0]["status"], 401, "{channel}: {told}");
        customer.says(&json!({ "text": "do you ship abroad?" })).await;
        let seen = customer.sees(1).await;
        assert!(seen.iter().all(|text| !text.contains(WORDS)), "{channel}: {seen:?}");
    }))
    .await;
}

/// Where the answer goes out with the answer to the webhook, nothing of the API is called, and nothing befalls it. Each
/// trouble befalls a customer of its own, so all of them come side by side.
#[tokio::test]
async fn a_provider_in_trouble_gets_one_message_in_the_end() {
    let Some(stack) = Stack::running() else { return };
    everywhere(async |channel| {
        let troubles = ["500", "429", "hang"].map(async |mode| {
            let customer = Customer::of(&stack, channel);
            customer.misbehaves(mode, 1).await;
            let told = customer.says(&json!({ "text": QUESTION })).await;
            let parts = customer.answered().await;
            let calls = customer.list("/outbox").await;
            let answered = calls.iter().filter(|call| taken(call) && call["fault"].is_null()).count();
            let direct = told["shown"].as_array().unwrap().len();
            assert_eq!(answered + direct, parts, "{channel} {mode}: {calls:?}");
            if direct == 0 {
                let befell: Vec<&Value> =
                    calls.iter().map(|call| &call["fault"]).filter(|fault| !fault.is_null()).collect();
                assert_eq!(befell, [mode], "{channel}: {calls:?}");
            }
            customer.misbehaves("ok", 0).await;
        });
        join_all(troubles).await;
    })
    .await;
}

/// The provider has the message, and its answer is lost: it is shown once where it goes under a name of ours, and elsewhere
/// twice at most, of which the conversation knows.
#[tokio::test]
async fn a_message_whose_taking_was_never_heard_of_is_shown_once_or_the_conversation_knows() {
    let Some(stack) = Stack::running() else { return };
    everywhere(async |channel| {
        let customer = Customer::of(&stack, channel);
        customer.misbehaves("lost", 1).await;
        let told = customer.says(&json!({ "text": "do you ship abroad?" })).await;
        if !told["shown"].as_array().unwrap().is_empty() {
            // It went out with the answer to the webhook.
            return customer.misbehaves("ok", 0).await;
        }
        until(&format!("the second call on {channel}"), PATIENCE, async || {
            let answered = customer.list("/outbox").await.iter().filter(|call| !call["status"].is_null()).count();
            (answered >= 2).then_some(())
        })
        .await;
        let once = channels::channel(channel).capabilities().idempotent;
        let seen = customer.seen().await;
        assert_eq!(seen.len(), if once { 1 } else { 2 }, "{channel}: {seen:?}");
        if !once {
            let kept = Kept::of(&stack, channel, &told).await;
            // Where the provider tells that it has arrived there is no doubt any more.
            kept.until("known", |head| head.marks.maybe_sent.max(head.marks.delivered) == head.seq).await;
        }
    })
    .await;
}

/// Who opens the chat for the first time is greeted with what the provider gave for that, and answered as usual then.
#[tokio::test]
async fn a_newcomer_is_welcomed_where_a_welcome_has_a_call_of_its_own() {
    let Some(stack) = Stack::running() else { return };
    let welcomed = join_all(hooked().map(async |channel| {
        let customer = Customer::of(&stack, channel);
        if !customer.can(&json!({ "event": "enter" })).await {
            return false;
        }
        customer.sees(1).await;
        customer.says(&json!({ "text": QUESTION })).await;
        customer.answered().await;
        let calls = customer.list("/outbox").await;
        let paths: Vec<&str> = calls.iter().map(|call| call["path"].as_str().unwrap()).collect();
        let [welcome, answers @ ..] = paths.as_slice() else { panic!("{channel}: nothing was called") };
        assert!(welcome.ends_with("_on_event") && !answers.is_empty(), "{channel}: {paths:?}");
        assert!(answers.iter().all(|path| path != welcome), "{channel}: {paths:?}");
        true
    }));
    assert!(welcomed.await.contains(&true), "no provider welcomes");
}

#[tokio::test]
async fn a_choice_that_was_offered_is_taken_on_every_channel() {
    let Some(stack) = Stack::running() else { return };
    everywhere(async |channel| {
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
    })
    .await;
}

#[tokio::test]
async fn every_provider_that_checks_the_webhooks_address_finds_it_right() {
    let Some(stack) = Stack::running() else { return };
    let mut checked = 0;
    for channel in hooked().filter(|channel| ::channels::channel(*channel).doors().webhook()) {
        let customer = Customer::of(&stack, channel);
        let mut accounts = stack.keys(&format!("/channels/{channel}/accounts"));
        accounts.push(String::new());
        for account in accounts {
            let body = json!({ "channel": channel, "account": account });
            let (status, told) = customer.try_post("/check", &body).await;
            if status == 404 {
                continue;
            }
            assert_eq!((status, &told["verified"]), (200, &json!(true)), "{channel} {account}: {told}");
            let forged = json!({ "channel": channel, "account": account, "forged": true });
            let told = customer.post("/check", &forged).await;
            assert_eq!((&told["verified"], &told["status"]), (&json!(false), &json!(401)), "{channel}: {told}");
            checked += 1;
        }
    }
    assert!(checked >= 8, "only {checked} addresses were checked");
}

/// A customer's conversation, as the table has it.
struct Kept {
    conversations: DynamoConversations,
    identity: Identity,
}

impl Kept {
    /// Of the customer whom `/say` names, with the channel's first account.
    async fn of(stack: &Stack, channel: ChannelId, told: &Value) -> Self {
        let aws = Aws::with_config(stack.sdk(None).await);
        let account = stack.text(&format!("/channels/{channel}/account")).to_owned();
        let user = told["user"].as_str().unwrap().to_owned();
        Self {
            conversations: DynamoConversations::new(&aws, stack.text("/table"), Retention::days(365)),
            identity: Identity { channel, account, user },
        }
    }

    async fn until(&self, what: &str, is: impl Fn(&Conversation) -> bool) -> Conversation {
        let what = format!("{what} on {}", self.identity.channel);
        until(&what, PATIENCE, async || self.conversations.load(&self.identity.group()).await.unwrap().filter(&is))
            .await
    }
}

#[tokio::test]
async fn a_colleague_who_answers_in_the_providers_inbox_silences_the_bot() {
    let Some(stack) = Stack::running() else { return };
    let paused = join_all(hooked().map(async |channel| {
        let customer = Customer::of(&stack, channel);
        let told = customer.says(&json!({ "text": QUESTION })).await;
        let parts = customer.answered().await;
        if !customer.can(&json!({ "event": "inbox", "about": "I'll look at it." })).await {
            return false;
        }
        let kept = Kept::of(&stack, channel, &told).await;
        let theirs = kept.until("a person's", |head| matches!(head.owner, Owner::Human { .. })).await;
        customer.says(&json!({ "text": "do you ship abroad?" })).await;
        let heard = kept.until("heard", |head| head.seq > theirs.seq).await;
        // The turn that heard the question is over: it holds the question, and no answer.
        assert_eq!(heard.seq, theirs.seq + 1, "{channel}: {heard:?}");
        assert_eq!(customer.seen().await.len(), parts, "{channel}");
        true
    }));
    let paused = paused.await.into_iter().filter(|paused| *paused).count();
    assert!(paused >= 4, "only {paused} providers have an inbox");
}

#[tokio::test]
async fn what_we_sent_ourselves_silences_nobody_and_is_known_to_have_been_read() {
    let Some(stack) = Stack::running() else { return };
    let told = join_all(hooked().map(async |channel| {
        let customer = Customer::of(&stack, channel);
        let told = customer.says(&json!({ "text": QUESTION, "open": true })).await;
        customer.answered().await;
        let feed = customer.list("/feed").await;
        let news: Vec<&Value> = feed.iter().filter(|entry| entry["kind"] == "told").collect();
        let says = |status: &str| {
            news.iter().any(|news| news["receipts"].as_array().is_some_and(|all| all.contains(&json!(status))))
        };
        if !says("read") {
            return false;
        }
        let kept = Kept::of(&stack, channel, &told).await;
        let read = kept.until("read", |head| head.marks.read == head.seq).await;
        assert_eq!(read.owner, Owner::Bot, "{channel}: our own echo is nobody's");
        if says("delivered") {
            assert_eq!(read.marks.delivered, read.seq, "{channel}");
        }
        // Who does not look has it delivered only, until they look.
        let busy = Customer::of(&stack, channel);
        let told = busy.says(&json!({ "text": QUESTION })).await;
        busy.answered().await;
        let kept = Kept::of(&stack, channel, &told).await;
        if says("delivered") {
            let delivered = kept.until("delivered", |head| head.marks.delivered == head.seq).await;
            assert_eq!(delivered.marks.read, 0, "{channel}");
        }
        let feed = busy.list("/feed").await;
        let message = &feed.iter().rfind(|entry| entry["kind"] == "shown").unwrap()["message"];
        busy.says(&json!({ "receipt": { "status": "read", "message": message } })).await;
        kept.until("read", |head| head.marks.read == head.seq).await;
        true
    }));
    let told = told.await.into_iter().filter(|told| *told).count();
    assert!(told >= 3, "only {told} providers tell that a message was read");
}

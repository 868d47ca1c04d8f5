//! Whole contacts through the sandbox's Amazon Connect and Lex V2, which invoke the deployed function and wait.

use std::time::Duration;

use app::ports::Conversations as _;
use aws::dynamo::Retention;
use aws::{Aws, DynamoConversations};
use domain::{ChannelId, Conversation, Identity, Owner};
use reqwest::Client;
use serde_json::{Value, json};
use tests::{Stack, until};
use uuid::Uuid;

use crate::channels::{QUESTION, WORDS};

/// How long a step may take on a busy machine.
const PATIENCE: Duration = Duration::from_mins(2);

/// Somebody in contact.
struct Contact<'a> {
    stack: &'a Stack,
    client: Client,
    user: String,
    /// Besides who and what: the account, the way.
    wishes: Value,
}

impl<'a> Contact<'a> {
    fn of(stack: &'a Stack, wishes: Value) -> Self {
        let digits = Uuid::new_v4().as_u128() % 10_000_000_000;
        Self { stack, client: Client::new(), user: format!("+1{digits:010}"), wishes }
    }

    /// Does something; what they hear or see last, with its note of how the contact goes on.
    async fn does(&self, what: Value) -> Value {
        let mut body = json!({ "channel": "connect", "user": self.user, "locale": "en" });
        for more in [&self.wishes, &what] {
            body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        }
        let address = format!("{}/say", self.stack.text("/sandbox_url"));
        let told: Value = self.client.post(address).json(&body).send().await.unwrap().json().await.unwrap();
        assert_eq!(told.get("accepted"), Some(&Value::Bool(true)), "{what}: {told}");
        told.get("shown").and_then(Value::as_array).and_then(|shown| shown.last()).cloned().unwrap_or_default()
    }

    async fn says(&self, text: &str) -> Value {
        self.does(json!({ "text": text })).await
    }

    async fn event(&self, name: &str) -> Value {
        self.does(json!({ "event": name })).await
    }

    async fn until(&self, account: &str, what: &str, is: impl Fn(&Conversation) -> bool) -> Conversation {
        let aws = Aws::with_config(self.stack.sdk(None).await);
        let conversations = DynamoConversations::new(&aws, self.stack.text("/table"), Retention::days(365));
        let account = self.stack.text(account).to_owned();
        let group = Identity { channel: ChannelId::Connect, account, user: self.user.clone() }.group();
        until(what, PATIENCE, async || conversations.load(&group).await.unwrap().filter(&is)).await
    }
}

const HOTLINE: &str = "/channels/connect/account";
const BOT: &str = "/channels/connect/accounts/bot/account";

#[tokio::test]
async fn a_whole_call_through_a_contact_flow() {
    let Some(stack) = Stack::running() else { return };
    let caller = Contact::of(&stack, json!({ "mode": "voice" }));
    let greeting = caller.event("call").await;
    assert_eq!(greeting["note"], "listen");
    let answer = caller.says(QUESTION).await;
    let heard = answer["text"].as_str().unwrap();
    assert!(heard.contains(WORDS) && heard.contains("press 1"), "{heard}");
    assert!(!heard.contains("http") && !heard.contains("**"), "{heard}");
    // The answer was lost on its way, or the function died: the block asks again.
    let before = caller.until(HOTLINE, "the head", |_| true).await;
    assert_eq!(caller.event("again").await["text"], answer["text"]);
    assert!(caller.event("silence").await["text"].as_str().unwrap().contains("say it again"));
    let after = caller.until(HOTLINE, "the head", |_| true).await;
    assert_eq!(after.seq, before.seq, "neither says anything to the bot");
    let chosen = caller.says("1").await;
    assert!(chosen["text"].as_str().unwrap().chars().count() > 10 && chosen["text"] != answer["text"], "{chosen}");
    let handed = caller.says("0").await;
    assert_eq!(handed["note"], "transfer", "{handed}");
    let waits = |head: &Conversation| matches!(head.owner, Owner::Queued { .. });
    caller.until(HOTLINE, "the caller waits for a person", |head| waits(head) && head.line.is_some()).await;
    caller.event("hangup").await;
    caller.until(HOTLINE, "nobody waits any more", |head| head.owner == Owner::Bot && head.line.is_none()).await;
}

#[tokio::test]
async fn a_whole_talk_with_a_lex_bot() {
    let Some(stack) = Stack::running() else { return };
    let visitor = Contact::of(&stack, json!({ "account": "bot", "locale": "zh" }));
    assert!(!visitor.event("call").await["text"].as_str().unwrap().is_empty());
    let answer = visitor.says("你们几天能发货？").await;
    assert!(answer["text"].as_str().unwrap().contains("48 小时内发货"), "{answer}");
    let choice = answer["choices"][0].clone();
    let next = visitor.does(json!({ "payload": choice["payload"], "title": choice["title"] })).await;
    assert!(next["text"] != answer["text"] && next["note"] == "listen", "{next}");
    assert_eq!(visitor.event("again").await["text"], next["text"]);
    let handed = visitor.says("转人工").await;
    assert_eq!(handed["note"], "transfer", "{handed}");
    visitor.until(BOT, "they wait for a person", |head| matches!(head.owner, Owner::Queued { .. })).await;
}

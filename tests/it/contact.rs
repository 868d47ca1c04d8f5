//! A contact flow or a Lex bot at the door, with the real channel: the bot's reply in time, late, twice, and with a person.

use app::process::process;
use channels::KeySet;
use domain::{ChannelId, Identity, Owner};
use receive::{Answers, Deps, handle};
use serde_json::{Value, json};
use testkit::World;

use crate::support::{event, responder_of, shop_bot};

const INSTANCE: &str = "arn:aws:connect:us-east-1:111122223333:instance/12345678-1234-1234-1234-123456789012";
const ALIAS: &str = "arn:aws:lex:us-east-1:111122223333:bot-alias/ABCDEFGHIJ/TSTALIASID";
const SESSION: &str = "913a2a34-46e7-4b9c-8b6d-0c6d2b9b0a11";

struct Contact {
    world: World,
    deps: Deps,
}

impl Contact {
    fn new() -> Self {
        let world = World::new(shop_bot());
        let sources = json!([{ "kid": "hotline", "secret": INSTANCE }, { "kid": "shop-bot", "secret": ALIAS }]);
        world.set_keys(KeySet::from_json(&json!({ "sources": sources }).to_string()).unwrap());
        let answers = Answers {
            conversations: Box::new(world.clone()),
            deliveries: Box::new(world.clone()),
            random: Box::new(world.clone()),
        };
        let deps = Deps {
            channels: channels::channel,
            channel: ChannelId::Connect,
            secrets: Box::new(world.clone()),
            inbound: Box::new(world.clone()),
            objects: None,
            threads: None,
            files: None,
            clock: Box::new(world.clone()),
            answers: Some(answers),
        };
        Self { world, deps }
    }

    /// The bot takes everything that is queued; what it took before does nothing.
    async fn bot(&self) {
        let world = &self.world;
        let responder = responder_of(world);
        for message in world.inbound() {
            process(&responder, &message.body).await.unwrap();
        }
    }

    async fn step(&self, event: &Value) -> Value {
        handle(&self.deps, event).await.unwrap()
    }

    /// A step that finds the bot quick: the first invocation queues it, and the second one is its retry.
    async fn answered(&self, event: &Value) -> Value {
        let waits = self.step(event).await;
        let status =
            waits["status"].as_str().or(waits["sessionState"]["sessionAttributes"]["frontdesk_status"].as_str());
        assert_eq!(status, Some("wait"), "{waits}");
        self.bot().await;
        self.step(event).await
    }

    fn seq(&self, account: &str, user: &str) -> u64 {
        self.head(account, user).seq
    }

    fn head(&self, account: &str, user: &str) -> domain::Conversation {
        let (account, user) = (account.to_owned(), user.to_owned());
        self.world.head(&Identity { channel: ChannelId::Connect, account, user }.group()).unwrap()
    }
}

fn flow(parameters: &Value) -> Value {
    let mut event = event("connect/flow-begins.json");
    event["Details"]["Parameters"] = parameters.clone();
    event
}

fn lex(said: &str, attributes: &Value) -> Value {
    let mut event = event("connect/lex-text.json");
    event["inputTranscript"] = json!(said);
    event["sessionState"]["sessionAttributes"] = attributes.clone();
    event["sessionState"]["originatingRequestId"] = json!(format!("request for {said}"));
    event
}

#[tokio::test]
async fn a_flow_asks_again_until_the_answer_is_there_and_a_repeated_step_has_no_second_effect() {
    let contact = Contact::new();
    let greeting = contact.answered(&flow(&json!({}))).await;
    assert_eq!(greeting["status"], "listen");
    let asked = flow(&json!({ "said": "你们几天能发货？", "turn": greeting["turn"] }));
    let began = app::ports::Clock::now(&contact.world).0;
    let late = contact.step(&asked).await;
    let waited = app::ports::Clock::now(&contact.world).0 - began;
    assert!((5_000..7_000).contains(&waited), "Connect gives up after 8 s, this took {waited} ms");
    assert_eq!((&late["status"], &late["turn"]), (&json!("wait"), &greeting["turn"]));
    contact.bot().await;
    let answer = contact.step(&asked).await;
    assert!(answer["reply"].as_str().unwrap().contains("48 小时内发货"), "{answer}");
    let seq = contact.seq("hotline", "+8613800138000");
    for _ in 0..3 {
        assert_eq!(contact.step(&asked).await, answer);
        contact.bot().await;
    }
    assert_eq!(contact.seq("hotline", "+8613800138000"), seq);
    // The same words later in the talk are another question.
    let again = contact.answered(&flow(&json!({ "said": "你们几天能发货？", "turn": answer["turn"] }))).await;
    assert!(contact.seq("hotline", "+8613800138000") > seq && again["turn"] != answer["turn"]);
}

#[tokio::test]
async fn a_person_is_asked_for_and_the_flow_tells_that_they_have_the_contact() {
    let contact = Contact::new();
    let handed = contact.answered(&flow(&json!({ "said": "转人工", "turn": "0" }))).await;
    assert_eq!(handed["status"], "transfer");
    assert!(handed["reply"].as_str().unwrap().contains("人工"), "{handed}");
    let head = contact.head("hotline", "+8613800138000");
    assert!(matches!(head.owner, Owner::Queued { .. }) && head.line.is_some());
    assert_eq!(contact.step(&flow(&json!({ "event": "parked" }))).await["status"], "done");
    contact.bot().await;
    let head = contact.head("hotline", "+8613800138000");
    assert!(matches!(head.owner, Owner::Queued { .. }) && head.line.is_none(), "nothing can be said to them here");
    contact.step(&flow(&json!({ "event": "left" }))).await;
    contact.bot().await;
    assert_eq!(contact.head("hotline", "+8613800138000").owner, Owner::Bot, "nobody waits any more");
}

#[tokio::test]
async fn a_late_reply_of_a_bot_comes_with_the_next_utterance_before_its_own() {
    let contact = Contact::new();
    let late = contact.step(&lex("how do I return a broken item", &json!({}))).await;
    let attributes = &late["sessionState"]["sessionAttributes"];
    assert_eq!(attributes["frontdesk_status"], "wait");
    contact.bot().await;
    // They say something else instead of asking for it.
    let next = lex("do you ship abroad?", attributes);
    let both = contact.answered(&next).await;
    let said = both["messages"].to_string();
    let (first, second) = (said.find("photograph the item").unwrap(), said.find("ship").unwrap());
    assert!(first < second || said.rfind("ship").unwrap() > first, "{said}");
    assert_eq!(both["sessionState"]["sessionAttributes"]["frontdesk_late"], "");
    assert_eq!(contact.step(&next).await, both, "a repeated invocation gets both again");
    // Or they ask for it.
    let late = contact.step(&lex("can I get an invoice?", &both["sessionState"]["sessionAttributes"])).await;
    contact.bot().await;
    let seq = contact.seq("shop-bot", SESSION);
    let heard = contact.step(&lex("continue", &late["sessionState"]["sessionAttributes"])).await;
    assert!(heard["messages"].to_string().contains("nvoice"), "{heard}");
    contact.bot().await;
    assert_eq!(contact.seq("shop-bot", SESSION), seq, "asking for it says nothing");
}

#[tokio::test]
async fn whom_the_company_does_not_know_gets_no_answer() {
    let contact = Contact::new();
    let mut stranger = flow(&json!({ "said": "hello" }));
    stranger["Details"]["ContactData"]["InstanceARN"] = json!(INSTANCE.replace("111122223333", "999999999999"));
    assert!(handle(&contact.deps, &stranger).await.is_err());
    assert!(contact.world.inbound().is_empty());
    let mut nobody = flow(&json!({ "said": "hello" }));
    nobody["Details"]["ContactData"]["ContactId"] = Value::Null;
    assert_eq!(contact.step(&nobody).await, json!({}));
}

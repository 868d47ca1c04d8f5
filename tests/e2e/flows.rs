//! The demo shop's flows, held in both languages on the web, by text message and on the phone: the sandbox plays the
//! providers and the company's own systems. Each dialogue is recorded as the customer has it, and compared with how it
//! stands in `tests/e2e/dialogues`.

#![expect(clippy::print_stdout, reason = "how many were held is worth reading")]

use std::time::Duration;

use reqwest::Client;
use serde_json::{Value, json};
use tests::{Stack, Visitor, until};
use uuid::Uuid;

use crate::dialogues::{Line, Recorded};

/// How long a step may take on a busy machine.
const PATIENCE: Duration = Duration::from_mins(2);

/// A dialogue: its flow and language, what the customer says, and what each time is answered in the end.
type Dialogue = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

const DIALOGUES: [Dialogue; 8] = [
    ("order-tracking", "en", &[("Look up my order status", "order number"), ("10293", ", expected ")]),
    ("order-tracking", "zh", &[("按订单号查进度", "请告诉我订单号"), ("10293", "预计")]),
    (
        "return-request",
        "en",
        &[
            ("I want to return order A-10293", "Why are you returning it"),
            ("no, the other order", "Which order is it"),
            ("A-22", "Why are you returning it"),
            ("damaged", "Is that right"),
            ("yes", "Your return number is"),
        ],
    ),
    ("return-request", "zh", &[("我要退 A-10293 这单", "为什么要退"), ("坏了", "对吗"), ("是的", "退货单号")]),
    (
        "appointment",
        "en",
        &[
            ("I'd like to make an appointment", "Which day suits you"),
            ("tomorrow", "What time"),
            ("morning", "phone number"),
            ("13800138000", "Is that right"),
            ("yes", "your number is"),
        ],
    ),
    (
        "appointment",
        "zh",
        &[
            ("我想预约到店", "想哪天来"),
            ("明天", "哪个时段"),
            ("上午", "手机号"),
            ("13800138000", "对吗"),
            ("是的", "预约号"),
        ],
    ),
    (
        "card-loss",
        "en",
        &[
            ("I lost my gift card", "last four digits"),
            ("1234", "phone number"),
            ("13800138000", "Is that right"),
            ("yes", "Your reference is"),
        ],
    ),
    (
        "card-loss",
        "zh",
        &[("礼品卡丢了要挂失", "后四位"), ("1234", "手机号"), ("13800138000", "对吗"), ("是的", "受理号")],
    ),
];

/// Where a customer is.
enum Customer<'a> {
    Web(Visitor),
    Sandbox { stack: &'a Stack, channel: &'static str, account: &'static str, user: String, language: &'static str },
}

impl Customer<'_> {
    async fn says(&self, text: &str) {
        match self {
            Self::Web(visitor) => {
                visitor.say(text).await;
            }
            Self::Sandbox { .. } => self.does(json!({ "text": text })).await,
        }
    }

    /// Does something at the sandbox.
    async fn does(&self, what: Value) {
        let Self::Sandbox { stack, channel, account, user, language } = self else { return };
        let mut body = json!({ "channel": channel, "user": user, "locale": language, "account": account });
        body.as_object_mut().unwrap().extend(what.as_object().unwrap().clone());
        let address = format!("{}/say", stack.text("/sandbox_url"));
        let told: Value = Client::new().post(address).json(&body).send().await.unwrap().json().await.unwrap();
        assert_eq!(told.get("accepted"), Some(&json!(true)), "{channel} {what}: {told}");
    }

    /// All that was said and shown so far.
    async fn lines(&self) -> Vec<Line> {
        match self {
            Self::Web(visitor) => {
                let page: Value = visitor.get("/v1/messages").await.json().await.unwrap();
                page.get("messages").and_then(Value::as_array).unwrap().iter().map(Line::of_web).collect()
            }
            Self::Sandbox { stack, channel, user, .. } => {
                let user = user.replace('+', "%2B");
                let address = format!("{}/feed?channel={channel}&user={user}", stack.text("/sandbox_url"));
                let feed: Value = Client::new().get(address).send().await.unwrap().json().await.unwrap();
                feed.as_array().unwrap().iter().filter_map(|entry| Line::of_feed(channel, entry)).collect()
            }
        }
    }

    /// How often they were told this.
    async fn times(&self, words: &str) -> usize {
        let lines = self.lines().await;
        lines.iter().filter(|line| !line.is_customers()).map(|line| line.text.matches(words).count()).sum()
    }

    fn name(&self) -> &str {
        match self {
            Self::Web(_) => "web",
            Self::Sandbox { channel, .. } => channel,
        }
    }
}

/// Holds a dialogue; how it went, if that is not as recorded.
async fn held(customer: &Customer<'_>, (flow, language, turns): &Dialogue) -> Option<String> {
    let recorded = Recorded::of(flow, language, customer.name());
    if let Customer::Sandbox { channel: "voice", .. } = customer {
        customer.does(json!({ "event": "call" })).await;
    }
    for (turn, (said, answered)) in turns.iter().enumerate() {
        let before = customer.times(answered).await;
        customer.says(said).await;
        until(&format!("`{answered}` to `{said}` on {} in {language}", customer.name()), PATIENCE, async || {
            (customer.times(answered).await > before).then_some(())
        })
        .await;
        // An answer may be several messages; the next is said after the last of them.
        recorded.come_to(turn + 1, async || customer.lines().await).await;
    }
    recorded.conclude(&customer.lines().await)
}

/// Holds all dialogues, each with another customer.
async fn all_held<'a>(customer: impl AsyncFn(&'static str) -> Customer<'a>) {
    let mut different = vec![];
    for dialogue in &DIALOGUES {
        different.extend(held(&customer(dialogue.1).await, dialogue).await);
    }
    assert!(different.is_empty(), "not as in tests/e2e/dialogues:\n{}", different.join("\n"));
    println!("{} dialogues held as they were recorded", DIALOGUES.len());
}

#[tokio::test]
async fn every_flow_is_held_on_the_web() {
    let Some(stack) = Stack::running() else { return };
    all_held(async |language| Customer::Web(Visitor::open(&stack, &json!({ "locale": language })).await)).await;
}

#[tokio::test]
async fn every_flow_is_held_by_text_message() {
    let Some(stack) = Stack::running() else { return };
    all_held(async |language| somebody(&stack, "sms", "", language)).await;
}

#[tokio::test]
async fn every_flow_is_held_on_the_phone() {
    let Some(stack) = Stack::running() else { return };
    // One number answers in Chinese, one in English.
    let number = |language| if language == "zh" { "queue" } else { "dial" };
    all_held(async |language| somebody(&stack, "voice", number(language), language)).await;
}

fn somebody<'a>(
    stack: &'a Stack,
    channel: &'static str,
    account: &'static str,
    language: &'static str,
) -> Customer<'a> {
    let user = format!("+1{:010}", Uuid::new_v4().as_u128() % 10_000_000_000);
    Customer::Sandbox { stack, channel, account, user, language }
}

//! The demo shop's flows, held in both languages on the web, by text message and on the phone: the sandbox plays the
//! providers and the company's own systems.

use std::time::Duration;

use reqwest::Client;
use serde_json::{Value, json};
use tests::{Stack, Visitor, until};
use uuid::Uuid;

/// How long a step may take on a busy machine.
const PATIENCE: Duration = Duration::from_mins(2);

/// A dialogue: its language, what the customer says, and what each time is answered in the end.
type Dialogue = (&'static str, &'static [(&'static str, &'static str)]);

const DIALOGUES: [Dialogue; 8] = [
    ("en", &[("Look up my order status", "order number"), ("10293", ", expected ")]),
    ("zh", &[("按订单号查进度", "请告诉我订单号"), ("10293", "预计")]),
    (
        "en",
        &[
            ("I want to return order A-10293", "Why are you returning it"),
            ("no, the other order", "Which order is it"),
            ("A-22", "Why are you returning it"),
            ("damaged", "Is that right"),
            ("yes", "Your return number is"),
        ],
    ),
    ("zh", &[("我要退 A-10293 这单", "为什么要退"), ("坏了", "对吗"), ("是的", "退货单号")]),
    (
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
        "en",
        &[
            ("I lost my gift card", "last four digits"),
            ("1234", "phone number"),
            ("13800138000", "Is that right"),
            ("yes", "Your reference is"),
        ],
    ),
    ("zh", &[("礼品卡丢了要挂失", "后四位"), ("1234", "手机号"), ("13800138000", "对吗"), ("是的", "受理号")]),
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
            Self::Sandbox { stack, channel, account, user, language } => {
                let body = json!({
                    "channel": channel, "user": user, "locale": language, "account": account, "text": text,
                });
                let address = format!("{}/say", stack.text("/sandbox_url"));
                let told: Value = Client::new().post(address).json(&body).send().await.unwrap().json().await.unwrap();
                assert_eq!(told.get("accepted"), Some(&json!(true)), "{channel} {text}: {told}");
            }
        }
    }

    /// All that they were told so far, as one text.
    async fn told(&self) -> String {
        match self {
            Self::Web(visitor) => {
                let page: Value = visitor.get("/v1/messages").await.json().await.unwrap();
                let messages = page.get("messages").and_then(Value::as_array).unwrap();
                let bot = messages.iter().filter(|message| message["author"] == "bot");
                bot.map(|message| message.pointer("/content/text").and_then(Value::as_str).unwrap_or_default())
                    .collect::<Vec<_>>()
                    .join("\n")
            }
            Self::Sandbox { stack, channel, user, .. } => {
                let user = user.replace('+', "%2B");
                let address = format!("{}/feed?channel={channel}&user={user}", stack.text("/sandbox_url"));
                let feed: Value = Client::new().get(address).send().await.unwrap().json().await.unwrap();
                let shown = feed.as_array().unwrap().iter().filter(|entry| entry["kind"] == "shown");
                shown.map(|shown| shown["text"].as_str().unwrap()).collect::<Vec<_>>().join("\n")
            }
        }
    }

    fn name(&self) -> &str {
        match self {
            Self::Web(_) => "web",
            Self::Sandbox { channel, .. } => channel,
        }
    }
}

async fn held(customer: &Customer<'_>, (language, turns): &Dialogue) {
    for (said, answered) in *turns {
        let before = customer.told().await.matches(answered).count();
        customer.says(said).await;
        until(&format!("`{answered}` to `{said}` on {} in {language}", customer.name()), PATIENCE, async || {
            (customer.told().await.matches(answered).count() > before).then_some(())
        })
        .await;
    }
}

#[tokio::test]
async fn every_flow_is_held_on_the_web() {
    let Some(stack) = Stack::running() else { return };
    for dialogue in &DIALOGUES {
        let visitor = Visitor::open(&stack, &json!({ "locale": dialogue.0 })).await;
        held(&Customer::Web(visitor), dialogue).await;
    }
}

#[tokio::test]
async fn every_flow_is_held_by_text_message() {
    let Some(stack) = Stack::running() else { return };
    for dialogue in &DIALOGUES {
        held(&somebody(&stack, "sms", "", dialogue.0), dialogue).await;
    }
}

#[tokio::test]
async fn every_flow_is_held_on_the_phone() {
    let Some(stack) = Stack::running() else { return };
    for dialogue in &DIALOGUES {
        // One number answers in Chinese, one in English.
        let number = if dialogue.0 == "zh" { "queue" } else { "dial" };
        held(&somebody(&stack, "voice", number, dialogue.0), dialogue).await;
    }
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

//! Answers in a language model's words: the real responder and client, and a server that plays the model.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use app::PortError;
use app::envelope::write_inbound;
use app::model::{ModelKey, Spending};
use app::ports::Clock as _;
use app::process::{Responder, process};
use app::writer::{Limits, Writer};
use async_trait::async_trait;
use domain::{Author, Change, ChannelId, Content, EventKind, Identity, InboundEvent, ModelUse};
use runtime::chat::ChatModel;
use serde_json::{Value, json};
use testkit::World;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpListener;

use crate::support::shop_bot;

/// What the model's server does with a request.
#[derive(Clone)]
enum Server {
    /// Answers with this content and 300 tokens.
    Says(String),
    /// Answers with this status.
    Fails(u16),
    /// Takes the request and never answers.
    Hangs,
}

#[derive(Clone, Default)]
struct Requests(Arc<Mutex<Vec<(String, Value)>>>);

struct Key;

#[async_trait]
impl ModelKey for Key {
    async fn key(&self) -> Result<Option<String>, PortError> {
        Ok(Some("secret-key".to_owned()))
    }
}

#[derive(Clone, Default)]
struct Spent(Arc<Mutex<i64>>);

#[async_trait]
impl Spending for Spent {
    async fn spend(&self, _day: i64, tokens: i64) -> Result<u64, PortError> {
        let mut sum = self.0.lock().unwrap();
        *sum += tokens;
        Ok(u64::try_from(*sum).unwrap())
    }
}

/// A server at an address of its own; what it was asked, with the caller's key.
async fn serve(server: Server) -> (String, Requests) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}/v1", listener.local_addr().unwrap());
    let requests = Requests::default();
    let seen = requests.clone();
    tokio::spawn(async move {
        let mut open = vec![];
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let mut stream = BufReader::new(stream);
            let (mut length, mut key, mut line) = (0, String::new(), String::new());
            while stream.read_line(&mut line).await.unwrap() > 2 {
                let lower = line.to_lowercase();
                if let Some(value) = lower.strip_prefix("content-length:") {
                    length = value.trim().parse().unwrap();
                }
                if lower.starts_with("authorization:") {
                    key = line.split_once(':').unwrap().1.trim().to_owned();
                }
                line.clear();
            }
            let mut body = vec![0; length];
            stream.read_exact(&mut body).await.unwrap();
            seen.0.lock().unwrap().push((key, serde_json::from_slice(&body).unwrap()));
            let (status, body) = match &server {
                Server::Says(content) => (
                    200,
                    json!({ "choices": [{ "message": { "role": "assistant", "content": content } }],
                            "usage": { "total_tokens": 300 } })
                    .to_string(),
                ),
                Server::Fails(status) => (*status, "{\"error\":{}}".to_owned()),
                Server::Hangs => {
                    open.push(stream);
                    continue;
                }
            };
            let head = format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
            stream.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
        }
    });
    (base, requests)
}

struct Shop {
    world: World,
    model: ChatModel,
    limits: Limits,
    requests: Requests,
    spent: Spent,
    asked: usize,
}

impl Shop {
    async fn with(server: Server, conversation: u32, day: u64) -> Self {
        let (base, requests) = serve(server).await;
        Self {
            world: World::new(shop_bot()),
            model: ChatModel::new(&base, "a-model", Box::new(Key)).unwrap(),
            limits: Limits { conversation, day, wait: Duration::from_millis(300) },
            requests,
            spent: Spent::default(),
            asked: 0,
        }
    }

    /// What the bot says to a question, and what the model had to do with it.
    async fn ask(&mut self, text: &str) -> (String, Option<ModelUse>) {
        self.asked += 1;
        let identity = Identity { channel: ChannelId::Web, account: "shop".to_owned(), user: "vis_1".to_owned() };
        let kind = EventKind::Message { content: Content::Text { text: text.to_owned() } };
        let now = self.world.now();
        let event = InboundEvent::new(identity.clone(), &self.asked.to_string(), now, None, kind);
        let world = &self.world;
        let deps = Responder {
            channels: channels::channel,
            conversations: world,
            outbound: world,
            media: world,
            actions: world,
            alarms: world,
            handles: world,
            erasure: world,
            people: world,
            knowledge: world,
            writer: Some(Writer { model: &self.model, spending: &self.spent, limits: self.limits }),
            clock: world,
        };
        let body = write_inbound(&event);
        process(&deps, &body).await.unwrap();
        let asked = self.calls();
        process(&deps, &body).await.unwrap();
        let turns = world.turns(&identity.group());
        let turn = turns.iter().find(|turn| turn.id == event.id).unwrap();
        let said = turn.messages.iter().find(|message| message.author == Author::Bot).unwrap();
        let (Content::Text { text } | Content::QuickReplies { text, .. }) = &said.content else { panic!("{said:?}") };
        let used = turn
            .changes
            .iter()
            .find_map(|change| if let Change::Written(used) = change { Some(used.clone()) } else { None });
        assert!(self.calls() <= asked + 1, "a repeated event commits nothing new");
        (text.clone(), used)
    }

    fn calls(&self) -> usize {
        self.requests.0.lock().unwrap().len()
    }

    fn spent(&self) -> i64 {
        *self.spent.0.lock().unwrap()
    }
}

const QUESTION: &str = "how many days until my parcel is delivered?";

fn reply(source: &str, answer: &str) -> String {
    json!({ "sources": [source], "answer": answer }).to_string()
}

/// What the bot says without a model, and beside one that says nothing fit.
async fn own(question: &str) -> String {
    Shop::with(Server::Fails(500), 20_000, 1_000_000).await.ask(question).await.0
}

#[tokio::test]
async fn an_answer_in_the_model_s_words_keeps_what_it_rests_on() {
    let words = "Your parcel usually arrives 2–4 days after dispatch.";
    let mut shop = Shop::with(Server::Says(reply("delivery.time", words)), 20_000, 1_000_000).await;
    let (text, used) = shop.ask(QUESTION).await;
    assert_eq!(text, words);
    assert_eq!(used, Some(ModelUse { sources: vec!["delivery.time".to_owned()], tokens: 300 }));
    let (key, request) = shop.requests.0.lock().unwrap()[0].clone();
    assert_eq!((key.as_str(), request["model"].as_str()), ("Bearer secret-key", Some("a-model")));
    let document: Value = serde_json::from_str(request["messages"][1]["content"].as_str().unwrap()).unwrap();
    assert_eq!(document["question"], QUESTION);
    assert_eq!(shop.spent(), 300 * i64::try_from(shop.calls()).unwrap(), "what it took, not what was set aside");
}

#[tokio::test]
async fn whatever_the_model_does_the_customer_is_answered() {
    let own = own(QUESTION).await;
    for server in [
        Server::Fails(500),
        Server::Fails(429),
        Server::Hangs,
        Server::Says(String::new()),
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
async fn greetings_wishes_and_flows_cost_nothing() {
    let mut shop = Shop::with(Server::Fails(500), 20_000, 1_000_000).await;
    for text in ["hello", "talk to a person"] {
        shop.ask(text).await;
    }
    assert_eq!(shop.calls(), 0);
}

//! A server that plays the language model, and a shop whose responder asks it.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use app::PortError;
use app::envelope::write_inbound;
use app::model::{Model, ModelKey, Spending};
use app::ports::Clock as _;
use app::process::{Responder, process};
use app::writer::{Limits, Writer};
use async_trait::async_trait;
use aws::{Aws, BedrockModel};
use domain::{Author, Change, ChannelId, Content, EventKind, Identity, InboundEvent, ModelUse, Turn};
use runtime::chat::ChatModel;
use serde_json::{Value, json};
use testkit::World;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpListener;

use crate::support::{responder_of, shop_bot};

/// How a model is asked.
#[derive(Clone, Copy)]
pub(crate) enum Api {
    /// Chat completions, with a key.
    Chat,
    /// Amazon Bedrock's `Converse`, with signatures.
    Converse,
}

/// What the model's server does with a request.
#[derive(Clone)]
pub(crate) enum Server {
    /// Answers with this content and 300 tokens.
    Says(String),
    /// Answers with each of these contents in turn, the last one again and again.
    SaysInTurn(Vec<String>),
    /// Answers with this content, and that it stopped for this reason.
    Stops(String, &'static str),
    /// Answers with this status and, on AWS, this error.
    Fails(u16, &'static str),
    /// Refuses a request that has one of these parameters, and says so; else answers with this content.
    Refuses(&'static [(&'static str, &'static str)], String),
    /// Takes the request and never answers.
    Hangs,
    /// Does what the longest of these commands says that stands anywhere in what it was given: says the words that belong
    /// to it, and that they rest on every entry that it was given. Without one it declines.
    Obeys(Vec<(&'static str, &'static str)>),
}

/// What a model says that does whatever a text tells it.
fn obeyed(commands: &[(&str, &str)], request: &str) -> String {
    let request: Value = serde_json::from_str(request).unwrap();
    let document: Value = serde_json::from_str(request["messages"][1]["content"].as_str().unwrap()).unwrap();
    let sources = document["sources"].as_array().unwrap();
    let read = |command: &str| {
        let stands = |text: &Value| text.as_str().is_some_and(|text| text.contains(command));
        stands(&document["question"]) || sources.iter().any(|source| stands(&source["text"]))
    };
    let found = commands.iter().filter(|(command, _)| read(command)).max_by_key(|(command, _)| command.len());
    match found {
        Some((_, words)) => {
            let ids: Vec<&Value> = sources.iter().map(|source| &source["id"]).collect();
            json!({ "sources": ids, "answer": words }).to_string()
        }
        None => "{\"decline\": true}".to_owned(),
    }
}

/// A request as it came.
#[derive(Clone)]
pub(crate) struct Request {
    /// Its first line and headers.
    pub(crate) head: String,
    /// Its body.
    pub(crate) body: String,
}

impl Request {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        let named = |line: &&str| line.split_once(':').is_some_and(|(found, _)| found.eq_ignore_ascii_case(name));
        self.head.lines().find(named).and_then(|line| line.split_once(':')).unwrap().1.trim()
    }
}

#[derive(Clone, Default)]
pub(crate) struct Requests(Arc<Mutex<Vec<Request>>>);

impl Requests {
    /// How many there were.
    pub(crate) fn count(&self) -> usize {
        self.0.lock().unwrap().len()
    }
}

pub(crate) struct Key;

#[async_trait]
impl ModelKey for Key {
    async fn key(&self) -> Result<Option<String>, PortError> {
        Ok(Some("secret-key".to_owned()))
    }
}

#[derive(Clone, Default)]
pub(crate) struct Spent(Arc<Mutex<i64>>);

#[async_trait]
impl Spending for Spent {
    async fn spend(&self, _day: i64, tokens: i64) -> Result<u64, PortError> {
        let mut sum = self.0.lock().unwrap();
        *sum += tokens;
        Ok(u64::try_from(*sum).unwrap())
    }
}

fn completion(api: Api, content: &str, reason: Option<&str>) -> String {
    match api {
        Api::Chat => json!({
            "choices": [{ "message": { "role": "assistant", "content": content }, "finish_reason": reason.unwrap_or("stop") }],
            "usage": { "total_tokens": 300 },
        }),
        Api::Converse => json!({
            "output": { "message": { "role": "assistant", "content": [{ "text": content }] } },
            "stopReason": reason.unwrap_or("end_turn"),
            "usage": { "inputTokens": 250, "outputTokens": 50, "totalTokens": 300 },
            "metrics": { "latencyMs": 100 },
        }),
    }
    .to_string()
}

async fn read(stream: &mut BufReader<tokio::net::TcpStream>) -> Request {
    let (mut length, mut head, mut line) = (0, String::new(), String::new());
    while stream.read_line(&mut line).await.unwrap() > 2 {
        if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        head.push_str(&line);
        line.clear();
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.unwrap();
    Request { head, body: String::from_utf8(body).unwrap() }
}

/// A server at an address of its own, and what it was asked.
pub(crate) async fn serve(api: Api, server: Server) -> (String, Requests) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let requests = Requests::default();
    let seen = requests.clone();
    tokio::spawn(async move {
        let mut open = vec![];
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let mut stream = BufReader::new(stream);
            let request = read(&mut stream).await;
            let sent = request.body.clone();
            let asked = seen.0.lock().unwrap().len();
            seen.0.lock().unwrap().push(request);
            let (status, error, body) = match &server {
                Server::Says(content) => (200, "", completion(api, content, None)),
                Server::SaysInTurn(contents) => {
                    (200, "", completion(api, &contents[asked.min(contents.len() - 1)], None))
                }
                Server::Stops(content, reason) => (200, "", completion(api, content, Some(reason))),
                Server::Fails(status, error) => (*status, *error, "{\"message\":\"no\"}".to_owned()),
                Server::Refuses(refused, content) => {
                    match refused.iter().find(|(parameter, _)| sent.contains(&format!("\"{parameter}\""))) {
                        Some((_, told)) => (400, "ValidationException", (*told).to_owned()),
                        None => (200, "", completion(api, content, None)),
                    }
                }
                Server::Obeys(commands) => (200, "", completion(api, &obeyed(commands, &sent), None)),
                Server::Hangs => {
                    open.push(stream);
                    continue;
                }
            };
            let head = format!(
                "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\nx-amzn-errortype: {error}\r\n\
                 content-length: {}\r\nconnection: close\r\n\r\n",
                body.len()
            );
            stream.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
        }
    });
    (base, requests)
}

/// The model's name: one with a sign that an address has to escape.
pub(crate) const MODEL: &str = "eu.maker.a-model-v1:0";
/// The function's credentials.
pub(crate) const ACCESS: (&str, &str) = ("AKIDEXAMPLE", "a-secret-of-the-function");

/// A shop whose responder has a language model.
pub(crate) struct Shop {
    pub(crate) world: World,
    pub(crate) model: Box<dyn Model>,
    pub(crate) limits: Limits,
    pub(crate) rewrites: bool,
    pub(crate) sums_up: bool,
    /// How long an event may take.
    pub(crate) time: Option<Duration>,
    requests: Requests,
    spent: Spent,
    asked: usize,
}

impl Shop {
    /// With a model behind chat completions.
    pub(crate) async fn with(server: Server, conversation: u32, day: u64) -> Self {
        Self::at(Api::Chat, server, conversation, day).await
    }

    /// With a model behind this API.
    pub(crate) async fn at(api: Api, server: Server, conversation: u32, day: u64) -> Self {
        let (base, requests) = serve(api, server).await;
        let model: Box<dyn Model> = match api {
            Api::Chat => Box::new(ChatModel::new(&format!("{base}/v1"), MODEL, Box::new(Key)).unwrap()),
            Api::Converse => {
                let config = aws_config::defaults(aws_config::BehaviorVersion::latest())
                    .endpoint_url(&base)
                    .region(aws_config::Region::new("cn-north-1"))
                    .credentials_provider(aws_credential_types::Credentials::new(
                        ACCESS.0,
                        ACCESS.1,
                        None,
                        None,
                        "the tests",
                    ));
                let aws = Aws::with_config(config.load().await);
                Box::new(BedrockModel::new(&aws, Some("eu-central-1".to_owned()), MODEL))
            }
        };
        Self {
            world: World::new(shop_bot()),
            model,
            limits: Limits { conversation, day, wait: Duration::from_millis(500) },
            rewrites: false,
            sums_up: false,
            time: None,
            requests,
            spent: Spent::default(),
            asked: 0,
        }
    }

    pub(crate) fn identity() -> Identity {
        Identity { channel: ChannelId::Web, account: "shop".to_owned(), user: "vis_1".to_owned() }
    }

    /// The turns so far.
    pub(crate) fn turns(&self) -> Vec<Turn> {
        self.world.turns(&Self::identity().group())
    }

    /// What the bot says to a question, and what the model had to do with it.
    pub(crate) async fn ask(&mut self, text: &str) -> (String, Option<ModelUse>) {
        let turn = self.say(text).await;
        let said = turn.messages.iter().find(|message| message.author == Author::Bot).unwrap();
        let (Content::Text { text } | Content::QuickReplies { text, .. }) = &said.content else { panic!("{said:?}") };
        let used = turn
            .changes
            .iter()
            .find_map(|change| if let Change::Written(used) = change { Some(used.clone()) } else { None });
        (text.clone(), used)
    }

    /// The turn of what a customer writes. It comes twice.
    pub(crate) async fn say(&mut self, text: &str) -> Turn {
        self.asked += 1;
        let kind = EventKind::Message { content: Content::Text { text: text.to_owned() } };
        let event = InboundEvent::new(Self::identity(), &self.asked.to_string(), self.world.now(), None, kind);
        let world = &self.world;
        let deps = Responder {
            writer: Some(Writer {
                model: self.model.as_ref(),
                spending: &self.spent,
                limits: self.limits,
                rewrites: self.rewrites,
                sums_up: self.sums_up,
                until: self.time.map(|time| Instant::now() + time),
            }),
            ..responder_of(world)
        };
        let body = write_inbound(&event);
        process(&deps, &body).await.unwrap();
        let (calls, turns) = (self.calls(), self.turns());
        process(&deps, &body).await.unwrap();
        assert_eq!(self.turns(), turns, "a repeated event commits nothing new");
        // A summary that was not to be had is asked for again.
        let to_come = self.sums_up && !turns.iter().flat_map(|turn| &turn.changes).any(is_note);
        assert!(self.calls() == calls || to_come, "nor is the model paid for again");
        turns.into_iter().find(|turn| turn.id == event.id).unwrap()
    }

    /// How often the model was asked.
    pub(crate) fn calls(&self) -> usize {
        self.requests.count()
    }

    /// What it was asked.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.0.lock().unwrap().clone()
    }

    /// Tokens that count as spent today.
    pub(crate) fn spent(&self) -> i64 {
        *self.spent.0.lock().unwrap()
    }
}

fn is_note(change: &Change) -> bool {
    matches!(change, Change::Noted { .. })
}

/// What the bot says without a model, and beside one that says nothing fit.
pub(crate) async fn own(question: &str) -> String {
    Shop::with(Server::Fails(500, ""), 20_000, 1_000_000).await.ask(question).await.0
}

/// A reply that names an entry, and an answer.
pub(crate) fn reply(source: &str, answer: &str) -> String {
    json!({ "sources": [source], "answer": answer }).to_string()
}

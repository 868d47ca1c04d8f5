//! A whole Frontdesk over one in-memory world, spoken to by whole Lambda events.

use std::path::PathBuf;
use std::time::Duration;

use app::answers::KnowledgeBot;
use app::exchange::TokenStore;
use app::ports::Keyless;
use app::process::Responder;
use aws_lambda_events::apigw::ApiGatewayProxyResponse;
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use bot::knowledge::{KnowledgeBase, Source, check, compile};
use lambda_http::{Body, Response};
use lambda_runtime::{Context, LambdaEvent};
use runtime::consumer::Consumer;
use serde_json::{Value, json};
use testkit::{Queued, World};
use web::{HttpDoor, HttpParts, Origins, SocketDoor};

/// A session token of the world's key that holds for ten years: `events/` carry it.
pub(crate) const SHOP: &str = "https://shop.example.com";

pub(crate) fn root() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// The demo shop's bot.
pub(crate) fn shop_bot() -> KnowledgeBot {
    KnowledgeBot::load(&compile(shop_base()).unwrap())
}

/// What it knows.
pub(crate) fn shop_base() -> KnowledgeBase {
    let folder = root().join("infra/scenarios/shop/knowledge");
    let mut sources: Vec<Source> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| Source {
            file: path.file_name().unwrap().to_str().unwrap().to_owned(),
            text: std::fs::read_to_string(&path).unwrap(),
        })
        .collect();
    sources.sort_by(|left, right| left.file.cmp(&right.file));
    let report = check(&sources);
    report.base.unwrap_or_else(|| panic!("the demo knowledge does not check"))
}

/// What decides on a record in this world, without a language model.
pub(crate) fn responder_of(world: &World) -> Responder<'_> {
    Responder {
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
        writer: None,
        clock: world,
    }
}

/// An event file.
pub(crate) fn event(name: &str) -> Value {
    let path = root().join("events").join(name);
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

pub(crate) struct Frontdesk {
    pub(crate) world: World,
    pub(crate) http: HttpDoor,
    pub(crate) socket: SocketDoor,
    responder: responder::Deps,
    outbound: outbound::Deps,
}

impl Frontdesk {
    pub(crate) fn new(bot: KnowledgeBot) -> Self {
        let world = World::new(bot);
        let consumer = || Consumer {
            function: None,
            max_receives: 5,
            reserve: Duration::from_secs(1),
            dead_letters: Box::new(world.clone()),
            put_off: Box::new(world.clone()),
            clock: Box::new(world.clone()),
        };
        let origins = || Origins::new("https://api.example.com", vec![SHOP.to_owned()]);
        let parts = HttpParts {
            secrets: Box::new(world.clone()),
            inbound: Box::new(world.clone()),
            mailbox: Box::new(world.clone()),
            handles: Box::new(world.clone()),
            customers: Box::new(world.clone()),
            uploads: Box::new(world.clone()),
            clock: Box::new(world.clone()),
            random: Box::new(world.clone()),
        };
        Self {
            http: HttpDoor::new(parts, origins(), "https://api.example.com", "wss://socket.example.com/live", 30),
            socket: SocketDoor::new(
                Box::new(world.clone()),
                Box::new(world.clone()),
                Box::new(world.clone()),
                origins(),
            ),
            responder: responder::Deps {
                channels: channels::channel,
                conversations: Box::new(world.clone()),
                outbound: Box::new(world.clone()),
                media: Box::new(world.clone()),
                actions: Box::new(world.clone()),
                alarms: Box::new(world.clone()),
                handles: Box::new(world.clone()),
                erasure: Box::new(world.clone()),
                people: Box::new(world.clone()),
                knowledge: Box::new(world.clone()),
                writing: None,
                clock: Box::new(world.clone()),
                consumer: consumer(),
            },
            outbound: outbound::Deps {
                channels: channels::channel,
                deliveries: Box::new(world.clone()),
                secrets: Box::new(Keyless),
                tokens: TokenStore::default(),
                wire: Box::new(world.clone()),
                threads: None,
                inbound: Box::new(world.clone()),
                lease_seconds: 60,
                clock: Box::new(world.clone()),
                consumer: consumer(),
            },
            world,
        }
    }

    /// The same with a language model.
    pub(crate) fn with_model(mut self, model: responder::Writing) -> Self {
        self.responder.writing = Some(model);
        self
    }

    /// One HTTP event through the door: status and body.
    pub(crate) async fn http(&self, event: &Value) -> (u16, Value) {
        let response = self.http_response(event).await;
        let body: &[u8] = response.body().as_ref();
        (response.status().as_u16(), serde_json::from_slice(body).unwrap_or(Value::Null))
    }

    pub(crate) async fn http_response(&self, event: &Value) -> Response<Body> {
        let request = lambda_http::request::from_str(&event.to_string()).unwrap();
        web::handle_http(&self.http, request).await
    }

    pub(crate) async fn socket(&self, event: &Value) -> ApiGatewayProxyResponse {
        web::handle_socket(&self.socket, serde_json::from_value(event.clone()).unwrap()).await
    }

    pub(crate) async fn respond(&self, event: SqsEvent) -> SqsBatchResponse {
        responder::handle(&self.responder, lambda_event(event)).await.unwrap()
    }

    pub(crate) async fn send_out(&self, event: SqsEvent) -> SqsBatchResponse {
        outbound::handle(&self.outbound, lambda_event(event)).await.unwrap()
    }

    /// Everything on the queues through responder and outbound once more, as if nothing had been acknowledged.
    pub(crate) async fn run_queues(&self) {
        self.respond(sqs(&self.world.inbound(), 1)).await;
        self.send_out(sqs(&self.world.outbound(), 1)).await;
    }
}

fn lambda_event(event: SqsEvent) -> LambdaEvent<SqsEvent> {
    let mut context = Context::default();
    context.deadline = u64::MAX / 2;
    LambdaEvent::new(event, context)
}

/// Queued messages as the event source mapping hands them over.
pub(crate) fn sqs(messages: &[Queued], receives: u32) -> SqsEvent {
    let records: Vec<Value> = messages
        .iter()
        .enumerate()
        .map(|(index, message)| {
            json!({
                "messageId": format!("m{index}"),
                "receiptHandle": format!("r{index}"),
                "body": message.body,
                "attributes": {
                    "ApproximateReceiveCount": receives.to_string(),
                    "MessageGroupId": message.group,
                    "MessageDeduplicationId": message.dedup,
                },
            })
        })
        .collect();
    serde_json::from_value(json!({ "Records": records })).unwrap()
}

/// An HTTP API event (payload 2.0).
pub(crate) fn http_event(method: &str, target: &str, headers: &[(&str, &str)], body: Option<&str>) -> Value {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let query_map: serde_json::Map<String, Value> = query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (name.to_owned(), json!(value)))
        .collect();
    let headers: serde_json::Map<String, Value> =
        headers.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
    let mut event = event("web/open-session.json");
    event["rawPath"] = json!(path);
    event["rawQueryString"] = json!(query);
    event["queryStringParameters"] = json!(query_map);
    event["headers"] = json!(headers);
    event["body"] = json!(body);
    event["requestContext"]["http"]["method"] = json!(method);
    event["requestContext"]["http"]["path"] = json!(path);
    event
}

//! A pipeline of its own for one test: table and queues like the deployed ones, the functions' binaries as processes,
//! and between all of them whoever makes mishaps.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use app::ports::{Clock as _, Sockets as _};
use aws::dynamo::keys;
use aws::{Aws, DynamoSockets, SystemClock};
use aws_sdk_dynamodb::types::{AttributeValue, BillingMode};
use aws_sdk_sqs::types::{Message, MessageSystemAttributeName, QueueAttributeName};
use domain::{DedupId, Identity, VisitorId, message_id};
use serde_json::{Value, json};
use tests::fault_points::FaultPoints;
use tests::history::{Conversation, End, Event, History, Mail, Promise, violations};
use tests::lambda::{Function, Outcome, Settings};
use tests::mapping::{Habits, Mapping, made_up};
use tests::proxy::Proxy;
use tests::sockets::SocketApi;
use tests::{Row, Stack, until};
use uuid::Uuid;

/// How long it may take to answer everything.
fn patience() -> Duration {
    Duration::from_mins(if is_full() { 30 } else { 4 })
}

/// A page that may embed the chat.
const SHOP: &str = "https://shop.example.com";
/// Questions that the demo shop's bot can answer.
const QUESTIONS: [&str; 2] = ["你们几天能发货？", "how do I return a broken item"];

/// What a test's own pipeline is like.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    /// The invariant that it is about.
    pub(crate) number: u32,
    /// What that says.
    pub(crate) statement: &'static str,
    /// Receives after which records are given up; the deployed queues' when `None`.
    pub(crate) max_receives: Option<u32>,
    /// Invocations of each function at a time.
    pub(crate) at_a_time: usize,
}

impl Plan {
    pub(crate) fn of(number: u32, statement: &'static str) -> Self {
        Self { number, statement, max_receives: None, at_a_time: 4 }
    }
}

/// A queue and its dead-letter queue, by URL.
#[derive(Debug, Clone)]
pub(crate) struct Queue {
    pub(crate) url: String,
    pub(crate) dead: String,
}

pub(crate) struct Pipeline {
    pub(crate) stack: Stack,
    pub(crate) history: History,
    pub(crate) proxy: Proxy,
    pub(crate) points: FaultPoints,
    pub(crate) sockets: SocketApi,
    pub(crate) web: Arc<Function>,
    pub(crate) responder: Arc<Function>,
    pub(crate) outbound: Arc<Function>,
    pub(crate) inbound_queue: Queue,
    pub(crate) outbound_queue: Queue,
    pub(crate) sqs: aws_sdk_sqs::Client,
    plan: Plan,
    dynamo: aws_sdk_dynamodb::Client,
    table: String,
    open: DynamoSockets,
    visitors: Mutex<Vec<Visitor>>,
    /// Faults that are neither at fault points nor in calls, such as copies.
    others: AtomicU64,
    folder: PathBuf,
    started: Instant,
    reported: bool,
}

/// A visitor with a session and an open socket.
#[derive(Debug, Clone)]
pub(crate) struct Visitor {
    pub(crate) identity: Identity,
    token: String,
}

impl Visitor {
    pub(crate) fn group(&self) -> String {
        self.identity.group().as_str().to_owned()
    }

    /// The event that a message under this client id becomes.
    pub(crate) fn event(&self, client: Uuid) -> DedupId {
        self.identity.dedup("message", &client.to_string())
    }

    /// The message's id.
    pub(crate) fn message(&self, client: Uuid) -> String {
        message_id(&self.event(client), 0).as_str().to_owned()
    }
}

/// Whether the whole campaign is asked for, not its bounded form.
#[expect(clippy::disallowed_methods, reason = "a test's own switch")]
pub(crate) fn is_full() -> bool {
    std::env::var("FRONTDESK_FULL").is_ok()
}

/// The figure for the bounded form, or the one for the whole campaign.
pub(crate) fn sized(bounded: usize, full: usize) -> usize {
    if is_full() { full } else { bounded }
}

impl Pipeline {
    /// Builds it in the running emulator; `None`, with a line that says so, without one.
    pub(crate) async fn build(plan: Plan) -> Option<Self> {
        let stack = Stack::running()?;
        let name = format!("faults-{:02}-{}", plan.number, Uuid::new_v4().simple());
        let folder = folder(plan.number);
        let sdk = stack.sdk(None).await;
        let (sqs, dynamo) = (aws_sdk_sqs::Client::new(&sdk), aws_sdk_dynamodb::Client::new(&sdk));
        let table = table_like(&dynamo, stack.text("/table"), &name).await;
        let inbound_queue = queue_like(&sqs, &stack, "inbound", &name, plan.max_receives).await;
        let outbound_queue = queue_like(&sqs, &stack, "outbound-web", &name, plan.max_receives).await;
        let history = History::default();
        let proxy = Proxy::before(stack.text("/aws_endpoint")).await;
        let points = FaultPoints::listen(history.clone()).await;
        let sockets = SocketApi::start(history.clone());

        let deployed = configurations(&stack, &["WebApi", "Responder", "OutboundWeb"]);
        let function = |at: usize, name: &str, binary: &str, own: &[(&str, &str)]| {
            let deployed = &deployed[at];
            let variables = deployed["Environment"]["Variables"].as_object().unwrap();
            let mut environment: BTreeMap<String, String> =
                variables.iter().map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned())).collect();
            let package = format!("{}/../target/lambda/{binary}", env!("CARGO_MANIFEST_DIR"));
            let shared = [
                ("AWS_ENDPOINT_URL", proxy.url.as_str()),
                ("AWS_REGION", stack.text("/region")),
                ("AWS_ACCESS_KEY_ID", "test"),
                ("AWS_SECRET_ACCESS_KEY", "test"),
                ("AWS_LAMBDA_FUNCTION_NAME", name),
                ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512"),
                ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
                ("LAMBDA_TASK_ROOT", package.as_str()),
                ("FRONTDESK_FAULTS", points.address.as_str()),
                ("TABLE", table.as_str()),
            ];
            environment.extend(shared.iter().chain(own).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
            if let (Some(receives), true) = (plan.max_receives, environment.contains_key("MAX_RECEIVES")) {
                environment.insert("MAX_RECEIVES".to_owned(), receives.to_string());
            }
            let settings = Settings {
                name: name.to_owned(),
                binary: binary_of(binary),
                environment,
                timeout: Duration::from_secs(deployed["Timeout"].as_u64().unwrap()),
                at_a_time: plan.at_a_time,
                log: folder.join(format!("{name}.log")),
            };
            Arc::new(Function::new(settings, history.clone()))
        };
        let web = [("INBOUND_QUEUE_URL", inbound_queue.url.as_str()), ("ALLOWED_ORIGINS", SHOP)];
        let web = function(0, "web-api", "web", &web);
        let responder = [
            ("QUEUE_URL", inbound_queue.url.as_str()),
            ("DLQ_URL", &inbound_queue.dead),
            ("OUTBOUND_WEB_QUEUE_URL", &outbound_queue.url),
        ];
        let responder = function(1, "responder", "responder", &responder);
        let outbound = [
            ("QUEUE_URL", outbound_queue.url.as_str()),
            ("DLQ_URL", &outbound_queue.dead),
            ("SOCKET_ENDPOINT", &sockets.url),
        ];
        let outbound = function(2, "outbound-web", "outbound", &outbound);
        let open = DynamoSockets::new(&Aws::with_config(sdk), &table);
        Some(Self {
            stack,
            history,
            proxy,
            points,
            sockets,
            web,
            responder,
            outbound,
            inbound_queue,
            outbound_queue,
            sqs,
            plan,
            dynamo,
            table,
            open,
            visitors: Mutex::default(),
            others: AtomicU64::default(),
            folder,
            started: Instant::now(),
            reported: false,
        })
    }

    /// Both queues' mappings.
    pub(crate) fn run(&self, habits: Habits) -> [Mapping; 2] {
        [self.run_responder(habits), self.run_outbound(habits)]
    }

    pub(crate) fn run_responder(&self, habits: Habits) -> Mapping {
        Mapping::start(self.sqs.clone(), &self.inbound_queue.url, Arc::clone(&self.responder), habits)
    }

    pub(crate) fn run_outbound(&self, habits: Habits) -> Mapping {
        let habits = Habits { seed: habits.seed.wrapping_add(1), ..habits };
        Mapping::start(self.sqs.clone(), &self.outbound_queue.url, Arc::clone(&self.outbound), habits)
    }

    /// A visitor with a new session.
    pub(crate) async fn visitor(&self) -> Visitor {
        let (status, session) = self.http("POST", "/v1/sessions", None, Some(&json!({}))).await;
        assert_eq!(status, 201, "{session}");
        let id: VisitorId = serde_json::from_value(session["visitor_id"].clone()).unwrap();
        let identity = channels::web::session::identity(&id);
        let visitor = Visitor { identity, token: session["token"].as_str().unwrap().to_owned() };
        let socket = Uuid::new_v4().simple().to_string();
        self.open.opened(&visitor.identity.group(), &socket, SystemClock.now().plus_seconds(7200)).await.unwrap();
        self.sockets.opened(&socket, &visitor.group());
        self.visitors.lock().unwrap().push(visitor.clone());
        visitor
    }

    pub(crate) async fn visitors(&self, count: usize) -> Vec<Visitor> {
        futures::future::join_all((0..count).map(|_| self.visitor())).await
    }

    /// Posts a message once; the answer's status, 0 if there was none.
    pub(crate) async fn post(&self, visitor: &Visitor, client: Uuid) -> u16 {
        let (conversation, message) = (visitor.group(), visitor.message(client));
        self.history.note(Event::Posted { conversation: conversation.clone(), message: message.clone() });
        let question = QUESTIONS[usize::from(client.as_bytes()[0]) % QUESTIONS.len()];
        let body = json!({ "client_id": client.to_string(), "content": { "type": "text", "text": question } });
        let (status, answer) = self.http("POST", "/v1/messages", Some(&visitor.token), Some(&body)).await;
        if status == 202 {
            assert_eq!(answer["id"], message.as_str());
            self.history.note(Event::Acknowledged { conversation, message });
        } else {
            self.history.note(Event::Refused { conversation, message, status });
        }
        status
    }

    /// Posts a message until it is acknowledged, as a client does.
    pub(crate) async fn say(&self, visitor: &Visitor) -> Uuid {
        let client = Uuid::new_v4();
        until("an acknowledgement", patience(), async || (self.post(visitor, client).await == 202).then_some(())).await;
        client
    }

    /// Every visitor writes so many messages, one after the other.
    pub(crate) async fn chat(&self, visitors: &[Visitor], messages: usize) {
        let chats = visitors.iter().map(async |visitor| {
            for _ in 0..messages {
                self.say(visitor).await;
            }
        });
        futures::future::join_all(chats).await;
    }

    /// Waits until both queues are empty and nothing is under way.
    pub(crate) async fn settle(&self, mappings: &[Mapping]) {
        until("empty queues", patience(), async || {
            // In this order: whatever has left the inbound queue is on the outbound queue by then.
            let quiet = mappings.iter().all(|mapping| mapping.under_way() == 0);
            (quiet && self.queued().await == 0).then_some(())
        })
        .await;
    }

    /// Waits until the inbound queue is empty and nothing of it is under way.
    pub(crate) async fn settle_inbound(&self, responder: &Mapping) {
        until("an empty inbound queue", patience(), async || {
            let quiet = responder.under_way() == 0;
            (quiet && self.depth(&self.inbound_queue.url).await == 0).then_some(())
        })
        .await;
    }

    async fn queued(&self) -> usize {
        self.depth(&self.inbound_queue.url).await + self.depth(&self.outbound_queue.url).await
    }

    /// Records on a queue, hidden ones included.
    pub(crate) async fn depth(&self, url: &str) -> usize {
        let attributes = attributes(&self.sqs, url).await;
        let counts = [
            QueueAttributeName::ApproximateNumberOfMessages,
            QueueAttributeName::ApproximateNumberOfMessagesNotVisible,
            QueueAttributeName::ApproximateNumberOfMessagesDelayed,
        ];
        counts.iter().map(|name| attributes[name].parse::<usize>().unwrap()).sum()
    }

    /// What a visitor finds.
    pub(crate) async fn mailbox(&self, visitor: &Visitor) -> Vec<Mail> {
        let mut mailbox: Vec<Mail> = vec![];
        loop {
            let after = mailbox.last().map_or(0, |mail| mail.seq);
            let path = format!("/v1/messages?after={after}");
            let (status, page) = self.http("GET", &path, Some(&visitor.token), None).await;
            assert_eq!(status, 200, "{page}");
            let page = page["messages"].as_array().unwrap();
            if page.is_empty() {
                return mailbox;
            }
            mailbox.extend(page.iter().map(|message| Mail {
                message: message["id"].as_str().unwrap().to_owned(),
                seq: message["seq"].as_u64().unwrap(),
                own: message["author"] == "customer",
            }));
        }
    }

    /// What the table and the mailbox hold of a visitor's conversation.
    pub(crate) async fn conversation(&self, visitor: &Visitor) -> Conversation {
        let mut left = Conversation { mailbox: self.mailbox(visitor).await, ..Conversation::default() };
        let mut pages = self
            .dynamo
            .query()
            .table_name(&self.table)
            .key_condition_expression("#pk = :pk")
            .expression_attribute_names("#pk", keys::PK)
            .expression_attribute_values(":pk", AttributeValue::S(visitor.group()))
            .consistent_read(true)
            .into_paginator()
            .items()
            .send();
        while let Some(item) = pages.next().await {
            let item = item.unwrap();
            let text = |name: &str| match item.get(name) {
                Some(AttributeValue::S(text) | AttributeValue::N(text)) => text.clone(),
                other => panic!("{name}: {other:?}"),
            };
            let sort = text(keys::SK);
            if sort == keys::HEAD {
                let head: Value = serde_json::from_str(&text("body")).unwrap();
                (left.version, left.seq) = (text("ver").parse().unwrap(), head["seq"].as_u64().unwrap());
            } else if sort.starts_with("T#") {
                left.turns += 1;
            } else if sort.starts_with("D#") && text("state") == "claimed" {
                left.unsettled += 1;
            }
        }
        left
    }

    /// What lies on a dead-letter queue; it stays there, and visible.
    pub(crate) async fn dead(&self, url: &str) -> Vec<Dead> {
        let mut seen = vec![];
        loop {
            let receive = self.sqs.receive_message().queue_url(url).max_number_of_messages(10).visibility_timeout(60);
            let receive = receive.message_system_attribute_names(MessageSystemAttributeName::All);
            let received = receive.message_attribute_names("All").send().await.unwrap().messages.unwrap_or_default();
            if received.is_empty() {
                break;
            }
            seen.extend(received);
        }
        for message in &seen {
            let show = self.sqs.change_message_visibility().queue_url(url).visibility_timeout(0);
            show.receipt_handle(message.receipt_handle().unwrap()).send().await.unwrap();
        }
        seen.iter().map(Dead::read).collect()
    }

    /// What is left of everything.
    pub(crate) async fn end(&self) -> End {
        let mut end = End { queued: self.queued().await, ..End::default() };
        let visitors = self.visitors.lock().unwrap().clone();
        for visitor in visitors {
            end.conversations.insert(visitor.group(), self.conversation(&visitor).await);
        }
        for record in self.dead(&self.inbound_queue.dead).await {
            let body: Value = serde_json::from_str(&record.body).unwrap_or_default();
            // What is no event of ours is nobody's message.
            if let Ok(event) = serde_json::from_value::<DedupId>(body["body"]["id"].clone()) {
                end.dead.push(message_id(&event, 0).as_str().to_owned());
            }
        }
        end
    }

    /// Faults that were injected so far: at fault points and into calls.
    pub(crate) fn faults(&self) -> u64 {
        let at_points = self.history.count(|event| matches!(event, Event::Reached { act, .. } if act != "Go"));
        (at_points + self.proxy.mishaps().len()) as u64 + self.others.load(Ordering::Relaxed)
    }

    /// Counts faults that the test itself made, such as copies.
    pub(crate) fn made(&self, faults: usize) {
        self.others.fetch_add(faults as u64, Ordering::Relaxed);
    }

    /// How often a record was handed to a function.
    pub(crate) fn handed_out(&self, function: &str, record: &str) -> usize {
        let is = |event: &Event| {
            matches!(event, Event::Invoked { function: of, records, .. }
                if of == function && records.iter().any(|dedup| dedup == record))
        };
        self.history.count(is)
    }

    /// The records that the door has queued since the proxy's calls were last taken, as a responder is handed them.
    pub(crate) fn accepted(&self) -> Vec<Value> {
        let calls = self.proxy.take().into_iter().filter(|call| call.operation == "AmazonSQS.SendMessageBatch");
        let entries = calls.flat_map(|call| call.body["Entries"].as_array().unwrap().clone());
        let text = |entry: &Value, name: &str| entry[name].as_str().unwrap().to_owned();
        entries
            .map(|entry| {
                let [body, group, dedup] = ["MessageBody", "MessageGroupId", "MessageDeduplicationId"];
                made_up(&text(&entry, body), &text(&entry, group), &text(&entry, dedup))
            })
            .collect()
    }

    /// Hands a function a batch of the test's own, and gives back which records of it failed.
    pub(crate) async fn hand(&self, function: &Function, records: &[Value]) -> Vec<String> {
        let dedups = records.iter().map(|record| dedup_of(record).to_owned()).collect();
        let answer = function.invoke(&json!({ "Records": records }), dedups).await.answer();
        let failed = answer["batchItemFailures"].as_array().unwrap().iter();
        failed.map(|failure| failure["itemIdentifier"].as_str().unwrap().to_owned()).collect()
    }

    /// What the deployed queues and functions are given.
    pub(crate) async fn times(&self) -> Vec<Times> {
        let pairs = [("inbound", "Responder"), ("outbound-web", "OutboundWeb")];
        let deployed = configurations(&self.stack, &pairs.map(|(_, function)| function));
        let mut times = vec![];
        for ((queue, _), function) in pairs.iter().zip(deployed) {
            let queue = attributes(&self.sqs, self.stack.text(&format!("/queues/{queue}"))).await;
            let policy: Value = serde_json::from_str(&queue[&QueueAttributeName::RedrivePolicy]).unwrap();
            let variable =
                |name: &str| -> u64 { function["Environment"]["Variables"][name].as_str().unwrap().parse().unwrap() };
            assert_eq!(policy["maxReceiveCount"].to_string().trim_matches('"'), variable("MAX_RECEIVES").to_string());
            times.push(Times {
                visibility: Duration::from_secs(queue[&QueueAttributeName::VisibilityTimeout].parse().unwrap()),
                timeout: Duration::from_secs(function["Timeout"].as_u64().unwrap()),
                call: Duration::from_millis(variable("CALL_TIMEOUT_MS")),
                receives: variable("MAX_RECEIVES"),
            });
        }
        times
    }

    /// Makes a CloudFormation stack of the test's inbound queues, as `cargo local redrive` looks for them; its name.
    pub(crate) fn as_a_stack(&self) -> String {
        let output = |url: &str| json!({ "Value": url });
        let template = json!({
            "Resources": { "Topic": { "Type": "AWS::SNS::Topic" } },
            "Outputs": {
                "InboundQueueUrl": output(&self.inbound_queue.url),
                "InboundDlqUrl": output(&self.inbound_queue.dead),
            },
        });
        let arguments = json!({ "StackName": self.table, "TemplateBody": template.to_string() });
        self.stack.aws(&json!([
            { "service": "cloudformation", "operation": "create_stack", "arguments": arguments },
        ]));
        self.table.clone()
    }

    /// Judges what happened, reports it, and forgets table and queues. `mappings`: what still polls; `runs`: messages
    /// or tries.
    pub(crate) async fn judge<M>(mut self, mappings: M, promise: Promise, runs: usize) {
        drop(mappings);
        let end = self.end().await;
        let mut found = violations(&self.history.events(), &end, promise);
        let silent = self.dead(&self.outbound_queue.dead).await.len();
        if silent > 0 {
            found.push(format!("{silent} deliveries are dead"));
        }
        self.report(runs, found.len());
        assert!(found.is_empty(), "{found:#?}\nsee {}", self.folder.display());
        self.forget().await;
    }

    fn report(&mut self, runs: usize, violations: usize) {
        self.reported = true;
        self.history.save(&self.folder.join("history.log"));
        let Plan { number, statement, .. } = self.plan;
        let row = Row {
            number,
            statement,
            place: "binaries",
            runs: runs as u64,
            faults: self.faults(),
            violations: violations as u64,
            seconds: self.started.elapsed().as_secs(),
        };
        row.report();
        println!("{row:?}");
    }

    async fn forget(&self) {
        for queue in [&self.inbound_queue, &self.outbound_queue] {
            for url in [&queue.url, &queue.dead] {
                self.sqs.delete_queue().queue_url(url).send().await.unwrap();
            }
        }
        self.dynamo.delete_table().table_name(&self.table).send().await.unwrap();
    }

    /// One HTTP request through the web function: status and body; status 0 when there was no answer.
    async fn http(&self, method: &str, target: &str, token: Option<&str>, body: Option<&Value>) -> (u16, Value) {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../events/web/open-session.json");
        let mut event: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
        event["rawPath"] = json!(path);
        event["rawQueryString"] = json!(query);
        event["requestContext"]["http"]["method"] = json!(method);
        event["requestContext"]["http"]["path"] = json!(path);
        event["body"] = body.map_or(Value::Null, |body| json!(body.to_string()));
        if let Some(token) = token {
            event["headers"]["authorization"] = json!(format!("Bearer {token}"));
        }
        match self.web.invoke(&event, vec![format!("{method} {path}")]).await {
            Outcome::Answered(answer) => {
                let body = answer["body"].as_str().unwrap_or_default();
                let status = answer["statusCode"].as_u64().and_then(|status| u16::try_from(status).ok());
                (status.unwrap_or_default(), serde_json::from_str(body).unwrap_or_default())
            }
            Outcome::Failed(_) | Outcome::Died | Outcome::TimedOut => (0, Value::Null),
        }
    }
}

impl Drop for Pipeline {
    fn drop(&mut self) {
        // A test that failed on its way found a violation too.
        if !self.reported && std::thread::panicking() {
            self.report(0, 1);
        }
    }
}

/// A record on a dead-letter queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Dead {
    pub(crate) group: String,
    pub(crate) dedup: String,
    pub(crate) body: String,
    pub(crate) reason: String,
}

impl Dead {
    fn read(message: &Message) -> Self {
        let attribute = |name| message.attributes().unwrap().get(&name).cloned().unwrap_or_default();
        let reason = message.message_attributes().and_then(|all| all.get("reason")?.string_value());
        Self {
            group: attribute(MessageSystemAttributeName::MessageGroupId),
            dedup: attribute(MessageSystemAttributeName::MessageDeduplicationId),
            body: message.body().unwrap_or_default().to_owned(),
            reason: reason.unwrap_or_default().to_owned(),
        }
    }
}

/// Where the history of the latest campaign about an invariant lies, and what its processes logged.
fn folder(number: u32) -> PathBuf {
    let folder =
        PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../target/tmp/faults")).join(format!("{number:02}"));
    if folder.exists() {
        std::fs::remove_dir_all(&folder).unwrap();
    }
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// A record's deduplication id.
pub(crate) fn dedup_of(record: &Value) -> &str {
    record["attributes"]["MessageDeduplicationId"].as_str().unwrap()
}

/// What a deployed queue and its function are given.
#[derive(Debug)]
pub(crate) struct Times {
    /// For which a record is hidden.
    pub(crate) visibility: Duration,
    /// For which an invocation may run.
    pub(crate) timeout: Duration,
    /// For which one outgoing call may take.
    pub(crate) call: Duration,
    /// Receives after which a record is given up.
    pub(crate) receives: u64,
}

/// How functions of the stack are configured.
fn configurations(stack: &Stack, functions: &[&str]) -> Vec<Value> {
    let calls: Vec<Value> = functions
        .iter()
        .map(|id| {
            let name = stack.text(&format!("/functions/{id}"));
            json!({ "service": "lambda", "operation": "get_function_configuration", "arguments": { "FunctionName": name } })
        })
        .collect();
    stack.aws(&json!(calls))
}

async fn attributes(sqs: &aws_sdk_sqs::Client, url: &str) -> HashMap<QueueAttributeName, String> {
    let read = sqs.get_queue_attributes().queue_url(url).attribute_names(QueueAttributeName::All);
    read.send().await.unwrap().attributes.unwrap()
}

/// The binary that was built beside this test.
fn binary_of(name: &str) -> PathBuf {
    let own = std::env::current_exe().unwrap();
    own.ancestors().nth(2).unwrap().join(name)
}

/// A table with the keys of the deployed one.
async fn table_like(dynamo: &aws_sdk_dynamodb::Client, deployed: &str, name: &str) -> String {
    let described = dynamo.describe_table().table_name(deployed).send().await.unwrap().table.unwrap();
    let create = dynamo.create_table().table_name(name).billing_mode(BillingMode::PayPerRequest);
    let create = create.set_key_schema(described.key_schema).set_attribute_definitions(described.attribute_definitions);
    create.send().await.unwrap();
    name.to_owned()
}

/// A queue and its dead-letter queue with the attributes of the deployed ones.
async fn queue_like(
    sqs: &aws_sdk_sqs::Client,
    stack: &Stack,
    queue: &str,
    name: &str,
    max_receives: Option<u32>,
) -> Queue {
    let dead = create_like(sqs, stack, &format!("{queue}_dlq"), &format!("{name}-{queue}-dlq.fifo"), None).await;
    let arn = attributes(sqs, &dead).await[&QueueAttributeName::QueueArn].clone();
    let redrive = Some((arn.as_str(), max_receives));
    let url = create_like(sqs, stack, queue, &format!("{name}-{queue}.fifo"), redrive).await;
    Queue { url, dead }
}

async fn create_like(
    sqs: &aws_sdk_sqs::Client,
    stack: &Stack,
    queue: &str,
    name: &str,
    redrive: Option<(&str, Option<u32>)>,
) -> String {
    let deployed = attributes(sqs, stack.text(&format!("/queues/{queue}"))).await;
    let mut create = sqs.create_queue().queue_name(name);
    for kept in [
        QueueAttributeName::FifoQueue,
        QueueAttributeName::ContentBasedDeduplication,
        QueueAttributeName::DeduplicationScope,
        QueueAttributeName::FifoThroughputLimit,
        QueueAttributeName::VisibilityTimeout,
        QueueAttributeName::MessageRetentionPeriod,
    ] {
        if let Some(value) = deployed.get(&kept) {
            create = create.attributes(kept, value);
        }
    }
    if let Some((arn, receives)) = redrive {
        let policy: Value = serde_json::from_str(&deployed[&QueueAttributeName::RedrivePolicy]).unwrap();
        let receives = receives.map_or(policy["maxReceiveCount"].clone(), |receives| json!(receives));
        let policy = json!({ "deadLetterTargetArn": arn, "maxReceiveCount": receives });
        create = create.attributes(QueueAttributeName::RedrivePolicy, policy.to_string());
    }
    create.send().await.unwrap().queue_url.unwrap()
}

//! A pipeline of its own for one test: table and queues like the deployed ones, the functions' binaries as processes,
//! and between all of them whoever makes mishaps.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use aws::{Aws, DynamoSockets};
use aws_sdk_sqs::types::QueueAttributeName;
use tests::fault_points::FaultPoints;
use tests::history::{Event, History};
use tests::lambda::{Function, Settings};
use tests::mapping::{Habits, Mapping};
use tests::proxy::Proxy;
use tests::sockets::SocketApi;
use tests::verdict::{Promise, violations};
use tests::{Row, Stack, until};
use uuid::Uuid;

use crate::deployed::{attributes, binary_of, configurations, queue_like, table_like};
use crate::visitors::Visitor;

/// How long it may take to answer everything.
pub(crate) fn patience() -> Duration {
    Duration::from_mins(if is_full() { 30 } else { 4 })
}

/// A page that may embed the chat.
const SHOP: &str = "https://shop.example.com";

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
    /// Whether functions keep the times of the deployed stack. Else they have those of the template's row `standard`,
    /// so that a busy machine is not taken for an outage.
    pub(crate) deployed_times: bool,
}

impl Plan {
    pub(crate) fn of(number: u32, statement: &'static str) -> Self {
        Self { number, statement, max_receives: None, at_a_time: 4, deployed_times: false }
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
    pub(crate) dynamo: aws_sdk_dynamodb::Client,
    pub(crate) table: String,
    pub(crate) open: DynamoSockets,
    pub(crate) known: Mutex<Vec<Visitor>>,
    /// Faults that are neither at fault points nor in calls, such as copies.
    others: AtomicU64,
    folder: PathBuf,
    started: Instant,
    reported: bool,
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
            let mut timeout = Duration::from_secs(deployed["Timeout"].as_u64().unwrap());
            if let (Some(call), false) = (environment.get_mut("CALL_TIMEOUT_MS"), plan.deployed_times) {
                (*call, timeout) = ("3000".to_owned(), Duration::from_secs(30));
            }
            let settings = Settings {
                name: name.to_owned(),
                binary: binary_of(binary),
                environment,
                timeout,
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
            known: Mutex::default(),
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

    pub(crate) async fn queued(&self) -> usize {
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

    /// Faults that were injected so far: at fault points and into calls.
    pub(crate) fn faults(&self) -> u64 {
        let at_points = self.history.count(|event| matches!(event, Event::Reached { act, .. } if act != "Go"));
        (at_points + self.proxy.mishaps().len()) as u64 + self.others.load(Ordering::Relaxed)
    }

    /// Counts faults that the test itself made, such as copies.
    pub(crate) fn made(&self, faults: usize) {
        self.others.fetch_add(faults as u64, Ordering::Relaxed);
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
}

impl Drop for Pipeline {
    fn drop(&mut self) {
        // A test that failed on its way found a violation too.
        if !self.reported && std::thread::panicking() {
            self.report(0, 1);
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

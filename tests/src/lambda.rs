//! Lambda as tests play it: a function's own binary in as many processes as there are invocations at a time, each with
//! its Runtime API. A process that dies or is too slow fails its invocation and is replaced.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use http_body_util::Full;
use hyper::Response;
use hyper::body::Bytes;
use serde_json::{Value, json};
use tokio::sync::{Mutex as AsyncMutex, Semaphore, mpsc};
use uuid::Uuid;

use crate::Stack;
use crate::history::{Event, History};
use crate::processes::resident;
use crate::server::{Answered, Asked, Server, reply, serve};

/// How often a process is asked whether it lives.
const LOOK: Duration = Duration::from_millis(10);

/// What a function is made of.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Its name.
    pub name: String,
    /// Its binary.
    pub binary: PathBuf,
    /// Its environment, all of it.
    pub environment: BTreeMap<String, String>,
    /// How long an invocation may take.
    pub timeout: Duration,
    /// Invocations at a time.
    pub at_a_time: usize,
    /// Where its processes' output goes.
    pub log: PathBuf,
}

impl Settings {
    /// A deployed function's, of a name after the stack's and a binary below `target/lambda`, for one process: its
    /// environment, with what Lambda adds to it, and what is said here instead.
    pub fn deployed(stack: &Stack, name: &str, binary: &str, instead: &[(&str, &str)]) -> Self {
        let name = format!("{}-{name}", stack.text("/stack"));
        let arguments = json!({ "FunctionName": name });
        let call = json!({ "service": "lambda", "operation": "get_function_configuration", "arguments": arguments });
        let deployed = stack.aws(&json!([call])).remove(0);
        let variables = deployed.pointer("/Environment/Variables").and_then(Value::as_object).unwrap();
        let mut environment: BTreeMap<String, String> =
            variables.iter().map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned())).collect();
        let package = format!("{}/../target/lambda/{binary}", env!("CARGO_MANIFEST_DIR"));
        let added = [
            ("AWS_ENDPOINT_URL", stack.text("/aws_endpoint")),
            ("AWS_REGION", stack.text("/region")),
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "test"),
            ("AWS_LAMBDA_FUNCTION_NAME", &name),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512"),
            ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
            ("LAMBDA_TASK_ROOT", &package),
        ];
        environment.extend(added.iter().chain(instead).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        Self {
            binary: format!("{package}/bootstrap").into(),
            environment,
            // Longer than the deployed one's, for a machine that is busy.
            timeout: Duration::from_mins(2),
            at_a_time: 1,
            log: format!("{}/../target/tmp/{name}.log", env!("CARGO_MANIFEST_DIR")).into(),
            name,
        }
    }
}

/// How an invocation ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// With an answer.
    Answered(Value),
    /// The function reported an error.
    Failed(Value),
    /// Its process died.
    Died,
    /// It took too long, and its process was killed.
    TimedOut,
}

impl Outcome {
    /// Its name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Answered(_) => "answered",
            Self::Failed(_) => "failed",
            Self::Died => "died",
            Self::TimedOut => "timed out",
        }
    }

    /// The answer; fails without one.
    pub fn answer(self) -> Value {
        match self {
            Self::Answered(answer) => answer,
            Self::Failed(_) | Self::Died | Self::TimedOut => panic!("no answer: {self:?}"),
        }
    }
}

/// A function that can be invoked.
#[derive(Debug)]
pub struct Function {
    settings: Settings,
    history: History,
    idle: Mutex<Vec<Sandbox>>,
    places: Semaphore,
    doom: Mutex<Option<Doom>>,
}

/// Draws which invocations are to be killed on their way, and when: after how many fault points.
struct Doom {
    rng: fastrand::Rng,
    per_mille: u32,
    doomed: Arc<Mutex<BTreeMap<u32, u32>>>,
}

impl std::fmt::Debug for Doom {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Doom({} ‰)", self.per_mille)
    }
}

impl Function {
    /// A function whose processes start with its invocations.
    pub fn new(settings: Settings, history: History) -> Self {
        let places = Semaphore::new(settings.at_a_time);
        Self { settings, history, idle: Mutex::default(), places, doom: Mutex::default() }
    }

    /// From now on so many of a thousand invocations are noted in `doomed`: process id, and at which of its next fault
    /// points it is to be killed.
    pub fn doom(&self, per_mille: u32, seed: u64, doomed: Arc<Mutex<BTreeMap<u32, u32>>>) {
        *self.doom.lock().unwrap() = Some(Doom { rng: fastrand::Rng::with_seed(seed), per_mille, doomed });
    }

    /// What its idle processes have spent on a processor so far, all their threads together.
    pub fn cpu(&self) -> Duration {
        self.idle.lock().unwrap().iter().map(Sandbox::cpu).sum()
    }

    /// The most memory that one of its idle processes holds, in bytes; `None`: none is running.
    pub fn resident(&self) -> Option<u64> {
        self.idle.lock().unwrap().iter().filter_map(|sandbox| resident(sandbox.child.id())).max()
    }

    /// From now on no invocation is doomed.
    pub fn spare(&self) {
        *self.doom.lock().unwrap() = None;
    }

    /// Invokes it; waits for its turn when as many as may are under way. `about` is what the history says of it.
    pub async fn invoke(&self, event: &Value, about: Vec<String>) -> Outcome {
        let _place = self.places.acquire().await.unwrap();
        let warm = self.idle.lock().unwrap().pop();
        let mut sandbox = warm.unwrap_or_else(|| Sandbox::start(&self.settings));
        let request = Uuid::new_v4().to_string();
        self.history.note(Event::Invoked {
            function: self.settings.name.clone(),
            request: request.clone(),
            records: about,
        });
        if let Some(doom) = self.doom.lock().unwrap().as_mut()
            && doom.rng.u32(0..1000) < doom.per_mille
        {
            let points = doom.rng.u32(1..=8);
            doom.doomed.lock().unwrap().insert(sandbox.child.id(), points);
        }
        let outcome = sandbox.invoke(&request, event, self.settings.timeout).await;
        self.history.note(Event::Ended { request, how: outcome.name().to_owned() });
        match &outcome {
            Outcome::Answered(_) | Outcome::Failed(_) => self.idle.lock().unwrap().push(sandbox),
            Outcome::Died if !sandbox.came_up.load(Ordering::Relaxed) => {
                let log = std::fs::read_to_string(&self.settings.log).unwrap_or_default();
                panic!("{} does not start: {log}", self.settings.name);
            }
            Outcome::Died | Outcome::TimedOut => {}
        }
        outcome
    }
}

/// One process and its Runtime API.
#[derive(Debug)]
struct Sandbox {
    child: Child,
    /// Whether it ever asked for an invocation.
    came_up: Arc<AtomicBool>,
    invocations: mpsc::UnboundedSender<Invocation>,
    outcomes: mpsc::UnboundedReceiver<Outcome>,
    _api: Server,
}

/// What a process is handed.
#[derive(Debug)]
struct Invocation {
    request: String,
    event: String,
    deadline: u128,
}

impl Sandbox {
    fn start(settings: &Settings) -> Self {
        let (invocations, waiting) = mpsc::unbounded_channel();
        let (ended, outcomes) = mpsc::unbounded_channel();
        let came_up = Arc::new(AtomicBool::new(false));
        let (waiting, up) = (Arc::new(AsyncMutex::new(waiting)), Arc::clone(&came_up));
        let api = serve(move |request| runtime_api(request, Arc::clone(&waiting), ended.clone(), Arc::clone(&up)));
        let log = File::options().create(true).append(true).open(&settings.log).unwrap();
        let child = Command::new(&settings.binary)
            .env_clear()
            .envs(&settings.environment)
            .env("AWS_LAMBDA_RUNTIME_API", &api.address)
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}", settings.binary.display()));
        Self { child, came_up, invocations, outcomes, _api: api }
    }

    fn cpu(&self) -> Duration {
        let threads = std::fs::read_dir(format!("/proc/{}/task", self.child.id())).unwrap();
        let spent = threads.map(|thread| {
            let times = std::fs::read_to_string(thread.unwrap().path().join("schedstat")).unwrap();
            times.split(' ').next().unwrap().parse::<u64>().unwrap()
        });
        Duration::from_nanos(spent.sum())
    }

    async fn invoke(&mut self, request: &str, event: &Value, timeout: Duration) -> Outcome {
        let started = Instant::now();
        let deadline = since_epoch(timeout);
        let invocation = Invocation { request: request.to_owned(), event: event.to_string(), deadline };
        self.invocations.send(invocation).unwrap();
        loop {
            tokio::select! {
                biased;
                outcome = self.outcomes.recv() => return outcome.unwrap(),
                () = tokio::time::sleep(LOOK) => {}
            }
            if self.child.try_wait().unwrap().is_some() {
                // It may have answered with its last breath.
                return self.outcomes.try_recv().unwrap_or(Outcome::Died);
            }
            if started.elapsed() > timeout {
                return Outcome::TimedOut;
            }
        }
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        // It may be dead already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

#[expect(clippy::disallowed_methods, reason = "Lambda's deadlines are times of this machine")]
fn since_epoch(ahead: Duration) -> u128 {
    (SystemTime::now() + ahead).duration_since(UNIX_EPOCH).unwrap().as_millis()
}

async fn runtime_api(
    request: Asked,
    waiting: Arc<AsyncMutex<mpsc::UnboundedReceiver<Invocation>>>,
    ended: mpsc::UnboundedSender<Outcome>,
    came_up: Arc<AtomicBool>,
) -> Answered {
    let path = request.uri().path().to_owned();
    let body = || serde_json::from_slice(request.body()).unwrap_or(Value::Null);
    if path.ends_with("/invocation/next") {
        came_up.store(true, Ordering::Relaxed);
        let next = waiting.lock().await.recv().await;
        let Some(next) = next else { return Err(std::io::ErrorKind::ConnectionAborted.into()) };
        return Response::builder()
            .header("lambda-runtime-aws-request-id", next.request)
            .header("lambda-runtime-deadline-ms", next.deadline.to_string())
            .header("lambda-runtime-invoked-function-arn", "arn:aws:lambda:us-east-1:000000000000:function:tested")
            .header("content-type", "application/json")
            .body(Full::new(Bytes::from(next.event)))
            .map_err(std::io::Error::other);
    }
    let outcome = if path.ends_with("/response") {
        Outcome::Answered(body())
    } else if path.ends_with("/error") {
        Outcome::Failed(body())
    } else {
        return reply(404, "");
    };
    // Nobody waits for the answer of an invocation that took too long.
    drop(ended.send(outcome));
    reply(202, "{}")
}

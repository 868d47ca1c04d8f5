//! The running stack, as `cargo local` describes it.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use serde_json::Value;

/// A running local stack.
#[derive(Debug, Clone)]
pub struct Stack {
    file: PathBuf,
    description: Value,
}

impl Stack {
    /// The stack whose description `FRONTDESK_STACK_JSON` names; `None`, with a line that says so, if it names none.
    pub fn running() -> Option<Self> {
        #[expect(clippy::disallowed_methods, reason = "tests are told by `cargo local test` where the stack is")]
        let Ok(file) = std::env::var("FRONTDESK_STACK_JSON") else {
            eprintln!("skipped: needs a running stack; run `cargo local test e2e`");
            return None;
        };
        let file = PathBuf::from(file);
        let text = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        Some(Self { file, description: serde_json::from_str(&text).expect("a stack description") })
    }

    /// A text of the description, by JSON pointer.
    pub fn text(&self, pointer: &str) -> &str {
        let value = self.description.pointer(pointer).and_then(Value::as_str);
        value.unwrap_or_else(|| panic!("{} has no {pointer}", self.file.display()))
    }

    /// The names of an object of the description's fields, by JSON pointer; none, if there is no such object.
    pub fn keys(&self, pointer: &str) -> Vec<String> {
        let object = self.description.pointer(pointer).and_then(Value::as_object);
        object.map(|object| object.keys().cloned().collect()).unwrap_or_default()
    }

    /// The description's file.
    pub fn file(&self) -> &std::path::Path {
        &self.file
    }

    /// An address below the API's.
    pub fn api(&self, path: &str) -> String {
        format!("{}{path}", self.text("/api_url"))
    }

    /// The emulator's port.
    pub fn port(&self) -> u16 {
        self.text("/aws_endpoint").rsplit(':').next().unwrap().parse().unwrap()
    }

    /// Runs `cargo local` on this stack.
    pub fn local(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new("cargo");
        command.arg("local").args(arguments).args(["--port-base", &self.port().to_string()]);
        command.current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
        let output = command.output().expect("cargo local starts");
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "cargo local {arguments:?}: {out}{err}");
        output
    }

    /// Makes AWS calls as `cargo local` does, by boto3's names: a list of `{service, operation, arguments}`.
    pub fn aws(&self, calls: &Value) -> Vec<Value> {
        let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
        let mut python = Command::new(format!("{root}/target/local/venv/bin/python"));
        self.point(python.arg(format!("{root}/infra/local/aws.py")));
        let mut child = python.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("Python starts");
        child.stdin.take().unwrap().write_all(calls.to_string().as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        let answers: Vec<Value> = serde_json::from_slice(&output.stdout).expect("answers");
        assert!(answers.iter().all(|answer| answer.get("error").is_none()), "{answers:?}");
        answers
    }

    /// Points a program that calls AWS at the stack.
    pub fn point<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command
            .env("AWS_ENDPOINT_URL", self.text("/aws_endpoint"))
            .env("AWS_REGION", self.text("/region"))
            .env("AWS_DEFAULT_REGION", self.text("/region"))
            .env("AWS_ACCESS_KEY_ID", "test")
            .env("AWS_SECRET_ACCESS_KEY", "test")
    }

    /// The SDK's view of the stack, as the deployer: through its own endpoint, or through a proxy before it.
    pub async fn sdk(&self, endpoint: Option<&str>) -> SdkConfig {
        aws_config::defaults(BehaviorVersion::latest())
            .endpoint_url(endpoint.unwrap_or(self.text("/aws_endpoint")))
            .region(Region::new(self.text("/region").to_owned()))
            .credentials_provider(Credentials::new("test", "test", None, None, "the tests"))
            .load()
            .await
    }
}

/// Asks again and again until there is an answer, or fails once the time is over.
pub async fn until<T, F: AsyncFnMut() -> Option<T>>(what: &str, time: Duration, mut ask: F) -> T {
    let started = Instant::now();
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(started.elapsed() < time, "{what}: not within {time:?}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

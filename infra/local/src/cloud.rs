//! AWS calls, to the emulator or to AWS itself.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context as _, anyhow, bail};
use serde_json::{Value, json};

use crate::stack::{self, Stack};
use crate::tools::Tools;

/// A deployed stack: where it is and its name.
#[derive(Clone, Debug)]
pub struct Target {
    local: Option<Stack>,
    name: String,
}

/// One call.
#[derive(Clone, Debug)]
pub struct Call {
    service: &'static str,
    operation: &'static str,
    arguments: Value,
    at: f64,
}

impl Call {
    /// A call with the names that boto3 has for it.
    pub const fn new(service: &'static str, operation: &'static str, arguments: Value) -> Self {
        Self { service, operation, arguments, at: 0.0 }
    }

    /// Not made before so many seconds have passed since its list was begun.
    #[must_use]
    pub fn not_before(self, seconds: f64) -> Self {
        Self { at: seconds, ..self }
    }

    /// boto3's name of what is done.
    pub const fn operation(&self) -> &'static str {
        self.operation
    }

    /// What it is done with.
    pub const fn arguments(&self) -> &Value {
        &self.arguments
    }

    /// The second of its list before which it is not made.
    pub const fn at(&self) -> f64 {
        self.at
    }
}

/// A process that makes calls.
pub struct Session {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: BufReader<ChildStdout>,
}

impl Session {
    /// Makes calls, one after the other, and tells how far it came.
    ///
    /// # Errors
    /// The calls cannot be made at all.
    pub fn attempt(&mut self, calls: &[Call]) -> anyhow::Result<Attempt> {
        let plain = |call: &Call| {
            let Call { service, operation, arguments, at } = call;
            json!({"service": service, "operation": operation, "arguments": arguments, "at": at})
        };
        let list: Vec<Value> = calls.iter().map(plain).collect();
        // Through stdin: arguments of a process can be read by everyone on the machine.
        let sent = self.stdin.as_mut().map(|stdin| writeln!(stdin, "{}", Value::Array(list)));
        let mut line = String::new();
        let read = self.stdout.read_line(&mut line).context("cannot listen to Python")?;
        if read == 0 || !matches!(sent, Some(Ok(()))) {
            let mut said = String::new();
            if let Some(mut stderr) = self.child.stderr.take() {
                stderr.read_to_string(&mut said).context("cannot listen to Python")?;
            }
            bail!("AWS calls failed: {}", said.trim());
        }
        let mut answers: Vec<Value> = serde_json::from_str(&line).context("AWS calls gave no JSON")?;
        let refusal = answers.pop_if(|last| last.get("error").is_some()).map(|last| {
            let error = last.get("error").unwrap_or(&Value::Null);
            Refusal { code: text(error, "code"), message: text(error, "message") }
        });
        Ok(Attempt { answers, refusal })
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // It ends with its input.
        drop(self.stdin.take());
        drop(self.child.wait());
    }
}

/// What became of a list of calls.
#[derive(Debug)]
pub struct Attempt {
    /// The answers up to the first refusal.
    pub answers: Vec<Value>,
    /// What ended the list early; no call after it was made.
    pub refusal: Option<Refusal>,
}

/// AWS said no.
#[derive(Debug)]
pub struct Refusal {
    /// AWS's code, such as `ParameterNotFound`.
    pub code: String,
    /// AWS's words.
    pub message: String,
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Refusal {}

impl Target {
    /// The stack on this machine.
    pub fn local(stack: &Stack) -> Self {
        Self { local: Some(stack.clone()), name: stack::NAME.to_owned() }
    }

    /// A stack in AWS, reached with the user's credentials.
    pub fn aws(name: &str) -> Self {
        Self { local: None, name: name.to_owned() }
    }

    /// The name that it was deployed under.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How `cargo local` is told to work on this stack.
    pub fn flags(&self) -> String {
        match &self.local {
            None => format!(" --aws {}", self.name),
            Some(stack) if stack.port() == stack::DEFAULT_PORT => String::new(),
            Some(stack) => format!(" --port-base {}", stack.port()),
        }
    }

    /// The address of its sandbox, if it is a local stack.
    pub fn sandbox(&self) -> Option<String> {
        self.local.as_ref().map(Stack::sandbox_url)
    }

    /// Changes what `stack.json` tells others, if this is a local stack that has one.
    ///
    /// # Errors
    /// The file cannot be read or written.
    pub fn tell_others(&self, change: impl FnOnce(&mut Value)) -> anyhow::Result<()> {
        let Some(stack) = &self.local else { return Ok(()) };
        let Some(mut description) = stack.read()? else { return Ok(()) };
        change(&mut description);
        stack.write(&description)
    }

    /// Points a program that calls AWS at this stack's AWS.
    pub fn point<'a>(&self, tools: &Tools, command: &'a mut Command) -> &'a mut Command {
        command.env("SAM_CLI_TELEMETRY", "0").env("SAM_CLI_COLOR", "0");
        let Some(stack) = &self.local else { return command };
        // Nothing of the user's AWS settings may reach a program that works on the emulator, nor the other way round.
        command
            .env_clear()
            .env("PATH", tools.search_path())
            .env("HOME", stack.emulator_dir().join("home"))
            .env("LANG", "C.UTF-8")
            .env("SAM_CLI_TELEMETRY", "0")
            .env("AWS_ENDPOINT_URL", stack.endpoint())
            .env("AWS_REGION", stack::REGION)
            .env("AWS_DEFAULT_REGION", stack::REGION)
            .env("AWS_ACCESS_KEY_ID", "test")
            .env("AWS_SECRET_ACCESS_KEY", "test")
    }

    /// Makes calls, one after the other.
    ///
    /// # Errors
    /// The first [`Refusal`], or the calls cannot be made.
    pub fn call(&self, tools: &Tools, calls: &[Call]) -> anyhow::Result<Vec<Value>> {
        let attempt = self.attempt(tools, calls)?;
        match attempt.refusal {
            Some(refusal) => Err(anyhow!(refusal)),
            None => Ok(attempt.answers),
        }
    }

    /// Makes calls, one after the other, and tells how far it came.
    ///
    /// # Errors
    /// The calls cannot be made at all.
    pub fn attempt(&self, tools: &Tools, calls: &[Call]) -> anyhow::Result<Attempt> {
        if calls.is_empty() {
            return Ok(Attempt { answers: vec![], refusal: None });
        }
        self.session(tools)?.attempt(calls)
    }

    /// Makes ready for lists of calls: what makes them stays, which spares its start.
    ///
    /// # Errors
    /// The calls cannot be made at all.
    pub fn session(&self, tools: &Tools) -> anyhow::Result<Session> {
        let mut python = tools.program("python");
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("aws.py");
        let mut child = self
            .point(tools, python.arg(script))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .context("cannot start Python")?;
        let stdin = child.stdin.take();
        let stdout = child.stdout.take().map(BufReader::new).context("cannot listen to Python")?;
        Ok(Session { child, stdin, stdout })
    }

    /// Makes one call.
    ///
    /// # Errors
    /// As [`Target::call`].
    pub fn call_one(&self, tools: &Tools, call: Call) -> anyhow::Result<Value> {
        let answers = self.call(tools, &[call])?;
        answers.into_iter().next().context("an AWS call gave no answer")
    }

    /// The outputs of the deployed template.
    ///
    /// # Errors
    /// There is no such stack, or AWS cannot be asked.
    pub fn outputs(&self, tools: &Tools) -> anyhow::Result<BTreeMap<String, String>> {
        let call = Call::new("cloudformation", "describe_stacks", json!({"StackName": self.name}));
        let answer = self.call_one(tools, call).with_context(|| match &self.local {
            Some(_) => format!("the local stack does not run; start it with `cargo local up{}`", self.flags()),
            None => format!("no stack `{}` is found with your AWS credentials and region", self.name),
        })?;
        Ok(outputs(&answer))
    }
}

/// One output of the deployed template.
///
/// # Errors
/// It is not there.
pub fn output<'a>(outputs: &'a BTreeMap<String, String>, name: &str) -> anyhow::Result<&'a str> {
    let found = outputs.get(name).map(String::as_str);
    found.with_context(|| format!("the stack has no output {name}; deploy this checkout's template.yaml"))
}

/// The queues among the outputs, by their names: `InboundDlqUrl` is `inbound_dlq`, `OutboundWebQueueUrl` is
/// `outbound-web`.
pub fn queues(outputs: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let named = |(name, url): (&String, &String)| {
        let name = match (name.strip_suffix("QueueUrl"), name.strip_suffix("DlqUrl")) {
            (Some(queue), _) => kebab(queue),
            (None, Some(queue)) => format!("{}_dlq", kebab(queue)),
            (None, None) => return None,
        };
        Some((name, url.clone()))
    };
    outputs.iter().filter_map(named).collect()
}

fn kebab(pascal: &str) -> String {
    let mut kebab = String::new();
    for letter in pascal.chars() {
        if letter.is_uppercase() && !kebab.is_empty() {
            kebab.push('-');
        }
        kebab.extend(letter.to_lowercase());
    }
    kebab
}

fn outputs(answer: &Value) -> BTreeMap<String, String> {
    let list = answer.pointer("/Stacks/0/Outputs").and_then(Value::as_array);
    list.into_iter().flatten().map(|output| (text(output, "OutputKey"), text(output, "OutputValue"))).collect()
}

fn text(value: &Value, key: &str) -> String {
    value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outputs_are_read() {
        let answer = json!({"Stacks": [{"Outputs": [
            {"OutputKey": "ApiUrl", "OutputValue": "https://a", "Description": "x"},
            {"OutputKey": "TableName", "OutputValue": "t"},
        ]}]});
        let found = outputs(&answer);
        assert_eq!(output(&found, "ApiUrl").unwrap(), "https://a");
        assert_eq!(found.len(), 2);
        assert!(output(&found, "Other").is_err());
        assert!(outputs(&json!({"Stacks": []})).is_empty());
    }

    #[test]
    fn queues_are_named_as_others_expect() {
        let outputs = ["ApiUrl", "InboundQueueUrl", "InboundDlqUrl", "OutboundWebQueueUrl", "OutboundWebDlqUrl"]
            .map(|name| (name.to_owned(), format!("http://q/{name}")));
        let queues = queues(&outputs.into());
        let names: Vec<&str> = queues.keys().map(String::as_str).collect();
        assert_eq!(names, ["inbound", "inbound_dlq", "outbound-web", "outbound-web_dlq"]);
        assert_eq!(queues["outbound-web_dlq"], "http://q/OutboundWebDlqUrl");
    }

    #[test]
    fn flags_lead_back_to_the_stack() {
        assert_eq!(Target::aws("desk").flags(), " --aws desk");
        assert_eq!(Target::local(&Stack::at(stack::DEFAULT_PORT)).flags(), "");
        assert_eq!(Target::local(&Stack::at(5000)).flags(), " --port-base 5000");
    }
}

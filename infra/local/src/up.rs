//! `cargo local up`.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use serde_json::{Map, Value, json};

use crate::channels::Hooked;
use crate::cloud::{Target, output, queues};
use crate::interrupt::Watch;
use crate::process::{self, Process, Role};
use crate::stack::{self, Stack};
use crate::template::{self, Function};
use crate::tools::Tools;
use crate::{
    actions, channels, console, deploy, down, emulator, http, knowledge, package, run, sandbox, secrets, status,
};

/// Builds, starts and deploys, prints the URLs, and, unless detached, stays until it is told to end.
///
/// # Errors
/// A prerequisite is missing, or a step fails; what runs by then goes on, so that its logs can be read, until `down`.
pub fn run(stack: &Stack, detach: bool) -> anyhow::Result<()> {
    if detach {
        return bring_up(stack);
    }
    let watch = Watch::over(stack)?;
    bring_up(stack).inspect_err(|_| watch.hold())?;
    watch.is_up();
    console::progress("Ctrl-C stops it");
    let ended = first_to_end(stack);
    watch.hold();
    down::run(stack, false)?;
    bail!("{ended} ended on its own; see {}", stack.log("").display());
}

fn bring_up(stack: &Stack) -> anyhow::Result<()> {
    let started = Instant::now();
    // Asked first: a build may replace the file meanwhile.
    let tool = std::env::current_exe().context("cannot find the tool's own binary")?;
    let lock = stack.lock()?;
    emulator::ports_are_ours(stack)?;
    let tools = Tools::ready()?;
    let packing = package::lock()?;
    let packages = package::local_build()?;
    emulator::ensure(stack, &tools)?;
    let target = Target::local(stack);
    let web = secrets::ensure("web", &target, &tools)?;
    let hooks = channels::WEBHOOKS.iter().map(|hooked| Ok((*hooked, secrets::ensure(hooked.name, &target, &tools)?)));
    let mut hooks: Vec<(Hooked, Value)> = hooks.collect::<anyhow::Result<_>>()?;
    let actions = secrets::ensure(actions::NAME, &target, &tools)?;
    let outputs = deploy::ensure(stack, &tools, &packages)?;
    for (hooked, secrets) in &mut hooks {
        if let Some(whole) = channels::addressed(*hooked, output(&outputs, "ApiUrl")?, secrets) {
            secrets::replace(hooked.name, &whole, &target, &tools)?;
            *secrets = whole;
        }
    }
    drop(packing);
    knowledge::ensure_demo(&target, &tools, &outputs)?;
    start_sandbox(stack, &tool)?;
    stack.write(&description(stack, &outputs, &web, &hooks, &actions)?)?;
    answers(stack, output(&outputs, "ApiUrl")?)?;
    drop(lock);
    console::progress(format_args!("up after {}", console::span(started.elapsed())));
    status::run(stack, false)
}

/// `stack.json`: what others need to know of a running stack.
fn description(
    stack: &Stack,
    outputs: &BTreeMap<String, String>,
    web: &Value,
    hooks: &[(Hooked, Value)],
    actions: &Value,
) -> anyhow::Result<Value> {
    let api = output(outputs, "ApiUrl")?;
    let functions = template::functions()?;
    let named = |function: &Function| (function.id.clone(), json!(format!("{}-{}", stack::NAME, function.suffix)));
    let running = process::of(&stack.dir());
    let pid = |role| running.iter().find(|process| process.first && process.is(role)).map(|process| process.pid);
    let mut reached = Map::from_iter([(
        "web".to_owned(),
        json!({
            "widget_url": format!("{api}/widget.js"),
            "chat_url": format!("{api}/chat"),
            "identity_key": web.pointer("/identity_keys/0"),
        }),
    )]);
    reached.extend(
        hooks.iter().map(|(hooked, secrets)| (hooked.name.to_owned(), channels::described(*hooked, api, secrets))),
    );
    if let Some(mail) = reached.get_mut("email").and_then(Value::as_object_mut) {
        mail.insert("smtp_url".to_owned(), json!(stack.smtp_url()));
        mail.insert("mail_bucket".to_owned(), json!(output(outputs, "MailBucketName")?));
        mail.insert("function".to_owned(), json!(format!("{}-receive-email", stack::NAME)));
    }
    Ok(json!({
        "smtp_url": stack.smtp_url(),
        "api_url": api,
        "socket_url": output(outputs, "SocketUrl")?,
        "sandbox_url": stack.sandbox_url(),
        "desk_url": null,
        "aws_endpoint": stack.endpoint(),
        "region": stack::REGION,
        "stack": stack::NAME,
        "table": output(outputs, "TableName")?,
        "queues": queues(outputs),
        "buckets": {"uploads": output(outputs, "UploadsBucketName")?, "knowledge": output(outputs, "KnowledgeBucketName")?},
        "secrets_prefix": output(outputs, "SecretsPrefix")?,
        "functions": functions.iter().map(named).collect::<Map<_, _>>(),
        "channels": reached,
        "actions": actions::described(actions),
        "pids": {"emulator": pid(Role::Emulator), "sandbox": pid(Role::Sandbox)},
    }))
}

fn start_sandbox(stack: &Stack, tool: &Path) -> anyhow::Result<()> {
    let build = package::stamp(tool);
    let running: Vec<Process> =
        process::of(&stack.dir()).into_iter().filter(|process| process.is(Role::Sandbox)).collect();
    if running.iter().any(|process| process.is_from(&build)) {
        return Ok(());
    }
    process::end(&running, Duration::from_secs(2))?;
    let mut command = Command::new(tool);
    command.args(["sandbox", "--port-base", &stack.port().to_string()]);
    let log = stack.log("sandbox.log");
    let mut child = process::start(&mut command, &stack.dir(), Role::Sandbox, &build, &log)?;
    let outcome = run::until(Duration::from_secs(20), || match child.try_wait() {
        Ok(None) => http::get(stack.sandbox_port(), sandbox::HEALTH).map(|_| true),
        Ok(Some(_)) | Err(_) => Some(false),
    });
    if outcome != Some(true) {
        bail!("the sandbox does not start: {}", run::tail(&log, 5));
    }
    Ok(())
}

/// Waits until the API answers, so that "up" means up.
fn answers(stack: &Stack, api: &str) -> anyhow::Result<()> {
    let path = api.strip_prefix(&stack.endpoint()).context("the API is not on this stack's emulator")?;
    let path = format!("{path}/v1/health");
    let mut last = None;
    let healthy = run::until(Duration::from_secs(30), || {
        last = http::get(stack.port(), &path);
        last.as_ref().filter(|answer| answer.status == 200).map(|_| ())
    });
    if healthy.is_some() {
        return Ok(());
    }
    let said = last.map(|answer| format!("{} {}", answer.status, String::from_utf8_lossy(&answer.body)));
    let flags = Target::local(stack).flags();
    bail!(
        "{api}/v1/health does not answer with 200 but: {}; `cargo local logs web-api{flags}` may tell why",
        said.as_deref().unwrap_or("nothing")
    );
}

/// Waits until the emulator or the sandbox ends, and says which.
fn first_to_end(stack: &Stack) -> &'static str {
    loop {
        let running = process::of(&stack.dir());
        for (role, what) in [(Role::Emulator, "the AWS emulator"), (Role::Sandbox, "the sandbox")] {
            if !running.iter().any(|process| process.first && process.is(role)) {
                return what;
            }
        }
        thread::sleep(Duration::from_secs(1));
    }
}

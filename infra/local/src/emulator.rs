//! The AWS emulator (MiniStack): loopback only, with IAM enforced and its state kept on the disk.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, bail};

use crate::process::{self, Ending, Process, Role};
use crate::stack::{self, Stack};
use crate::tools::{self, Tools};
use crate::{console, http, run};

const START: Duration = Duration::from_secs(90);
/// Time to save its state and end its functions.
const STOP: Duration = Duration::from_secs(20);

/// Starts the emulator, unless it runs.
///
/// # Errors
/// Its port is taken, or it does not come up.
pub fn ensure(stack: &Stack, tools: &Tools) -> anyhow::Result<()> {
    let running = process::of(&stack.dir());
    let current = |process: &Process| process.first && process.is(Role::Emulator) && process.is_from(&tools.build());
    if running.iter().any(current) && run::until(Duration::from_secs(10), || ready(stack)).is_some() {
        return Ok(());
    }
    stop(stack)?;
    ports_are_ours(stack)?;
    console::progress(format_args!("starting the AWS emulator on {}", stack.address()));
    start(stack, tools)
}

/// Sees to it that nobody else listens on the stack's ports.
///
/// # Errors
/// Somebody does.
pub fn ports_are_ours(stack: &Stack) -> anyhow::Result<()> {
    let running = process::of(&stack.dir());
    let wanted = [
        (stack.port(), Role::Emulator, "the AWS emulator"),
        (stack.sandbox_port(), Role::Sandbox, "the sandbox"),
        (stack.smtp_port(), Role::Sandbox, "the sandbox's mail"),
    ];
    for (port, role, what) in wanted {
        if running.iter().any(|process| process.is(role)) {
            continue;
        }
        if let Some(owner) = process::listener(port) {
            bail!("port {port}, for {what}, is taken by {owner}; stop it, or take other ports with --port-base");
        }
    }
    Ok(())
}

/// Stops all processes of a stack and says how many there were. The emulator goes first: it saves its state and ends
/// its functions itself.
///
/// # Errors
/// One of them cannot be ended.
pub fn stop(stack: &Stack) -> anyhow::Result<usize> {
    let all = process::of(&stack.dir());
    let (first, rest): (Vec<_>, Vec<_>) = all.iter().cloned().partition(|process| process.first);
    let ending = process::end(&first, STOP)?;
    process::end(&rest, Duration::from_secs(2))?;
    if ending == Ending::Polite && first.iter().any(|process| process.is(Role::Emulator)) {
        let marker = saved(stack);
        fs::write(&marker, "").with_context(|| format!("cannot write {}", marker.display()))?;
    }
    // A function that was being started while its emulator ended.
    process::end(&process::of(&stack.dir()), Duration::from_secs(2))?;
    Ok(all.len())
}

/// Where it is noted which deployment the emulator's state holds.
pub fn deployed(stack: &Stack) -> PathBuf {
    stack.emulator_dir().join("deployed")
}

/// There once the emulator has saved its state at its end.
fn saved(stack: &Stack) -> PathBuf {
    stack.emulator_dir().join("saved")
}

fn start(stack: &Stack, tools: &Tools) -> anyhow::Result<()> {
    let dir = stack.emulator_dir();
    let (temporary, home) = (dir.join("tmp"), dir.join("home"));
    if temporary.exists() {
        fs::remove_dir_all(&temporary).with_context(|| format!("cannot remove {}", temporary.display()))?;
    }
    for folder in [&temporary, &home] {
        fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    }
    if fs::remove_file(saved(stack)).is_err() {
        // It died: its state is that of an earlier end, from before the last deployment.
        drop(fs::remove_file(deployed(stack)));
    }
    let log = stack.log("emulator.log");
    let mut python = tools.program("python");
    // The functions inherit this environment: nothing of the user's (credentials, proxies, log settings) is in it.
    let command: &mut Command = python
        .args(["-m", "ministack"])
        .env_clear()
        .env("PATH", tools::inherited("PATH").unwrap_or_default())
        .env("LANG", "C.UTF-8")
        .env("HOME", &home)
        .env("TMPDIR", &temporary)
        .env("PYTHONUNBUFFERED", "1")
        .env("BIND_HOST", "127.0.0.1")
        .env("MINISTACK_HOST", "127.0.0.1")
        .env("GATEWAY_PORT", stack.port().to_string())
        .env("MINISTACK_REGION", stack::REGION)
        .env("AWS_ENDPOINT_URL", stack.endpoint())
        .env("AUTH", "true")
        .env("PERSIST_STATE", "1")
        .env("STATE_DIR", dir.join("state"))
        .env("S3_PERSIST", "1")
        .env("S3_DATA_DIR", dir.join("s3"))
        // It would open ports for these two, and look for Docker, which nothing here needs.
        .env("IOT_MTLS_ENABLED", "0")
        .env("SFTP_ENABLED", "0")
        .env("DOCKER_HOST", "unix:///nonexistent");
    let mut child = process::start(command, &stack.dir(), Role::Emulator, &tools.build(), &log)?;
    let outcome = run::until(START, || match child.try_wait() {
        Ok(None) => ready(stack).map(|()| true),
        Ok(Some(_)) | Err(_) => Some(false),
    });
    if outcome == Some(true) {
        return Ok(());
    }
    stop(stack)?;
    bail!("the AWS emulator does not start; {} ends with:\n{}", log.display(), run::tail(&log, 20));
}

fn ready(stack: &Stack) -> Option<()> {
    http::get(stack.port(), "/_ministack/ready").filter(|answer| answer.status == 200).map(|_| ())
}

//! Running other programs.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};

use crate::console;

const POLL: Duration = Duration::from_millis(50);
const HEARTBEAT: Duration = Duration::from_secs(15);
const TAIL_LINES: usize = 25;
const SHOWN_CHARS: usize = 100;

/// Runs a program to its end with its output in a file; a line now and then says that it still works.
///
/// # Errors
/// The program cannot be started or fails; the error ends with the last lines of its output.
pub fn logged(what: &str, command: &mut Command, log: &Path) -> anyhow::Result<()> {
    if let Some(dir) = log.parent() {
        fs::create_dir_all(dir).with_context(|| format!("cannot create {}", dir.display()))?;
    }
    let file = File::create(log).with_context(|| format!("cannot write {}", log.display()))?;
    let errors = file.try_clone().with_context(|| format!("cannot write {}", log.display()))?;
    let mut child = command
        .stdin(Stdio::null())
        .stdout(file)
        .stderr(errors)
        .spawn()
        .with_context(|| format!("cannot start {}", command.get_program().display()))?;
    let started = Instant::now();
    let mut told = started;
    let status = loop {
        if let Some(status) = child.try_wait().context("cannot wait for a process")? {
            break status;
        }
        if told.elapsed() >= HEARTBEAT {
            told = Instant::now();
            let now = tail(log, 1);
            let now: String = now.trim().chars().take(SHOWN_CHARS).collect();
            console::progress(format_args!("  … {what}, {} so far: {now}", console::span(started.elapsed())));
        }
        thread::sleep(POLL);
    };
    if !status.success() {
        bail!("{what} failed ({status}); all of it is in {}, the end reads:\n{}", log.display(), tail(log, TAIL_LINES));
    }
    Ok(())
}

/// Runs a program to its end and gives back what it printed.
///
/// # Errors
/// The program cannot be started or fails; the error ends with what it wrote to stderr.
pub fn captured(what: &str, command: &mut Command) -> anyhow::Result<Output> {
    let output = command.output().with_context(|| format!("cannot start {}", command.get_program().display()))?;
    if !output.status.success() {
        bail!("{what} failed ({}): {}", output.status, String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(output)
}

/// The last lines of a file; empty if it cannot be read.
pub fn tail(file: &Path, lines: usize) -> String {
    let bytes = fs::read(file).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let all: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    all.iter().skip(all.len().saturating_sub(lines)).copied().collect::<Vec<_>>().join("\n")
}

/// Asks again and again until there is an answer or the time is over.
pub fn until<T>(time: Duration, mut ask: impl FnMut() -> Option<T>) -> Option<T> {
    let started = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return Some(answer);
        }
        if started.elapsed() >= time {
            return None;
        }
        thread::sleep(POLL);
    }
}

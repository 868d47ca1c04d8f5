//! The processes in which the emulator runs a stack's functions: when they are at work, how they are killed, and what the
//! emulator has written down of their deaths.

use std::fs;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::Stack;

/// How often it is looked whether a process works: an invocation takes longer.
const LOOK: Duration = Duration::from_millis(2);

/// A function's processes, as they are now.
#[derive(Debug, Clone)]
pub struct Processes(Vec<i32>);

impl Processes {
    /// Those of a function, by its name after the stack's, such as `responder`. `None`, with a line that says so: this machine
    /// does not tell which processes it runs (it has no `/proc`).
    pub fn of(stack: &Stack, name: &str) -> Option<Self> {
        let own = format!("AWS_ENDPOINT_URL={}", stack.text("/aws_endpoint"));
        let Ok(all) = fs::read_dir("/proc") else {
            eprintln!("skipped: this machine does not tell which processes it runs");
            return None;
        };
        let found = all.filter_map(|entry| {
            let pid: i32 = entry.ok()?.file_name().to_str()?.parse().ok()?;
            // Another user's, or one that has just ended.
            let environment = fs::read(format!("/proc/{pid}/environ")).ok()?;
            let environment = String::from_utf8_lossy(&environment);
            let variables: Vec<&str> = environment.split('\0').collect();
            let function = variables.iter().find_map(|variable| variable.strip_prefix("AWS_LAMBDA_FUNCTION_NAME="))?;
            (function.ends_with(&format!("-{name}")) && variables.contains(&own.as_str())).then_some(pid)
        });
        Some(Self(found.collect()))
    }

    /// The most memory that one of them holds, in bytes; `None`: none is running.
    pub fn resident(&self) -> Option<u64> {
        self.0.iter().filter_map(|pid| u32::try_from(*pid).ok().and_then(resident)).max()
    }

    /// How often their threads have fallen asleep: it stands still for as long as nothing is asked of them.
    fn sleeps(&self) -> u64 {
        let tasks = self.0.iter().filter_map(|pid| fs::read_dir(format!("/proc/{pid}/task")).ok()).flatten();
        let statuses = tasks.filter_map(|task| fs::read_to_string(task.ok()?.path().join("status")).ok());
        let count = |status: String| {
            let line = status.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"))?;
            line.trim().parse::<u64>().ok()
        };
        statuses.filter_map(count).sum()
    }

    /// Waits until one of them begins to work; `false`: none has within the time.
    pub async fn begin(&self, patience: Duration) -> bool {
        let (asleep, started) = (self.sleeps(), Instant::now());
        while started.elapsed() < patience {
            if self.sleeps() != asleep {
                return true;
            }
            tokio::time::sleep(LOOK).await;
        }
        false
    }

    /// Kills them all; how many there were.
    pub fn kill(&self) -> usize {
        let kill = |pid: &&i32| Pid::from_raw(**pid).is_some_and(|pid| kill_process(pid, Signal::KILL).is_ok());
        self.0.iter().filter(kill).count()
    }
}

/// The memory that a process holds now (its resident set), in bytes; `None`: it has ended.
pub fn resident(pid: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let kibibytes = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?.trim().strip_suffix("kB")?;
    kibibytes.trim().parse::<u64>().ok().map(|kibibytes| kibibytes * 1024)
}

/// How many invocations of a function have ended, by the emulator's own record, because its process died in the middle.
pub fn died_in_the_middle(stack: &Stack, name: &str) -> usize {
    let log = stack.file().with_file_name("logs").join("emulator.log");
    let log = fs::read_to_string(&log).unwrap_or_else(|error| panic!("{}: {error}", log.display()));
    let died = format!("-{name}: Runtime exited before returning a response");
    log.lines().filter(|line| line.contains(&died)).count()
}

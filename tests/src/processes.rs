//! The processes in which the emulator runs a stack's functions.

use std::fs;

use rustix::process::{Pid, Signal, kill_process};

use crate::Stack;

/// Kills every process of a function, by its name after the stack's, such as `responder`; how many there were. `None`: this
/// machine does not tell which processes it runs (it has no `/proc`).
pub fn kill_function(stack: &Stack, name: &str) -> Option<usize> {
    let own = format!("AWS_ENDPOINT_URL={}", stack.text("/aws_endpoint"));
    let killed = fs::read_dir("/proc").ok()?.filter_map(|entry| {
        let pid: i32 = entry.ok()?.file_name().to_str()?.parse().ok()?;
        // Another user's, or one that has just ended.
        let environment = fs::read(format!("/proc/{pid}/environ")).ok()?;
        let environment = String::from_utf8_lossy(&environment);
        let variables: Vec<&str> = environment.split('\0').collect();
        let function = variables.iter().find_map(|variable| variable.strip_prefix("AWS_LAMBDA_FUNCTION_NAME="))?;
        (function.ends_with(&format!("-{name}")) && variables.contains(&own.as_str())).then_some(pid)
    });
    Some(killed.filter(|pid| Pid::from_raw(*pid).is_some_and(|pid| kill_process(pid, Signal::KILL).is_ok())).count())
}

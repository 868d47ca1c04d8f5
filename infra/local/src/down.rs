//! `cargo local down`.

use std::fs;

use anyhow::Context as _;

use crate::stack::Stack;
use crate::{console, emulator};

/// Stops every process of a stack; its data stay for the next `up`, unless they are to be forgotten.
///
/// # Errors
/// Another command is at it, a process cannot be ended, or files cannot be removed.
pub fn run(stack: &Stack, forget: bool) -> anyhow::Result<()> {
    let lock = stack.lock()?;
    let outcome = stop(stack, forget);
    drop(lock);
    outcome
}

/// As [`run`], whatever other command is at it.
///
/// # Errors
/// A process cannot be ended, or files cannot be removed.
pub fn stop(stack: &Stack, forget: bool) -> anyhow::Result<()> {
    let stopped = emulator::stop(stack)?;
    if stack.file().exists() {
        fs::remove_file(stack.file()).with_context(|| format!("cannot remove {}", stack.file().display()))?;
    }
    if forget && stack.emulator_dir().exists() {
        fs::remove_dir_all(stack.emulator_dir())
            .with_context(|| format!("cannot remove {}", stack.emulator_dir().display()))?;
    }
    let data = if forget { "its data are forgotten" } else { "its data stay for the next `up`" };
    match stopped {
        0 => console::progress(format_args!("nothing of the stack at port {} was running; {data}", stack.port())),
        1 => console::progress(format_args!("stopped 1 process; {data}")),
        count => console::progress(format_args!("stopped {count} processes; {data}")),
    }
    Ok(())
}

//! `cargo local test`: the plan of the gate and of its parts.

use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context as _, bail};
use clap::ValueEnum;

use crate::stack::{self, Stack};
use crate::tools::Tools;
use crate::{console, down, up};

/// The ports of the stack that tests start, so that they leave a developer's own alone.
const TEST_PORT: u16 = 4666;

/// A kind of tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// Formatting, lints, template rules, unit and property tests: nothing runs but the tests
    Unit,
    /// The pipeline end to end, on a local stack
    E2e,
    /// The page in a headless browser, on a local stack
    Browser,
}

impl Kind {
    const GATE: [Self; 3] = [Self::Unit, Self::E2e, Self::Browser];

    fn needs_stack(self) -> bool {
        self != Self::Unit
    }
}

/// One program of the plan.
struct Step {
    name: &'static str,
    command: Command,
}

/// Runs one kind of tests, or all of the gate, and ends with a line per kind.
///
/// # Errors
/// A step failed. Later steps of its kind are not run; other kinds are.
pub fn run(kind: Option<Kind>, full: bool) -> anyhow::Result<()> {
    let kinds = kind.map_or_else(|| Kind::GATE.to_vec(), |kind| vec![kind]);
    let tools = Tools::ready()?;
    let stack = Stack::at(TEST_PORT);
    let with_stack = kinds.iter().any(|kind| kind.needs_stack());
    let mut summary = Vec::new();
    let mut up = false;
    for kind in kinds {
        let started = Instant::now();
        if kind.needs_stack() && !up {
            up::run(&stack, true).context("the stack for the tests does not start")?;
            up = true;
        }
        let steps = plan(kind, full, &stack, &tools);
        let count = steps.len();
        let failed = steps.into_iter().find_map(|step| run_step(step).err());
        let time = console::span(started.elapsed());
        let name = kind.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned());
        summary.push(match &failed {
            None => format!("{name}: passed, {count} steps, {time}"),
            Some(error) => format!("{name}: FAILED, {error:#}, {time}"),
        });
    }
    if with_stack {
        down::run(&stack, true)?;
    }
    for line in &summary {
        console::say(line);
    }
    if summary.iter().any(|line| line.contains(": FAILED")) {
        bail!("tests failed");
    }
    Ok(())
}

fn run_step(mut step: Step) -> anyhow::Result<()> {
    console::progress(format_args!("── {}", step.name));
    let status = step.command.current_dir(stack::root()).stdin(Stdio::null()).status();
    let status = status.with_context(|| format!("cannot start {}", step.command.get_program().display()))?;
    if !status.success() {
        bail!("{} ({status})", step.name);
    }
    Ok(())
}

/// What is run for a kind, in order.
fn plan(kind: Kind, full: bool, stack: &Stack, tools: &Tools) -> Vec<Step> {
    let step = |name, program: &str, arguments: &str| {
        let mut command = Command::new(program);
        command.args(arguments.split(' ')).env("FRONTDESK_STACK_JSON", stack.file());
        if full {
            command.env("FRONTDESK_TEST_FULL", "1");
        }
        Step { name, command }
    };
    let tool = |name, program: &str, arguments: &str| {
        let mut command = tools.program(program);
        command.args(arguments.split(' ')).env("SAM_CLI_TELEMETRY", "0").env("AWS_DEFAULT_REGION", stack::REGION);
        Step { name, command }
    };
    match kind {
        Kind::Unit => vec![
            step("formatting", "cargo", "fmt --all --check"),
            step("lints", "cargo", "clippy --quiet --workspace --all-targets --profile local -- -D warnings"),
            tool("template", "cfn-lint", "template.yaml"),
            tool("template for SAM", "sam", "validate --lint --template-file template.yaml"),
            step("unit tests", "cargo", "test --quiet --workspace --profile local"),
        ],
        Kind::E2e => vec![step("end to end", "cargo", "test --quiet --package tests --profile local -- --ignored")],
        Kind::Browser => vec![step("browser", "node", "tests/browser/run.mjs")],
    }
}

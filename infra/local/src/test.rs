//! `cargo local test`: the plan of the gate and of its parts.

use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context as _, bail};
use clap::ValueEnum;

use crate::cloud::Target;
use crate::stack::{self, Stack};
use crate::tools::{self, Tools};
use crate::{campaign, conformance, console, debian, down, encoder, logs, oracles, package, up};

/// The ports of the stack that tests start, so that they leave a developer's own alone.
const TEST_PORT: u16 = 4666;

/// Cases of each property test in the whole campaign; the gate runs 256.
const FULL_CASES: &str = "10000";
/// Seeds of the simulation in the whole campaign, each ten times as long as in the gate, which runs 100.
const FULL_SEEDS: &str = "1000";
/// Events of the random histories of ownership in the whole campaign; the gate runs 60,000.
const FULL_EVENTS: &str = "1000000";

/// What sends mail and threads it in the tests end to end.
const MAIL_PROGRAMS: &[&str] = &["swaks", "notmuch"];

/// A kind of tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// Formatting, lints, template rules, unit and property tests: nothing runs but the tests
    Unit,
    /// The pipeline end to end, on a local stack
    E2e,
    /// The page in a headless browser, on a local stack
    Browser,
    /// The binaries killed, held up, cut off and handed everything twice, on a local stack
    Faults,
    /// Every channel against code that others wrote, and a table of what is known of it
    Conformance,
}

impl Kind {
    const GATE: [Self; 5] = [Self::Unit, Self::Conformance, Self::E2e, Self::Browser, Self::Faults];

    fn name(self) -> String {
        self.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
    }

    fn needs_stack(self) -> bool {
        !matches!(self, Self::Unit | Self::Conformance)
    }
}

/// One program of the plan.
struct Step {
    name: &'static str,
    command: Command,
}

/// Runs one kind of tests, or all of the gate, and ends with a line per kind; after those, if faults were among them,
/// with what was found about each invariant and each channel.
///
/// # Errors
/// A step failed. Later steps of its kind are not run; other kinds are.
pub fn run(kind: Option<Kind>, full: bool) -> anyhow::Result<()> {
    let kinds = kind.map_or_else(|| Kind::GATE.to_vec(), |kind| vec![kind]);
    let tools = Tools::ready()?;
    let stack = Stack::at(TEST_PORT);
    let mut up = false;
    let mut failures = 0;
    let faults = kinds.contains(&Kind::Faults);
    if faults {
        campaign::begin()?;
    }
    let judged = kinds.contains(&Kind::Conformance);
    if judged {
        conformance::begin()?;
    }
    let mut summary = Vec::new();
    for kind in kinds {
        let started = Instant::now();
        let stack_is_up = if kind.needs_stack() && !up {
            up = true;
            up::run(&stack, true).context("the stack for the tests does not start")
        } else {
            Ok(())
        };
        if kind == Kind::Unit {
            encoder::for_tests();
        }
        if kind == Kind::E2e {
            debian::offer(MAIL_PROGRAMS);
        }
        let ready = stack_is_up.and_then(|()| if kind == Kind::Conformance { oracles::install() } else { Ok(()) });
        let outcome = ready.and_then(|()| run_steps(plan(kind, full, &stack, &tools)));
        let time = console::span(started.elapsed());
        summary.push(match outcome {
            Ok(steps) => format!("{}: passed, {steps} steps, {time}", kind.name()),
            Err(error) => {
                failures += 1;
                format!("{}: FAILED at {error:#}, {time}", kind.name())
            }
        });
    }
    if up {
        if failures > 0 {
            let file = stack.log("functions.log");
            match logs::save(&Target::local(&stack), &tools, &file) {
                Ok(()) => console::progress(format_args!("what the functions logged is in {}", file.display())),
                Err(error) => console::progress(format_args!("the functions' logs cannot be saved: {error:#}")),
            }
        }
        if let Err(error) = down::run(&stack, true) {
            failures += 1;
            summary.push(format!("down: FAILED, {error:#}"));
        }
    }
    if judged && let Err(error) = conformance::conclude() {
        failures += 1;
        summary.push(format!("conformance: FAILED, {error:#}"));
    }
    for line in &summary {
        console::say(line);
    }
    if faults {
        campaign::conclude()?;
    }
    if failures > 0 {
        bail!("tests failed");
    }
    Ok(())
}

fn run_steps(steps: Vec<Step>) -> anyhow::Result<usize> {
    let count = steps.len();
    for step in steps {
        run_step(step)?;
    }
    Ok(count)
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
        let mut command = package::cargo(program);
        command.args(arguments.split(' '));
        if full {
            command
                .env("PROPTEST_CASES", FULL_CASES)
                .env("FRONTDESK_SEEDS", FULL_SEEDS)
                .env("FRONTDESK_EVENTS", FULL_EVENTS)
                .env("FRONTDESK_FULL", "1");
        }
        Step { name, command }
    };
    let on_stack = |name, program: &str, arguments: &str| {
        let mut step = step(name, program, arguments);
        step.command.env("FRONTDESK_STACK_JSON", stack.file());
        step
    };
    let tool = |name, program: &str, arguments: &str| {
        let mut command = tools.program(program);
        command.args(arguments.split(' ')).env("SAM_CLI_TELEMETRY", "0").env("AWS_DEFAULT_REGION", stack::REGION);
        Step { name, command }
    };
    let optional = |name, subcommand: &str, arguments: &str| {
        if has_cargo(subcommand) {
            return Some(step(name, "cargo", arguments));
        }
        console::progress(format_args!("── {name}: left out, cargo-{subcommand} is not on PATH"));
        None
    };
    // Always the whole workspace, whatever is run of it: one choice of features, so everything is compiled once.
    let nextest = has_cargo("nextest");
    match kind {
        Kind::Unit => {
            let mut docs = step("documentation", "cargo", "doc --quiet --workspace --lib --no-deps --profile local");
            docs.command.env("RUSTDOCFLAGS", "-D warnings");
            let mut steps = vec![
                step("formatting", "cargo", "fmt --all --check"),
                step("lints", "cargo", "clippy --quiet --workspace --all-targets --profile local -- -D warnings"),
                docs,
                tool("template", "cfn-lint", "template.yaml"),
                tool("template for SAM", "sam", "validate --lint --template-file template.yaml"),
            ];
            steps.extend(optional("licences and advisories", "deny", "deny --config .deny.toml check"));
            steps.extend(optional("unused dependencies", "machete", "machete"));
            steps.push(if nextest {
                step(
                    "tests",
                    "cargo",
                    "nextest run --workspace --cargo-profile local --profile gate -E !(binary(e2e)|binary(faults)|binary(oracles))",
                )
            } else {
                step("tests", "cargo", "test --quiet --workspace --profile local")
            });
            steps
        }
        Kind::E2e => vec![if nextest {
            on_stack(
                "end to end",
                "cargo",
                "nextest run --workspace --cargo-profile local --profile gate -E binary(e2e)",
            )
        } else {
            on_stack("end to end", "cargo", "test --workspace --test e2e --profile local -- --nocapture")
        }],
        Kind::Faults => {
            // More at a time than there are processors: they wait for what was killed to come again.
            let mut faults = if nextest {
                on_stack(
                    "faults",
                    "cargo",
                    "nextest run --workspace --cargo-profile local --profile gate --test-threads 6 -E binary(faults)|binary(simulation)",
                )
            } else {
                on_stack(
                    "faults",
                    "cargo",
                    "test --workspace --test faults --test simulation --profile local -- --nocapture --test-threads 6",
                )
            };
            faults.command.env("FRONTDESK_CAMPAIGN_ROWS", campaign::file());
            vec![faults]
        }
        Kind::Conformance => {
            let mut judged = if nextest {
                step("channels", "cargo", "nextest run --workspace --test oracles --cargo-profile local --profile gate")
            } else {
                step("channels", "cargo", "test --quiet --workspace --test oracles --profile local")
            };
            judged.command.env("FRONTDESK_ORACLES", oracles::home());
            judged.command.env("FRONTDESK_CONFORMANCE_TABLE", conformance::file());
            vec![judged]
        }
        Kind::Browser => vec![on_stack("browser", "node", "tests/browser/run.mjs")],
    }
}

fn has_cargo(subcommand: &str) -> bool {
    let path = tools::inherited("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|dir| dir.join(format!("cargo-{subcommand}")).is_file())
}

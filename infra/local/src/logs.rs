//! `cargo local logs`.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, bail};

use crate::cli;
use crate::cloud::Target;
use crate::run::logged;
use crate::template::{self, Function};
use crate::tools::Tools;

/// Shows the logs of one function or of all.
///
/// # Errors
/// There is no such function or no such stack.
pub fn run(target: &Target, arguments: &cli::Logs) -> anyhow::Result<()> {
    let functions = template::functions()?;
    let chosen: Vec<&str> = match &arguments.function {
        None => functions.iter().map(|function| function.id.as_str()).collect(),
        Some(name) => vec![&template::find(&functions, name).with_context(|| unknown(name, &functions))?.id],
    };
    let tools = Tools::ready()?;
    target.outputs(&tools)?;
    let mut sam = sam(target, &tools, &chosen, &arguments.since);
    if arguments.follow {
        sam.arg("--tail");
    }
    let status = sam.status().context("cannot start the SAM CLI")?;
    if !status.success() {
        bail!("the SAM CLI cannot show the logs");
    }
    Ok(())
}

/// Keeps the last hour of all functions' logs in a file.
///
/// # Errors
/// They cannot be read or written.
pub fn save(target: &Target, tools: &Tools, file: &Path) -> anyhow::Result<()> {
    let functions = template::functions()?;
    let all: Vec<&str> = functions.iter().map(|function| function.id.as_str()).collect();
    logged("reading the logs", &mut sam(target, tools, &all, "1hour"), file)
}

fn sam(target: &Target, tools: &Tools, functions: &[&str], since: &str) -> Command {
    let mut sam = tools.program("sam");
    sam.args(["logs", "--stack-name", target.name(), "--start-time"]).arg(format!("{since} ago"));
    for name in functions {
        sam.args(["--name", name]);
    }
    target.point(tools, &mut sam);
    sam
}

fn unknown(name: &str, functions: &[Function]) -> String {
    let all: Vec<&str> = functions.iter().map(|function| function.suffix.as_str()).collect();
    format!("there is no function `{name}`; there are {}", all.join(", "))
}

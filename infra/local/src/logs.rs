//! `cargo local logs`.

use anyhow::{Context as _, bail};

use crate::cli;
use crate::cloud::Target;
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
    let mut sam = tools.program("sam");
    sam.args(["logs", "--stack-name", target.name(), "--start-time"]).arg(format!("{} ago", arguments.since));
    for name in chosen {
        sam.args(["--name", name]);
    }
    if arguments.follow {
        sam.arg("--tail");
    }
    let status = target.point(&tools, &mut sam).status().context("cannot start the SAM CLI")?;
    if !status.success() {
        bail!("the SAM CLI cannot show the logs");
    }
    Ok(())
}

fn unknown(name: &str, functions: &[Function]) -> String {
    let all: Vec<&str> = functions.iter().map(|function| function.suffix.as_str()).collect();
    format!("there is no function `{name}`; there are {}", all.join(", "))
}

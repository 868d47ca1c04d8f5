//! `cargo local knowledge check`: what is wrong with a folder.

use std::path::Path;

use anyhow::bail;
use bot::knowledge::{Report, check};
use serde_json::{Value, json};

use super::folder::{errors, sources};
use crate::console;

/// Says what is wrong with a folder.
///
/// # Errors
/// It cannot be read, or has errors.
pub fn run(dir: &Path, as_json: bool) -> anyhow::Result<()> {
    let report = check(&sources(dir)?);
    let errors = errors(&report);
    if as_json {
        console::say(described(&report));
    } else {
        for problem in &report.problems {
            console::progress(problem);
        }
    }
    match &report.base {
        None => bail!("{} has {errors} errors; nothing is published until they are mended", dir.display()),
        Some(_) if as_json => Ok(()),
        Some(base) => {
            let warnings = report.problems.len();
            console::say(format_args!("{} entries, no errors, {warnings} warnings", base.entries.len()));
            Ok(())
        }
    }
}

fn described(report: &Report) -> Value {
    let problems: Vec<Value> = report
        .problems
        .iter()
        .map(|problem| {
            let severity = problem.severity.to_string();
            json!({"file": problem.file, "line": problem.line, "severity": severity, "message": problem.message})
        })
        .collect();
    json!({
        "v": 1,
        "sound": report.base.is_some(),
        "entries": report.base.as_ref().map(|base| base.entries.len()),
        "problems": problems,
    })
}

#[cfg(test)]
mod tests {
    use bot::knowledge::Source;

    use super::*;

    #[test]
    fn other_programs_read_every_problem() {
        let source = Source { file: "shop.yaml".into(), text: "entries:\n  - id: a\n".into() };
        let said = described(&check(&[source]));
        assert_eq!(said["sound"], false);
        assert_eq!(said["problems"].as_array().unwrap().len(), 4, "{said}");
        assert_eq!(said["problems"][1]["file"], "shop.yaml");
        assert_eq!((&said["problems"][1]["line"], &said["problems"][1]["severity"]), (&json!(2), &json!("error")));
    }
}

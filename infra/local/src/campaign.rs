//! What a fault campaign found: a row for each invariant, which its tests write as lines of JSON.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, bail};
use serde_json::Value;

use crate::{console, stack};

/// The invariants of which a campaign must have a row.
const INVARIANTS: [u64; 19] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 25];

/// Where a campaign's tests write their rows.
pub fn file() -> PathBuf {
    stack::shared_dir().join("campaign.jsonl")
}

/// Forgets the rows of the campaign before.
///
/// # Errors
/// They cannot be removed.
pub fn begin() -> anyhow::Result<()> {
    let file = file();
    if file.exists() {
        fs::remove_file(&file).with_context(|| format!("cannot remove {}", file.display()))?;
    }
    Ok(())
}

/// Prints the rows as a table, and last how many violations there were.
///
/// # Errors
/// The rows cannot be read, there were violations, or an invariant has no row.
pub fn conclude() -> anyhow::Result<()> {
    let report = Report::read(&read(&file())?)?;
    report.lines().iter().for_each(console::say);
    if report.violations() > 0 {
        bail!("{} violations", report.violations());
    }
    let missing = report.missing();
    if !missing.is_empty() {
        bail!("no test said anything about the invariants {missing:?}");
    }
    Ok(())
}

fn read(file: &Path) -> anyhow::Result<String> {
    if !file.exists() {
        return Ok(String::new());
    }
    fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))
}

/// One test's word on one invariant; number 0 is about all of them.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Row {
    number: u64,
    place: String,
    statement: String,
    runs: u64,
    faults: u64,
    violations: u64,
    seconds: u64,
}

impl Row {
    fn read(line: &str) -> anyhow::Result<Self> {
        let row: Value = serde_json::from_str(line).context("a row of the campaign is no JSON")?;
        let number =
            |name: &str| row.get(name).and_then(Value::as_u64).with_context(|| format!("a row without {name}"));
        let text = |name: &str| {
            let text = row.get(name).and_then(Value::as_str).with_context(|| format!("a row without {name}"))?;
            anyhow::Ok(text.to_owned())
        };
        Ok(Self {
            number: number("number")?,
            place: text("where")?,
            statement: text("statement")?,
            runs: number("runs")?,
            faults: number("faults")?,
            violations: number("violations")?,
            seconds: number("seconds")?,
        })
    }

    fn line(&self) -> String {
        let Self { number, place, statement, runs, faults, violations, seconds } = self;
        let number = if *number == 0 { "all".to_owned() } else { number.to_string() };
        let time = console::span(Duration::from_secs(*seconds));
        format!("{number:>3}  {place:<10} {runs:>8} {faults:>7} {violations:>11} {time:>12}  {statement}")
    }
}

/// All rows, by number.
#[derive(Debug)]
struct Report(Vec<Row>);

impl Report {
    fn read(lines: &str) -> anyhow::Result<Self> {
        let mut rows: Vec<Row> = lines.lines().map(Row::read).collect::<Result<_, _>>()?;
        rows.sort();
        Ok(Self(rows))
    }

    fn violations(&self) -> u64 {
        self.0.iter().map(|row| row.violations).sum()
    }

    fn missing(&self) -> Vec<u64> {
        let there: BTreeSet<u64> = self.0.iter().map(|row| row.number).collect();
        INVARIANTS.into_iter().filter(|number| !there.contains(number)).collect()
    }

    fn lines(&self) -> Vec<String> {
        let head = format!(
            "{:>3}  {:<10} {:>8} {:>7} {:>11} {:>12}  invariant",
            "#", "where", "runs", "faults", "violations", "time"
        );
        let missing: Vec<String> = self.missing().iter().map(u64::to_string).collect();
        let mut lines = vec![head];
        lines.extend(self.0.iter().map(Row::line));
        if !missing.is_empty() {
            lines.push(format!("without a row: {}", missing.join(", ")));
        }
        lines.push(format!("violations: {}", self.violations()));
        lines
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn row(number: u64, violations: u64) -> String {
        json!({
            "number": number, "statement": "one reply", "where": "binaries", "runs": 20, "faults": 3,
            "violations": violations, "seconds": 61,
        })
        .to_string()
    }

    #[test]
    fn the_table_is_sorted_and_ends_with_the_violations() {
        let report = Report::read(&[row(11, 2), row(0, 0), row(2, 1)].join("\n")).unwrap();
        let lines = report.lines();
        assert_eq!(lines[1], "all  binaries         20       3           0         61 s  one reply");
        assert!(lines[2].starts_with("  2") && lines[3].starts_with(" 11"), "{lines:?}");
        assert_eq!(lines.last().unwrap(), "violations: 3");
    }

    #[test]
    fn an_invariant_without_a_row_is_named() {
        let all: Vec<String> = INVARIANTS.iter().filter(|number| **number != 7).map(|number| row(*number, 0)).collect();
        let report = Report::read(&all.join("\n")).unwrap();
        assert_eq!(report.missing(), [7]);
        assert!(report.lines().contains(&"without a row: 7".to_owned()));
        assert_eq!(Report::read("").unwrap().missing(), INVARIANTS);
    }

    #[test]
    fn a_damaged_row_is_no_row() {
        for damaged in ["{}", row(1, 0).trim_end_matches('}'), &row(1, 0).replace("\"violations\":0,", "")] {
            assert!(Report::read(damaged).is_err(), "{damaged}");
        }
    }
}

//! Metrics in CloudWatch's embedded metric format: a JSON line in the log that CloudWatch counts without a call.
//! Few dimensions on purpose: each combination of their values is a metric that costs money.

use std::io::Write as _;

use domain::UnixMillis;
use serde_json::{Value, json};

const NAMESPACE: &str = "Frontdesk";

/// The metric line for counts under one function.
pub fn line(function: &str, counts: &[(&str, u64)], now: UnixMillis) -> Value {
    let metrics: Vec<Value> = counts.iter().map(|(name, _)| json!({ "Name": name, "Unit": "Count" })).collect();
    let mut line = json!({
        "_aws": {
            "Timestamp": now.0,
            "CloudWatchMetrics": [{ "Namespace": NAMESPACE, "Dimensions": [["Function"]], "Metrics": metrics }],
        },
        "Function": function,
    });
    if let Some(line) = line.as_object_mut() {
        line.extend(counts.iter().map(|(name, count)| ((*name).to_owned(), json!(count))));
    }
    line
}

/// Writes counts that are not zero to the log.
pub fn emit(function: &str, counts: &[(&str, u64)], now: UnixMillis) {
    let counts: Vec<_> = counts.iter().filter(|(_, count)| *count > 0).copied().collect();
    if !counts.is_empty() && writeln!(std::io::stdout(), "{}", line(function, &counts, now)).is_err() {
        tracing::warn!("a metric line could not be written");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_names_its_metrics_and_holds_their_values() {
        let line = line("responder", &[("Processed", 3), ("Failed", 1)], UnixMillis(5));
        assert_eq!(line["_aws"]["CloudWatchMetrics"][0]["Metrics"][1]["Name"], "Failed");
        assert_eq!(
            (&line["Processed"], &line["Failed"], &line["_aws"]["Timestamp"]),
            (&json!(3), &json!(1), &json!(5))
        );
    }
}

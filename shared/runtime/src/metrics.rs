//! Metrics in CloudWatch's embedded metric format: a JSON line in the log that CloudWatch counts without a call.
//! Few dimensions on purpose: each combination of their values is a metric that costs money.

use std::io::Write as _;

use app::response_time::ResponseTime;
use domain::UnixMillis;
use serde_json::{Value, json};

const NAMESPACE: &str = "Frontdesk";

/// The metric line for counts under one function.
pub fn line(function: &str, counts: &[(&str, u64)], now: UnixMillis) -> Value {
    let values: Vec<_> = counts.iter().map(|(name, count)| (*name, "Count", *count)).collect();
    embedded(("Function", function), &values, now)
}

/// The metric line for one response time, under its channel.
pub fn response_time_line(time: ResponseTime, now: UnixMillis) -> Value {
    embedded(("Channel", time.channel.as_str()), &[("ResponseTime", "Milliseconds", time.millis)], now)
}

fn embedded((dimension, of): (&str, &str), values: &[(&str, &str, u64)], now: UnixMillis) -> Value {
    let metrics: Vec<Value> = values.iter().map(|(name, unit, _)| json!({ "Name": name, "Unit": unit })).collect();
    let mut line = json!({
        "_aws": {
            "Timestamp": now.0,
            "CloudWatchMetrics": [{ "Namespace": NAMESPACE, "Dimensions": [[dimension]], "Metrics": metrics }],
        },
        dimension: of,
    });
    if let Some(line) = line.as_object_mut() {
        line.extend(values.iter().map(|(name, _, value)| ((*name).to_owned(), json!(value))));
    }
    line
}

/// Writes counts that are not zero to the log.
pub fn emit(function: &str, counts: &[(&str, u64)], now: UnixMillis) {
    let counts: Vec<_> = counts.iter().filter(|(_, count)| *count > 0).copied().collect();
    if !counts.is_empty() {
        write(&line(function, &counts, now));
    }
}

/// Writes a response time to the log, if there is one.
pub fn emit_response_time(time: Option<ResponseTime>, now: UnixMillis) {
    if let Some(time) = time {
        write(&response_time_line(time, now));
    }
}

fn write(line: &Value) {
    if writeln!(std::io::stdout(), "{line}").is_err() {
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

    #[test]
    fn a_response_time_stands_under_its_channel() {
        let channel = domain::ChannelId::Web;
        let line = response_time_line(ResponseTime { channel, millis: 812 }, UnixMillis(5));
        let told = &line["_aws"]["CloudWatchMetrics"][0];
        assert_eq!((&told["Dimensions"], &line["Channel"]), (&json!([["Channel"]]), &json!("web")));
        assert_eq!(told["Metrics"], json!([{ "Name": "ResponseTime", "Unit": "Milliseconds" }]));
        assert_eq!(line["ResponseTime"], 812);
    }
}

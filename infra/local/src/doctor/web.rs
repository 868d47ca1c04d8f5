//! Plain HTTP requests, through the session that makes the AWS calls.

use std::collections::BTreeMap;

use anyhow::Context as _;
use serde_json::{Value, json};

use crate::cloud::{Call, Session};

/// Seconds after which nobody answers.
const SECONDS: u32 = 15;

/// An answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// The status; 0: nobody answered.
    pub status: u16,
    /// The body; for status 0, why nobody answered.
    pub body: String,
    /// Headers by their names in lower case.
    pub headers: BTreeMap<String, String>,
}

/// Asks.
///
/// # Errors
/// Nothing can be asked at all.
pub fn ask(
    session: &mut Session,
    method: &str,
    url: &str,
    headers: &[(&str, String)],
    body: &str,
) -> anyhow::Result<Answer> {
    let headers: BTreeMap<&str, &str> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let arguments = json!({"method": method, "url": url, "headers": headers, "body": body, "seconds": SECONDS});
    let attempt = session.attempt(&[Call::new("http", "request", arguments)])?;
    read(&attempt.answers.into_iter().next().context("a request has no answer")?)
}

fn read(answer: &Value) -> anyhow::Result<Answer> {
    let status = answer.get("status").and_then(Value::as_u64).and_then(|status| u16::try_from(status).ok());
    let text = |name: &str| answer.get(name).and_then(Value::as_str);
    let headers = answer.get("headers").and_then(Value::as_object).into_iter().flatten();
    Ok(Answer {
        status: status.context("a request has no status")?,
        body: text("body").or_else(|| text("reason")).unwrap_or_default().to_owned(),
        headers: headers.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect(),
    })
}

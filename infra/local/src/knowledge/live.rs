//! `knowledge/current.json`: which version the bot answers from. It is only written over what its writer has seen, so that
//! of two who write at once one is told.

use anyhow::Context as _;
use serde_json::{Value, json};

use super::publish::CURRENT;
use crate::clock;
use crate::cloud::{Call, Refusal};

/// What is live.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Live {
    /// The version.
    pub(super) version: String,
    /// Whether what comes after it needs an approval. What was written before this was noted needs none.
    pub(super) approval: bool,
    /// What tells this writing from every other one.
    tag: String,
}

impl Live {
    /// From the answer to reading the object.
    pub(super) fn read(answer: &Value) -> anyhow::Result<Self> {
        let text = answer.get("Body").and_then(Value::as_str).unwrap_or_default();
        let pointer: Value = serde_json::from_str(text).unwrap_or_default();
        let version = pointer.get("version").and_then(Value::as_str);
        Ok(Self {
            version: version.with_context(|| format!("{CURRENT} names no version; publish again"))?.to_owned(),
            approval: pointer.get("approval").and_then(Value::as_bool).unwrap_or_default(),
            tag: answer
                .get("ETag")
                .and_then(Value::as_str)
                .with_context(|| format!("{CURRENT} has no tag"))?
                .to_owned(),
        })
    }
}

/// What is to be live.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Next<'a> {
    /// The version.
    pub(super) version: &'a str,
    /// Whether what comes after it needs an approval.
    pub(super) approval: bool,
    /// The version that was left for it, if it was live before.
    pub(super) rolled_back_from: Option<&'a str>,
}

impl Next<'_> {
    /// The call that makes it live, if that is still live which was when it was begun.
    pub(super) fn after(&self, before: Option<&Live>, bucket: &str) -> Call {
        let Self { version, approval, rolled_back_from } = self;
        let at = clock::now().rfc3339();
        let body = json!({"v": 1, "version": version, "published_at": at, "approval": approval, "rolled_back_from": rolled_back_from});
        let (condition, tag) = before.map_or(("IfNoneMatch", "*"), |live| ("IfMatch", &live.tag));
        let arguments = json!({
            "Bucket": bucket,
            "Key": CURRENT,
            "Body": body.to_string(),
            "ContentType": "application/json",
            condition: tag,
        });
        Call::new("s3", "put_object", arguments)
    }
}

/// Whether a conditional write was refused because somebody else wrote: S3 says so in two ways.
pub(super) fn was_overtaken(refusal: &Refusal) -> bool {
    matches!(refusal.code.as_str(), "PreconditionFailed" | "ConditionalRequestConflict")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(call: &Call) -> Value {
        serde_json::from_str(call.arguments()["Body"].as_str().unwrap()).unwrap()
    }

    #[test]
    fn is_written_over_what_was_seen_only() {
        let next = Next { version: "new", approval: true, rolled_back_from: Some("old") };
        let first = next.after(None, "b");
        assert_eq!((&first.arguments()["IfNoneMatch"], first.arguments().get("IfMatch")), (&json!("*"), None));
        let written = body(&first);
        assert_eq!((&written["version"], &written["rolled_back_from"]), (&json!("new"), &json!("old")));
        let live = Live::read(&json!({"Body": written.to_string(), "ETag": "\"abc\""})).unwrap();
        assert_eq!((live.version.as_str(), live.approval), ("new", true));
        let then = Next { version: "newer", approval: false, rolled_back_from: None }.after(Some(&live), "b");
        assert_eq!((&then.arguments()["IfMatch"], then.arguments().get("IfNoneMatch")), (&json!("\"abc\""), None));
        assert_eq!(body(&then)["approval"], false);
    }

    #[test]
    fn an_older_one_asks_for_no_approval_and_a_broken_one_is_told() {
        let read = |body: &str| Live::read(&json!({"Body": body, "ETag": "\"abc\""}));
        assert!(!read(r#"{"v":1,"version":"a"}"#).unwrap().approval);
        for broken in ["", "{}", "[1]"] {
            assert!(read(broken).unwrap_err().to_string().contains("publish again"), "{broken}");
        }
    }
}

//! `cargo local knowledge publish`: a folder becomes what the bot answers from.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Context as _;
use bot::knowledge::{Approval, Artifact};
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::approve;
use super::folder::compiled;
use super::record::Record;
use crate::cloud::{Call, Refusal, Target, output};
use crate::console;
use crate::stack;
use crate::tools::Tools;

pub(super) const PREFIX: &str = "knowledge/";
pub(super) const CURRENT: &str = "knowledge/current.json";

/// Makes a folder what the bot answers from.
///
/// # Errors
/// It has errors, or cannot be published.
pub fn run(dir: &Path, target: &Target) -> anyhow::Result<()> {
    let artifact = approve::approved(dir)?;
    let tools = Tools::ready()?;
    let outputs = target.outputs(&tools)?;
    let bucket = output(&outputs, "KnowledgeBucketName")?;
    note(&artifact, approve::approval(dir, &artifact).as_ref(), target, &tools, bucket)?;
    put(&artifact, target, &tools, bucket)?;
    console::say(format_args!(
        "{} entries published as version {}; the bot notices within a minute",
        artifact.base().entries.len(),
        artifact.version()
    ));
    Ok(())
}

/// Publishes the demo shop's knowledge to the local stack. Knowledge that somebody published there by hand stays, until
/// the demo's own files change.
///
/// # Errors
/// The demo has errors, or cannot be published.
pub fn ensure_demo(target: &Target, tools: &Tools, outputs: &BTreeMap<String, String>) -> anyhow::Result<()> {
    let artifact = compiled(&stack::root().join("infra/scenarios/shop/knowledge"))?;
    let bucket = output(outputs, "KnowledgeBucketName")?;
    let key = format!("{PREFIX}{}.json", artifact.version());
    let look =
        |key: &str| target.call_one(tools, Call::new("s3", "head_object", json!({"Bucket": bucket, "Key": key})));
    match look(&key).and_then(|_| look(CURRENT)) {
        Ok(_) => return Ok(()),
        Err(error)
            if error.downcast_ref::<Refusal>().is_some_and(|no| matches!(no.code.as_str(), "404" | "NoSuchKey")) => {}
        Err(error) => return Err(error),
    }
    console::progress(format_args!("publishing the demo shop's knowledge, {} entries", artifact.base().entries.len()));
    note(&artifact, None, target, tools, bucket)?;
    put(&artifact, target, tools, bucket)
}

/// Notes what is about to be published. Of what then is not, nothing is listed.
fn note(
    artifact: &Artifact,
    approval: Option<&Approval>,
    target: &Target,
    tools: &Tools,
    bucket: &str,
) -> anyhow::Result<()> {
    let record = Record::of(artifact, &now()?, approval);
    target.call_one(tools, record.keep(bucket, &artifact.version())).map(drop)
}

fn put(artifact: &Artifact, target: &Target, tools: &Tools, bucket: &str) -> anyhow::Result<()> {
    let object = |key: &str, body: &str| {
        let arguments = json!({"Bucket": bucket, "Key": key, "Body": body, "ContentType": "application/json"});
        Call::new("s3", "put_object", arguments)
    };
    let version = artifact.version();
    let body = std::str::from_utf8(artifact.bytes()).context("the artifact is no text")?;
    // The pointer goes last, so it never names what is not there.
    let calls = [object(&format!("{PREFIX}{version}.json"), body), object(CURRENT, &pointer(&version)?.to_string())];
    target.call(tools, &calls).map(drop)
}

fn pointer(version: &str) -> anyhow::Result<Value> {
    Ok(json!({"v": 1, "version": version, "published_at": now()?}))
}

/// Now, as RFC 3339 in UTC.
pub(super) fn now() -> anyhow::Result<String> {
    #[expect(clippy::disallowed_methods, reason = "the tool runs on a person's machine, by its clock")]
    let now = OffsetDateTime::from(std::time::SystemTime::now());
    now.format(&Rfc3339).context("cannot write the time")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pointer_names_the_version() {
        assert_eq!(pointer("abc").unwrap()["version"], "abc");
    }
}

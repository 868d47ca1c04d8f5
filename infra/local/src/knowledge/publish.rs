//! `cargo local knowledge publish`: a folder becomes what the bot answers from.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Instant;

use anyhow::{Context as _, bail};
use bot::encode::Encoder;
use bot::knowledge::{Approval, Artifact};
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::approve;
use super::folder::compiled;
use super::record::Record;
use crate::cloud::{Call, Refusal, Target, output};
use crate::tools::Tools;
use crate::{console, encoder, package, stack};

pub(super) const PREFIX: &str = "knowledge/";
pub(super) const CURRENT: &str = "knowledge/current.json";
/// Which state of the demo's files was published last, and as which version.
const DEMO: &str = "knowledge/demo.json";
/// The formats of stacks that were deployed before they told them.
const FIRST_FORMATS: &str = "1";

/// Makes a folder what the bot answers from.
///
/// # Errors
/// It has errors, or cannot be published.
pub fn run(dir: &Path, target: &Target) -> anyhow::Result<()> {
    let plain = approve::approved(dir)?;
    let tools = Tools::ready()?;
    let outputs = target.outputs(&tools)?;
    let bucket = output(&outputs, "KnowledgeBucketName")?;
    let formats = formats(&outputs);
    if !reads(formats, Artifact::TRAINED) {
        bail!(
            "this checkout publishes format {}, and the responder that is deployed reads {formats} only; deploy this \
             checkout, or publish with the release that is deployed",
            Artifact::TRAINED
        );
    }
    let artifact = trained(&plain, encoder::load()?.as_ref());
    put(&artifact, target, &tools, bucket)?;
    note(&artifact, approve::approval(dir, &plain).as_ref(), target, &tools, bucket)?;
    console::say(format_args!(
        "{} entries published as version {}; the bot notices within a minute",
        artifact.base().entries.len(),
        artifact.version()
    ));
    Ok(())
}

/// The formats that the deployed responder reads.
pub(super) fn formats(outputs: &BTreeMap<String, String>) -> &str {
    outputs.get("KnowledgeFormats").map_or(FIRST_FORMATS, String::as_str)
}

/// Whether a format is one of these.
pub(super) fn reads(formats: &str, format: u64) -> bool {
    formats.split(',').any(|one| one.trim().parse() == Ok(format))
}

/// Publishes the demo shop's knowledge to the local stack: when its own files have changed, and when it is live and would
/// be trained otherwise now. Knowledge that somebody published there by hand stays meanwhile.
///
/// # Errors
/// The demo has errors, or cannot be published.
pub fn ensure_demo(target: &Target, tools: &Tools, outputs: &BTreeMap<String, String>) -> anyhow::Result<()> {
    let artifact = compiled(&stack::root().join("infra/scenarios/shop/knowledge"))?;
    let bucket = output(outputs, "KnowledgeBucketName")?;
    let encoder = encoder::load()?;
    let read = |key| read(target, tools, bucket, key);
    let (demo, live) = (read(DEMO)?, read(CURRENT)?);
    let text = |value: &Option<Value>, name: &str| Some(value.as_ref()?.get(name)?.as_str()?.to_owned());
    let unchanged = live.is_some() && text(&demo, "document") == Some(artifact.version());
    let version = text(&demo, "version");
    let as_now = version == Some(artifact.version_trained(encoder.as_ref()));
    if unchanged && (as_now || version != text(&live, "version")) {
        return Ok(());
    }
    console::progress(format_args!("publishing the demo shop's knowledge, {} entries", artifact.base().entries.len()));
    let document = artifact.version();
    let artifact = trained(&artifact, encoder.as_ref());
    put(&artifact, target, tools, bucket)?;
    note(&artifact, None, target, tools, bucket)?;
    let demo = json!({"v": 1, "document": document, "version": artifact.version()}).to_string();
    let keep = json!({"Bucket": bucket, "Key": DEMO, "Body": demo, "ContentType": "application/json"});
    target.call_one(tools, Call::new("s3", "put_object", keep)).map(drop)
}

/// A JSON object of the bucket, if it is there.
fn read(target: &Target, tools: &Tools, bucket: &str, key: &str) -> anyhow::Result<Option<Value>> {
    match target.call_one(tools, Call::new("s3", "get_object", json!({"Bucket": bucket, "Key": key}))) {
        Ok(answer) => {
            let body = answer.get("Body").and_then(Value::as_str).unwrap_or_default();
            serde_json::from_str(body).map(Some).with_context(|| format!("cannot read {key} of the bucket {bucket}"))
        }
        Err(error)
            if error.downcast_ref::<Refusal>().is_some_and(|no| matches!(no.code.as_str(), "404" | "NoSuchKey")) =>
        {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

fn trained(artifact: &Artifact, encoder: Option<&Encoder>) -> Artifact {
    let started = Instant::now();
    let trained = artifact.train(encoder);
    console::progress(format_args!(
        "the bot learnt {} entries in {}, {:.1} MB",
        artifact.base().entries.len(),
        console::span(started.elapsed()),
        package::megabytes(u64::try_from(trained.bytes().len()).unwrap_or(u64::MAX))
    ));
    trained
}

/// Notes what was published. Without a note, it is listed as what its content says.
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
    let version = artifact.version();
    // Models are no text, which is all that calls can hold: they travel in a file.
    let file = std::env::temp_dir().join(format!("frontdesk-knowledge-{}-{version}", std::process::id()));
    fs::write(&file, artifact.bytes()).with_context(|| format!("cannot write {}", file.display()))?;
    // Its key has ended so since it was one JSON document.
    let key = format!("{PREFIX}{version}.json");
    let upload = json!({"Filename": file.display().to_string(), "Bucket": bucket, "Key": key});
    let pointer = pointer(&version)?.to_string();
    let pointer = json!({"Bucket": bucket, "Key": CURRENT, "Body": pointer, "ContentType": "application/json"});
    // The pointer goes last, so it never names what is not there.
    let calls = [Call::new("s3", "upload_file", upload), Call::new("s3", "put_object", pointer)];
    let put = target.call(tools, &calls).map(drop);
    drop(fs::remove_file(&file));
    put
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

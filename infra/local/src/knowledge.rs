//! `cargo local knowledge`: checks a folder of knowledge files and publishes it.
//!
//! Published are `knowledge/<version>.json`, which never changes, and `knowledge/current.json`, which names the version
//! that the bot answers from.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, bail};
use bot::knowledge::{Artifact, Severity, Source};
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::cloud::{Call, Refusal, Target, output};
use crate::console;
use crate::stack;
use crate::tools::Tools;

const PREFIX: &str = "knowledge/";
const CURRENT: &str = "knowledge/current.json";

/// Says what is wrong with a folder.
///
/// # Errors
/// It cannot be read, or has errors.
pub fn check(dir: &Path) -> anyhow::Result<()> {
    let artifact = compiled(dir)?;
    console::say(format_args!("{} entries, no errors; version {}", artifact.base().entries.len(), artifact.version()));
    Ok(())
}

/// Makes a folder what the bot answers from.
///
/// # Errors
/// It has errors, or cannot be published.
pub fn publish(dir: &Path, target: &Target) -> anyhow::Result<()> {
    let artifact = compiled(dir)?;
    let tools = Tools::ready()?;
    let outputs = target.outputs(&tools)?;
    put(&artifact, target, &tools, output(&outputs, "KnowledgeBucketName")?)?;
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
    put(&artifact, target, tools, bucket)
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
    #[expect(clippy::disallowed_methods, reason = "the tool runs on a person's machine, by its clock")]
    let now = OffsetDateTime::from(std::time::SystemTime::now());
    Ok(json!({"v": 1, "version": version, "published_at": now.format(&Rfc3339).context("cannot write the time")?}))
}

/// Checks a folder, prints what is wrong, and compiles it if nothing is an error.
pub(crate) fn compiled(dir: &Path) -> anyhow::Result<Artifact> {
    let report = bot::knowledge::check(&sources(dir)?);
    for problem in &report.problems {
        console::progress(problem);
    }
    let errors = report.problems.iter().filter(|problem| problem.severity == Severity::Error).count();
    match report.base {
        Some(base) => bot::knowledge::compile(base).context("cannot compile the knowledge"),
        None => bail!("{} has {errors} errors; nothing is published until they are mended", dir.display()),
    }
}

/// The `.yaml` files of a folder and of its subfolders, by name.
fn sources(dir: &Path) -> anyhow::Result<Vec<Source>> {
    let mut sources = Vec::new();
    collect(dir, &mut sources)?;
    if sources.is_empty() {
        bail!("{} holds no .yaml files", dir.display());
    }
    sources.sort_unstable_by(|a, b| a.file.cmp(&b.file));
    Ok(sources)
}

fn collect(dir: &Path, sources: &mut Vec<Source>) -> anyhow::Result<()> {
    let unreadable = || format!("cannot read {}", dir.display());
    for entry in fs::read_dir(dir).with_context(unreadable)? {
        let path = entry.with_context(unreadable)?.path();
        if path.is_dir() {
            collect(&path, sources)?;
        } else if path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml") {
            let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
            sources.push(Source { file: path.display().to_string(), text });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_demo_knowledge_is_sound() {
        let artifact = compiled(&stack::root().join("infra/scenarios/shop/knowledge")).unwrap();
        assert!(artifact.base().entries.len() >= 60);
        assert_eq!(pointer(&artifact.version()).unwrap()["version"].as_str().unwrap().len(), 64);
    }

    #[test]
    fn a_folder_without_knowledge_is_refused() {
        assert!(compiled(&stack::root().join("infra/local/src")).unwrap_err().to_string().contains("no .yaml files"));
    }
}

//! `cargo local knowledge`: checks a folder of knowledge files and publishes it.
//!
//! Published are `knowledge/<version>.json`, which never changes, and `knowledge/current.json`, which names the version
//! that the bot answers from.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Instant;

use anyhow::{Context as _, bail};
use bot::encode::Encoder;
use bot::knowledge::{Artifact, Severity, Source};
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::cloud::{Call, Refusal, Target, output};
use crate::tools::Tools;
use crate::{console, encoder, package, stack};

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
    let artifact = trained(&compiled(dir)?, encoder::load()?.as_ref());
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
    let encoder = encoder::load()?;
    let key = format!("{PREFIX}{}.json", artifact.version_trained(encoder.as_ref()));
    let look =
        |key: &str| target.call_one(tools, Call::new("s3", "head_object", json!({"Bucket": bucket, "Key": key})));
    match look(&key).and_then(|_| look(CURRENT)) {
        Ok(_) => return Ok(()),
        Err(error)
            if error.downcast_ref::<Refusal>().is_some_and(|no| matches!(no.code.as_str(), "404" | "NoSuchKey")) => {}
        Err(error) => return Err(error),
    }
    console::progress(format_args!("publishing the demo shop's knowledge, {} entries", artifact.base().entries.len()));
    put(&trained(&artifact, encoder.as_ref()), target, tools, bucket)
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
    fs::remove_file(&file).with_context(|| format!("cannot remove {}", file.display()))?;
    put
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

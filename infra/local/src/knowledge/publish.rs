//! `cargo local knowledge publish`: a folder becomes what the bot answers from.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Instant;

use anyhow::{Context as _, bail};
use bot::encode::Encoder;
use bot::knowledge::{Approval, Artifact};
use serde_json::{Value, json};

use super::approve;
use super::folder::compiled;
use super::library::{Library, Overtaken};
use super::live::{Live, Next};
use super::record::Record;
use crate::cloud::{Call, Target};
use crate::tools::Tools;
use crate::{clock, console, encoder, package, stack};

pub(super) const PREFIX: &str = "knowledge/";
pub(super) const CURRENT: &str = "knowledge/current.json";
/// Which state of the demo's files was published last, and as which version.
const DEMO: &str = "knowledge/demo.json";
/// The formats of stacks that were deployed before they told them.
const FIRST_FORMATS: &str = "1";

/// Makes a folder what the bot answers from.
///
/// # Errors
/// It has errors, it or the live version asks for an approval that it does not have, another version was made live
/// meanwhile, or it cannot be published.
pub fn run(dir: &Path, target: &Target) -> anyhow::Result<()> {
    let (plain, asks) = approve::approved(dir)?;
    let approval = approve::approval(dir, &plain);
    let library = Library::of(target)?;
    if !library.reads(Artifact::TRAINED) {
        bail!(
            "this checkout publishes format {}, and the responder that is deployed reads {} only; deploy this checkout, or \
             publish with the release that is deployed",
            Artifact::TRAINED,
            library.formats()
        );
    }
    let before = library.live()?;
    // Else whoever takes the line out of base.yaml needs nobody.
    if approval.is_none() && before.as_ref().is_some_and(|live| live.approval) {
        bail!(
            "base.yaml asks for no approval any more, and the live version still does, so that somebody has to approve this \
             once; have it read, then `cargo local knowledge approve {} --by NAME`",
            dir.display()
        );
    }
    let artifact = trained(&plain, encoder::load()?.as_ref());
    put(&artifact, asks, approval.as_ref(), before.as_ref(), &library)?;
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
    let library = Library::with(target, tools, outputs)?;
    let encoder = encoder::load()?;
    let (demo, live) = (demo(&library)?, library.live()?);
    let text = |name: &str| Some(demo.as_ref()?.get(name)?.as_str()?.to_owned());
    let unchanged = live.is_some() && text("document") == Some(artifact.version());
    let version = text("version");
    let as_now = version == Some(artifact.version_trained(encoder.as_ref()));
    if unchanged && (as_now || version.as_ref() != live.as_ref().map(|live| &live.version)) {
        return Ok(());
    }
    console::progress(format_args!("publishing the demo shop's knowledge, {} entries", artifact.base().entries.len()));
    let document = artifact.version();
    let artifact = trained(&artifact, encoder.as_ref());
    put(&artifact, false, None, live.as_ref(), &library)?;
    let demo = json!({"v": 1, "document": document, "version": artifact.version()}).to_string();
    let keep = json!({"Bucket": library.bucket(), "Key": DEMO, "Body": demo, "ContentType": "application/json"});
    library.call(&[Call::new("s3", "put_object", keep)]).map(drop)
}

/// What is noted of the demo.
fn demo(library: &Library) -> anyhow::Result<Option<Value>> {
    let object = library.object(DEMO)?;
    let text = object.as_ref().and_then(|object| object.get("Body")?.as_str());
    text.map(serde_json::from_str)
        .transpose()
        .with_context(|| format!("cannot read {DEMO} of the bucket {}", library.bucket()))
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

/// Stores a version, makes it live after `before`, and notes it. Without a note, it is listed as what its content says.
fn put(
    artifact: &Artifact,
    asks: bool,
    approval: Option<&Approval>,
    before: Option<&Live>,
    library: &Library,
) -> anyhow::Result<()> {
    // Training takes its time: whoever was overtaken by now need not store anything.
    library.still(before)?;
    let version = artifact.version();
    store(artifact, &version, library)?;
    let record = Record::of(artifact, &clock::now().rfc3339(), approval);
    // The pointer goes last, so it never names what is not there.
    let next = Next { version: &version, approval: asks, rolled_back_from: None };
    if let Err(error) = library.replace(before, &next) {
        if error.is::<Overtaken>() {
            library.note(&version, &Record { overtaken: true, ..record })?;
        }
        return Err(error);
    }
    library.note(&version, &record)
}

fn store(artifact: &Artifact, version: &str, library: &Library) -> anyhow::Result<()> {
    // Models are no text, which is all that calls can hold: they travel in a file.
    let file = std::env::temp_dir().join(format!("frontdesk-knowledge-{}-{version}", std::process::id()));
    fs::write(&file, artifact.bytes()).with_context(|| format!("cannot write {}", file.display()))?;
    // Its key has ended so since it was one JSON document.
    let key = format!("{PREFIX}{version}.json");
    let upload = json!({"Filename": file.display().to_string(), "Bucket": library.bucket(), "Key": key});
    let stored = library.call(&[Call::new("s3", "upload_file", upload)]).map(drop);
    drop(fs::remove_file(&file));
    stored
}

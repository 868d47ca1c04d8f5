//! What was published to a stack: its versions, which of them is live, and their content.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::{fmt, fs};

use anyhow::{Context as _, anyhow, bail};
use bot::knowledge::Artifact;
use serde_json::{Value, json};

use super::live::{Live, Next, was_overtaken};
use super::publish::{self, CURRENT, PREFIX};
use super::record::{RECORDS, Record};
use crate::cloud::{Attempt, Call, Session, Target, output};
use crate::tools::Tools;

/// What names the version that the bot answers from.
pub(super) const LIVE: &str = "live";
/// Letters of a version by which it may be named, at least, and by which it is shown.
const LEAST: usize = 8;
pub(super) const SHOWN: usize = 12;

/// A stack's published knowledge.
pub(super) struct Library {
    session: RefCell<Session>,
    bucket: String,
    formats: String,
    flags: String,
}

/// A version that lies in the bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Published {
    /// Its name.
    pub(super) version: String,
    /// Its size in bytes.
    pub(super) bytes: u64,
    /// When it was stored, as RFC 3339 in UTC.
    pub(super) stored_at: String,
    /// Whether it is noted what is in it.
    pub(super) noted: bool,
}

impl Library {
    /// Of this stack.
    ///
    /// # Errors
    /// There is no such stack, or AWS cannot be asked.
    pub(super) fn of(target: &Target) -> anyhow::Result<Self> {
        let tools = Tools::ready()?;
        Self::with(target, &tools, &target.outputs(&tools)?)
    }

    /// Of this stack, whose outputs are known.
    ///
    /// # Errors
    /// It has no knowledge, or AWS cannot be asked.
    pub(super) fn with(target: &Target, tools: &Tools, outputs: &BTreeMap<String, String>) -> anyhow::Result<Self> {
        Ok(Self {
            bucket: output(outputs, "KnowledgeBucketName")?.to_owned(),
            formats: publish::formats(outputs).to_owned(),
            session: RefCell::new(target.session(tools)?),
            flags: target.flags(),
        })
    }

    /// The bucket that it lies in.
    pub(super) fn bucket(&self) -> &str {
        &self.bucket
    }

    /// How `cargo local` is told to work on this stack.
    pub(super) fn flags(&self) -> &str {
        &self.flags
    }

    /// The version that the bot answers from; `None` while nothing is published.
    pub(super) fn live(&self) -> anyhow::Result<Option<Live>> {
        self.object(CURRENT)?.as_ref().map(Live::read).transpose()
    }

    /// The answer to reading an object; `None` if it is not there.
    pub(super) fn object(&self, key: &str) -> anyhow::Result<Option<Value>> {
        let attempt = self.attempt(&[self.get(key)])?;
        match attempt.refusal {
            Some(refusal) if refusal.code == "NoSuchKey" => Ok(None),
            Some(refusal) => Err(anyhow!(refusal)),
            None => Ok(attempt.answers.into_iter().next()),
        }
    }

    /// Makes a version live, if that is live still which was before: one object is written, whole or not at all.
    ///
    /// # Errors
    /// [`Overtaken`], or AWS refuses.
    pub(super) fn replace(&self, before: Option<&Live>, next: &Next<'_>) -> anyhow::Result<()> {
        let attempt = self.attempt(&[next.after(before, &self.bucket)])?;
        match attempt.refusal {
            Some(refusal) if was_overtaken(&refusal) => self.overtaken(),
            Some(refusal) => Err(anyhow!(refusal)),
            None => Ok(()),
        }
    }

    /// Fails if something else is live than was before.
    ///
    /// # Errors
    /// [`Overtaken`], or AWS cannot be asked.
    pub(super) fn still(&self, before: Option<&Live>) -> anyhow::Result<()> {
        if self.live()?.as_ref() == before { Ok(()) } else { self.overtaken() }
    }

    fn overtaken(&self) -> anyhow::Result<()> {
        let live = self.live()?.map(|live| live.version).unwrap_or_default();
        let flags = self.flags.clone();
        bail!(Overtaken { live, flags })
    }

    /// Every version, by name.
    pub(super) fn published(&self) -> anyhow::Result<Vec<Published>> {
        let noted: Vec<String> = self.list(RECORDS)?.iter().filter_map(|o| name(o, RECORDS)).collect();
        let artifacts = self.list(PREFIX)?;
        let found = artifacts.iter().filter_map(|object| {
            let version = name(object, PREFIX)?;
            Some(Published {
                bytes: object.get("Size").and_then(Value::as_u64).unwrap_or_default(),
                stored_at: utc(object.get("LastModified").and_then(Value::as_str).unwrap_or_default()),
                noted: noted.contains(&version),
                version,
            })
        });
        Ok(found.collect())
    }

    /// What is known of versions; what was published before it was noted is read itself.
    pub(super) fn records(&self, published: &[Published]) -> anyhow::Result<BTreeMap<String, Record>> {
        let noted: Vec<&Published> = published.iter().filter(|one| one.noted).collect();
        let calls: Vec<Call> = noted.iter().map(|one| self.get(&record_key(&one.version))).collect();
        let answers = self.call(&calls)?;
        let mut records = BTreeMap::new();
        for (one, answer) in noted.iter().zip(&answers) {
            records.extend(body(answer).and_then(Record::read).map(|record| (one.version.clone(), record)));
        }
        for one in published {
            // Of what this program cannot read, nothing is known but that it is there.
            if !records.contains_key(&one.version)
                && let Ok(artifact) = self.artifact(&one.version)
            {
                records.insert(one.version.clone(), Record::of(&artifact, &one.stored_at, None));
            }
        }
        Ok(records)
    }

    /// The version that a user names: [`LIVE`], a version, or its first letters.
    pub(super) fn resolve(&self, name: &str) -> anyhow::Result<String> {
        if name == LIVE {
            let live = self.live()?.map(|live| live.version);
            return live.with_context(|| format!("nothing is published{}", self.where_flags()));
        }
        let versions: Vec<String> = self.published()?.into_iter().map(|one| one.version).collect();
        named(name, &versions).with_context(|| self.listing())
    }

    /// A version's content.
    pub(super) fn artifact(&self, version: &str) -> anyhow::Result<Artifact> {
        // Not all of it need be text, which is all that an answer can hold: it travels in a file.
        let file = std::env::temp_dir().join(format!("frontdesk-version-{}-{version}", std::process::id()));
        let arguments = json!({"Bucket": self.bucket, "Key": format!("{PREFIX}{version}.json"), "Filename": file.display().to_string()});
        let read = self
            .call(&[Call::new("s3", "download_file", arguments)])
            .and_then(|_| fs::read(&file).with_context(|| format!("cannot read {}", file.display())));
        drop(fs::remove_file(&file));
        let artifact = Artifact::from_bytes(read?).with_context(|| format!("version {version} cannot be read"))?;
        if artifact.version() != version {
            bail!("version {version} is damaged: its content is that of {}", artifact.version());
        }
        Ok(artifact)
    }

    /// Whether the responder that is deployed reads a format.
    pub(super) fn reads(&self, format: u64) -> bool {
        publish::reads(&self.formats, format)
    }

    /// The formats that the deployed responder reads.
    pub(super) fn formats(&self) -> &str {
        &self.formats
    }

    /// What is noted of a version; `None` if nothing is.
    pub(super) fn record(&self, version: &str) -> anyhow::Result<Option<Record>> {
        Ok(self.object(&record_key(version))?.as_ref().and_then(body).and_then(Record::read))
    }

    /// Notes what is known of a version. That it was overtaken says nothing new of one of which something is noted.
    pub(super) fn note(&self, version: &str, record: &Record) -> anyhow::Result<()> {
        match self.attempt(&[record.keep(&self.bucket, version)])?.refusal {
            Some(refusal) if !(record.overtaken && was_overtaken(&refusal)) => Err(anyhow!(refusal)),
            _ => Ok(()),
        }
    }

    /// How the versions are listed.
    pub(super) fn listing(&self) -> String {
        format!("`cargo local knowledge versions{}` lists the versions", self.flags)
    }

    fn where_flags(&self) -> String {
        if self.flags.is_empty() { String::new() } else { format!(" ({})", self.flags.trim()) }
    }

    fn get(&self, key: &str) -> Call {
        Call::new("s3", "get_object", json!({"Bucket": self.bucket, "Key": key}))
    }

    fn list(&self, prefix: &str) -> anyhow::Result<Vec<Value>> {
        let mut objects = Vec::new();
        let mut arguments = json!({"Bucket": self.bucket, "Prefix": prefix, "Delimiter": "/"});
        loop {
            let mut answers = self.call(&[Call::new("s3", "list_objects_v2", arguments.clone())])?;
            let mut page = answers.pop().unwrap_or_default();
            if let Some(Value::Array(found)) = page.get_mut("Contents").map(Value::take) {
                objects.extend(found);
            }
            let Some(next) = page.get("NextContinuationToken").filter(|next| next.is_string()) else {
                return Ok(objects);
            };
            arguments.as_object_mut().into_iter().for_each(|arguments| {
                arguments.insert("ContinuationToken".to_owned(), next.clone());
            });
        }
    }

    /// Makes calls, one after the other.
    pub(super) fn call(&self, calls: &[Call]) -> anyhow::Result<Vec<Value>> {
        let attempt = self.attempt(calls)?;
        match attempt.refusal {
            Some(refusal) => Err(anyhow!(refusal)),
            None => Ok(attempt.answers),
        }
    }

    fn attempt(&self, calls: &[Call]) -> anyhow::Result<Attempt> {
        if calls.is_empty() {
            return Ok(Attempt { answers: vec![], refusal: None });
        }
        self.session.borrow_mut().attempt(calls)
    }
}

/// Somebody else made a version live meanwhile; nothing was written.
#[derive(Debug)]
pub(super) struct Overtaken {
    live: String,
    flags: String,
}

impl fmt::Display for Overtaken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { live, flags } = self;
        let short = live.get(..SHOWN).unwrap_or(live);
        write!(
            f,
            "somebody made version {short} live meanwhile, so nothing was changed; see with `cargo local knowledge diff \
             FOLDER-OR-VERSION live{flags}` what differs, then run this again"
        )
    }
}

impl std::error::Error for Overtaken {}

fn record_key(version: &str) -> String {
    format!("{RECORDS}{version}.json")
}

fn body(answer: &Value) -> Option<&str> {
    answer.get("Body")?.as_str()
}

/// The version that an object's key names, below a prefix.
fn name(object: &Value, prefix: &str) -> Option<String> {
    let name = object.get("Key")?.as_str()?.strip_prefix(prefix)?.strip_suffix(".json")?;
    is_version(name).then(|| name.to_owned())
}

fn is_version(name: &str) -> bool {
    name.len() == 64 && name.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// boto3's moment as RFC 3339.
fn utc(moment: &str) -> String {
    let plain = moment.replacen(' ', "T", 1);
    plain.strip_suffix("+00:00").map_or(plain.clone(), |plain| format!("{plain}Z"))
}

/// The one version that begins so.
fn named(name: &str, versions: &[String]) -> anyhow::Result<String> {
    if name.len() < LEAST || !name.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        bail!("`{name}` is no version: give at least the first {LEAST} letters of one");
    }
    let found: Vec<&String> = versions.iter().filter(|one| one.starts_with(&name.to_lowercase())).collect();
    match found.as_slice() {
        [one] => Ok((*one).clone()),
        [] => bail!("no version that begins with `{name}` was ever published here"),
        [..] => bail!("{} versions begin with `{name}`: give more of its letters", found.len()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_named_by_its_first_letters() {
        let [one, two] = ["ab12cd34", "ab12cd35"].map(|start| format!("{start}{}", "0".repeat(56)));
        let versions = [one.clone(), two];
        assert_eq!(named(&one, &versions).unwrap(), one);
        assert_eq!(named("AB12CD35", &versions).unwrap(), versions[1]);
        for (name, why) in [
            ("ab12", "at least the first 8"),
            ("shop/knowledge", "is no version"),
            ("ffffffff", "was ever published"),
            ("ab12cd3", "at least"),
        ] {
            assert!(named(name, &versions).unwrap_err().to_string().contains(why), "{name}");
        }
        let twins = [one, format!("ab12cd34{}1", "0".repeat(55))];
        assert!(named("ab12cd340", &twins).unwrap_err().to_string().contains("2 versions begin"));
    }

    #[test]
    fn objects_tell_their_versions() {
        let version = "a".repeat(64);
        let object = |key: &str| json!({ "Key": key });
        assert_eq!(name(&object(&format!("knowledge/{version}.json")), PREFIX), Some(version.clone()));
        assert_eq!(name(&object(&format!("knowledge/versions/{version}.json")), PREFIX), None);
        assert_eq!(name(&object(CURRENT), PREFIX), None);
        assert_eq!(utc("2026-01-02 03:04:05+00:00"), "2026-01-02T03:04:05Z");
    }
}

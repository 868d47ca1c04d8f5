//! `cargo local export`: everything of a person as JSON, one history over all identities that are linked to them.
//! README, "Forget and export", describes the shape.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, bail};
use app::files::is_note;
use domain::{Conversation, ConversationId, GroupId, Message, Turn, UnixMillis};
use serde_json::{Value, json};

use crate::cloud::{Call, Target};
use crate::person::addresses;
use crate::person::files::{self, Version};
use crate::person::history::{Delivery, History};
use crate::person::records::Records;
use crate::person::{Known, Person};
use crate::{cli, clock, console};

/// The shape of what is written.
const VERSION: u32 = 1;
/// The file in the folder.
const FILE: &str = "export.json";

/// An identity with all that is kept of it.
struct Part {
    group: GroupId,
    known: Known,
    history: History,
    uploads: Vec<Value>,
}

/// Gives out everything of a person.
///
/// # Errors
/// There is nobody of that name, AWS refuses a call, or the folder cannot be written.
pub fn run(target: &Target, arguments: &cli::Export) -> anyhow::Result<()> {
    let records = Records::of(target)?;
    let person = Person::find(&records, &arguments.person)?;
    if let Some(folder) = &arguments.to {
        fs::create_dir(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    }
    let mut parts = Vec::new();
    for (group, known) in person.identities {
        let history = History::read(&records, &group)?;
        let uploads = uploads(&records, &group, arguments.to.as_deref())?;
        parts.push(Part { group, known, history, uploads });
    }
    let proved = addresses::told(&addresses::of(&records, &person.customer)?);
    let told = format!("{:#}", export(&json!(person.customer), &clock::now().rfc3339(), &proved, &parts));
    let Some(folder) = &arguments.to else {
        console::say(told);
        return Ok(());
    };
    let file = folder.join(FILE);
    fs::write(&file, format!("{told}\n")).with_context(|| format!("cannot write {}", file.display()))?;
    let count: usize = parts.iter().map(|part| part.uploads.len()).sum();
    console::say(format_args!("{} identities and {count} files in {}", parts.len(), folder.display()));
    Ok(())
}

/// The newest versions of an identity's files, and their bytes into a folder, if one is given.
fn uploads(records: &Records, group: &GroupId, folder: Option<&Path>) -> anyhow::Result<Vec<Value>> {
    let newest = |version: &Version| version.latest && version.bytes.is_some() && !is_note(&version.key);
    let versions: Vec<Version> = files::versions(records, group)?.into_iter().filter(newest).collect();
    let head =
        |version: &Version| Call::new("s3", "head_object", json!({"Bucket": records.uploads, "Key": version.key}));
    let heads = records.call(&versions.iter().map(head).collect::<Vec<_>>())?;
    let mut told = Vec::new();
    for (version, head) in versions.iter().zip(heads) {
        let name = version.key.rsplit('/').next().unwrap_or_default();
        let mut upload = json!({
            "upload": name,
            "group": group,
            "type": head.get("ContentType"),
            "bytes": version.bytes,
            "stored_at": version.modified,
        });
        if let (Some(folder), Some(upload)) = (folder, upload.as_object_mut()) {
            upload.insert("file".to_owned(), json!(download(records, group, version, name, folder)?));
        }
        told.push(upload);
    }
    Ok(told)
}

/// Fetches a file; its place in the folder.
fn download(
    records: &Records,
    group: &GroupId,
    version: &Version,
    name: &str,
    folder: &Path,
) -> anyhow::Result<String> {
    // The name becomes a path: nothing but an upload's id.
    if name.parse::<domain::UploadId>().is_err() {
        bail!("the bucket holds a file that is no upload: {}", version.key);
    }
    let place = format!("uploads/{group}/{name}");
    let file = folder.join(&place);
    if let Some(dir) = file.parent() {
        fs::create_dir_all(dir).with_context(|| format!("cannot create {}", dir.display()))?;
    }
    let file = std::path::absolute(&file).with_context(|| format!("no path {}", file.display()))?;
    let arguments = json!({"Bucket": records.uploads, "Key": version.key, "Filename": file});
    records.call_one(Call::new("s3", "download_file", arguments))?;
    Ok(place)
}

fn export(customer: &Value, at: &str, proved: &[Value], parts: &[Part]) -> Value {
    let mut turns: Vec<(&GroupId, &Turn)> =
        parts.iter().flat_map(|part| part.history.turns.iter().map(|turn| (&part.group, turn))).collect();
    turns.sort_by_key(|(group, turn)| (turn.at, *group, turn.number));
    let deliveries =
        parts.iter().flat_map(|part| part.history.deliveries.iter().map(|sent| delivery(&part.group, sent)));
    json!({
        "v": VERSION,
        "exported_at": at,
        "customer": customer,
        "addresses": proved,
        "identities": parts.iter().map(identity).collect::<Vec<_>>(),
        "conversations": conversations(&turns),
        "history": turns.iter().filter_map(|(group, turn)| told(group, turn)).collect::<Vec<_>>(),
        "deliveries": deliveries.flatten().collect::<Vec<_>>(),
        "uploads": parts.iter().flat_map(|part| &part.uploads).collect::<Vec<_>>(),
    })
}

fn identity(part: &Part) -> Value {
    let Part { group, known, history, .. } = part;
    let link = known.member.as_ref();
    json!({
        "group": group,
        "channel": known.identity.as_ref().map(|identity| identity.channel),
        "account": known.identity.as_ref().map(|identity| &identity.account),
        "user": known.identity.as_ref().map(|identity| &identity.user),
        "linked_at": link.map(|member| member.since.rfc3339()),
        "linked_by": link.map(|member| &member.proof),
        "forgotten_at": history.forgotten_at().map(UnixMillis::rfc3339),
        "current": history.head.as_ref().map(head),
    })
}

fn head(head: &Conversation) -> Value {
    json!({
        "conversation": head.id,
        "owner": head.owner,
        "locale": head.locale,
        "opened_at": head.opened_at.rfc3339(),
        "updated_at": head.updated_at.rfc3339(),
        "heard_at": head.heard_at.map(UnixMillis::rfc3339),
    })
}

fn conversations(turns: &[(&GroupId, &Turn)]) -> Vec<Value> {
    let mut found: BTreeMap<&ConversationId, (&GroupId, UnixMillis, UnixMillis, usize)> = BTreeMap::new();
    for (group, turn) in turns {
        let entry = found.entry(&turn.conversation).or_insert((group, turn.at, turn.at, 0));
        entry.2 = turn.at;
        entry.3 += 1;
    }
    let mut all: Vec<_> = found.into_iter().collect();
    all.sort_by_key(|(_, (_, first, _, _))| *first);
    let told = |(id, (group, first, last, turns)): (_, (_, UnixMillis, UnixMillis, _))| json!({"conversation": id, "group": group, "first_at": first.rfc3339(), "last_at": last.rfc3339(), "turns": turns});
    all.into_iter().map(told).collect()
}

/// A turn; nothing, if it was erased.
fn told(group: &GroupId, turn: &Turn) -> Option<Value> {
    (!turn.messages.is_empty() || !turn.changes.is_empty()).then(|| {
        json!({
            "at": turn.at.rfc3339(),
            "group": group,
            "conversation": turn.conversation,
            "turn": turn.id,
            "messages": turn.messages.iter().map(message).collect::<Vec<_>>(),
            "changes": turn.changes,
            "unanswered": turn.unanswered,
        })
    })
}

fn message(message: &Message) -> Value {
    json!({
        "id": message.id,
        "seq": message.seq,
        "author": message.author,
        "at": message.at.rfc3339(),
        "content": message.content,
    })
}

fn delivery(group: &GroupId, delivery: &Delivery) -> Option<Value> {
    let outbound = delivery.outbound.as_ref()?;
    Some(json!({
        "delivery": outbound.id,
        "group": group,
        "conversation": outbound.conversation,
        "transport": outbound.transport,
        "messages": outbound.messages.iter().map(|message| &message.id).collect::<Vec<_>>(),
        "state": delivery.state,
        "reason": delivery.reason,
    }))
}

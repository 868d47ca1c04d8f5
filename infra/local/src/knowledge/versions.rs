//! `cargo local knowledge versions`: what was published, and which version is live.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::library::{Library, Published, SHOWN};
use super::record::Record;
use crate::cloud::Target;
use crate::console;

/// Lists the published versions, the newest first.
///
/// # Errors
/// There is no such stack, or AWS cannot be asked.
pub fn run(target: &Target, as_json: bool) -> anyhow::Result<()> {
    let library = Library::of(target)?;
    let live = library.live()?.map(|live| live.version);
    let mut published = library.published()?;
    let records = library.records(&published)?;
    published.sort_by_key(|one| std::cmp::Reverse(moment(one, &records)));
    if as_json {
        let versions: Vec<Value> =
            published.iter().map(|one| described(one, records.get(&one.version), live.as_ref())).collect();
        console::say(json!({"v": 1, "live": live, "versions": versions}));
        return Ok(());
    }
    if published.is_empty() {
        console::say("nothing is published");
    }
    for one in &published {
        console::say(told(one, records.get(&one.version), live.as_ref() == Some(&one.version)));
    }
    Ok(())
}

/// When a version was last published, so that moments compare as texts do.
pub(super) fn moment(one: &Published, records: &BTreeMap<String, Record>) -> String {
    let at = records.get(&one.version).map_or(&one.stored_at, |record| &record.published_at);
    at.strip_suffix('Z').unwrap_or(at).to_owned()
}

fn described(one: &Published, record: Option<&Record>, live: Option<&String>) -> Value {
    let Published { version, bytes, stored_at, .. } = one;
    json!({
        "version": version,
        "live": live == Some(version),
        "published_at": record.map_or(stored_at, |record| &record.published_at),
        "entries": record.map(|record| record.entries),
        "phrasings": record.map(|record| record.phrasings),
        "bytes": bytes,
        "approved": record.and_then(|record| record.written().get("approved").cloned()),
        "overtaken": record.is_some_and(|record| record.overtaken),
    })
}

fn told(one: &Published, record: Option<&Record>, live: bool) -> String {
    let short = one.version.get(..SHOWN).unwrap_or(&one.version);
    let at = record.map_or(&one.stored_at, |record| &record.published_at);
    // To the second.
    let at = at.get(..19).map_or_else(|| at.clone(), |seconds| format!("{seconds}Z"));
    let holds = record.map_or_else(
        || "of a format that this checkout does not read".to_owned(),
        |record| format!("{} entries, {} phrasings", record.entries, record.phrasings),
    );
    let approved = record.and_then(|record| record.approved.as_ref());
    let approved = approved.map(|(by, at)| format!(", approved by {by} on {}", at.get(..10).unwrap_or(at)));
    let mark = match record {
        _ if live => " (live)",
        Some(record) if record.overtaken => " (never live: another was published meanwhile)",
        Some(_) | None => "",
    };
    format!("{short}  {at}  {holds}, {} KB{}{mark}", one.bytes.div_ceil(1000), approved.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_told_in_a_line() {
        let version = format!("ab12cd34ef56{}", "0".repeat(52));
        let one = Published { version, bytes: 311_001, stored_at: "2026-01-02T03:04:05Z".to_owned(), noted: true };
        let record = Record {
            published_at: "2026-01-03T03:04:05.123Z".to_owned(),
            entries: 64,
            phrasings: 912,
            approved: Some(("小林".to_owned(), "2026-01-02T00:00:00Z".to_owned())),
            overtaken: false,
        };
        assert_eq!(
            told(&one, Some(&record), true),
            "ab12cd34ef56  2026-01-03T03:04:05Z  64 entries, 912 phrasings, 312 KB, approved by 小林 on 2026-01-02 (live)"
        );
        assert!(told(&one, None, false).contains("does not read"));
        assert!(told(&one, Some(&Record { overtaken: true, ..record.clone() }), false).contains("(never live"));
        // A publication within the same second comes after.
        let records = BTreeMap::from([(one.version.clone(), record)]);
        assert!(moment(&one, &records).as_str() > "2026-01-03T03:04:05");
        assert_eq!(moment(&one, &BTreeMap::new()), "2026-01-02T03:04:05");
    }
}

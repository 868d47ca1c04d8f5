//! `cargo local knowledge rollback`: an earlier published version is live again, without a build or a training.

use std::collections::BTreeMap;

use anyhow::{Context as _, bail};

use super::approve;
use super::library::{Library, Published, SHOWN};
use super::live::Next;
use super::record::Record;
use super::versions::moment;
use crate::cloud::Target;
use crate::console;

/// Makes a version live; without a name, the one that was published before the live one. `by` approves it.
///
/// # Errors
/// There is no such version, it is damaged or of a format that the deployed responder does not read, nobody approved it
/// where that is asked for, another version was made live meanwhile, or AWS refuses.
pub fn run(version: Option<&str>, by: Option<&str>, target: &Target) -> anyhow::Result<()> {
    let library = Library::of(target)?;
    let live = library.live()?.context("nothing is published, so there is nothing to go back from")?;
    let version = if let Some(name) = version {
        library.resolve(name)?
    } else {
        let published = library.published()?;
        let records = library.records(&published)?;
        before(&live.version, &published, &records).with_context(|| {
            format!("nothing was published before the live version {}; {}", short(&live.version), library.listing())
        })?
    };
    if version == live.version {
        console::say(format_args!("version {} is live already; nothing was changed", short(&version)));
        return Ok(());
    }
    let artifact = library.artifact(&version)?;
    if !library.reads(artifact.format()) {
        bail!(
            "version {} has format {}, and the responder that is deployed reads {} only; deploy this checkout, or publish \
             the folder again with the release that is deployed",
            short(&version),
            artifact.format(),
            library.formats()
        );
    }
    let record = library.record(&version)?;
    let known = record.as_ref().is_some_and(|record| record.approved.is_some());
    if let (Some(by), false) = (by, known) {
        let approval = approve::given(&artifact, by)?;
        let at = record.map_or_else(|| approval.at.clone(), |record| record.published_at);
        library.note(&version, &Record::of(&artifact, &at, Some(&approval)))?;
    } else if live.approval && !known {
        let (short, flags) = (short(&version), library.flags());
        bail!(
            "nobody has approved version {short}, and since the live version an approval is asked for; see with `cargo local \
             knowledge diff live {short}{flags}` what it would change, then approve it on the way: `cargo local knowledge \
             rollback {short} --by NAME{flags}`"
        );
    }
    // What is asked for stays so, whatever the version was published under.
    let next = Next { version: &version, approval: live.approval, rolled_back_from: Some(&live.version) };
    library.replace(Some(&live), &next)?;
    console::say(format_args!(
        "version {} is live again, {} entries; the bot notices within a minute (`cargo local knowledge rollback {}{}` \
         undoes it)",
        short(&version),
        artifact.base().entries.len(),
        short(&live.version),
        library.flags()
    ));
    Ok(())
}

fn short(version: &str) -> &str {
    version.get(..SHOWN).unwrap_or(version)
}

/// The version that was published last before the live one. What never was live was not.
fn before(live: &str, published: &[Published], records: &BTreeMap<String, Record>) -> Option<String> {
    let at = |one: &Published| (moment(one, records), one.version.clone());
    let of_live = published.iter().find(|one| one.version == live).map(at)?;
    let was_live = |one: &&Published| records.get(&one.version).is_none_or(|record| !record.overtaken);
    published.iter().filter(was_live).map(at).filter(|one| *one < of_live).max().map(|(_, version)| version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goes_back_by_when_it_was_published() {
        let one = |version: &str, at: &str| Published {
            version: version.to_owned(),
            bytes: 1,
            stored_at: at.to_owned(),
            noted: false,
        };
        let published =
            [one("c", "2026-01-01T00:00:00Z"), one("a", "2026-01-02T00:00:00Z"), one("b", "2026-01-02T00:00:01Z")];
        let none = BTreeMap::new();
        for (live, expected) in [("b", Some("a")), ("a", Some("c")), ("c", None), ("d", None)] {
            assert_eq!(before(live, &published, &none).as_deref(), expected, "{live}");
        }
        // What was published again counts from then.
        let record = |at: &str, overtaken| Record {
            published_at: at.to_owned(),
            entries: 1,
            phrasings: 1,
            approved: None,
            overtaken,
        };
        let records = BTreeMap::from([("c".to_owned(), record("2026-01-03T00:00:00.5Z", false))]);
        assert_eq!(before("c", &published, &records).as_deref(), Some("b"));
        assert_eq!(before("a", &published, &records), None);
        // What was overtaken by another publication is nothing to go back to.
        let records = BTreeMap::from([("a".to_owned(), record("2026-01-02T00:00:00Z", true))]);
        assert_eq!(before("b", &published, &records).as_deref(), Some("c"));
    }
}

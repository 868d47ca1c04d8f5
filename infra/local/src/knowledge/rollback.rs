//! `cargo local knowledge rollback`: an earlier published version is live again, without a build or a training.

use std::collections::BTreeMap;

use anyhow::{Context as _, bail};
use serde_json::{Value, json};

use super::library::{Library, Published, SHOWN};
use super::publish;
use super::record::Record;
use super::versions::moment;
use crate::cloud::Target;
use crate::console;

/// Makes a version live; without a name, the one that was published before the live one.
///
/// # Errors
/// There is no such version, it is damaged or of a format that the deployed responder does not read, or AWS refuses.
pub fn run(version: Option<&str>, target: &Target) -> anyhow::Result<()> {
    let library = Library::of(target)?;
    let live = library.live()?.context("nothing is published, so there is nothing to go back from")?;
    let version = if let Some(name) = version {
        library.resolve(name)?
    } else {
        let published = library.published()?;
        let records = library.records(&published)?;
        before(&live, &published, &records).with_context(|| {
            format!("nothing was published before the live version {}; {}", short(&live), library.listing())
        })?
    };
    if version == live {
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
    library.point(&pointer(&version, &live)?)?;
    console::say(format_args!(
        "version {} is live again, {} entries; the bot notices within a minute (`cargo local knowledge rollback {}{}` \
         undoes it)",
        short(&version),
        artifact.base().entries.len(),
        short(&live),
        library.flags()
    ));
    Ok(())
}

fn pointer(version: &str, from: &str) -> anyhow::Result<Value> {
    Ok(json!({"v": 1, "version": version, "published_at": publish::now()?, "rolled_back_from": from}))
}

fn short(version: &str) -> &str {
    version.get(..SHOWN).unwrap_or(version)
}

/// The version that was published last before the live one.
fn before(live: &str, published: &[Published], records: &BTreeMap<String, Record>) -> Option<String> {
    let at = |one: &Published| (moment(one, records), one.version.clone());
    let of_live = published.iter().find(|one| one.version == live).map(at)?;
    published.iter().map(at).filter(|one| *one < of_live).max().map(|(_, version)| version)
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
        let record = |at: &str| Record { published_at: at.to_owned(), entries: 1, phrasings: 1, approved: None };
        let records = BTreeMap::from([("c".to_owned(), record("2026-01-03T00:00:00.5Z"))]);
        assert_eq!(before("c", &published, &records).as_deref(), Some("b"));
        assert_eq!(before("a", &published, &records), None);
    }

    #[test]
    fn the_pointer_names_where_it_came_from() {
        let pointer = pointer("new", "old").unwrap();
        assert_eq!((&pointer["version"], &pointer["rolled_back_from"]), (&json!("new"), &json!("old")));
    }
}

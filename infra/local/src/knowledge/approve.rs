//! `cargo local knowledge approve`: who read the knowledge and let it be published.
//!
//! Where `base.yaml` says `approval: required`, the folder's `approval.json` must name the hash of what is published.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, bail};
use bot::knowledge::{Approval, Artifact, check, compile, content};

use super::folder::{compiled, sources};
use crate::{clock, console};

/// The file in the folder.
const FILE: &str = "approval.json";

/// Approves what is in a folder now.
///
/// # Errors
/// It has errors, nobody is named, or the file cannot be written.
pub fn run(dir: &Path, by: &str) -> anyhow::Result<()> {
    let artifact = compiled(dir)?;
    let approval = given(&artifact, by)?;
    let path = dir.join(FILE);
    let text = serde_json::to_string_pretty(&approval).context("cannot write the approval")?;
    fs::write(&path, text + "\n").with_context(|| format!("cannot write {}", path.display()))?;
    let (entries, by) = (artifact.base().entries.len(), &approval.by);
    console::say(format_args!("{entries} entries approved by {by} in {}", path.display()));
    Ok(())
}

/// An approval of this content, now.
pub(super) fn given(artifact: &Artifact, by: &str) -> anyhow::Result<Approval> {
    let by = by.trim();
    if by.is_empty() {
        bail!("--by names nobody; write who approves");
    }
    let content = content(artifact.base()).context("cannot write the content")?;
    Ok(Approval { content, by: by.to_owned(), at: clock::now().rfc3339() })
}

/// A folder's knowledge, if it may be published, and whether it asks for an approval.
///
/// # Errors
/// It has errors, or asks for an approval that it does not have.
pub(super) fn approved(dir: &Path) -> anyhow::Result<(Artifact, bool)> {
    let report = check(&sources(dir)?);
    let (Some(base), true) = (report.base, report.approval) else { return Ok((compiled(dir)?, false)) };
    let path = dir.join(FILE);
    let how = format!("have it read, then `cargo local knowledge approve {} --by NAME`", dir.display());
    if !path.exists() {
        bail!("base.yaml asks for an approval and nobody has approved this; {how}");
    }
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let approval: Approval =
        serde_json::from_str(&text).with_context(|| format!("{} is no approval; {how}", path.display()))?;
    if approval.content != content(&base).context("cannot write the content")? {
        bail!("the knowledge has changed since {} approved it on {}; {how}", approval.by, approval.at);
    }
    console::progress(format_args!("approved by {} on {}", approval.by, approval.at));
    for problem in &report.problems {
        console::progress(problem);
    }
    Ok((compile(base).context("cannot compile the knowledge")?, true))
}

/// The approval of just this content that lies in a folder, whether it asks for one or not.
pub(super) fn approval(dir: &Path, artifact: &Artifact) -> Option<Approval> {
    let approval: Approval = serde_json::from_str(&fs::read_to_string(dir.join(FILE)).ok()?).ok()?;
    (Some(&approval.content) == content(artifact.base()).ok().as_ref()).then_some(approval)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stack;

    #[test]
    fn what_changed_since_is_not_published() {
        let dir = std::env::temp_dir().join(format!("approval-{}", std::process::id()));
        fs::create_dir_all(&dir).unwrap();
        let shop = stack::root().join("infra/scenarios/shop/knowledge");
        for source in sources(&shop).unwrap() {
            let name = Path::new(&source.file).file_name().unwrap().to_owned();
            let more = if name == "base.yaml" { "\napproval: required\n" } else { "" };
            fs::write(dir.join(name), source.text + more).unwrap();
        }
        let told = |dir: &Path| approved(dir).unwrap_err().to_string();
        assert!(told(&dir).contains("nobody has approved"));
        assert!(run(&dir, " ").is_err());
        run(&dir, "小林").unwrap();
        let (artifact, asks) = approved(&dir).unwrap();
        assert!(asks);
        assert_eq!(artifact.base().entries.len(), compiled(&shop).unwrap().base().entries.len());
        assert_eq!(approval(&dir, &artifact).unwrap().by, "小林");
        // A note changes nothing; an answer does.
        let file = dir.join("returns.yaml");
        let text = fs::read_to_string(&file).unwrap();
        fs::write(&file, format!("# A note.\n{text}")).unwrap();
        approved(&dir).unwrap();
        fs::write(&file, text.replace("7 天", "8 天")).unwrap();
        let changed = told(&dir);
        assert!(changed.contains("has changed since 小林"), "{changed}");
        assert_eq!(approval(&dir, &compiled(&dir).unwrap()), None);
        fs::write(dir.join(FILE), "{}").unwrap();
        assert!(told(&dir).contains("is no approval"));
        fs::remove_dir_all(&dir).unwrap();
        // Where nobody asks for one, none is needed.
        assert!(!approved(&shop).unwrap().1);
    }
}

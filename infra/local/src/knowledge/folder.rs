//! A knowledge folder on the disk.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use bot::knowledge::{Artifact, Report, Severity, Source};

use crate::console;

/// Checks a folder, prints what is wrong, and compiles it if nothing is an error.
pub(crate) fn compiled(dir: &Path) -> anyhow::Result<Artifact> {
    let report = bot::knowledge::check(&sources(dir)?);
    for problem in &report.problems {
        console::progress(problem);
    }
    let errors = errors(&report);
    match report.base {
        Some(base) => bot::knowledge::compile(base).context("cannot compile the knowledge"),
        None => bail!("{} has {errors} errors; nothing is published until they are mended", dir.display()),
    }
}

/// How many problems are errors.
pub(super) fn errors(report: &Report) -> usize {
    report.problems.iter().filter(|problem| problem.severity == Severity::Error).count()
}

/// The `.yaml` files of a folder and of its subfolders, by name.
pub(super) fn sources(dir: &Path) -> anyhow::Result<Vec<Source>> {
    let mut sources = Vec::new();
    collect(dir, &mut sources)?;
    if sources.is_empty() {
        bail!("{} holds no .yaml files", dir.display());
    }
    sources.sort_unstable_by(|a, b| a.file.cmp(&b.file));
    Ok(sources)
}

/// What lies beside the folder under a name: tests and held-out questions are no knowledge.
pub(super) fn beside(dir: &Path, name: &str) -> anyhow::Result<PathBuf> {
    // `.` has no parent by its name alone.
    let whole = dir.canonicalize().with_context(|| format!("cannot read {}", dir.display()))?;
    let file = dir.join("..").join(name);
    Ok(match whole.parent() {
        Some(_) if dir.file_name().is_some() => dir.parent().unwrap_or(dir).join(name),
        _ => file,
    })
}

/// One file.
pub(super) fn source(path: &Path) -> anyhow::Result<Source> {
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(Source { file: path.display().to_string(), text })
}

fn collect(dir: &Path, sources: &mut Vec<Source>) -> anyhow::Result<()> {
    let unreadable = || format!("cannot read {}", dir.display());
    for entry in fs::read_dir(dir).with_context(unreadable)? {
        let path = entry.with_context(unreadable)?.path();
        if path.is_dir() {
            collect(&path, sources)?;
        } else if path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml") {
            sources.push(source(&path)?);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stack;

    #[test]
    fn the_demo_knowledge_is_sound() {
        let artifact = compiled(&stack::root().join("infra/scenarios/shop/knowledge")).unwrap();
        assert!(artifact.base().entries.len() >= 60);
    }

    #[test]
    fn a_folder_without_knowledge_is_refused() {
        assert!(compiled(&stack::root().join("infra/local/src")).unwrap_err().to_string().contains("no .yaml files"));
    }

    #[test]
    fn finds_what_lies_beside() {
        assert_eq!(beside(Path::new("."), "tests").unwrap(), Path::new("./../tests"));
        let shop = stack::root().join("infra/scenarios/shop");
        assert_eq!(beside(&shop.join("knowledge/"), "tests").unwrap(), shop.join("tests"));
        assert!(beside(&shop.join("nothing"), "tests").is_err());
    }
}

//! `cargo local knowledge diff`: what changed between two folders, two published versions, or one of each.

use std::path::Path;

use anyhow::Context as _;
use bot::knowledge::{Artifact, Difference, Kind, diff};
use serde_json::{Value, json};

use super::folder::compiled;
use super::library::{LIVE, Library};
use crate::cloud::Target;
use crate::console;

/// Says what changed. With one side only, it is what comes after the live version.
///
/// # Errors
/// A folder cannot be read or has errors, or a version is not there or cannot be read.
pub fn run(from: &str, to: Option<&str>, as_json: bool, target: &Target) -> anyhow::Result<()> {
    let (from, to) = to.map_or((LIVE, from), |to| (from, to));
    let published = [from, to].iter().any(|side| !Path::new(side).is_dir());
    // Two folders need no stack.
    let library = if published { Some(Library::of(target)?) } else { None };
    let side = |name: &str| -> anyhow::Result<Artifact> {
        if Path::new(name).is_dir() {
            return compiled(Path::new(name));
        }
        let library = library.as_ref().context("the knowledge's folder has just been removed")?;
        let version = library.resolve(name).with_context(|| format!("`{name}` is neither a folder nor a version"))?;
        library.artifact(&version)
    };
    let differences = diff(side(from)?.base(), side(to)?.base());
    if as_json {
        let differences: Vec<Value> = differences.iter().map(described).collect();
        console::say(json!({"v": 1, "differences": differences}));
        return Ok(());
    }
    if differences.is_empty() {
        console::say("nothing changed");
    }
    for line in differences.iter().flat_map(told) {
        console::say(line);
    }
    Ok(())
}

fn described(difference: &Difference) -> Value {
    let Difference { entry, kind, field, language, from, to } = difference;
    let language = language.map(bot::text::Language::code);
    json!({"entry": entry, "kind": kind.name(), "field": field, "language": language, "from": from, "to": to})
}

fn told(difference: &Difference) -> Vec<String> {
    let Difference { entry, kind, field, language, from, to } = difference;
    let whose = entry.as_deref().unwrap_or("base.yaml");
    if field.is_empty() {
        return vec![format!("{whose}: entry {}", kind.name())];
    }
    let of = language.map(|language| format!(" in {language}")).unwrap_or_default();
    let mut lines = vec![format!("{whose}: {field}{of} {}", kind.name())];
    if *kind == Kind::Changed && from.len() == to.len() && from.iter().all(|value| to.contains(value)) {
        lines.push("  in another order now".to_owned());
        return lines;
    }
    lines.extend(from.iter().map(|text| format!("  - {text}")));
    lines.extend(to.iter().map(|text| format!("  + {text}")));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_is_told_in_words() {
        let texts = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        let change = |field: &str, from: &[&str], to: &[&str]| Difference {
            entry: Some("pay".into()),
            kind: Kind::Changed,
            field: field.into(),
            language: Some(bot::text::Language::En),
            from: texts(from),
            to: texts(to),
        };
        assert_eq!(told(&change("answer", &["a"], &["b"])), ["pay: answer in en changed", "  - a", "  + b"]);
        let turned = told(&change("questions", &["a", "b"], &["b", "a"]));
        assert_eq!(turned, ["pay: questions in en changed", "  in another order now"]);
        assert_eq!(told(&Difference { kind: Kind::Added, ..change("", &[], &[]) }), ["pay: entry added"]);
    }
}

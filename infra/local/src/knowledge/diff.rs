//! `cargo local knowledge diff`: what changed from one folder to another.

use std::path::Path;

use bot::knowledge::{Difference, Kind, diff};
use serde_json::{Value, json};

use super::folder::compiled;
use crate::console;

/// Says what changed.
///
/// # Errors
/// A folder cannot be read, or has errors.
pub fn run(from: &Path, to: &Path, as_json: bool) -> anyhow::Result<()> {
    let differences = diff(compiled(from)?.base(), compiled(to)?.base());
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

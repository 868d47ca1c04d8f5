//! The files that are measured on.

use std::fs;

use serde_json::Value;

/// A text and its label.
pub(crate) type Labelled = (String, String);

/// Reads lines of a text, a tab and a label. Empty lines are skipped.
pub(crate) fn labelled(path: &str) -> Result<Vec<Labelled>, String> {
    let read = text(path)?;
    let mut lines = Vec::new();
    for (number, line) in (1..).zip(read.lines()).filter(|(_, line)| !line.trim().is_empty()) {
        let parted = line.rsplit_once('\t').filter(|(_, label)| !label.trim().is_empty());
        let Some((text, label)) = parted else {
            return Err(format!("{path}:{number}: no tab with a label after it"));
        };
        lines.push((text.to_owned(), label.trim().to_owned()));
    }
    if lines.is_empty() { Err(format!("{path} has no lines")) } else { Ok(lines) }
}

/// Reads lines of JSON objects: of each, a text and an id, by the first of these names that it has.
pub(crate) fn objects(path: &str, texts: &[&str], ids: &[&str]) -> Result<Vec<(String, String)>, String> {
    let read = text(path)?;
    let mut found = Vec::new();
    for (number, line) in (1..).zip(read.lines()).filter(|(_, line)| !line.trim().is_empty()) {
        let object: Value = serde_json::from_str(line).map_err(|error| format!("{path}:{number}: {error}"))?;
        let field = |names: &[&str]| {
            let value = names.iter().find_map(|name| object.get(name));
            value.ok_or_else(|| format!("{path}:{number}: no field `{}`", names.join("` or `")))
        };
        let words = field(texts)?.as_str().ok_or_else(|| format!("{path}:{number}: the text is no string"))?;
        found.push((words.to_owned(), field(ids)?.to_string()));
    }
    if found.is_empty() { Err(format!("{path} has no lines")) } else { Ok(found) }
}

/// A whole file.
pub(crate) fn text(path: &str) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("cannot read {path}: {error}"))
}

//! The files that are measured on.

use std::fs;

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

/// A whole file.
pub(crate) fn text(path: &str) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("cannot read {path}: {error}"))
}

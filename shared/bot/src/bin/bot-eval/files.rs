//! The files that are measured on.

use std::collections::BTreeMap;
use std::fs;

use bot::text::detect;
use serde_json::Value;

use crate::arguments::Arguments;

/// What some editors begin a file with.
pub(crate) const BYTE_ORDER_MARK: char = '\u{feff}';

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

/// The label of what is of no class.
pub(crate) fn oos_label(arguments: &Arguments) -> &str {
    arguments.get("oos-label").unwrap_or("oos")
}

/// The lines of a class: one of its own for what is of none is nothing to learn.
pub(crate) fn in_scope(mut lines: Vec<Labelled>, arguments: &Arguments) -> Result<Vec<Labelled>, String> {
    let oos = oos_label(arguments);
    lines.retain(|(_, label)| label != oos);
    if lines.is_empty() { Err(format!("the train file has no lines but of the label `{oos}`")) } else { Ok(lines) }
}

/// The lines, and the [words](names) of their labels.
pub(crate) fn with_names(mut lines: Vec<Labelled>, across: bool) -> Vec<Labelled> {
    lines.extend(names(&lines, across));
    lines
}

/// The words of labels, each with its label: what a class is called is one more way to ask for it. A label that holds
/// digits is a number, not a name; one in another language than its texts helps only a model that knows both, `across`.
fn names(lines: &[Labelled], across: bool) -> Vec<Labelled> {
    let mut texts: BTreeMap<&str, String> = BTreeMap::new();
    for (text, label) in lines {
        texts.entry(label).or_default().push_str(text);
    }
    let name = |(label, texts): (&str, String)| {
        let words = words(label);
        let tells = words.chars().any(char::is_alphabetic) && !words.chars().any(|c| c.is_ascii_digit());
        (tells && (across || detect(&words) == detect(&texts))).then(|| (words, label.to_owned()))
    };
    texts.into_iter().filter_map(name).collect()
}

/// `card_arrival`, `cardArrival` and `CARD-ARRIVAL` are `card arrival`.
fn words(label: &str) -> String {
    let mut words = String::new();
    let mut small = false;
    for c in label.chars() {
        if !c.is_alphanumeric() {
            words.push(' ');
        } else if c.is_uppercase() && small {
            words.extend([' ', c]);
        } else {
            words.push(c);
        }
        small = c.is_lowercase();
    }
    words.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
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
        let id = match field(ids)? {
            // `7` and `"7"` are one id.
            Value::String(id) => id.clone(),
            id @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
                id.to_string()
            }
        };
        found.push((words.to_owned(), id));
    }
    if found.is_empty() { Err(format!("{path} has no lines")) } else { Ok(found) }
}

/// A whole file, without the mark that some editors put before UTF-8.
pub(crate) fn text(path: &str) -> Result<String, String> {
    let text = fs::read_to_string(path).map_err(|error| format!("cannot read {path}: {error}"))?;
    Ok(text.strip_prefix(BYTE_ORDER_MARK).map(str::to_owned).unwrap_or(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_read_as_words() {
        for (label, expected) in [
            ("card_arrival", "card arrival"),
            ("cardArrival", "card arrival"),
            ("CALL-CENTER", "call center"),
            ("询问:酒店:电话", "询问 酒店 电话"),
            ("__", ""),
        ] {
            assert_eq!(words(label), expected);
        }
    }

    #[test]
    fn only_names_that_tell_something_count() {
        let line = |text: &str, label: &str| (text.to_owned(), label.to_owned());
        let lines = [line("where is it", "order_status"), line("几点开门", "opening hours"), line("x", "class 7")];
        assert_eq!(names(&lines, false), [line("order status", "order_status")]);
        assert_eq!(names(&lines, true).len(), 2);
    }
}

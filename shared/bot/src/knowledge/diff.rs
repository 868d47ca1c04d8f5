//! What changed between two bases, in words.

use std::collections::BTreeMap;

use super::{Entry, KnowledgeBase, Localised};
use crate::text::Language;

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The entry; `None`: the base's own texts and rules.
    pub entry: Option<String>,
    /// Whether it came, went or is another now.
    pub kind: Kind,
    /// The field, such as `answer`; empty where the whole entry came or went.
    pub field: String,
    /// The language, of what has languages.
    pub language: Option<Language>,
    /// What it was, and what it is; empty where there was or is nothing.
    pub from: Vec<String>,
    /// See `from`.
    pub to: Vec<String>,
}

/// The kinds of difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It was not there before.
    Added,
    /// It is not there any more.
    Removed,
    /// It is another now.
    Changed,
}

impl Kind {
    /// In a word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Changed => "changed",
        }
    }
}

/// A part of a base: its field, language, and values. The same part has the same field and language.
type Part = ((String, Option<Language>), Vec<String>);

/// Every difference between two bases: the base's own first, then the entries by id.
pub fn diff(from: &KnowledgeBase, to: &KnowledgeBase) -> Vec<Difference> {
    let mut found = parts_changed(None, base_parts(from), base_parts(to));
    let by_id =
        |base: &KnowledgeBase| base.entries.iter().map(|e| (e.id.clone(), e.clone())).collect::<BTreeMap<_, _>>();
    let (old, new) = (by_id(from), by_id(to));
    let whole = |id: &str, kind| Difference {
        entry: Some(id.to_owned()),
        kind,
        field: String::new(),
        language: None,
        from: Vec::new(),
        to: Vec::new(),
    };
    let mut ids: Vec<&String> = old.keys().chain(new.keys()).collect();
    ids.sort_unstable();
    ids.dedup();
    for id in ids {
        match (old.get(id), new.get(id)) {
            (None, _) => found.push(whole(id, Kind::Added)),
            (_, None) => found.push(whole(id, Kind::Removed)),
            (Some(before), Some(after)) => {
                found.extend(parts_changed(Some(id), entry_parts(before), entry_parts(after)));
            }
        }
    }
    found
}

fn parts_changed(entry: Option<&str>, from: Vec<Part>, to: Vec<Part>) -> Vec<Difference> {
    let (from, to): (BTreeMap<_, _>, BTreeMap<_, _>) = (from.into_iter().collect(), to.into_iter().collect());
    let mut names: Vec<_> = from.keys().chain(to.keys()).cloned().collect();
    names.sort();
    names.dedup();
    let changed = names.into_iter().filter_map(|name| {
        let (before, after) = (from.get(&name), to.get(&name));
        let kind = match (before, after) {
            (before, after) if before == after => return None,
            (None, _) => Kind::Added,
            (_, None) => Kind::Removed,
            (Some(_), Some(_)) => Kind::Changed,
        };
        let (mut from, mut to) = (before.cloned().unwrap_or_default(), after.cloned().unwrap_or_default());
        // Of lists, what came and went says more than both whole; only their order changed if nothing did.
        let common: Vec<String> = from.iter().filter(|value| to.contains(value)).cloned().collect();
        if common.len() < from.len().max(to.len()) {
            from.retain(|value| !common.contains(value));
            to.retain(|value| !common.contains(value));
        }
        let (field, language) = name;
        Some(Difference { entry: entry.map(str::to_owned), kind, field, language, from, to })
    });
    changed.collect()
}

fn localised(field: &str, texts: &Localised) -> Vec<Part> {
    let Localised(texts) = texts;
    texts.iter().map(|(language, text)| ((field.to_owned(), Some(*language)), vec![text.clone()])).collect()
}

fn entry_parts(entry: &Entry) -> Vec<Part> {
    let mut parts = localised("answer", &entry.answer);
    parts.extend(localised("title", &entry.title));
    let questions = entry.questions.iter();
    parts.extend(questions.map(|(language, list)| (("questions".to_owned(), Some(*language)), list.clone())));
    if !entry.replies.is_empty() {
        parts.push((("replies".to_owned(), None), entry.replies.clone()));
    }
    // What else an entry may have by now, as it is stored.
    parts.extend(others(entry, &["id", "answer", "title", "questions", "replies"]));
    parts
}

fn base_parts(base: &KnowledgeBase) -> Vec<Part> {
    let texts = &base.texts;
    let mut parts = Vec::new();
    for (name, text) in [
        ("unknown", Some(&texts.unknown)),
        ("unknown_again", texts.unknown_again.as_ref()),
        ("handoff_offer_title", Some(&texts.handoff_offer_title)),
        ("handoff_accepted", Some(&texts.handoff_accepted)),
        ("greeting", Some(&texts.greeting)),
        ("unsupported", Some(&texts.unsupported)),
    ] {
        parts.extend(text.map(|text| localised(&format!("texts.{name}"), text)).unwrap_or_default());
    }
    for (name, text) in &base.notices {
        parts.extend(localised(&format!("notices.{name}"), text));
    }
    parts.extend(others(base, &["texts", "notices", "entries"]));
    parts
}

/// The fields besides those, as JSON.
fn others(value: &impl serde::Serialize, known: &[&str]) -> Vec<Part> {
    let Ok(serde_json::Value::Object(fields)) = serde_json::to_value(value) else { return Vec::new() };
    let others = fields.into_iter().filter(|(name, _)| !known.contains(&name.as_str()));
    others.map(|(name, value)| ((name, None), vec![value.to_string()])).collect()
}

//! Variables: `{{shop_name}}` in a text stands for what `base.yaml` says under `variables`.

use std::collections::{BTreeMap, BTreeSet};

use super::base::values;
use super::read::{Located, LocatedTexts, Reader};
use super::yaml::{Node, Value};
use super::{KnowledgeBase, Localised};
use crate::text::Language;

/// The variables, with the places of their names.
#[derive(Debug, Default)]
pub(super) struct Variables {
    pub(super) values: BTreeMap<String, Localised>,
    pub(super) places: BTreeMap<String, u32>,
}

const OPEN: &str = "{{";
const CLOSE: &str = "}}";

/// Reads the section. Values hold no variables themselves.
pub(super) fn read(reader: &mut Reader<'_>, node: Node) -> Variables {
    let mut variables = Variables::default();
    let Value::Map(map) = node.value else {
        reader.error(node.line, "`variables` should hold names, each with a text per language".to_owned());
        return variables;
    };
    for (key, value) in map {
        let name = key.name;
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if name.is_empty() || !name.chars().all(plain) {
            reader.error(key.line, format!("the variable `{name}` should have small letters, digits and `_` only"));
            continue;
        }
        if variables.places.insert(name.clone(), key.line).is_some() {
            reader.error(key.line, format!("the variable `{name}` stands here twice; keep one"));
            continue;
        }
        let texts = reader.localised(Node { line: key.line, ..value }, &format!("the variable `{name}`"));
        if let Some(text) = texts.values().find(|text| text.value.contains(OPEN)) {
            reader.error(text.line, format!("the variable `{name}` holds another one; write its text out"));
        }
        variables.values.insert(name, values(texts));
    }
    variables
}

/// Reports names that no variable has, and braces that do not close. Returns the names that are there.
pub(super) fn check(
    reader: &mut Reader<'_>,
    texts: &LocatedTexts,
    what: &str,
    known: &BTreeMap<String, Localised>,
) -> BTreeSet<String> {
    let mut used = BTreeSet::new();
    for Located { line, value } in texts.values() {
        for name in names(value) {
            match name {
                Some(name) if known.contains_key(name) => {
                    used.insert(name.to_owned());
                }
                Some(name) => reader.error(
                    *line,
                    format!(
                        "{what} names the variable `{name}`, which `variables` in `base.yaml` lacks; mend the name or add it"
                    ),
                ),
                None => reader.error(*line, format!("{what} opens `{OPEN}` and does not close it with `{CLOSE}`")),
            }
        }
    }
    used
}

/// What would be taken for a variable and is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Broken<'a> {
    /// No variable has this name.
    Unknown(&'a str),
    /// It does not end.
    Open,
}

/// The first that is broken in a text.
pub(super) fn broken<'a>(text: &'a str, known: &BTreeMap<String, Localised>) -> Option<Broken<'a>> {
    names(text).into_iter().find_map(|name| match name {
        Some(name) => (!known.contains_key(name)).then_some(Broken::Unknown(name)),
        None => Some(Broken::Open),
    })
}

/// The text without what begins and ends variables.
pub(super) fn without_braces(text: &str) -> String {
    text.replace(['{', '}'], "")
}

/// The names in a text; `None` for one that does not end.
fn names(text: &str) -> Vec<Option<&str>> {
    let after_each = text.split(OPEN).skip(1);
    after_each.map(|after| after.split_once(CLOSE).map(|(name, _)| name.trim())).collect()
}

fn filled(text: &str, language: Language, variables: &BTreeMap<String, Localised>) -> String {
    let mut pieces = text.split(OPEN);
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let found = piece.split_once(CLOSE);
        let value = found.and_then(|(name, rest)| Some((variables.get(name.trim())?.get(language)?, rest)));
        if let Some((value, rest)) = value {
            out.push_str(value);
            out.push_str(rest);
        } else {
            out.push_str(OPEN);
            out.push_str(piece);
        }
    }
    out
}

impl KnowledgeBase {
    /// The base with its variables' values in their places, in everything that customers read.
    #[must_use]
    pub fn with_values(mut self) -> Self {
        let variables = std::mem::take(&mut self.variables);
        if variables.is_empty() {
            return self;
        }
        let texts = &mut self.texts;
        let fixed = [
            &mut texts.unknown,
            &mut texts.handoff_offer_title,
            &mut texts.handoff_accepted,
            &mut texts.greeting,
            &mut texts.unsupported,
        ];
        let of_base = fixed.into_iter().chain(&mut texts.unknown_again).chain(texts.lines.values_mut());
        let of_sensitive = self.sensitive.iter_mut().filter_map(|sensitive| sensitive.text.as_mut());
        let of_entries = self.entries.iter_mut().flat_map(|entry| {
            [&mut entry.answer, &mut entry.title].into_iter().chain(&mut entry.short).chain(&mut entry.otherwise)
        });
        for text in of_base.chain(self.notices.values_mut()).chain(of_sensitive).chain(of_entries) {
            for (language, text) in &mut text.0 {
                *text = filled(text, *language, &variables);
            }
        }
        self.variables = variables;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_values() {
        let value = Localised(BTreeMap::from([(Language::En, "Lantern".to_owned())]));
        let variables = BTreeMap::from([("shop".to_owned(), value)]);
        for (text, expected) in [
            ("Welcome to {{shop}}, {{ shop }}!", "Welcome to Lantern, Lantern!"),
            ("{{other}} {{shop", "{{other}} {{shop"),
            ("{shop} }}", "{shop} }}"),
            ("", ""),
        ] {
            assert_eq!(filled(text, Language::En, &variables), expected);
        }
        assert_eq!(filled("{{shop}}", Language::Zh, &variables), "{{shop}}", "it has no words for it");
        assert_eq!(names("a {{b}} c {{d"), [Some("b"), None]);
    }
}

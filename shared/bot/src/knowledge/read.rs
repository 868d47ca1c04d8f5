//! From a YAML tree to texts with their places: everything that can be said about a file without knowing the others.

use std::collections::BTreeMap;

use super::problem::{Problem, Severity};
use super::yaml::{self, Key, Node, Value};
use crate::text::Language;

/// A value and the line where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Located<T> {
    pub(super) line: u32,
    pub(super) value: T,
}

/// A text per language, each with its line.
pub(super) type LocatedTexts = BTreeMap<Language, Located<String>>;

/// Lists of texts per language, each with its line.
pub(super) type LocatedLists = BTreeMap<Language, Vec<Located<String>>>;

/// Reads one file and gathers what is wrong with it.
pub(super) struct Reader<'a> {
    file: &'a str,
    problems: &'a mut Vec<Problem>,
    /// The base's languages; `None` while they are not known: then any will do and none is missed.
    languages: Option<&'a [Language]>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(file: &'a str, languages: Option<&'a [Language]>, problems: &'a mut Vec<Problem>) -> Self {
        Self { file, problems, languages }
    }

    pub(super) fn error(&mut self, line: u32, message: String) {
        self.report(line, Severity::Error, message);
    }

    pub(super) fn warn(&mut self, line: u32, message: String) {
        self.report(line, Severity::Warning, message);
    }

    fn report(&mut self, line: u32, severity: Severity, message: String) {
        self.problems.push(Problem { file: self.file.to_owned(), line, severity, message });
    }

    /// The file's fields.
    pub(super) fn document(&mut self, text: &str, known: &[&str]) -> Option<Fields> {
        match yaml::parse(text) {
            Ok(node) => self.fields(node, "the file", known),
            Err(error) => {
                let message = error.message.trim_end_matches('.');
                self.error(
                    error.line,
                    format!("this is not valid YAML: {message}; check the indentation, quotes and colons around here"),
                );
                None
            }
        }
    }

    /// The fields of a map, those it should not have or has twice reported and left out.
    pub(super) fn fields(&mut self, node: Node, what: &str, known: &[&str]) -> Option<Fields> {
        let line = node.line;
        let list = known.iter().map(|k| format!("`{k}`")).collect::<Vec<_>>().join(", ");
        let Value::Map(map) = node.value else {
            self.error(line, format!("{what} should have the fields {list}, each as `name: value` on its own line"));
            return None;
        };
        let mut fields: BTreeMap<String, (Key, Node)> = BTreeMap::new();
        for (key, value) in map {
            if !known.contains(&key.name.as_str()) {
                self.error(key.line, format!("{what} has no field `{}`; it can have {list}", key.name));
            } else if let Some((first, _)) = fields.get(&key.name) {
                let (name, line) = (&key.name, first.line);
                self.error(key.line, format!("{what} has `{name}` twice (first on line {line}); keep one"));
            } else {
                fields.insert(key.name.clone(), (key, value));
            }
        }
        Some(Fields { line, fields })
    }

    /// A text that is not empty.
    pub(super) fn text(&mut self, node: Node, what: &str) -> Option<Located<String>> {
        let line = node.line;
        match node.value {
            Value::Text(text) if !text.trim().is_empty() => Some(Located { line, value: text.trim().to_owned() }),
            Value::Text(_) | Value::Empty => {
                self.error(line, format!("{what} is empty; write its text or take the line out"));
                None
            }
            Value::Whole(_) | Value::Other => {
                self.error(line, format!("{what} reads as a number or a yes/no word; put it in quotes"));
                None
            }
            Value::List(_) => {
                self.error(line, format!("{what} should be one text, not a list"));
                None
            }
            Value::Map(_) => {
                self.error(line, format!("{what} should be a text; if the text holds a colon, put it in quotes"));
                None
            }
        }
    }

    /// A list with something in it.
    pub(super) fn list(&mut self, node: Node, what: &str) -> Vec<Node> {
        match node.value {
            Value::List(items) if !items.is_empty() => return items,
            Value::List(_) | Value::Empty => {
                self.error(node.line, format!("{what} is empty; add an item or take the field out"));
            }
            Value::Text(_) | Value::Whole(_) | Value::Other | Value::Map(_) => {
                self.error(node.line, format!("{what} should be a list: a line that starts with `- ` for each item"));
            }
        }
        Vec::new()
    }

    /// A list of texts.
    pub(super) fn texts(&mut self, node: Node, what: &str) -> Vec<Located<String>> {
        let item = format!("an item of {what}");
        self.list(node, what).into_iter().filter_map(|node| self.text(node, &item)).collect()
    }

    /// The base's languages that something lacks; none while they are not known.
    pub(super) fn lacking(&self, has: impl Fn(Language) -> bool) -> Vec<Language> {
        self.languages.unwrap_or_default().iter().copied().filter(|language| !has(*language)).collect()
    }

    /// A value for each of the base's languages that has one.
    fn by_language(&mut self, node: Node, what: &str) -> Option<Vec<(Language, Node)>> {
        let languages = self.languages.unwrap_or(&Language::ALL);
        let codes: Vec<_> = languages.iter().map(|l| l.code()).collect();
        let mut fields = self.fields(node, what, &codes)?;
        Some(languages.iter().filter_map(|language| Some((*language, fields.take(language.code())?))).collect())
    }

    /// A value for each of the base's languages; what lacks is reported at the map's own line.
    fn per_language(&mut self, node: Node, what: &str) -> Vec<(Language, Node)> {
        let line = node.line;
        let Some(found) = self.by_language(node, what) else { return Vec::new() };
        for language in self.lacking(|language| found.iter().any(|(has, _)| *has == language)) {
            self.error(line, format!("{what} lacks the language `{language}`; add `{language}: …`"));
        }
        found
    }

    /// A value for at least one of the base's languages.
    fn some_languages(&mut self, node: Node, what: &str) -> Vec<(Language, Node)> {
        let line = node.line;
        let Some(found) = self.by_language(node, what) else { return Vec::new() };
        if found.is_empty() {
            let codes: Vec<_> = self.lacking(|_| false).iter().map(|language| format!("`{language}: …`")).collect();
            self.error(line, format!("{what} has none of the base's languages; add {}", codes.join(" or ")));
        }
        found
    }

    /// A text for at least one of the base's languages.
    pub(super) fn some_localised(&mut self, node: Node, what: &str) -> LocatedTexts {
        let texts = self.some_languages(node, what).into_iter();
        texts.filter_map(|(l, node)| Some((l, self.text(node, &format!("{what} in `{l}`"))?))).collect()
    }

    /// A list of texts for at least one of the base's languages.
    pub(super) fn some_localised_lists(&mut self, node: Node, what: &str) -> LocatedLists {
        let lists = self.some_languages(node, what).into_iter();
        lists.map(|(l, node)| (l, self.texts(node, &format!("{what} in `{l}`")))).collect()
    }

    /// A text for each of the base's languages.
    pub(super) fn localised(&mut self, node: Node, what: &str) -> LocatedTexts {
        let texts = self.per_language(node, what).into_iter();
        texts.filter_map(|(l, node)| Some((l, self.text(node, &format!("{what} in `{l}`"))?))).collect()
    }

    /// Reports texts of more characters than allowed, with what else than shortening them would help.
    pub(super) fn check_length(&mut self, texts: &LocatedTexts, what: &str, most: usize, or: &str) {
        for (language, text) in texts {
            let length = text.value.chars().count();
            if length > most {
                let message = format!(
                    "{what} in `{language}` has {length} characters, at most {most} are allowed; shorten it{or}"
                );
                self.error(text.line, message);
            }
        }
    }

    /// A list of texts for each of the base's languages.
    pub(super) fn localised_lists(&mut self, node: Node, what: &str) -> LocatedLists {
        let lists = self.per_language(node, what).into_iter();
        lists.map(|(l, node)| (l, self.texts(node, &format!("{what} in `{l}`")))).collect()
    }
}

/// A map's known fields.
pub(super) struct Fields {
    /// Where the map starts.
    pub(super) line: u32,
    fields: BTreeMap<String, (Key, Node)>,
}

impl Fields {
    /// Whether a field is still there.
    pub(super) fn has(&self, name: &str) -> bool {
        self.fields.contains_key(name)
    }

    /// Takes a field's value out. It counts as standing at its key, where a reader looks for it.
    pub(super) fn take(&mut self, name: &str) -> Option<Node> {
        let (key, node) = self.fields.remove(name)?;
        Some(Node { line: key.line, ..node })
    }
}

//! The `entries` of a knowledge file.

use super::read::{Located, LocatedLists, LocatedTexts, Reader};
use super::yaml::Node;
use super::{Entry, HANDOFF, Localised, MAX_ANSWER_CHARS};
use crate::text::Language;

/// An entry as it was written, with the places of its parts.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) file: String,
    pub(super) id: Located<String>,
    pub(super) questions: LocatedLists,
    pub(super) answer: LocatedTexts,
    pub(super) title: LocatedTexts,
    pub(super) replies: Vec<Located<String>>,
}

impl Draft {
    /// The questions in a language.
    pub(super) fn questions_in(&self, language: Language) -> impl Iterator<Item = &Located<String>> {
        self.questions.get(&language).into_iter().flatten()
    }
}

const FIELDS: [&str; 5] = ["id", "questions", "answer", "title", "replies"];
const MAX_ID_CHARS: usize = 64;

/// The longest label that all channels show whole, in characters.
fn max_title_chars(language: Language) -> usize {
    match language {
        Language::Zh => 20,
        Language::En => 40,
    }
}

/// Reads the entries of one file.
pub(super) fn read(reader: &mut Reader<'_>, file: &str, text: &str) -> Vec<Draft> {
    let Some(mut fields) = reader.document(text, &["entries"]) else { return Vec::new() };
    let Some(node) = fields.take("entries") else {
        reader.error(fields.line, "`entries` is missing; add `entries:` with a list of entries under it".to_owned());
        return Vec::new();
    };
    let nodes = reader.list(node, "`entries`").into_iter();
    nodes.filter_map(|node| draft(reader, file, node)).collect()
}

fn draft(reader: &mut Reader<'_>, file: &str, node: Node) -> Option<Draft> {
    let mut fields = reader.fields(node, "an entry", &FIELDS)?;
    let id = if let Some(node) = fields.take("id") {
        reader.text(node, "the entry's `id`")?
    } else {
        reader.error(fields.line, "this entry has no `id`; add one, for example `id: delivery.time`".to_owned());
        return None;
    };
    check_id(reader, &id);
    let name = id.value.clone();
    let mut required = |reader: &mut Reader<'_>, field: &str| {
        let node = fields.take(field);
        if node.is_none() {
            reader.error(id.line, format!("entry `{name}` has no `{field}`; add it with each language under it"));
        }
        node
    };
    let questions = required(reader, "questions")
        .map(|node| reader.localised_lists(node, &format!("`questions` of `{name}`")))
        .unwrap_or_default();
    let answer = required(reader, "answer")
        .map(|node| reader.localised(node, &format!("`answer` of `{name}`")))
        .unwrap_or_default();
    let title = required(reader, "title")
        .map(|node| reader.localised(node, &format!("`title` of `{name}`")))
        .unwrap_or_default();
    let replies =
        fields.take("replies").map(|node| reader.texts(node, &format!("`replies` of `{name}`"))).unwrap_or_default();
    check_lengths(reader, &name, &answer, &title);
    Some(Draft { file: file.to_owned(), id, questions, answer, title, replies })
}

fn check_id(reader: &mut Reader<'_>, id: &Located<String>) {
    let Located { line, value } = id;
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '_' | '-');
    if let Some(bad) = value.chars().find(|c| !allowed(*c)) {
        reader
            .error(*line, format!("the id `{value}` holds {bad:?}; use small letters, digits, `.`, `_` and `-` only"));
    }
    if value == HANDOFF {
        reader.error(*line, format!("the id `{HANDOFF}` stands for a person; give the entry another id"));
    }
    if value.len() > MAX_ID_CHARS {
        reader.error(*line, format!("the id `{value}` is longer than {MAX_ID_CHARS} characters; shorten it"));
    }
}

fn check_lengths(reader: &mut Reader<'_>, name: &str, answer: &LocatedTexts, title: &LocatedTexts) {
    reader.check_length(answer, &format!("`answer` of `{name}`"), MAX_ANSWER_CHARS, " or split the entry");
    for (language, text) in title {
        let (length, most) = (text.value.chars().count(), max_title_chars(*language));
        if length > most {
            reader.warn(
                text.line,
                format!(
                    "`title` of `{name}` in `{language}` has {length} characters; channels may cut it after {most}"
                ),
            );
        }
    }
}

impl From<Draft> for Entry {
    fn from(draft: Draft) -> Self {
        let texts = |texts: LocatedTexts| Localised(texts.into_iter().map(|(l, t)| (l, t.value)).collect());
        let values = |list: Vec<Located<String>>| list.into_iter().map(|t| t.value).collect::<Vec<_>>();
        Self {
            id: draft.id.value,
            questions: draft.questions.into_iter().map(|(l, list)| (l, values(list))).collect(),
            answer: texts(draft.answer),
            title: texts(draft.title),
            replies: values(draft.replies),
        }
    }
}

//! The `entries` of a knowledge file.

use super::extras::{self, Extras};
use super::flow::{self, FlowDraft};
use super::graph;
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
    pub(super) extras: Extras,
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

/// Reads the entries and flows of one file. What starts a flow stands among the entries.
pub(super) fn read(reader: &mut Reader<'_>, file: &str, text: &str) -> (Vec<Draft>, Vec<FlowDraft>) {
    let Some(mut fields) = reader.document(text, &["entries", "flows"]) else { return Default::default() };
    let (flows, entries) = (fields.take("flows"), fields.take("entries"));
    if flows.is_none() && entries.is_none() {
        reader.error(fields.line, "`entries` is missing; add `entries:` with a list of entries under it".to_owned());
    }
    let nodes = entries.map(|node| reader.list(node, "`entries`")).unwrap_or_default();
    let mut drafts: Vec<_> = nodes.into_iter().filter_map(|node| draft(reader, file, node)).collect();
    let read = flows.map(|node| flow::read(reader, file, node)).unwrap_or_default();
    let (flows, starts): (Vec<_>, Vec<_>) = read.into_iter().unzip();
    for flow in &flows {
        graph::check(reader, flow);
    }
    drafts.extend(starts);
    (drafts, flows)
}

fn draft(reader: &mut Reader<'_>, file: &str, node: Node) -> Option<Draft> {
    let known: Vec<_> = FIELDS.into_iter().chain(extras::FIELDS).collect();
    let mut fields = reader.fields(node, "an entry", &known)?;
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
        .map(|node| reader.some_localised_lists(node, &format!("`questions` of `{name}`")))
        .unwrap_or_default();
    let answer = required(reader, "answer")
        .map(|node| (node.line, reader.some_localised(node, &format!("`answer` of `{name}`"))));
    let title =
        required(reader, "title").map(|node| (node.line, reader.some_localised(node, &format!("`title` of `{name}`"))));
    let replies =
        fields.take("replies").map(|node| reader.texts(node, &format!("`replies` of `{name}`"))).unwrap_or_default();
    let extras = extras::read(reader, &mut fields, &name);
    check_languages(
        reader,
        &name,
        &questions,
        answer.as_ref(),
        [("title", title.as_ref())].into_iter().chain(extras.located()),
    );
    let [answer, title] = [answer, title].map(|texts| texts.map(|(_, texts)| texts).unwrap_or_default());
    check_lengths(reader, &name, &answer, &title);
    Some(Draft { file: file.to_owned(), id, questions, answer, title, replies, extras })
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

/// An entry may lack a language of the base: whoever writes it is told so and gets the answer in one that is there. Its
/// other texts are there in each language of its answer.
fn check_languages<'a>(
    reader: &mut Reader<'_>,
    name: &str,
    questions: &LocatedLists,
    answer: Option<&(u32, LocatedTexts)>,
    others: impl Iterator<Item = (&'static str, Option<&'a (u32, LocatedTexts)>)>,
) {
    let Some((line, answer)) = answer.filter(|(_, answer)| !answer.is_empty()) else { return };
    let there = answer.keys().map(|language| format!("`{language}`")).collect::<Vec<_>>().join(" and ");
    for language in reader.lacking(|language| answer.contains_key(&language)) {
        reader.warn(
            *line,
            format!(
                "`answer` of `{name}` lacks the language `{language}`: customers who write it are told that the answer is \
                 only there in {there}; add `{language}: …`"
            ),
        );
    }
    let asked = |language| questions.is_empty() || questions.contains_key(&language) || !answer.contains_key(&language);
    for language in reader.lacking(asked) {
        reader.warn(
            *line,
            format!(
                "`questions` of `{name}` lacks the language `{language}`: only its title and answer, or the sentence encoder, \
                 find it there; add `{language}: …`"
            ),
        );
    }
    for (field, texts) in others {
        let Some((line, texts)) = texts.filter(|(_, texts)| !texts.is_empty()) else { continue };
        for language in answer.keys().filter(|language| !texts.contains_key(language)) {
            reader.error(
                *line,
                format!(
                    "`{field}` of `{name}` lacks the language `{language}`, which its answer has; add `{language}: …`"
                ),
            );
        }
        if field != "title" {
            for (language, text) in texts.iter().filter(|(language, _)| !answer.contains_key(language)) {
                reader.warn(
                    text.line,
                    format!(
                        "`{field}` of `{name}` in `{language}` is never said, for its answer is not there in `{language}`; \
                         add the answer or take this out"
                    ),
                );
            }
        }
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

impl Draft {
    /// The texts that customers read, with their fields' names.
    pub(super) fn texts(&self) -> impl Iterator<Item = (&'static str, &LocatedTexts)> {
        let extras = self.extras.located().filter_map(|(name, texts)| Some((name, &texts?.1)));
        [("answer", &self.answer), ("title", &self.title)].into_iter().chain(extras)
    }

    /// The entry, its days being those of a zone so many seconds east of UTC.
    pub(super) fn entry(self, offset: i64) -> Entry {
        let texts = |texts: LocatedTexts| Localised(texts.into_iter().map(|(l, t)| (l, t.value)).collect());
        let values = |list: Vec<Located<String>>| list.into_iter().map(|t| t.value).collect::<Vec<_>>();
        Entry {
            id: self.id.value,
            questions: self.questions.into_iter().map(|(l, list)| (l, values(list))).collect(),
            answer: texts(self.answer),
            title: texts(self.title),
            replies: values(self.replies),
            short: self.extras.short.map(|(_, short)| texts(short)),
            valid: self.extras.valid.map(|days| days.at(offset)),
            otherwise: self.extras.otherwise.map(|(_, otherwise)| texts(otherwise)),
            media: self.extras.media,
        }
    }
}

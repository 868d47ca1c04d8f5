//! `base.yaml`: the base's languages, fixed texts and lists of whole messages.

use std::collections::BTreeMap;

use super::read::{Fields, Located, Reader};
use super::yaml::Node;
use super::{Localised, PhraseLists, Phrases, Texts};
use crate::text::Language;
use domain::Policy;

/// What `base.yaml` holds.
#[derive(Debug, Default)]
pub(super) struct Base {
    pub(super) texts: Texts,
    pub(super) phrases: PhraseLists,
    pub(super) notices: BTreeMap<String, Localised>,
    pub(super) conversation: Option<Policy>,
}

const FIELDS: [&str; 3] = ["languages", "texts", "phrases"];
const TEXTS: [&str; 5] = ["unknown", "handoff_offer_title", "handoff_accepted", "greeting", "unsupported"];
const OPTIONAL_TEXT: &str = "unknown_again";
const PHRASES: [&str; 2] = ["handoff", "greeting"];

/// Reads which languages the base has: needed before anything else can be read.
pub(super) fn languages(reader: &mut Reader<'_>, text: &str) -> Option<(Vec<Language>, Fields)> {
    let mut fields = reader.document(text, &FIELDS)?;
    let Some(node) = fields.take("languages") else {
        reader.error(fields.line, "`languages` is missing; add for example `languages: [zh, en]`".to_owned());
        return None;
    };
    let mut languages = Vec::new();
    for Located { line, value } in reader.texts(node, "`languages`") {
        match Language::from_code(&value) {
            None => reader.error(line, format!("the language `{value}` is not supported; there are `zh` and `en`")),
            Some(known) if languages.contains(&known) => {
                reader.error(line, format!("the language `{known}` is listed twice; keep one"));
            }
            Some(known) => languages.push(known),
        }
    }
    (!languages.is_empty()).then_some((languages, fields))
}

/// Reads the rest, the languages being known.
pub(super) fn read(reader: &mut Reader<'_>, mut fields: Fields) -> Base {
    let texts = if let Some(node) = fields.take("texts") {
        texts(reader, node)
    } else {
        reader.error(
            fields.line,
            format!("`texts` is missing; add it with {}", TEXTS.map(|t| format!("`{t}`")).join(", ")),
        );
        Texts::default()
    };
    let phrases = fields.take("phrases").map(|node| phrases(reader, node)).unwrap_or_default();
    Base { texts, phrases, notices: BTreeMap::new(), conversation: None }
}

fn texts(reader: &mut Reader<'_>, node: Node) -> Texts {
    let known: Vec<_> = TEXTS.into_iter().chain([OPTIONAL_TEXT]).collect();
    let Some(mut fields) = reader.fields(node, "`texts`", &known) else { return Texts::default() };
    let [unknown, handoff_offer_title, handoff_accepted, greeting, unsupported] = TEXTS.map(|name| {
        if let Some(node) = fields.take(name) {
            localised(reader, node, name)
        } else {
            reader.error(fields.line, format!("`texts` lacks `{name}`; add it with a text per language"));
            Localised::default()
        }
    });
    let unknown_again = fields.take(OPTIONAL_TEXT).map(|node| localised(reader, node, OPTIONAL_TEXT));
    Texts { unknown, unknown_again, handoff_offer_title, handoff_accepted, greeting, unsupported }
}

fn localised(reader: &mut Reader<'_>, node: Node, name: &str) -> Localised {
    let texts = reader.localised(node, &format!("the text `{name}`"));
    Localised(texts.into_iter().map(|(l, text)| (l, text.value)).collect())
}

fn phrases(reader: &mut Reader<'_>, node: Node) -> PhraseLists {
    let Some(mut fields) = reader.fields(node, "`phrases`", &PHRASES) else { return PhraseLists::default() };
    let [handoff, greeting] =
        PHRASES.map(|name| fields.take(name).map(|node| phrase_list(reader, node, name)).unwrap_or_default());
    PhraseLists { handoff, greeting }
}

fn phrase_list(reader: &mut Reader<'_>, node: Node, name: &str) -> Phrases {
    let lists = reader.localised_lists(node, &format!("the phrase list `{name}`"));
    lists.into_iter().map(|(l, list)| (l, list.into_iter().map(|t| t.value).collect())).collect::<BTreeMap<_, _>>()
}

//! `base.yaml`: the base's languages, fixed texts, lists of whole messages and rules for conversations.

use std::collections::BTreeMap;

use domain::Notice;

use super::conversation::{self, Conversation};
use super::read::{Fields, Located, LocatedTexts, Reader};
use super::yaml::Node;
use super::{Localised, MAX_ANSWER_CHARS, PhraseLists, Phrases, Texts};
use crate::text::Language;

/// What `base.yaml` holds.
#[derive(Debug, Default)]
pub(super) struct Base {
    pub(super) texts: Texts,
    pub(super) phrases: PhraseLists,
    pub(super) notices: BTreeMap<String, Localised>,
    pub(super) conversation: Option<Conversation>,
    pub(super) approval: bool,
}

const FIELDS: [&str; 6] = ["languages", "texts", "phrases", "notices", "conversation", "approval"];
/// What `approval` says, if anything.
const REQUIRED: &str = "required";
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
    let notices = fields.take("notices").map(|node| notices(reader, node)).unwrap_or_default();
    let conversation = fields.take("conversation").map(|node| conversation::read(reader, node));
    let approval = fields.take("approval").is_some_and(|node| approval(reader, node));
    Base { texts, phrases, notices, conversation, approval }
}

/// Whether somebody must approve the knowledge before it is published.
fn approval(reader: &mut Reader<'_>, node: Node) -> bool {
    let Some(word) = reader.text(node, "`approval`") else { return false };
    if word.value != REQUIRED {
        let value = &word.value;
        reader.error(word.line, format!("`approval` cannot be `{value}`; write `{REQUIRED}` or take the line out"));
    }
    true
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
    values(reader.localised(node, &format!("the text `{name}`")))
}

fn values(texts: LocatedTexts) -> Localised {
    Localised(texts.into_iter().map(|(l, text)| (l, text.value)).collect())
}

fn notices(reader: &mut Reader<'_>, node: Node) -> BTreeMap<String, Localised> {
    let names: Vec<_> = Notice::ALL.iter().map(|notice| notice.name()).collect();
    let Some(mut fields) = reader.fields(node, "`notices`", &names) else { return BTreeMap::new() };
    let mut notices = BTreeMap::new();
    for name in names {
        let Some(node) = fields.take(name) else { continue };
        let what = format!("the notice `{name}`");
        let texts = reader.localised(node, &what);
        reader.check_length(&texts, &what, MAX_ANSWER_CHARS, "");
        notices.insert(name.to_owned(), values(texts));
    }
    notices
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

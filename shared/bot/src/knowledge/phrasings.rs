//! Phrasings kept apart from the knowledge, to test it: `phrasings: {<entry id>: {<language>: [<phrasing>, …]}}`.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::problem::{Problem, Severity};
use super::read::Reader;
use super::yaml::{Node, Value};
use super::{KnowledgeBase, Phrases, Source};

/// Phrasings by the id of the entry that they ask for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Phrasings(pub BTreeMap<String, Phrases>);

impl Phrasings {
    /// Reads a file of phrasings for a base. What is wrong with it is told as in [`check`](super::check).
    pub fn read(source: &Source, base: &KnowledgeBase) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        let mut reader = Reader::new(&source.file, Some(&base.languages), &mut problems);
        let phrasings = read(&mut reader, &source.text, base);
        if problems.iter().any(|p| p.severity == Severity::Error) { Err(problems) } else { Ok(phrasings) }
    }
}

fn read(reader: &mut Reader<'_>, text: &str, base: &KnowledgeBase) -> Phrasings {
    let mut phrasings = Phrasings::default();
    let Some(mut fields) = reader.document(text, &["phrasings"]) else { return phrasings };
    let Some(Node { line, value }) = fields.take("phrasings") else {
        reader.error(fields.line, "`phrasings` is missing; add `phrasings:` with entry ids under it".to_owned());
        return phrasings;
    };
    let Value::Map(map) = value else {
        reader.error(line, "`phrasings` should hold entry ids, each with its phrasings per language".to_owned());
        return phrasings;
    };
    for (id, node) in map {
        let place = phrasings.0.entry(id.name);
        if !base.entries.iter().any(|e| e.id == *place.key()) {
            reader.error(id.line, format!("there is no entry `{}`; mend the id", place.key()));
        } else if let Entry::Vacant(place) = place {
            let lists = reader.localised_lists(node, &format!("`{}`", place.key()));
            let lists = lists.into_iter().map(|(l, list)| (l, list.into_iter().map(|t| t.value).collect()));
            place.insert(lists.collect());
        } else {
            reader.error(id.line, format!("`{}` stands here twice; keep one", place.key()));
        }
    }
    phrasings
}

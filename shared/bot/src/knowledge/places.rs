//! Where the questions stand: a support lead mends a line of a file.

use std::collections::HashMap;

use super::Source;
use super::check::is_base;
use super::entry;
use super::read::Reader;
use crate::text::Language;

/// The file and line of every question, by entry, language and words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Places(HashMap<(String, Language, String), (String, u32)>);

impl Places {
    /// Reads them from a folder's files. What is wrong with these is for [`check`](super::check) to say.
    pub fn of(sources: &[Source]) -> Self {
        let mut places = HashMap::new();
        for source in sources.iter().filter(|source| !is_base(&source.file)) {
            let mut problems = Vec::new();
            for draft in entry::read(&mut Reader::new(&source.file, None, &mut problems), &source.file, &source.text) {
                for language in Language::ALL {
                    for question in draft.questions_in(language) {
                        let key = (draft.id.value.clone(), language, question.value.clone());
                        places.entry(key).or_insert_with(|| (source.file.clone(), question.line));
                    }
                }
            }
        }
        Self(places)
    }

    /// Where a question of an entry stands, as `file:line`.
    pub fn find(&self, entry: &str, language: Language, question: &str) -> Option<String> {
        let (file, line) = self.0.get(&(entry.to_owned(), language, question.to_owned()))?;
        Some(format!("{file}:{line}"))
    }
}

//! Which entries the model may answer from.

use super::{Source, Task};
use crate::Bot;
use crate::flow::FLOW_PAYLOAD;

/// So many entries at most: more cost more and answer no better.
const MOST_SOURCES: usize = 4;

impl Bot {
    /// The task for a question, with the entries that may answer it in the question's language; `None`: there are none.
    /// `topic` is the entry that answered before.
    pub fn task<'a>(&'a self, question: &'a str, locale: Option<&str>, topic: Option<&str>) -> Option<Task<'a>> {
        let language = self.language(question, locale);
        let mut ids: Vec<&str> = self.rank(question, locale).into_iter().take(MOST_SOURCES).map(|(id, _)| id).collect();
        // What is only there in another language goes out as it stands: the model's words could not be held against it.
        let lacks = |id: &&str| self.entry(id).is_some_and(|entry| entry.answer.get(language).is_none());
        if ids.first().is_some_and(lacks) {
            return None;
        }
        let before = topic.and_then(|id| self.source(id, language));
        // "And how long does that take?" is asked of what was answered before.
        if let Some(before) = before.filter(|before| !ids.is_empty() && !ids.contains(&before.id)) {
            ids.push(before.id);
        }
        let sources: Vec<_> = ids.into_iter().filter_map(|id| self.source(id, language)).collect();
        let before = before.map(|source| source.title);
        (!sources.is_empty()).then_some(Task { language, question, before, sources })
    }

    pub(super) fn source(&self, id: &str, language: crate::text::Language) -> Option<Source<'_>> {
        // What holds for some days only is told in its own words: the model does not know the day. And a flow is begun, not told.
        let entry = self.entry(id).filter(|entry| entry.valid.is_none() && !entry.id.starts_with(FLOW_PAYLOAD))?;
        Some(Source { id: &entry.id, title: entry.title.get(language)?, answer: entry.answer.get(language)? })
    }
}

//! The folder as a whole: what only shows when all files are seen together.

use std::collections::HashMap;

use super::clashes;
use super::conversation::asks;
use super::entry::{self, Draft};
use super::problem::{Problem, Report, Severity};
use super::read::{Located, Reader};
use super::{BASE_FILE, HANDOFF, KnowledgeBase, Source, base};
use crate::text::{Language, canonical, normalise, tokenise};

/// Checks a knowledge folder, file by file and as a whole.
///
/// The order of the files does not matter. The base is there exactly when no problem is an error.
pub fn check(sources: &[Source]) -> Report {
    let mut problems = Vec::new();
    let base_file = sources.iter().find(|s| is_base(&s.file));
    let mut languages = None;
    let mut base = None;
    if let Some(source) = base_file {
        let read = base::languages(&mut Reader::new(&source.file, None, &mut problems), &source.text);
        if let Some((found, fields)) = read {
            let mut reader = Reader::new(&source.file, Some(&found), &mut problems);
            base = Some(base::read(&mut reader, fields));
            languages = Some(found);
        }
    } else {
        Reader::new(BASE_FILE, None, &mut problems)
            .error(1, format!("the folder has no `{BASE_FILE}`; add one with `languages` and `texts`"));
    }
    let mut drafts = Vec::new();
    for source in sources.iter().filter(|s| !is_base(&s.file)) {
        let mut reader = Reader::new(&source.file, languages.as_deref(), &mut problems);
        drafts.extend(entry::read(&mut reader, &source.file, &source.text));
    }
    if drafts.is_empty() && problems.is_empty() {
        Reader::new(BASE_FILE, None, &mut problems)
            .error(1, "the folder has no entries; add a file with `entries:` beside this one".to_owned());
    }
    if let Some((source, conversation)) = base_file.zip(base.as_ref().and_then(|base| base.conversation.as_ref())) {
        check_words(&conversation.words, &drafts, &mut Reader::new(&source.file, None, &mut problems));
    }
    check_ids(&drafts, &mut problems);
    check_replies(&drafts, &mut problems);
    for language in Language::ALL {
        check_phrasings(&drafts, language, &mut problems);
    }
    clashes::check(&drafts, &mut problems);
    problems.sort();
    let sound = problems.iter().all(|p| p.severity != Severity::Error);
    let approval = base.as_ref().is_some_and(|base| base.approval);
    let base = base.filter(|_| sound).zip(languages).map(|(base, languages)| {
        let mut entries: Vec<_> = drafts.into_iter().map(super::Entry::from).collect();
        entries.sort_by(|a, b| a.id.cmp(&b.id));
        KnowledgeBase {
            languages,
            texts: base.texts,
            phrases: base.phrases,
            notices: base.notices,
            conversation: base.conversation.map(|conversation| conversation.policy),
            entries,
        }
    });
    Report { problems, base, approval }
}

pub(super) fn is_base(file: &str) -> bool {
    file.rsplit(['/', '\\']).next() == Some(BASE_FILE)
}

/// Whoever asks a question that is an end word gets a person instead of its answer.
fn check_words(words: &[Located<String>], drafts: &[Draft], reader: &mut Reader<'_>) {
    for Located { line, value } in words {
        for draft in drafts {
            let questions = draft.questions.values().flatten();
            for question in questions.filter(|question| asks(value, &question.value)) {
                let (id, file, at) = (&draft.id.value, &draft.file, question.line);
                reader.warn(
                    *line,
                    format!(
                        "the end word `{value}` is also a question of `{id}` ({file}:{at}); whoever asks it gets a person \
                         instead of the answer, so take one out"
                    ),
                );
            }
        }
    }
}

fn check_ids(drafts: &[Draft], problems: &mut Vec<Problem>) {
    let mut seen: HashMap<&str, &Draft> = HashMap::new();
    for draft in drafts {
        let id = draft.id.value.as_str();
        if let Some(first) = seen.get(id) {
            let place = format!("{}:{}", first.file, first.id.line);
            report(
                draft,
                Severity::Error,
                draft.id.line,
                problems,
                format!("the id `{id}` is taken by {place}; give one of the two another id"),
            );
        } else {
            seen.insert(id, draft);
        }
    }
}

fn check_replies(drafts: &[Draft], problems: &mut Vec<Problem>) {
    let ids: Vec<_> = drafts.iter().map(|d| d.id.value.as_str()).collect();
    for draft in drafts {
        for reply in &draft.replies {
            let id = reply.value.as_str();
            if id == draft.id.value {
                report(
                    draft,
                    Severity::Warning,
                    reply.line,
                    problems,
                    format!("entry `{id}` offers itself as a reply; take it out"),
                );
            } else if id != HANDOFF && !ids.contains(&id) {
                report(
                    draft,
                    Severity::Error,
                    reply.line,
                    problems,
                    format!(
                        "there is no entry `{id}` to offer as a reply; mend the id (`{HANDOFF}` offers a person) or take it out"
                    ),
                );
            }
        }
    }
}

/// Two entries asked for in the same words cannot both be found.
fn check_phrasings(drafts: &[Draft], language: Language, problems: &mut Vec<Problem>) {
    let mut exact: HashMap<String, (&Draft, u32)> = HashMap::new();
    let mut alike: HashMap<Vec<String>, (&Draft, u32)> = HashMap::new();
    for draft in drafts {
        for question in draft.questions.get(&language).into_iter().flatten() {
            let id = &draft.id.value;
            let text = &question.value;
            let mut words = Vec::new();
            let normal = normalise(text);
            tokenise(&normal, |term| words.push(term.to_owned()));
            words.sort();
            words.dedup();
            let same = exact.insert(canonical(text), (draft, question.line));
            let near = if words.is_empty() { None } else { alike.insert(words, (draft, question.line)) };
            match (same, near) {
                (Some((first, line)), _) if first.id.value == *id => report(
                    draft,
                    Severity::Warning,
                    question.line,
                    problems,
                    format!("“{text}” stands already on line {line}; take one out"),
                ),
                (Some((first, line)), _) => report(
                    draft,
                    Severity::Error,
                    question.line,
                    problems,
                    format!(
                        "“{text}” is also a question of `{}` ({}:{line}); keep it in the entry that answers it",
                        first.id.value, first.file
                    ),
                ),
                (None, Some((first, line))) if first.id.value != *id => report(
                    draft,
                    Severity::Warning,
                    question.line,
                    problems,
                    format!(
                        "“{text}” asks with the same words as a question of `{}` ({}:{line}); the bot cannot tell \
                         them apart, so say one differently",
                        first.id.value, first.file
                    ),
                ),
                (None, _) => {}
            }
        }
    }
}

fn report(draft: &Draft, severity: Severity, line: u32, problems: &mut Vec<Problem>, message: String) {
    problems.push(Problem { file: draft.file.clone(), line, severity, message });
}

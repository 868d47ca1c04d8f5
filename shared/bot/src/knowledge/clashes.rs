//! Entries that are hard to tell apart: the same answer or title twice, questions that are nearly the same, and answers
//! in another language than they say.

use std::collections::HashMap;

use super::entry::Draft;
use super::problem::{Problem, Severity};
use super::read::{Located, LocatedTexts};
use crate::text::{Language, canonical, detect};
use crate::understand::alike;

/// Shorter questions than this, in letters and digits, are near to many by chance.
const LEAST_LETTERS: usize = 4;

/// Adds what is found among all entries. A question that something was said of already is left alone.
pub(super) fn check(drafts: &[Draft], problems: &mut Vec<Problem>) {
    let known: Vec<(String, u32)> = problems.iter().map(|problem| (problem.file.clone(), problem.line)).collect();
    for language in Language::ALL {
        let found = near_questions(drafts, language);
        problems.extend(found.into_iter().filter(|new| !known.iter().any(|(f, l)| (f, *l) == (&new.file, new.line))));
        problems.extend(same_texts(drafts, language, |draft| &draft.answer, |id, other, place| {
            format!(
                "the answer of `{id}` in `{language}` is that of `{other}` ({place}) word for word; make the two one entry \
                 with the questions of both, or say what differs"
            )
        }));
        problems.extend(same_texts(drafts, language, |draft| &draft.title, |id, other, place| {
            format!(
                "`{id}` has the same title in `{language}` as `{other}` ({place}); customers who are offered both cannot \
                 tell them apart, so give one another title"
            )
        }));
        problems.extend(drafts.iter().filter_map(|draft| in_another_language(draft, language)));
    }
    problems.extend(drafts.iter().flat_map(offered_twice));
}

fn warning(draft: &Draft, line: u32, message: String) -> Problem {
    Problem { file: draft.file.clone(), line, severity: Severity::Warning, message }
}

/// Questions of two entries that are nearly the same: the bot may give either answer.
fn near_questions(drafts: &[Draft], language: Language) -> Vec<Problem> {
    let of = |draft| Draft::questions_in(draft, language).map(move |question| (draft, question));
    let long = |(_, question): &(&Draft, &Located<String>)| canonical(&question.value).chars().count() >= LEAST_LETTERS;
    let questions: Vec<_> = drafts.iter().flat_map(of).filter(long).collect();
    let texts: Vec<_> = questions.iter().map(|(_, question)| question.value.as_str()).collect();
    let pairs = alike(&texts).into_iter();
    let near = pairs.filter_map(|(one, other)| {
        let ((draft, question), (other, theirs)) = (questions.get(one)?, questions.get(other)?);
        if draft.id.value == other.id.value || canonical(&question.value) == canonical(&theirs.value) {
            return None;
        }
        let answer = |draft: &Draft| draft.answer.get(&language).map(|answer| canonical(&answer.value));
        let mend = if answer(draft) == answer(other) {
            "both entries give the same answer, so make them one"
        } else {
            "the two entries answer differently and the bot may give either answer, so keep it in the one that answers it"
        };
        Some(warning(
            draft,
            question.line,
            format!(
                "“{}” is nearly “{}” of `{}` ({}:{}); {mend}",
                question.value, theirs.value, other.id.value, other.file, theirs.line
            ),
        ))
    });
    near.collect()
}

/// Texts of two entries that are the same.
fn same_texts(
    drafts: &[Draft],
    language: Language,
    texts: fn(&Draft) -> &LocatedTexts,
    message: impl Fn(&str, &str, &str) -> String,
) -> Vec<Problem> {
    let mut seen: HashMap<String, (&Draft, u32)> = HashMap::new();
    let mut found = Vec::new();
    for draft in drafts {
        let Some(text) = texts(draft).get(&language) else { continue };
        match seen.get(&canonical(&text.value)) {
            Some((other, line)) if other.id.value != draft.id.value => {
                let place = format!("{}:{line}", other.file);
                found.push(warning(draft, text.line, message(&draft.id.value, &other.id.value, &place)));
            }
            Some(_) => {}
            None => {
                seen.insert(canonical(&text.value), (draft, text.line));
            }
        }
    }
    found
}

/// An answer that is there, but not in its language.
fn in_another_language(draft: &Draft, language: Language) -> Option<Problem> {
    let answer = draft.answer.get(&language)?;
    // Only where the other language has its own place may this be a translation that was forgotten.
    let found = detect(&answer.value).filter(|found| *found != language && draft.answer.contains_key(found))?;
    let id = &draft.id.value;
    Some(warning(
        draft,
        answer.line,
        format!(
            "the answer of `{id}` in `{language}` reads as `{found}`; translate it, or mend the language it stands under"
        ),
    ))
}

/// Replies that an entry offers a second time.
fn offered_twice(draft: &Draft) -> impl Iterator<Item = Problem> + '_ {
    draft.replies.iter().enumerate().filter_map(|(at, reply)| {
        let first = draft.replies.iter().take(at).find(|first| first.value == reply.value)?;
        let (id, value, line) = (&draft.id.value, &reply.value, first.line);
        Some(warning(draft, reply.line, format!("`{id}` offers `{value}` twice (first on line {line}); keep one")))
    })
}

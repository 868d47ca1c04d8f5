//! Letters: a mail that asks several things, or tells a long story, is answered point by point. What the bot is not sure
//! of is left to a person, and the letter says so.

mod sentences;

pub(super) use self::sentences::asks;
pub use self::sentences::questions;
use super::{Bot, text};
use crate::text::Language;

/// From so many characters on a letter is long: what it asks is looked for sentence by sentence.
const LONG: usize = 280;
/// Points that are answered at most; whoever asks more has a matter for a person.
const MOST: usize = 6;
/// Characters of a question that are repeated above its answer.
const SHOWN: usize = 80;

/// The answer to a letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter<'a> {
    /// Its language.
    pub language: Language,
    /// What it says.
    pub text: String,
    /// The entries that it is made of, in order.
    pub entries: Vec<&'a str>,
    /// What it asks that was not answered, in order.
    pub open: Vec<String>,
    /// Whether everything was answered; else a person is to read it.
    pub complete: bool,
}

/// What is asked in one or more sentences, and the entry that answers it.
struct Point<'a> {
    asked: Vec<String>,
    place: usize,
    id: &'a str,
}

impl Bot {
    /// Answers a letter that is too long or asks too much for one entry, at a moment in seconds of Unix time; `None`: it is a
    /// message like any other.
    pub fn answer_letter(&self, text: &str, locale: Option<&str>, now: i64) -> Option<Letter<'_>> {
        let asked = questions(text);
        let long = text.chars().count() >= LONG;
        if (asked.len() < 2 && !long) || self.whole.meaning(text).is_some() || self.sensitive.are_in(text) {
            return None;
        }
        let language = self.language(text, locale);
        let mut points: Vec<Point<'_>> = Vec::new();
        let mut open = Vec::new();
        for question in asked {
            let sure = self
                .sure(&question, language, now)
                .filter(|(place, ..)| !self.begins_flow(*place))
                .map(|(place, entry, _)| (place, entry.id.as_str()));
            let full = points.len() >= MOST;
            let Some((place, id)) = sure else {
                open.push(question);
                continue;
            };
            match points.iter_mut().find(|point| point.place == place) {
                Some(point) => point.asked.push(question),
                None if full => open.push(question),
                None => points.push(Point { asked: vec![question], place, id }),
            }
        }
        // A short mail with one matter reads better without headings.
        if points.len() < 2 && open.is_empty() && !long {
            return None;
        }
        Some(Letter {
            language,
            text: self.letter(&points, &open, language, now),
            entries: points.iter().map(|point| point.id).collect(),
            complete: open.is_empty() && !points.is_empty(),
            open,
        })
    }

    fn letter(&self, points: &[Point<'_>], open: &[String], language: Language, now: i64) -> String {
        let words = Words::of(language);
        if points.is_empty() {
            return words.nothing.to_owned();
        }
        let answer = |point: &Point<'_>| {
            let Some(entry) = self.base.entries.get(point.place) else { return String::new() };
            let (spoken, text) = text(entry, language, false, now);
            self.opening(spoken, language).into_iter().chain([text]).collect::<Vec<_>>().join("\n")
        };
        let mut parts = Vec::new();
        if let ([point], []) = (points, open) {
            parts.push(answer(point));
        } else {
            parts.push(words.opening.to_owned());
            for (number, point) in points.iter().enumerate() {
                let asked = point.asked.iter().map(|question| shown(question)).collect::<Vec<_>>().join(" ");
                parts.push(format!("{}. {asked}\n{}", number + 1, answer(point)));
            }
        }
        if !open.is_empty() {
            let rest: Vec<_> = open.iter().map(|question| format!("- {}", shown(question))).collect();
            parts.push(format!("{}\n{}", words.open, rest.join("\n")));
        }
        parts.join("\n\n")
    }
}

/// A question as it is repeated: the beginning of a long one.
fn shown(question: &str) -> String {
    let mut letters = question.chars();
    let start: String = letters.by_ref().take(SHOWN).collect();
    if letters.next().is_some() { format!("{}…", start.trim_end()) } else { start }
}

struct Words {
    opening: &'static str,
    open: &'static str,
    nothing: &'static str,
}

impl Words {
    fn of(language: Language) -> Self {
        match language {
            Language::Zh => Self {
                opening: "您好，您问到几件事，逐条答复如下。",
                open: "以下几点我没有把握，已经转给同事，他们看过您的来信后会直接回复您：",
                nothing: "您好，您信里的问题我没有把握，已经转给同事，他们看过您的来信后会直接回复您。",
            },
            Language::En => Self {
                opening: "Hello, you ask about several things; here they are one by one.",
                open: "Of these I am not sure. I have passed your letter to a colleague, who will write to you about:",
                nothing: "Hello, I am not sure about what you ask. I have passed your letter to a colleague, who will read \
                          it and write to you.",
            },
        }
    }
}

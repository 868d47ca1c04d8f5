//! Dialogues that a support lead writes down to be held: `dialogues: [{name, turns: [{customer, entry, says, …}]}]`.

use domain::{ChannelId, Locale, UnixMillis};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::problem::{Problem, Severity};
use super::read::{Fields, Located, Reader};
use super::span::Span;
use super::yaml::{Node, Value};
use super::{KnowledgeBase, Source};

/// A dialogue and what is expected of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dialogue {
    /// The file that it stands in.
    pub file: String,
    /// Its first line.
    pub line: u32,
    /// What it is called.
    pub name: String,
    /// The channel that it is held on, if it says so.
    pub channel: Option<ChannelId>,
    /// The language that the channel knows of the customer.
    pub locale: Option<Locale>,
    /// When it begins.
    pub at: UnixMillis,
    /// What is said, and what is expected, in order.
    pub turns: Vec<Turn>,
}

/// One thing that the customer does, and what is expected then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn {
    /// Its line.
    pub line: u32,
    /// Seconds that pass before it; what falls due in them happens.
    pub after_seconds: u32,
    /// What the customer does.
    pub said: Said,
    /// What is expected, each with its line.
    pub expected: Vec<(u32, Expectation)>,
}

/// What a customer does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// Writes or says this.
    Text(String),
    /// Takes the choice of this title.
    Takes(String),
    /// Comes, without a word.
    Comes,
    /// Nothing: time passes.
    Nothing,
}

/// What is expected of a turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expectation {
    /// This entry answers.
    Entry(String),
    /// The answer is of this kind.
    Outcome(&'static str),
    /// What is said holds this.
    Says(String),
    /// What is said does not hold this.
    SaysNot(String),
    /// A choice of this title is offered.
    Offers(String),
    /// The conversation is in this state afterwards.
    State(&'static str),
}

/// The kinds of answer; `none`: there is none.
pub const OUTCOMES: [&str; 6] = ["answered", "greeted", "unknown", "handoff", "unsupported", "none"];

/// Who has the conversation: the bot, nobody yet, a person, a person who writes notes, nobody any more.
pub const STATES: [&str; 5] = ["bot", "queued", "human", "wrap_up", "closed"];

const FIELDS: [&str; 5] = ["name", "channel", "locale", "at", "turns"];
const TURN: [&str; 10] =
    ["customer", "takes", "comes", "after", "entry", "outcome", "says", "says_not", "offers", "state"];

/// Seconds between two messages where nothing else is said.
const USUAL_SECONDS: u32 = 10;

/// When a dialogue begins that does not say it: a Wednesday morning in China.
const USUAL_START: UnixMillis = UnixMillis(1_772_589_600_000);

impl Dialogue {
    /// Reads a file of dialogues about a base. What is wrong with it is told as in [`check`](super::check).
    pub fn read(source: &Source, base: &KnowledgeBase) -> Result<Vec<Self>, Vec<Problem>> {
        let mut problems = Vec::new();
        let mut reader = Reader::new(&source.file, Some(&base.languages), &mut problems);
        let mut dialogues = Vec::new();
        if let Some(mut fields) = reader.document(&source.text, &["dialogues"]) {
            if let Some(node) = fields.take("dialogues") {
                let nodes = reader.list(node, "`dialogues`");
                dialogues.extend(nodes.into_iter().filter_map(|node| dialogue(&mut reader, &source.file, node, base)));
            } else {
                reader
                    .error(fields.line, "`dialogues` is missing; add it with a list of dialogues under it".to_owned());
            }
        }
        if problems.iter().any(|p| p.severity == Severity::Error) { Err(problems) } else { Ok(dialogues) }
    }
}

fn dialogue(reader: &mut Reader<'_>, file: &str, node: Node, base: &KnowledgeBase) -> Option<Dialogue> {
    let mut fields = reader.fields(node, "a dialogue", &FIELDS)?;
    let line = fields.line;
    let name = if let Some(node) = fields.take("name") {
        reader.text(node, "the dialogue's `name`")?.value
    } else {
        reader.error(line, "this dialogue has no `name`; add one that says what it shows".to_owned());
        return None;
    };
    let channel = text(reader, &mut fields, "channel").and_then(|channel| {
        let found = ChannelId::from_name(&channel.value);
        if found.is_none() {
            let names: Vec<_> = ChannelId::ALL.iter().map(|known| known.as_str()).collect();
            let value = &channel.value;
            reader.error(channel.line, format!("there is no channel `{value}`; there are {}", names.join(", ")));
        }
        found
    });
    let locale = text(reader, &mut fields, "locale").and_then(|locale| {
        let found = Locale::from_tag(&locale.value);
        if found.is_none() {
            reader.error(locale.line, format!("`{}` is no language tag; write for example `zh` or `en`", locale.value));
        }
        found
    });
    let at = text(reader, &mut fields, "at").and_then(|at| {
        let found = OffsetDateTime::parse(&at.value, &Rfc3339).ok();
        if found.is_none() {
            reader.error(at.line, format!("`{}` is no time; write it as `2026-03-04T10:00:00+08:00`", at.value));
        }
        found.map(|at| UnixMillis::from_seconds(at.unix_timestamp()))
    });
    let Some(turns) = fields.take("turns") else {
        reader.error(line, format!("“{name}” has no `turns`; add a list of what the customer says"));
        return None;
    };
    let turns = reader.list(turns, &format!("`turns` of “{name}”"));
    let turns = turns.into_iter().filter_map(|node| turn(reader, node, base)).collect();
    Some(Dialogue { file: file.to_owned(), line, name, channel, locale, at: at.unwrap_or(USUAL_START), turns })
}

fn text(reader: &mut Reader<'_>, fields: &mut Fields, name: &str) -> Option<Located<String>> {
    let node = fields.take(name)?;
    reader.text(node, &format!("`{name}`"))
}

/// One text, or a list of them.
fn texts(reader: &mut Reader<'_>, fields: &mut Fields, name: &str) -> Vec<Located<String>> {
    let Some(node) = fields.take(name) else { return Vec::new() };
    let what = format!("`{name}`");
    match node.value {
        Value::List(_) => reader.texts(node, &what),
        Value::Text(_) | Value::Map(_) | Value::Empty | Value::Whole(_) | Value::Other => {
            reader.text(node, &what).into_iter().collect()
        }
    }
}

fn turn(reader: &mut Reader<'_>, node: Node, base: &KnowledgeBase) -> Option<Turn> {
    let mut fields = reader.fields(node, "a turn", &TURN)?;
    let line = fields.line;
    let customer = text(reader, &mut fields, "customer").map(|text| Said::Text(text.value));
    let takes = text(reader, &mut fields, "takes").map(|title| Said::Takes(title.value));
    let comes = fields.take("comes").map(|_| Said::Comes);
    let mut doings = [customer, takes, comes].into_iter().flatten();
    let said = doings.next().unwrap_or(Said::Nothing);
    if doings.next().is_some() {
        reader.error(line, "a turn has one of `customer`, `takes` and `comes`; make two turns of it".to_owned());
    }
    let after = text(reader, &mut fields, "after");
    if said == Said::Nothing && after.is_none() {
        reader.error(line, "nothing happens in this turn; add `customer`, `takes`, `comes` or `after`".to_owned());
    }
    let after = after.and_then(|after| {
        let found = Span::parse(&after.value);
        if found.is_none() {
            reader
                .error(after.line, format!("`{}` is no time span; write for example `90s`, `10m`, `2h`", after.value));
        }
        found
    });
    let mut expected = Vec::new();
    if let Some(entry) = text(reader, &mut fields, "entry") {
        if base.entries.iter().any(|known| known.id == entry.value) {
            expected.push((entry.line, Expectation::Entry(entry.value)));
        } else {
            reader.error(entry.line, format!("there is no entry `{}`; mend the id", entry.value));
        }
    }
    expected.extend(one_of(reader, &mut fields, "outcome", &OUTCOMES).map(|(l, name)| (l, Expectation::Outcome(name))));
    for (field, make) in [
        ("says", Expectation::Says as fn(String) -> Expectation),
        ("says_not", Expectation::SaysNot),
        ("offers", Expectation::Offers),
    ] {
        expected.extend(texts(reader, &mut fields, field).into_iter().map(|text| (text.line, make(text.value))));
    }
    expected.extend(one_of(reader, &mut fields, "state", &STATES).map(|(l, name)| (l, Expectation::State(name))));
    let after_seconds = after.map_or(USUAL_SECONDS, |Span(seconds)| seconds);
    Some(Turn { line, after_seconds, said, expected })
}

/// A word out of a list.
fn one_of(
    reader: &mut Reader<'_>,
    fields: &mut Fields,
    name: &str,
    known: &[&'static str],
) -> Option<(u32, &'static str)> {
    let word = text(reader, fields, name)?;
    let found = known.iter().find(|known| **known == word.value);
    if found.is_none() {
        reader.error(word.line, format!("`{name}` cannot be `{}`; it can be {}", word.value, known.join(", ")));
    }
    Some((word.line, found?))
}

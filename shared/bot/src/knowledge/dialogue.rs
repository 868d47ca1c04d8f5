//! Dialogues that a support lead writes down to be held: `dialogues: [{name, turns: [{customer, entry, says, …}]}]`.

mod turn;

use domain::{ActionResult, ChannelId, Locale, UnixMillis};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::problem::{Problem, Severity};
use super::read::{Fields, Located, Reader};
use super::yaml::Node;
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
    /// Whether a person of the company is there.
    pub people: bool,
    /// What is said, and what is expected, in order.
    pub turns: Vec<Turn>,
}

/// One thing that happens, and what is expected then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn {
    /// Its line.
    pub line: u32,
    /// Seconds that pass before it; what falls due in them happens.
    pub after_seconds: u32,
    /// What the customer does, or what comes back to the bot.
    pub said: Said,
    /// What is expected, each with its line.
    pub expected: Vec<(u32, Expectation)>,
}

/// What happens in a turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// The customer writes or says this.
    Text(String),
    /// The customer takes the choice of this title.
    Takes(String),
    /// The customer comes, without a word.
    Comes,
    /// The action that the flow waits for ends so.
    Acts(ActionResult),
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
    /// This flow is under way afterwards; `None`: none is.
    Flow(Option<String>),
    /// A slot is filled so afterwards, as it is kept, or was when a person took over.
    Slot {
        /// Its name.
        name: String,
        /// What it holds; `None`: it is not filled.
        value: Option<String>,
    },
    /// This action is called.
    Calls(String),
    /// The conversation is in this state afterwards.
    State(&'static str),
}

/// The kinds of answer; `none`: there is none.
pub const OUTCOMES: [&str; 9] =
    ["answered", "greeted", "guided", "asked", "refused", "unknown", "handoff", "unsupported", "none"];

/// Who has the conversation: the bot, nobody yet, a person, a person who writes notes, nobody any more.
pub const STATES: [&str; 5] = ["bot", "queued", "human", "wrap_up", "closed"];

/// Whether a person is there: without it, none is.
const PEOPLE: [&str; 2] = ["there", "away"];

const FIELDS: [&str; 6] = ["name", "channel", "locale", "at", "people", "turns"];

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
    let people = one_of(reader, &mut fields, "people", &PEOPLE).is_some_and(|(_, people)| people == PEOPLE[0]);
    let Some(turns) = fields.take("turns") else {
        reader.error(line, format!("“{name}” has no `turns`; add a list of what the customer says"));
        return None;
    };
    let turns = reader.list(turns, &format!("`turns` of “{name}”"));
    let turns = turns.into_iter().filter_map(|node| turn::read(reader, node, base)).collect();
    Some(Dialogue { file: file.to_owned(), line, name, channel, locale, at: at.unwrap_or(USUAL_START), people, turns })
}

fn text(reader: &mut Reader<'_>, fields: &mut Fields, name: &str) -> Option<Located<String>> {
    let node = fields.take(name)?;
    reader.text(node, &format!("`{name}`"))
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

//! Knowledge: a folder of YAML files that a support lead edits, checked as a whole and compiled to one artifact.
//!
//! [`check`] reads the files and reports everything that is wrong with them; [`compile`] turns a sound
//! [`KnowledgeBase`] into the [`Artifact`] that the bot loads. Nothing here touches a disk: the caller reads the files.

mod approval;
mod artifact;
mod base;
mod check;
mod clashes;
mod conversation;
mod dialogue;
mod diff;
mod entry;
mod extras;
mod flow;
mod graph;
mod import;
mod phrasings;
mod places;
mod problem;
mod read;
mod sensitive;
mod span;
mod valid;
mod variables;
mod yaml;

use std::collections::BTreeMap;

use domain::Policy;
use serde::{Deserialize, Serialize};

pub use self::approval::{Approval, content};
pub use self::artifact::{Artifact, ArtifactError, FORMATS, compile};
pub use self::check::check;
pub use self::dialogue::{Dialogue, Expectation, OUTCOMES, STATES, Said, Turn};
pub use self::diff::{Difference, Kind, diff};
pub use self::extras::{Media, MediaKind};
pub use self::import::{Import, import};
pub use self::phrasings::Phrasings;
pub use self::places::Places;
pub use self::problem::{Problem, Report, Severity};
pub use self::sensitive::{OnSensitive, Sensitive};
pub use self::valid::Valid;
use crate::flow::{FLOW_PAYLOAD, Flow};
use crate::text::Language;

/// The file of a knowledge folder that holds what belongs to the whole base: its languages, its fixed texts and
/// how conversations are led.
pub const BASE_FILE: &str = "base.yaml";

/// What an entry's replies name instead of an entry to offer a person; no entry may have it as its id.
pub const HANDOFF: &str = "handoff";

/// The longest answer, in characters: no channel takes a longer text.
pub const MAX_ANSWER_CHARS: usize = 4_000;

/// One file of a knowledge folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Its name, as problems should show it. The file called [`BASE_FILE`] is special, whatever folder stands before.
    pub file: String,
    /// What it holds.
    pub text: String,
}

/// A text by language: in each of the base's, or of an entry in at least one of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Localised(pub BTreeMap<Language, String>);

impl Localised {
    /// The text in a language; `None` when it has none.
    pub fn get(&self, language: Language) -> Option<&str> {
        self.0.get(&language).map(String::as_str)
    }

    /// The text in a language, or else in one that it has, and which that is; `None`: it has none at all.
    pub fn nearest(&self, language: Language) -> Option<(Language, &str)> {
        let other = || self.0.first_key_value().map(|(other, text)| (*other, text.as_str()));
        self.get(language).map(|text| (language, text)).or_else(other)
    }
}

/// Whole messages that ask for one thing, per language.
pub type Phrases = BTreeMap<Language, Vec<String>>;

/// A checked knowledge base.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnowledgeBase {
    /// The languages that every text is there in, but for those of entries, which may lack some. The first one is used when nothing tells the customer's.
    pub languages: Vec<Language>,
    /// Texts that belong to no entry.
    pub texts: Texts,
    /// Whole messages that are answered without a search; where it is silent, the bot's own lists count.
    #[serde(default, skip_serializing_if = "PhraseLists::is_empty")]
    pub phrases: PhraseLists,
    /// The base's own words for notices about the conversation, by the notice's name; the bot has some for the others.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub notices: BTreeMap<String, Localised>,
    /// What `{{name}}` in a text stands for, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub variables: BTreeMap<String, Localised>,
    /// Words to which the bot says nothing of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sensitive: Option<Sensitive>,
    /// How conversations are led, if not as usual.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conversation: Option<Policy>,
    /// The entries, by id.
    pub entries: Vec<Entry>,
    /// The flows, by id.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flows: Vec<Flow>,
}

impl KnowledgeBase {
    /// All that a question can be about: the entries, and what starts each flow as an entry of its payload's name.
    pub fn searched(&self) -> Vec<Entry> {
        let starts = self.flows.iter().map(|flow| Entry {
            id: format!("{FLOW_PAYLOAD}{}", flow.id),
            questions: flow.start.clone(),
            answer: flow.title.clone(),
            title: flow.title.clone(),
            replies: Vec::new(),
            short: None,
            valid: None,
            otherwise: None,
            media: Vec::new(),
        });
        self.entries.iter().cloned().chain(starts).collect()
    }

    /// The base with its variables' values, and what starts a flow among its entries.
    pub(crate) fn as_searched(&self) -> Self {
        let base = self.clone().with_values();
        Self { entries: base.searched(), ..base }
    }
}

/// What the bot says when no entry speaks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Texts {
    /// It does not know.
    pub unknown: Localised,
    /// It does not know, for the second time on end; without it, `unknown` is said again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unknown_again: Option<Localised>,
    /// The label of the quick reply that asks for a person.
    pub handoff_offer_title: Localised,
    /// A person will take over.
    pub handoff_accepted: Localised,
    /// The first words of a conversation, and the answer to a greeting.
    pub greeting: Localised,
    /// It cannot read what was sent (a picture, a voice note).
    pub unsupported: Localised,
    /// The base's own words for [`Line`](crate::lines::Line)s, by their names; the bot has some for the others.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub lines: BTreeMap<String, Localised>,
}

/// The base's own lists of whole messages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhraseLists {
    /// Messages that ask for a person.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub handoff: Phrases,
    /// Messages that only greet.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub greeting: Phrases,
    /// Messages that only thank.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub thanks: Phrases,
    /// Farewells.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub bye: Phrases,
    /// Messages that only praise.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub praise: Phrases,
    /// Messages that only insult.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub insult: Phrases,
    /// Messages that ask whether a machine answers.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub are_you_bot: Phrases,
}

impl PhraseLists {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// One thing that the bot knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its name, unique in the base: small letters, digits, `.`, `_`, `-`.
    pub id: String,
    /// Ways to ask for it, at least one per language.
    pub questions: Phrases,
    /// What the bot answers: plain text with line breaks and bare links.
    pub answer: Localised,
    /// A short label, for quick replies and lists.
    pub title: Localised,
    /// Ids of the entries offered next, in order; [`HANDOFF`] offers a person.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub replies: Vec<String>,
    /// What is answered instead where texts are short: by text message and on the phone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub short: Option<Localised>,
    /// When it holds; always, if it does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid: Option<Valid>,
    /// What is answered while it does not hold; without it, it is not found then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub otherwise: Option<Localised>,
    /// What is sent after the answer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub media: Vec<Media>,
}

impl Entry {
    /// Whether it holds at a moment, in seconds of Unix time.
    pub fn holds(&self, now: i64) -> bool {
        self.valid.is_none_or(|valid| valid.holds(now))
    }
}

//! What a flow is made of, as the artifact holds it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Opening;
use crate::knowledge::{Localised, Phrases};

/// The longest value that an action's answer leaves in a slot, in bytes.
pub const VALUE_BYTES: usize = 48;

/// A conversation of several turns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flow {
    /// Its name.
    pub id: String,
    /// A short label.
    pub title: Localised,
    /// What customers say to start it.
    pub start: Phrases,
    /// Minutes that its clock is ahead of UTC.
    pub offset: i32,
    /// When it is open; empty: always.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hours: Vec<Opening>,
    /// After so many answers in a row that do not fit, a person takes over.
    pub misses: u32,
    /// What it asks for.
    pub slots: Vec<Slot>,
    /// What it does; the first one begins.
    pub steps: Vec<Step>,
}

/// Something that a flow asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slot {
    /// Its name.
    pub id: String,
    /// What customers call it.
    pub title: Localised,
    /// What is taken.
    pub kind: Kind,
    /// How it is asked for.
    pub prompt: Localised,
    /// How it is asked for in other words.
    pub again: Localised,
}

/// What a slot takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Kind {
    /// A day; kept as in ISO 8601.
    Date {
        /// Whether it may be over.
        past: bool,
    },
    /// A whole number.
    Number {
        /// The least.
        min: u64,
        /// The most.
        max: u64,
    },
    /// A telephone number; kept as in E.164.
    Phone,
    /// A mail address.
    Email,
    /// What a pattern fits; kept in capitals.
    Pattern {
        /// The regular expression.
        pattern: String,
        /// What goes before digits that stand alone, as a telephone's keys give them.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        prefix: String,
    },
    /// One of a few.
    Choice {
        /// Which.
        options: Vec<Choice>,
    },
    /// Yes or no.
    YesNo,
    /// Any words.
    Text {
        /// The most characters.
        max: u32,
    },
}

/// One of a choice's options.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// What is kept.
    pub value: String,
    /// What customers read.
    pub title: Localised,
    /// What else they call it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub words: Phrases,
}

/// One thing that a flow does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Its name.
    pub id: String,
    /// What.
    pub does: Does,
    /// The step after it; none: the flow ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// What a step does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Does {
    /// Asks for a slot, unless it is known.
    Ask(String),
    /// Says something.
    Say(Localised),
    /// Has what is known confirmed.
    Confirm(Localised),
    /// Goes on where the first condition that holds says.
    Branch(Vec<Arm>),
    /// Has the company's systems do something.
    Action(Call),
    /// Gives the customer to a person.
    Handoff(Localised),
}

/// A branch's way out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arm {
    /// What must hold.
    pub when: Condition,
    /// The step that follows; none: the flow ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub go: Option<String>,
}

/// What a branch looks at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// A slot has this value.
    Slot {
        /// Which slot.
        slot: String,
        /// Which value.
        is: String,
    },
    /// The flow's hours: open or not.
    Open(bool),
    /// A person of the company is there, or none is.
    People(bool),
    /// The customer is on the phone.
    Phone,
    /// The channel carries letters.
    Letters,
    /// Always.
    Always,
}

/// A call of an action.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// The action's name.
    pub name: String,
    /// The slots that it is given.
    #[serde(default)]
    pub input: Vec<String>,
    /// The values of its answer that are kept, each as a slot of its name.
    #[serde(default)]
    pub keep: Vec<String>,
    /// What is said meanwhile.
    pub wait: Localised,
    /// What follows when it is refused, by reason.
    #[serde(default)]
    pub refused: BTreeMap<String, Branched>,
    /// What follows when it fails, and when it is refused for another reason.
    pub failed: Branched,
}

/// What follows an action that was not done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Branched {
    /// What is said.
    pub say: Localised,
    /// The slots that are asked for anew.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub forget: Vec<String>,
    /// The step that follows; none: the flow ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub go: Option<String>,
}

impl Flow {
    /// A slot by its name.
    pub fn slot(&self, id: &str) -> Option<&Slot> {
        self.slots.iter().find(|slot| slot.id == id)
    }

    /// Whether it looks at who is there.
    pub fn looks_for_people(&self) -> bool {
        let arms =
            self.steps.iter().filter_map(|step| if let Does::Branch(arms) = &step.does { Some(arms) } else { None });
        arms.flatten().any(|arm| matches!(arm.when, Condition::People(_)))
    }

    /// A step by its name.
    pub fn step(&self, id: &str) -> Option<&Step> {
        self.steps.iter().find(|step| step.id == id)
    }
}

impl Kind {
    /// The longest value, in bytes.
    pub fn most_bytes(&self) -> usize {
        match self {
            Self::Date { .. } => 10,
            Self::Number { .. } => 20,
            Self::Phone => 16,
            Self::Email => 64,
            Self::Pattern { .. } => VALUE_BYTES,
            Self::Choice { options } => options.iter().map(|option| option.value.len()).max().unwrap_or(0),
            Self::YesNo => 3,
            Self::Text { max } => usize::try_from(*max).unwrap_or(usize::MAX).saturating_mul(4),
        }
    }
}

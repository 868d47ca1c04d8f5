//! What the conversation asks of the bot, and what the bot says.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{ActionNews, Capabilities, Content, Locale, Memory, UnixMillis};

/// What the bot is asked.
#[derive(Debug, Clone, Copy)]
pub struct Ask<'a> {
    /// What it is to answer.
    pub asked: Asked<'a>,
    /// The language last spoken, or the one the channel knows.
    pub locale: Option<&'a Locale>,
    /// Questions in a row before this one that the bot could not answer.
    pub unknown_streak: u32,
    /// What it has kept of the conversation.
    pub memory: &'a Memory,
    /// What the customer's channel can do.
    pub capabilities: &'a Capabilities,
    /// When it is asked.
    pub now: UnixMillis,
}

/// What the bot answers.
#[derive(Debug, Clone, Copy)]
pub enum Asked<'a> {
    /// What the customer sent.
    Content(&'a Content),
    /// The end of the action that its flow waits for.
    Action(&'a ActionNews),
}

/// What the bot says, and what kind of answer it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The messages, in order.
    pub contents: Vec<Content>,
    /// The language of the answer.
    pub locale: Option<Locale>,
    /// What kind of answer it is.
    pub outcome: Outcome,
    /// What it keeps of the conversation from now on.
    pub memory: Memory,
    /// What it has the company's systems do. The flow in `memory` waits for its end.
    pub action: Option<Action>,
    /// What a language model had to do with it.
    pub model: Option<ModelUse>,
    /// The questions of a letter that it leaves open, in the customer's words; of other messages it has none.
    pub open: Vec<String>,
}

/// How a language model was used for an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelUse {
    /// The entries that the answer's words rest on; none: its words are not the model's.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<String>,
    /// Tokens that it took, question and answer.
    pub tokens: u32,
}

/// An action that the bot wants done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action {
    /// Its name, as the knowledge has it.
    pub name: String,
    /// What it is given, of the flow's slots.
    pub input: BTreeMap<String, String>,
}

/// The kinds of answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// From the knowledge.
    Answered {
        /// The entry that answered.
        entry: String,
    },
    /// A greeting or other small talk.
    Greeted,
    /// A flow asked, told or did something.
    Guided {
        /// Which flow.
        flow: String,
    },
    /// Which of several entries is meant, the bot asked.
    Asked,
    /// To words that the company does not answer, its fixed words were said.
    Refused,
    /// The bot does not know, said so and offered a person.
    Unknown,
    /// The customer wants a person.
    Handoff,
    /// The bot cannot read this kind of message.
    Unsupported,
}

/// What Frontdesk itself tells a customer about the conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Notice {
    /// A person was asked for and will come.
    Queued,
    /// Nobody was free in time; the bot is back.
    QueueEnded,
    /// The person gave the conversation back to the bot.
    HandedBack,
    /// Are you still there?
    Reminder,
    /// Closed, because nothing was written for long.
    ClosedIdle,
    /// How was it? Goes out with choices from 1 to 5.
    Survey,
    /// Thanks for the rating.
    SurveyThanks,
    /// Too many messages in a minute; they are kept but not answered.
    SlowDown,
    /// No more messages will come, as the customer wanted.
    OptedOut,
    /// Messages will come again, as the customer wanted.
    OptedIn,
    /// From whom the messages come, and how to be rid of them.
    Help,
    /// A voice note could not be understood: please write.
    Unheard,
    /// What a text message with links begins with.
    Links,
    /// The text message was sent.
    Texted,
    /// No text message can be sent.
    NotTexted,
    /// The text message may have been sent; nobody knows.
    MaybeTexted,
}

impl Notice {
    /// Every notice.
    pub const ALL: &'static [Self] = &[
        Self::Queued,
        Self::QueueEnded,
        Self::HandedBack,
        Self::Reminder,
        Self::ClosedIdle,
        Self::Survey,
        Self::SurveyThanks,
        Self::SlowDown,
        Self::OptedOut,
        Self::OptedIn,
        Self::Help,
        Self::Unheard,
        Self::Links,
        Self::Texted,
        Self::NotTexted,
        Self::MaybeTexted,
    ];

    /// The notice's name, as knowledge files have it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::QueueEnded => "queue_ended",
            Self::HandedBack => "handed_back",
            Self::Reminder => "reminder",
            Self::ClosedIdle => "closed_idle",
            Self::Survey => "survey",
            Self::SurveyThanks => "survey_thanks",
            Self::SlowDown => "slow_down",
            Self::OptedOut => "opted_out",
            Self::OptedIn => "opted_in",
            Self::Help => "help",
            Self::Unheard => "unheard",
            Self::Links => "links",
            Self::Texted => "texted",
            Self::NotTexted => "not_texted",
            Self::MaybeTexted => "maybe_texted",
        }
    }
}

/// Whoever answers when the bot is the owner. Pure: the same question gets the same answer.
pub trait Answers {
    /// The answer to what the customer sent.
    fn answer(&self, ask: &Ask<'_>) -> Answer;

    /// A notice's words in the customer's language.
    fn notice(&self, notice: Notice, locale: Option<&Locale>) -> String;
}

//! What the bot is asked, and what it says.

use crate::knowledge::Media;
use crate::text::Language;

/// A message to answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Query<'a> {
    /// What was sent.
    pub input: Input<'a>,
    /// The customer's BCP 47 locale, if known. It decides where the words themselves do not.
    pub locale: Option<&'a str>,
    /// How many messages on end, right before this one, the bot did not know an answer to.
    pub unknowns: u32,
    /// The entry that answered last.
    pub topic: Option<&'a str>,
    /// How often the customer has insulted the bot before.
    pub insults: u32,
    /// Whether texts should be short: they come as text messages or are spoken.
    pub short: bool,
    /// When it was sent, in seconds of Unix time.
    pub now: i64,
}

impl<'a> Query<'a> {
    /// A first message of somebody unknown, at the beginning of Unix time.
    pub fn new(input: Input<'a>) -> Self {
        Self { input, locale: None, unknowns: 0, topic: None, insults: 0, short: false, now: 0 }
    }
}

/// What a customer can send, as far as the bot can tell it apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input<'a> {
    /// The conversation was opened, without a word yet.
    Opened,
    /// Words.
    Text(&'a str),
    /// A tap on a quick reply or button.
    Postback {
        /// What the button stands for.
        payload: &'a str,
        /// What the customer saw on it. May be empty.
        title: &'a str,
    },
    /// Anything else: a picture, a voice note, a place.
    Other,
}

/// What to say.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer<'a> {
    /// An entry's answer.
    Entry {
        /// The entry.
        id: &'a str,
        /// The customer's language, which all of it is in but for the answer.
        language: Language,
        /// The answer's own: the customer's, or where the entry lacks it one that it has.
        spoken: Language,
        /// What is said before it, if it was said before or is in another language.
        opening: Option<&'a str>,
        /// The answer.
        text: &'a str,
        /// What is sent after it.
        media: &'a [Media],
        /// What to ask next.
        replies: Vec<QuickReply<'a>>,
        /// How sure the bot is, from its threshold to 1; 1 when the entry was asked for by payload.
        score: f64,
    },
    /// Several entries' answers, in the order in which they were asked for.
    Several(Vec<Answer<'a>>),
    /// It may be one of several entries.
    Choices {
        /// The language of the texts.
        language: Language,
        /// The question which.
        text: &'a str,
        /// The entries, and none of them.
        choices: Vec<QuickReply<'a>>,
    },
    /// Small talk.
    Talk {
        /// About what.
        talk: Talk,
        /// The language of the texts.
        language: Language,
        /// What it says.
        text: &'a str,
        /// The offer of a person, if there is reason for it.
        offer: Option<QuickReply<'a>>,
    },
    /// The fixed words to sensitive ones.
    Refused {
        /// The language of the text.
        language: Language,
        /// What it says.
        text: &'a str,
    },
    /// A greeting.
    Greeting {
        /// The language of the text.
        language: Language,
        /// The greeting.
        text: &'a str,
    },
    /// The bot does not know.
    Unknown {
        /// The language of the texts.
        language: Language,
        /// What it says.
        text: &'a str,
        /// The offer of a person.
        offer: QuickReply<'a>,
    },
    /// The customer asked for a person.
    Handoff {
        /// The language of the text.
        language: Language,
        /// That a person will come.
        text: &'a str,
    },
    /// The bot cannot read what was sent.
    Unsupported {
        /// The language of the text.
        language: Language,
        /// What it says.
        text: &'a str,
    },
}

/// What small talk is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Talk {
    /// Thanks.
    Thanks,
    /// A farewell.
    Bye,
    /// Praise.
    Praise,
    /// An insult.
    Insult,
    /// Whether a machine answers.
    Machine,
}

/// A suggestion that the customer can tap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuickReply<'a> {
    /// What stands on it.
    pub title: &'a str,
    /// What comes back as [`Input::Postback`].
    pub payload: &'a str,
}

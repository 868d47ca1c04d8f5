//! What the bot says to a message: pure, from the loaded knowledge and the message alone.

mod whole;

use std::collections::HashMap;
use std::sync::Arc;

use self::whole::{Meaning, WholeMessages};
use crate::encode::Encoder;
use crate::knowledge::{Artifact, Entry, HANDOFF, KnowledgeBase, Localised};
use crate::notices;
use crate::recognise::{By, Guess, Guesses, Recogniser};
use crate::text::{self, Language};
use domain::Notice;

/// The payload of the quick reply that asks for a person.
pub const HANDOFF_PAYLOAD: &str = "handoff";

/// The start of a payload that asks for an entry; its id follows.
pub const ENTRY_PAYLOAD: &str = "entry:";

/// A message to answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Query<'a> {
    /// What was sent.
    pub input: Input<'a>,
    /// The customer's BCP 47 locale, if known. It decides where the words themselves do not.
    pub locale: Option<&'a str>,
    /// How many messages on end, right before this one, the bot did not know an answer to.
    pub unknowns: u32,
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
        /// The language of the texts.
        language: Language,
        /// The answer.
        text: &'a str,
        /// What to ask next.
        replies: Vec<QuickReply<'a>>,
        /// How sure the bot is, from its threshold to 1; 1 when the entry was asked for by payload.
        score: f64,
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

/// A suggestion that the customer can tap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuickReply<'a> {
    /// What stands on it.
    pub title: &'a str,
    /// What comes back as [`Input::Postback`].
    pub payload: &'a str,
}

/// The bot with its knowledge, ready to answer. Loading works out the index; answering only reads.
#[derive(Debug)]
pub struct Bot {
    base: KnowledgeBase,
    recogniser: Recogniser,
    /// Each entry's place in the base, by id.
    places: HashMap<String, usize>,
    /// Each entry's payload, by place.
    payloads: Vec<String>,
    whole: WholeMessages,
}

impl Bot {
    /// Gets ready to answer from a knowledge artifact, without the sentence encoder.
    pub fn load(artifact: &Artifact) -> Self {
        Self::load_with(artifact, None)
    }

    /// Gets ready to answer from a knowledge artifact; with the encoder, if there is one and it is the one that the
    /// knowledge was published with.
    pub fn load_with(artifact: &Artifact, encoder: Option<Arc<Encoder>>) -> Self {
        let base = artifact.base().clone();
        Self {
            recogniser: Recogniser::new(artifact, encoder),
            places: base.entries.iter().enumerate().map(|(at, e)| (e.id.clone(), at)).collect(),
            payloads: base.entries.iter().map(|e| format!("{ENTRY_PAYLOAD}{}", e.id)).collect(),
            whole: WholeMessages::new(&base.phrases),
            base,
        }
    }

    /// A notice's words: the base's own, or the bot's.
    pub fn notice(&self, notice: Notice, locale: Option<&str>) -> &str {
        let language = self.language("", locale);
        let own = self.base.notices.get(notice.name()).and_then(|texts| texts.get(language));
        own.unwrap_or_else(|| notices::default(notice, language))
    }

    /// Answers a message, in the language of its words; if they do not tell, in the locale's; else in the base's first.
    pub fn answer(&self, query: &Query<'_>) -> Answer<'_> {
        match query.input {
            Input::Opened => self.greet(self.language("", query.locale)),
            Input::Text(text) => self.answer_text(text, query),
            Input::Postback { payload, title } => self.answer_postback(payload, title, query),
            Input::Other => {
                let language = self.language("", query.locale);
                Answer::Unsupported { language, text: say(&self.base.texts.unsupported, language) }
            }
        }
    }

    /// What messages are understood by.
    pub fn understands_by(&self) -> By {
        self.recogniser.by()
    }

    /// The entries that a message may mean, the likeliest first, and what their scores are worth.
    pub fn guess(&self, text: &str, locale: Option<&str>) -> Guesses<'_> {
        let language = self.language(text, locale);
        let (found, bounds) = self.recogniser.guess(text, language);
        let guess =
            |(place, score): (usize, f64)| Some(Guess { entry: self.base.entries.get(place)?.id.as_str(), score });
        Guesses { language, list: found.into_iter().filter_map(guess).collect(), bounds }
    }

    /// The entries that a question may be about, by id, with their scores, the best first.
    pub fn rank(&self, question: &str, locale: Option<&str>) -> Vec<(&str, f64)> {
        self.guess(question, locale).list.into_iter().map(|guess| (guess.entry, guess.score)).collect()
    }

    fn answer_text(&self, text: &str, query: &Query<'_>) -> Answer<'_> {
        let language = self.language(text, query.locale);
        match self.whole.meaning(text) {
            Some(Meaning::Handoff) => return self.hand_off(language),
            Some(Meaning::Greeting) => return self.greet(language),
            None => {}
        }
        let (found, bounds) = self.recogniser.guess(text, language);
        let best = found.first().filter(|(_, score)| *score >= bounds.sure);
        match best.and_then(|(place, score)| Some((self.base.entries.get(*place)?, *score))) {
            Some((entry, score)) => self.tell(entry, language, score),
            None => self.give_up(language, query.unknowns),
        }
    }

    fn answer_postback(&self, payload: &str, title: &str, query: &Query<'_>) -> Answer<'_> {
        let language = self.language(title, query.locale);
        if payload == HANDOFF_PAYLOAD {
            return self.hand_off(language);
        }
        let place = payload.strip_prefix(ENTRY_PAYLOAD).and_then(|id| self.places.get(id));
        match place.and_then(|at| self.base.entries.get(*at)) {
            Some(entry) => self.tell(entry, language, 1.0),
            // A button of an older version of the knowledge: what stood on it is still a question.
            None => self.answer_text(title, query),
        }
    }

    fn language(&self, words: &str, locale: Option<&str>) -> Language {
        let spoken = |language: &Language| self.base.languages.contains(language);
        text::detect(words)
            .filter(spoken)
            .or_else(|| locale.and_then(Language::from_locale).filter(spoken))
            .or_else(|| self.base.languages.first().copied())
            .unwrap_or(Language::En)
    }

    fn tell<'a>(&'a self, entry: &'a Entry, language: Language, score: f64) -> Answer<'a> {
        let reply = |id: &String| {
            if id == HANDOFF {
                return Some(self.offer(language));
            }
            let place = *self.places.get(id)?;
            let title = say(&self.base.entries.get(place)?.title, language);
            Some(QuickReply { title, payload: self.payloads.get(place)? })
        };
        Answer::Entry {
            id: &entry.id,
            language,
            text: say(&entry.answer, language),
            replies: entry.replies.iter().filter_map(reply).collect(),
            score,
        }
    }

    fn greet(&self, language: Language) -> Answer<'_> {
        Answer::Greeting { language, text: say(&self.base.texts.greeting, language) }
    }

    fn hand_off(&self, language: Language) -> Answer<'_> {
        Answer::Handoff { language, text: say(&self.base.texts.handoff_accepted, language) }
    }

    fn give_up(&self, language: Language, unknowns: u32) -> Answer<'_> {
        let texts = &self.base.texts;
        let again = texts.unknown_again.as_ref().filter(|_| unknowns > 0);
        Answer::Unknown { language, text: say(again.unwrap_or(&texts.unknown), language), offer: self.offer(language) }
    }

    /// The offer of a person.
    fn offer(&self, language: Language) -> QuickReply<'_> {
        QuickReply { title: say(&self.base.texts.handoff_offer_title, language), payload: HANDOFF_PAYLOAD }
    }
}

/// A text in a language. An artifact has every text in each of its languages.
fn say(text: &Localised, language: Language) -> &str {
    text.get(language).unwrap_or_default()
}

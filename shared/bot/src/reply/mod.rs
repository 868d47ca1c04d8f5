//! What the bot says to a message: pure, from the loaded knowledge and the message alone.

mod follow;
mod letter;
mod model;
mod sayings;
mod sensitive;
mod several;
mod verdict;
mod whole;

use std::collections::HashMap;
use std::sync::Arc;

pub use self::letter::{Letter, questions};
pub use self::model::{Answer, Input, Query, QuickReply, Talk};
pub(crate) use self::sensitive::SensitiveWords;
use self::verdict::{Bounds, Scored, Verdict};
use self::whole::{Meaning, WholeMessages};
use crate::encode::Encoder;
use crate::flow::{FLOW_PAYLOAD, Flow, Guide};
use crate::knowledge::{Artifact, Entry, KnowledgeBase, Localised};
use crate::notices;
use crate::recognise::{By, Guess, Guesses, Recogniser};
use crate::text::{self, Language};
use domain::{Ask, Notice};

/// The payload of the quick reply that asks for a person.
pub const HANDOFF_PAYLOAD: &str = "handoff";

/// The start of a payload that asks for an entry; its id follows.
pub const ENTRY_PAYLOAD: &str = "entry:";

/// The payload of the choice that is none of those offered.
pub const SOMETHING_ELSE_PAYLOAD: &str = "something_else";

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
    sensitive: SensitiveWords,
}

impl Bot {
    /// Gets ready to answer from a knowledge artifact, without the sentence encoder.
    pub fn load(artifact: &Artifact) -> Self {
        Self::load_with(artifact, None)
    }

    /// Gets ready to answer from a knowledge artifact; with the encoder, if there is one and it is the one that the
    /// knowledge was published with.
    pub fn load_with(artifact: &Artifact, encoder: Option<Arc<Encoder>>) -> Self {
        let base = artifact.base().as_searched();
        Self {
            recogniser: Recogniser::new(&base, artifact.trained(), encoder),
            places: base.entries.iter().enumerate().map(|(at, e)| (e.id.clone(), at)).collect(),
            payloads: base.entries.iter().map(|e| payload(&e.id)).collect(),
            whole: WholeMessages::new(&base.phrases),
            sensitive: SensitiveWords::new(base.sensitive.as_ref()),
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

    /// Answers from the flow under way, or one that the message starts; else with what `faq` says.
    /// `people`: whether a person of the company is there.
    pub fn guide(&self, ask: &Ask<'_>, people: bool, faq: &dyn Fn() -> domain::Answer) -> domain::Answer {
        let masks = self.base.conversation.as_ref().map_or(&[][..], |policy| &policy.mask);
        let sensitive = &|text: &str| self.sensitive.are_in(text);
        let (flows, languages) = (&self.base.flows, &self.base.languages);
        Guide { flows, languages, masks, sensitive, people, faq }.answer(ask)
    }

    /// Whether any flow looks at who is there.
    pub fn looks_for_people(&self) -> bool {
        self.base.flows.iter().any(Flow::looks_for_people)
    }

    /// What messages are understood by.
    pub fn understands_by(&self) -> By {
        self.recogniser.by()
    }

    /// The entries that a message may mean, the likeliest first, and what their scores are worth.
    pub fn guess(&self, text: &str, locale: Option<&str>) -> Guesses<'_> {
        let language = self.language(text, locale);
        let (found, bounds) = self.recogniser.guess(text, language, &|_| true);
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
        if self.sensitive.are_in(text) {
            return self.refuse(language);
        }
        match self.whole.meaning(text) {
            Some(Meaning::Handoff) => return self.hand_off(language),
            Some(Meaning::Greeting) => return self.greet(language),
            Some(Meaning::Talk(talk)) => return self.talk(talk, language, query.insults),
            None => {}
        }
        if let Some(several) = self.several(text, language, query) {
            return several;
        }
        let followed = query.topic.and_then(|topic| self.followed(text, topic, language, query.now));
        let verdict = if let Some(found) = followed {
            Verdict::Sure(found)
        } else {
            let (candidates, bounds) = self.candidates(text, language, query.now);
            bounds.verdict(&candidates)
        };
        match verdict {
            Verdict::Sure((place, score)) => match self.base.entries.get(place) {
                Some(entry) if query.topic == Some(entry.id.as_str()) => self.tell_again(entry, language, score, query),
                Some(entry) => self.tell(entry, language, score, query),
                None => self.give_up(language, query.unknowns),
            },
            Verdict::Close(near) => self.ask_which(&near, language),
            Verdict::Unknown => self.give_up(language, query.unknowns),
        }
    }

    /// The entries that a question may be about and that have something to say now, the best first, and what their scores
    /// are worth.
    fn candidates(&self, question: &str, language: Language, now: i64) -> (Vec<Scored>, Bounds) {
        let (found, bounds) = self.recogniser.guess(question, language, &|place| self.speaks(place, now));
        (found, Bounds::from(bounds))
    }

    /// The same by the question's own words alone.
    fn by_words(&self, question: &str, language: Language, now: i64) -> Vec<Scored> {
        let mut found = self.recogniser.search(question, language);
        found.retain(|(place, _)| self.speaks(*place, now));
        found
    }

    fn speaks(&self, place: usize, now: i64) -> bool {
        self.base.entries.get(place).is_some_and(|entry| speaks(entry, now))
    }

    /// Whether what stands at a place is no entry, but the start of a flow.
    fn begins_flow(&self, place: usize) -> bool {
        self.base.entries.get(place).is_some_and(|entry| entry.id.starts_with(FLOW_PAYLOAD))
    }

    /// The entry that a question is surely about: its place, itself, its score.
    fn sure(&self, question: &str, language: Language, now: i64) -> Option<(usize, &Entry, f64)> {
        let (candidates, bounds) = self.candidates(question, language, now);
        let (place, score) = candidates.into_iter().next()?;
        let entry = self.base.entries.get(place)?;
        (score >= bounds.sure).then_some((place, entry, score))
    }

    fn answer_postback(&self, payload: &str, title: &str, query: &Query<'_>) -> Answer<'_> {
        let language = self.language(title, query.locale);
        if payload == HANDOFF_PAYLOAD {
            return self.hand_off(language);
        }
        if payload == SOMETHING_ELSE_PAYLOAD {
            // The bot has tried once already.
            return self.give_up(language, query.unknowns.max(1));
        }
        let place = payload.strip_prefix(ENTRY_PAYLOAD).and_then(|id| self.places.get(id));
        match place.and_then(|at| self.base.entries.get(*at)).filter(|entry| speaks(entry, query.now)) {
            Some(entry) => self.tell(entry, language, 1.0, query),
            // A button of an older version of the knowledge, or of what is over: what stood on it is still a question.
            None => self.answer_text(title, query),
        }
    }

    /// An entry, by its id.
    pub(crate) fn entry(&self, id: &str) -> Option<&Entry> {
        self.base.entries.get(*self.places.get(id)?)
    }

    pub(crate) fn language(&self, words: &str, locale: Option<&str>) -> Language {
        let spoken = |language: &Language| self.base.languages.contains(language);
        text::detect(words)
            .filter(spoken)
            .or_else(|| locale.and_then(Language::from_locale).filter(spoken))
            .or_else(|| self.base.languages.first().copied())
            .unwrap_or(Language::En)
    }
}

/// Whether an entry has something to say at a moment.
fn speaks(entry: &Entry, now: i64) -> bool {
    entry.holds(now) || entry.otherwise.is_some()
}

/// What an entry says at a moment, and in which language: the customer's, or one that it has.
fn text(entry: &Entry, language: Language, short: bool, now: i64) -> (Language, &str) {
    let otherwise = entry.otherwise.as_ref().filter(|_| !entry.holds(now));
    let brief = entry.short.as_ref().filter(|_| short);
    let language = entry.answer.nearest(language).map_or(language, |(nearest, _)| nearest);
    (language, say(otherwise.or(brief).unwrap_or(&entry.answer), language))
}

/// What asks for an entry, or starts a flow.
fn payload(id: &str) -> String {
    if id.starts_with(FLOW_PAYLOAD) { id.to_owned() } else { format!("{ENTRY_PAYLOAD}{id}") }
}

/// A text in a language, or else in one that it has. An artifact has the base's own texts in each of its languages, and an
/// entry's in those of its answer.
fn say(text: &Localised, language: Language) -> &str {
    text.nearest(language).map_or("", |(_, text)| text)
}

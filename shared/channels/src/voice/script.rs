//! The documents of a call: what is said, and what Twilio does next.

use domain::{Author, Outbound};

use super::account::{Account, Transfer};
use super::document::{Verb, document};
use super::place::{About, Call, Language, Place};
use super::{texting, words};
use crate::ear::{Heard, heard};

/// Seconds of silence after which a caller who should say something has said nothing.
const SILENCE: &str = "5";
/// The same on hold.
const HOLD: &str = "20";
/// How often in a row a caller on hold is silent before they hear that they are not forgotten.
const HOLDS: u32 = 3;
/// Choices that one key can take.
const KEYS: usize = 9;
/// Characters of a document at most, where it is sent to a call that is under way.
const MAX_CHARS: usize = 4000;

/// A call's documents.
pub(super) struct Script<'a> {
    pub(super) call: &'a Call,
    pub(super) account: &'a Account,
    /// The company's number.
    pub(super) number: &'a str,
}

impl Script<'_> {
    /// The delivery, and what follows it: listening, holding, a person, or a message for them. `open`: people are there.
    pub(super) fn delivery(&self, outbound: &Outbound, open: bool) -> String {
        let waits = outbound.reply.as_ref().and_then(|reply| reply.line.as_ref()).is_some_and(|line| line.waits);
        let closed = waits && !open;
        let turn = outbound.last_seq().to_string();
        // Where nobody is there, nothing is said of a person who comes.
        let told = |author| author != Author::Customer && !(closed && author == Author::System);
        let messages = outbound.messages.iter().filter(|message| told(message.author));
        let (mut said, mut keys) = (vec![], 0);
        for message in messages {
            let (all, choices) = heard(message, self.call.language);
            said.extend(all);
            keys = choices;
        }
        let links = texting::offered(outbound, self.account);
        loop {
            let place = Place { turn: turn.clone(), links: links.clone(), ..Place::default() };
            let verbs = self.verbs(said.iter().map(|said| self.verb(said)).collect(), keys, place, waits, open);
            let document = document(&verbs);
            // What is too long for a call under way ends earlier; what is said last is dropped first.
            if document.chars().count() <= MAX_CHARS || said.pop().is_none() {
                return document;
            }
        }
    }

    fn verbs(&self, mut said: Vec<Verb>, keys: usize, place: Place, waits: bool, open: bool) -> Vec<Verb> {
        // Nobody chooses anything on their way to a person, or before a tone.
        let listens = !waits || (open && self.account.transfer.is_none());
        let offers = listens && !place.links.is_empty();
        // Only a choice is one key: whoever is asked for a number types all of it.
        let one_key = (1..=KEYS).contains(&keys) && !waits;
        if offers {
            said.push(self.say(self.call.language, words::offer(self.call.language, one_key)));
        }
        match &self.account.transfer {
            _ if waits && !open => said.extend(self.voicemail(words::closed(self.call.language), &place)),
            Some(transfer) if waits => said.extend(self.transfer(transfer, &place)),
            None if waits => return vec![self.gather(said, &Place { held: 1, ..place }, HOLD, false)],
            Some(_) | None => return vec![self.gather(said, &place, SILENCE, one_key)],
        }
        said
    }

    /// The languages are offered.
    pub(super) fn menu(&self) -> String {
        let said = words::MENU.iter().map(|(language, text)| self.say(*language, text)).collect();
        let place = Place { about: About::Language, ..Place::default() };
        let keys = Verb::new("Gather").with("input", "dtmf").with("numDigits", "1");
        let keys = keys.with("timeout", SILENCE).with("actionOnEmptyResult", "true");
        document(&[keys.with("action", self.call.address(&place)).with("method", "POST").around(said)])
    }

    /// Nothing was understood: once more.
    pub(super) fn again(&self, place: &Place) -> String {
        let (turn, links) = (place.next_turn(), place.links.clone());
        let next = Place { turn, links, unheard: place.unheard + 1, ..Place::default() };
        let said = vec![self.say(self.call.language, words::again(self.call.language))];
        document(&[self.gather(said, &next, SILENCE, false)])
    }

    /// The reply is late: Twilio asks again at once.
    pub(super) fn wait(&self, place: &Place) -> String {
        let next = Place { about: About::Talk, tries: place.tries + 1, links: vec![], ..place.clone() };
        let redirect = Verb::new("Redirect").with("method", "POST").text(self.call.address(&next));
        document(&[self.say(self.call.language, words::wait(self.call.language)), redirect])
    }

    /// The caller holds the line until something is said to them; they may speak meanwhile. Who has heard something new
    /// is offered nothing of before.
    pub(super) fn hold(&self, place: &Place, first: Option<&str>) -> String {
        let links = if first.is_none() { place.links.clone() } else { vec![] };
        let next = Place { turn: place.next_turn(), held: place.held + 1, links, ..Place::default() };
        let forgotten = place.held > 0 && place.held.is_multiple_of(HOLDS);
        let text = first.or(forgotten.then_some(words::held(self.call.language)));
        let said = text.map(|text| self.say(self.call.language, text)).into_iter().collect();
        document(&[self.gather(said, &next, HOLD, false)])
    }

    /// No text message goes out now; the offer stands.
    pub(super) fn not_texted(&self, place: &Place) -> String {
        let (turn, links) = (place.next_turn(), place.links.clone());
        let next = Place { turn, links, held: place.held, ..Place::default() };
        let said = vec![self.say(self.call.language, words::not_texting(self.call.language))];
        document(&[self.gather(said, &next, if place.held > 0 { HOLD } else { SILENCE }, false)])
    }

    /// A caller in the queue hears where they stand. Twilio asks again when the pause is over.
    pub(super) fn position(&self, position: u32) -> String {
        let language = self.call.language;
        document(&[self.say(language, &words::position(language, position)), Verb::new("Pause").with("length", "20")])
    }

    /// A message is recorded, because nobody has answered.
    pub(super) fn nobody(&self, place: &Place) -> String {
        document(&self.voicemail(words::nobody(self.call.language), place))
    }

    /// The call ends with these words.
    pub(super) fn ends(&self, text: &str) -> String {
        document(&[self.say(self.call.language, text), Verb::new("Hangup")])
    }

    fn voicemail(&self, text: &str, place: &Place) -> Vec<Verb> {
        let next = Place { about: About::Recorded, turn: place.turn.clone(), ..Place::default() };
        let record = Verb::new("Record").with("maxLength", "120").with("timeout", SILENCE).with("finishOnKey", "#");
        let record = record.with("playBeep", "true").with("trim", "trim-silence");
        let record = record.with("action", self.call.address(&next)).with("method", "POST");
        // Twilio goes on here if nothing was said.
        let goodbye = self.say(self.call.language, words::goodbye(self.call.language));
        vec![self.say(self.call.language, text), record, goodbye, Verb::new("Hangup")]
    }

    fn transfer(&self, transfer: &Transfer, place: &Place) -> Vec<Verb> {
        let at = |about| self.call.address(&Place { about, turn: place.turn.clone(), ..Place::default() });
        let verb = match transfer {
            Transfer::Dial(number) => {
                let ours: String = form_urlencoded::byte_serialize(self.number.as_bytes()).collect();
                let bridged = Place { about: About::Bridged, ..Place::default() };
                let bridged = self.call.address_with(&bridged, &format!("&number={ours}"));
                let person =
                    Verb::new("Number").with("statusCallback", bridged).with("statusCallbackEvent", "answered");
                let person = person.with("statusCallbackMethod", "POST").text(number);
                let dial = Verb::new("Dial").with("timeout", "30").with("action", at(About::Dialled));
                dial.with("method", "POST").around(vec![person])
            }
            Transfer::Enqueue(name) => {
                let queue = Verb::new("Enqueue").with("waitUrl", at(About::Queue)).with("waitUrlMethod", "POST");
                queue.with("action", at(About::Dequeued)).with("method", "POST").text(name)
            }
        };
        vec![verb]
    }

    /// Listens while this is said, and after it. `one_key`: for no more than one key.
    fn gather(&self, said: Vec<Verb>, place: &Place, silence: &str, one_key: bool) -> Verb {
        let gather = Verb::new("Gather").with("input", "dtmf speech").with("language", self.call.language.heard());
        let gather = gather.with("timeout", silence).with("speechTimeout", "auto");
        let gather = if one_key { gather.with("numDigits", "1") } else { gather };
        let gather = gather.with("actionOnEmptyResult", "true").with("action", self.call.address(place));
        gather.with("method", "POST").around(said)
    }

    fn verb(&self, heard: &Heard) -> Verb {
        match heard {
            Heard::Words(language, text) => self.say(*language, text),
            Heard::Sound(url) => Verb::new("Play").text(url.as_str()),
        }
    }

    fn say(&self, language: Language, text: &str) -> Verb {
        let say = Verb::new("Say").with("language", language.spoken());
        let say = match self.account.voice(language) {
            Some(voice) => say.with("voice", voice),
            None => say,
        };
        say.text(text)
    }
}

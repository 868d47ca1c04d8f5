//! Where in a call a request is: all that is known of it stands in the query of the address.

use crate::RawRequest;
pub(super) use crate::ear::Language;

/// What Twilio is asked to do with a request that fails: ask twice more (its "connection overrides", which stand behind
/// the address and are neither sent nor signed).
const INSIST: &str = "#rc=2&rp=5xx,ct,rt";
/// Longest name of a turn: the greatest number, a dot and another.
const MAX_TURN: usize = 41;

/// What a request is about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum About {
    /// The talk.
    #[default]
    Talk,
    /// The language that was chosen.
    Language,
    /// A caller in the queue is to hear something.
    Queue,
    /// The caller has left the queue.
    Dequeued,
    /// The person who was called has answered.
    Bridged,
    /// The call to a person is over.
    Dialled,
    /// A message was recorded.
    Recorded,
}

/// Every one with its name in the address.
const ABOUT: [(About, &str); 7] = [
    (About::Talk, "talk"),
    (About::Language, "language"),
    (About::Queue, "queue"),
    (About::Dequeued, "dequeued"),
    (About::Bridged, "bridged"),
    (About::Dialled, "dialled"),
    (About::Recorded, "recorded"),
];

/// A place in a call.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) about: About,
    /// Names what the caller says next: the seq of the last message that they heard, and a count where they heard none
    /// since. Empty at the beginning.
    pub(super) turn: String,
    pub(super) language: Option<Language>,
    /// How often the reply to this turn was asked for already.
    pub(super) tries: u32,
    /// How often in a row nothing was understood.
    pub(super) unheard: u32,
    /// How often in a row the caller was silent while something is on its way to them; 0: nothing is.
    pub(super) held: u32,
    /// The links that the caller can have as a text message.
    pub(super) links: Vec<String>,
}

impl Place {
    /// As a request's address has it.
    pub(super) fn of(request: &RawRequest<'_>) -> Self {
        let count = |name| request.query(name).and_then(|count| count.parse().ok()).unwrap_or(0);
        let about = request.query("about").unwrap_or_default();
        let turn = request.query("turn").unwrap_or_default();
        let is_turn = turn.len() <= MAX_TURN && turn.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        Self {
            about: ABOUT.iter().find(|(_, name)| *name == about).map(|(about, _)| *about).unwrap_or_default(),
            turn: if is_turn { turn } else { String::new() },
            language: request.query("lang").as_deref().and_then(Language::of),
            tries: count("try"),
            unheard: count("unheard"),
            held: count("held"),
            links: request.query("links").unwrap_or_default().lines().map(str::to_owned).collect(),
        }
    }

    /// The turn that follows one to which nothing was said.
    pub(super) fn next_turn(&self) -> String {
        let (seq, count) = self.turn.split_once('.').unwrap_or((&self.turn, "0"));
        let count: u32 = count.parse().unwrap_or(0);
        format!("{}.{}", if seq.is_empty() { "0" } else { seq }, count.saturating_add(1))
    }
}

/// A call, as it is found again: the door's address with the call's id and language in its query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Call {
    /// The door's address, without query.
    door: String,
    pub(super) id: String,
    pub(super) language: Language,
}

impl Call {
    /// The call of this id that came to this address.
    pub(super) fn new(url: &str, id: &str, language: Language) -> Self {
        let door = url.split(['?', '#']).next().unwrap_or_default().to_owned();
        Self { door, id: id.to_owned(), language }
    }

    /// The line that [`Self::line`] has written.
    pub(super) fn of_line(line: &str) -> Option<Self> {
        let request = RawRequest { method: "", url: line, headers: &[], body: b"" };
        let language = Language::of(&request.query("lang")?)?;
        Some(Self::new(line, &request.query("call")?, language))
    }

    /// What is kept of it in the conversation.
    pub(super) fn line(&self) -> String {
        let id: String = form_urlencoded::byte_serialize(self.id.as_bytes()).collect();
        format!("{}?call={id}&lang={}", self.door, self.language.code())
    }

    /// The address of a place in it.
    pub(super) fn address(&self, place: &Place) -> String {
        self.address_with(place, "")
    }

    /// The same with more in the query.
    pub(super) fn address_with(&self, place: &Place, more: &str) -> String {
        let name = ABOUT.iter().find(|(about, _)| *about == place.about).map_or("talk", |(_, name)| *name);
        let language = place.language.unwrap_or(self.language).code();
        let mut address = format!("{}?about={name}&turn={}&lang={language}", self.door, place.turn);
        for (name, count) in [("try", place.tries), ("unheard", place.unheard), ("held", place.held)] {
            if count > 0 {
                address.extend(["&", name, "=", &count.to_string()]);
            }
        }
        if !place.links.is_empty() {
            address.push_str("&links=");
            address.extend(form_urlencoded::byte_serialize(place.links.join("\n").as_bytes()));
        }
        format!("{address}{more}{INSIST}")
    }
}

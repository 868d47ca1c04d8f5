//! A step of a contact, whoever hands it over.

use domain::{ChannelId, DedupId, Identity};
use serde_json::{Map, Value};

use super::event::{Contact, Details, Event, FlowEvent, LexEvent, SessionState};
use super::turn::Turn;
use super::{source, words};
use crate::KeySet;
use crate::ear::Language;

/// What our own parameters and attributes begin with where they stand among others.
pub(super) const OURS: &str = "frontdesk_";
/// How often in a row nothing may be said before a person helps.
const MAX_SILENT: u32 = 3;
/// Late replies that are remembered.
const MAX_LATE: usize = 3;

/// What the customer did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Act {
    /// They have come.
    Begins,
    /// They said, typed or pressed something.
    Said(String),
    /// They said nothing.
    Nothing,
    /// They said nothing for so often that a person must help.
    Unheard,
    /// They ask for the replies that were late.
    Waits,
    /// The flow tells of them: `left` (they are gone), `parked` (they are with a person, or in a queue).
    Told(&'static str),
    /// Something that is told and nobody here knows.
    Unknown,
}

/// What goes back in the form of whoever asked.
#[derive(Debug, Clone)]
pub(super) enum Form {
    /// A flow's flat map.
    Flow,
    /// Lex's session, with its attributes and the intent that it is at.
    Lex { attributes: Map<String, Value>, intent: Option<Value> },
}

/// A step.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    /// Whose.
    pub(super) identity: Identity,
    /// The contact or session: the line on which the customer is.
    pub(super) contact: String,
    pub(super) turn: Turn,
    pub(super) act: Act,
    /// The same step has the same one.
    pub(super) id: String,
    /// The events whose replies were late, oldest first.
    pub(super) late: Vec<DedupId>,
    pub(super) language: Language,
    /// Whether the customer listens; else they read.
    pub(super) listens: bool,
    pub(super) form: Form,
}

impl Asked {
    /// The step of an event from one of the company's sources.
    ///
    /// # Errors
    /// The field that is at fault, and why.
    pub(super) fn of(event: Event, keys: &KeySet) -> Result<Self, (&'static str, &'static str)> {
        let account = source::of(&event, keys).ok_or(("", "comes from no source of ours"))?.to_owned();
        let usual = source::language(keys, &account).unwrap_or(Language::Zh);
        let asked = match event {
            Event::Flow(flow) => of_flow(flow, account, usual)?,
            Event::Lex(lex) => of_lex(lex, account, usual)?,
        };
        if asked.identity.user.len() > 256 {
            return Err(("CustomerEndpoint.Address", "is too long"));
        }
        Ok(asked)
    }

    /// The id of the step's own event.
    pub(super) fn event(&self) -> DedupId {
        self.identity.dedup("message", &self.id)
    }

    /// The events whose replies are owed if this step's is late, too.
    pub(super) fn owed(&self) -> Vec<DedupId> {
        let mut owed = self.late.clone();
        if self.act != Act::Waits {
            let own = self.event();
            owed.retain(|event| *event != own);
            owed.push(own);
        }
        owed.split_off(owed.len().saturating_sub(MAX_LATE))
    }
}

fn text<'a>(fields: Option<&'a Map<String, Value>>, name: &str) -> &'a str {
    fields.and_then(|fields| fields.get(name)).and_then(Value::as_str).map_or("", str::trim)
}

/// Event ids, as [`Asked::owed`] were given out.
fn late(text: &str) -> Vec<DedupId> {
    text.split(',').filter_map(|id| DedupId::from_text(id.trim())).take(MAX_LATE).collect()
}

/// What was said: a step that is asked again says the same.
fn mark(said: &str) -> DedupId {
    DedupId::derive(&[said.as_bytes()])
}

fn act(said: &str, event: &str, turn: &Turn, late: &[DedupId]) -> Act {
    match event {
        "" => {}
        "left" => return Act::Told("left"),
        "parked" => return Act::Told("parked"),
        _ => return Act::Unknown,
    }
    match said {
        _ if !late.is_empty() && (said.is_empty() || words::goes_on(said)) => Act::Waits,
        "" if turn.is_first() => Act::Begins,
        "" if turn.silent + 1 >= MAX_SILENT => Act::Unheard,
        "" => Act::Nothing,
        said => Act::Said(said.to_owned()),
    }
}

/// The customer is their number, if the flow shows one; else the contact with which they came.
fn of_flow(flow: FlowEvent, account: String, usual: Language) -> Result<Asked, (&'static str, &'static str)> {
    let Details { contact_data, parameters } = flow.details;
    let Contact { attributes, channel, id, initial_contact_id, customer_endpoint, language_code, .. } = contact_data;
    let contact = id.filter(|id| !id.is_empty()).ok_or(("ContactId", "is missing"))?;
    let first = initial_contact_id.filter(|id| !id.is_empty()).unwrap_or_else(|| contact.clone());
    // What the block does not pass may stand in the contact's attributes.
    let given = |name: &str| match text(parameters.as_ref(), name) {
        "" => text(attributes.as_ref(), &format!("{OURS}{name}")),
        given => given,
    };
    let listens = channel == "VOICE";
    let number = customer_endpoint.and_then(|endpoint| endpoint.address).filter(|address| address.starts_with('+'));
    let user = number.unwrap_or(first);
    let language = [given("language"), language_code.as_deref().unwrap_or_default()].into_iter().find_map(language);
    let (turn, said) = (Turn::of(given("turn")), text(parameters.as_ref(), "said"));
    let late = late(given("late"));
    let act = act(said, text(parameters.as_ref(), "event"), &turn, &late);
    let id = if let Act::Told(name) = act {
        format!("{contact}:{name}")
    } else {
        format!("{contact}:{}:{}", turn.text(), mark(said))
    };
    let identity = Identity { channel: ChannelId::Connect, account, user };
    Ok(Asked { identity, contact, turn, act, id, late, language: language.unwrap_or(usual), listens, form: Form::Flow })
}

fn of_lex(lex: LexEvent, account: String, usual: Language) -> Result<Asked, (&'static str, &'static str)> {
    let session = lex.session_id.filter(|id| !id.is_empty()).ok_or(("sessionId", "is missing"))?;
    let SessionState { session_attributes, intent, originating_request_id } = lex.session_state.unwrap_or_default();
    let attributes = session_attributes.unwrap_or_default();
    let given = |name: &str| text(Some(&attributes), &format!("{OURS}{name}"));
    let (turn, late, said) = (Turn::of(given("turn")), late(given("late")), lex.input_transcript.trim());
    let known = matches!(lex.invocation_source.as_str(), "DialogCodeHook" | "FulfillmentCodeHook");
    let act = if known { act(said, "", &turn, &late) } else { Act::Unknown };
    // Both hooks of one utterance have the same request.
    let request = originating_request_id.unwrap_or_default();
    let id = if request.is_empty() {
        format!("{session}:{}:{}", turn.text(), mark(said))
    } else {
        format!("{session}:{request}")
    };
    let identity = Identity { channel: ChannelId::Connect, account, user: session.clone() };
    let language = language(&lex.bot.locale_id).unwrap_or(usual);
    let listens = lex.input_mode != "Text";
    Ok(Asked {
        identity,
        contact: session,
        turn,
        act,
        id,
        late,
        language,
        listens,
        form: Form::Lex { attributes, intent },
    })
}

/// The language of a tag such as `zh-CN` or `en_US`.
fn language(tag: &str) -> Option<Language> {
    Language::of(tag.split(['-', '_']).next()?)
}

//! What a request says of the caller.

use domain::{Attachment, ChannelId, Content, EventKind, Identity, InboundEvent};
use serde_json::Value;

use super::account::Account;
use super::place::{About, Call, Language, Place};
use super::recording::{SCHEME, is_id};
use super::texting;
use crate::twilio::Fields;
use crate::{Awaited, Parsed, RawRequest, Reject, Verified};

/// Below this, what was recognised counts as not understood, where the company says nothing else.
const MIN_CONFIDENCE: f64 = 0.3;
/// How often nothing may be understood before a person helps.
const MAX_UNHEARD: u32 = 3;
/// The numbers that stand for callers whose own is withheld: ANONYMOUS, RESTRICTED, BLOCKED, UNKNOWN, UNAVAILABLE as keys.
const WITHHELD: [&str; 5] = ["+266696687", "+7378742833", "+2562533", "+8656696", "+86282452253"];

/// What the caller did in a turn of the talk.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Heard {
    /// Their call begins, in a language that is known.
    Begins(Language),
    /// They have still to choose a language.
    Undecided,
    /// They said something or pressed keys.
    Said(String),
    /// They want the links that they were offered as a text message; what they said or pressed.
    Texts(String),
    /// They said nothing, or nothing that was understood.
    Nothing,
    /// They wait for the reply to what they said before.
    Waits,
    /// They have hung up.
    Left,
}

/// The request's call, place and account.
pub(super) struct Read {
    pub(super) place: Place,
    pub(super) account: Account,
    pub(super) call: Option<Call>,
    pub(super) heard: Heard,
}

impl Read {
    /// As it stands in a request to a number that is set up so.
    pub(super) fn of(request: &RawRequest<'_>, account: Account) -> Self {
        let fields = Fields::of(request.body);
        let place = Place::of(request);
        let heard = heard(&fields, &place, &account);
        let language = match heard {
            Heard::Begins(language) => Some(language),
            Heard::Undecided | Heard::Said(_) | Heard::Texts(_) | Heard::Nothing | Heard::Waits | Heard::Left => None,
        };
        let language = language.or(place.language).or_else(|| account.language()).unwrap_or(Language::Zh);
        let leg = if place.about == About::Bridged { "ParentCallSid" } else { "CallSid" };
        let call = fields.filled(leg).map(|id| Call::new(request.url, id, language));
        Self { place, account, call, heard }
    }
}

fn heard(fields: &Fields, place: &Place, account: &Account) -> Heard {
    if fields.get("CallStatus").is_some_and(is_over) {
        return Heard::Left;
    }
    let digits = fields.filled("Digits");
    if place.about == About::Language {
        return Heard::Begins(match digits {
            Some("2") => Language::En,
            Some(_) | None => Language::Zh,
        });
    }
    if place.tries > 0 {
        return Heard::Waits;
    }
    let sure = |fields: &Fields| {
        // What tells no confidence is not doubted.
        let confidence = fields.filled("Confidence").and_then(|text| text.parse::<f64>().ok());
        confidence.is_none_or(|confidence| confidence >= account.min_confidence.unwrap_or(MIN_CONFIDENCE))
    };
    let speech = fields.filled("SpeechResult").filter(|_| sure(fields)).map(str::trim);
    match digits.or(speech).filter(|said| !said.is_empty()) {
        Some(said) if !place.links.is_empty() && texting::is_wanted(said) => Heard::Texts(said.to_owned()),
        // The key is pressed once more, or where nothing is offered.
        Some(texting::KEY) | None if !place.turn.is_empty() => Heard::Nothing,
        Some(said) => Heard::Said(said.to_owned()),
        None => account.language().map_or(Heard::Undecided, Heard::Begins),
    }
}

/// Whether a call of this status is over.
pub(super) fn is_over(status: &str) -> bool {
    matches!(status, "completed" | "busy" | "failed" | "no-answer" | "canceled")
}

pub(super) fn parse(request: &Verified<'_>) -> Parsed {
    match events(request) {
        Ok(parsed) => parsed,
        Err((field, reason)) => {
            Parsed { rejects: vec![Reject::of_body(field, reason, &request.body)], ..Parsed::default() }
        }
    }
}

fn events(request: &Verified<'_>) -> Result<Parsed, (&'static str, &'static str)> {
    if std::str::from_utf8(&request.body).is_err() {
        return Err(("", "is no form in UTF-8"));
    }
    let setup = request.principal.setup.as_ref();
    let url = setup.and_then(|setup| setup.get("url")).and_then(Value::as_str).unwrap_or_default();
    let account = setup.and_then(|setup| setup.get("account")).and_then(Account::read);
    let account = account.ok_or(("", "the number's settings are gone"))?;
    let raw = RawRequest { method: "POST", url, headers: &[], body: &request.body };
    let fields = Fields::of(&request.body);
    let Read { place, call, heard, .. } = Read::of(&raw, account);
    let call = call.ok_or(("CallSid", "missing"))?;
    let identity = identity(&request.principal.account, &fields, &call)?;
    let event = |id: &str, content: Content| {
        let id = format!("{}:{id}", call.id);
        InboundEvent::new(identity.clone(), &id, request.at, call.language.locale(), EventKind::Message { content })
    };
    let named = |id: &str, name: &str| event(id, Content::Event { name: name.to_owned() });
    let one = |event: InboundEvent| Parsed { events: vec![event], ..Parsed::default() };
    let said = |content: Content| one(event(&place.turn, content).on_line(&call.line()));
    Ok(match (place.about, heard) {
        (About::Queue | About::Bridged, heard) if heard != Heard::Left => one(named("parked", "parked")),
        (About::Bridged, _) => Parsed::default(),
        (About::Recorded, _) => match recording(&fields)? {
            // Whoever leaves a message does not stay on the line, so that a person is to call back.
            Some((id, file)) => {
                Parsed { events: vec![named("left", "left"), event(&id, Content::Audio(file))], ..Parsed::default() }
            }
            None => Parsed::default(),
        },
        (_, Heard::Left) => one(named("left", "left")),
        (_, Heard::Begins(_)) => one(named("enter", "enter").on_line(&call.line())),
        (About::Talk, Heard::Said(text)) => said(Content::Text { text }),
        (About::Talk, Heard::Texts(how)) => said(Content::texting(place.links.iter().map(String::as_str), &how)),
        (About::Talk, Heard::Nothing) if place.held == 0 && place.unheard + 1 >= MAX_UNHEARD => {
            said(Content::Event { name: "unheard".to_owned() })
        }
        (About::Talk, Heard::Waits) => {
            let id = if place.turn.is_empty() { "enter" } else { &place.turn };
            let content = Content::Text { text: String::new() };
            let event = event(id, content).id;
            Parsed { awaits: Some(Awaited { identity: identity.clone(), event, before: vec![] }), ..Parsed::default() }
        }
        (_, Heard::Said(_) | Heard::Texts(_) | Heard::Nothing | Heard::Undecided | Heard::Waits) => Parsed::default(),
    })
}

/// The caller, by their number; by the call, where it is withheld.
fn identity(account: &str, fields: &Fields, call: &Call) -> Result<Identity, (&'static str, &'static str)> {
    let outgoing = fields.get("Direction").is_some_and(|direction| direction.starts_with("outbound"));
    let bridged = fields.filled("ParentCallSid").is_some();
    let name = if outgoing && !bridged { "To" } else { "From" };
    let shown = fields.filled(name).filter(|number| !WITHHELD.contains(number));
    let number = shown.filter(|number| number.starts_with('+') || number.contains(':'));
    let user = number.unwrap_or(&call.id).to_owned();
    if user.len() > 256 {
        return Err((name, "is no number"));
    }
    Ok(Identity { channel: ChannelId::Voice, account: account.to_owned(), user })
}

/// The message that was recorded, and its id; `None`: nothing was said.
fn recording(fields: &Fields) -> Result<Option<(String, Attachment)>, (&'static str, &'static str)> {
    let seconds = fields.get("RecordingDuration").and_then(|seconds| seconds.parse::<u32>().ok());
    let Some(url) = fields.filled("RecordingUrl").filter(|_| seconds != Some(0)) else { return Ok(None) };
    // The last part of the address is the recording's id; it is there with or without `RecordingSid`.
    let id = fields.filled("RecordingSid").or_else(|| url.rsplit('/').next()).unwrap_or_default();
    let account = fields.filled("AccountSid").ok_or(("AccountSid", "missing"))?;
    if !is_id(id) || !is_id(account) {
        return Err(("RecordingUrl", "names no recording"));
    }
    let url = Some(format!("{SCHEME}:{account}/{id}"));
    let file =
        Attachment { upload: None, url, name: "voicemail.wav".to_owned(), mime: "audio/wav".to_owned(), size: 0 };
    Ok(Some((id.to_owned(), file)))
}

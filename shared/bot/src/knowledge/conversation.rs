//! `conversation` in `base.yaml`: how conversations are led. What is not given stays as usual.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use domain::{Personal, Policy};

use super::read::{Located, Reader};
use super::span::Span;
use super::yaml::{Node, Value};
use crate::text::normalise;

/// The rules, and the end words with their places.
#[derive(Debug, Default)]
pub(super) struct Conversation {
    pub(super) policy: Policy,
    pub(super) words: Vec<Located<String>>,
}

/// A time among the rules.
struct Wait {
    name: &'static str,
    place: Place,
    /// Seconds.
    bounds: RangeInclusive<u32>,
    /// What is wrong with less and with more.
    why: &'static str,
}

/// Where a time stands in the policy, and so whether its step can be switched off.
enum Place {
    Always(fn(&mut Policy) -> &mut u32),
    OrOff(fn(&mut Policy) -> &mut Option<u32>),
}

const MINUTE: u32 = 60;
const HOUR: u32 = 60 * MINUTE;
const DAY: u32 = 24 * HOUR;

const WORDS: &str = "handoff_words";
const KEYS: &str = "handoff_keys";
const REMINDER: &str = "reminder";
const IDLE_CLOSE: &str = "idle_close";
const RATE: &str = "messages_per_minute";
const UNKNOWN_HANDOFF: &str = "unknown_handoff";
const MASK: &str = "mask";

const WAITS: [Wait; 7] = [
    Wait {
        name: "queue",
        place: Place::Always(|policy| &mut policy.queue_seconds),
        bounds: MINUTE..=24 * HOUR,
        why: "nobody can take over within seconds, and after a day nobody waits any more",
    },
    Wait {
        name: "lease",
        place: Place::Always(|policy| &mut policy.lease_seconds),
        bounds: MINUTE..=8 * HOUR,
        why: "reading and answering takes a minute, and after a shift whoever had the conversation has gone home",
    },
    Wait {
        name: "wrap_up",
        place: Place::OrOff(|policy| &mut policy.wrap_up_seconds),
        bounds: 10..=HOUR,
        why: "no note is written faster, and nothing is closed before it ends",
    },
    Wait {
        name: REMINDER,
        place: Place::OrOff(|policy| &mut policy.reminder_seconds),
        bounds: MINUTE..=7 * DAY,
        why: "whoever is typing needs no reminder, and after a week it comes out of the blue",
    },
    Wait {
        name: IDLE_CLOSE,
        place: Place::OrOff(|policy| &mut policy.idle_close_seconds),
        bounds: MINUTE..=7 * DAY,
        why: "whoever is typing is not gone, and for longer than a week nobody keeps a conversation open",
    },
    Wait {
        name: "renew",
        place: Place::OrOff(|policy| &mut policy.renew_seconds),
        bounds: 10 * MINUTE..=30 * DAY,
        why: "a short pause is part of a conversation, and after a month it is another matter",
    },
    Wait {
        name: "survey",
        place: Place::OrOff(|policy| &mut policy.survey_seconds),
        bounds: 0..=3 * DAY,
        why: "whoever is asked later has forgotten how it was",
    },
];

/// With none the bot would never answer; faster than ten a second no person writes.
const RATES: RangeInclusive<u32> = 1..=600;

/// The longest end word, in characters: it is a whole message that people type.
const MAX_WORD_CHARS: usize = 40;

/// Reads the section.
pub(super) fn read(reader: &mut Reader<'_>, node: Node) -> Conversation {
    let mut conversation = Conversation::default();
    let names = WAITS.iter().map(|wait| wait.name);
    let known: Vec<_> = [WORDS, KEYS].into_iter().chain(names).chain([RATE, UNKNOWN_HANDOFF, MASK]).collect();
    let Some(mut fields) = reader.fields(node, "`conversation`", &known) else { return conversation };
    let Conversation { policy, words } = &mut conversation;
    if let Some(node) = fields.take(WORDS) {
        *words = self::words(reader, node);
        policy.handoff_words = words.iter().map(|word| word.value.clone()).collect();
    }
    if let Some(node) = fields.take(KEYS) {
        policy.handoff_keys = keys(reader, node);
    }
    let mut given = BTreeMap::new();
    for wait in &WAITS {
        if let Some(node) = fields.take(wait.name) {
            let line = node.line;
            given.insert(wait.name, Located { line, value: wait.read(reader, node, policy) });
        }
    }
    check_reminder(reader, policy, &given);
    if let Some(node) = fields.take(MASK) {
        policy.mask = mask(reader, node);
    }
    if let Some(node) = fields.take(UNKNOWN_HANDOFF) {
        policy.unknown_handoff = unknown_handoff(reader, &node);
    }
    if let Some(rate) = fields.take(RATE).and_then(|node| rate(reader, &node)) {
        policy.messages_per_minute = rate;
    }
    conversation
}

impl Wait {
    /// Puts what is given into the policy, if it is right.
    fn read(&self, reader: &mut Reader<'_>, node: Node, policy: &mut Policy) -> bool {
        let (name, least, most) = (self.name, Span(*self.bounds.start()), Span(*self.bounds.end()));
        let said = if let Value::Text(text) = node.value { text.trim().to_owned() } else { String::new() };
        let off = said == "off";
        let span = Span::parse(&said).filter(|span| self.bounds.contains(&span.0));
        match (&self.place, span) {
            (Place::Always(place), Some(Span(seconds))) => *place(policy) = seconds,
            (Place::OrOff(place), Some(Span(seconds))) => *place(policy) = Some(seconds),
            (Place::OrOff(place), None) if off => *place(policy) = None,
            (Place::Always(_), None) if off => {
                reader.error(
                    node.line,
                    format!("`{name}` cannot be off: the customer would wait for ever; write a time up to `{most}`"),
                );
                return false;
            }
            (Place::Always(_) | Place::OrOff(_), None) if Span::parse(&said).is_some() => {
                let why = self.why;
                reader
                    .error(node.line, format!("`{name}` is `{said}`; write a time from `{least}` to `{most}`: {why}"));
                return false;
            }
            (place, None) => {
                let or_off = if matches!(place, Place::OrOff(_)) { ", or `off`" } else { "" };
                reader.error(
                    node.line,
                    format!("`{name}` should be a time such as `10m`: a whole number and `s`, `m`, `h` or `d`{or_off}"),
                );
                return false;
            }
        }
        true
    }
}

/// Both run from the same silence: a reminder that is not the first would never be sent.
fn check_reminder(reader: &mut Reader<'_>, policy: &Policy, given: &BTreeMap<&str, Located<bool>>) {
    let (Some(reminder), Some(close)) = (policy.reminder_seconds, policy.idle_close_seconds) else { return };
    let places: Vec<_> = [REMINDER, IDLE_CLOSE].into_iter().filter_map(|name| given.get(name)).collect();
    let readable = places.iter().all(|place| place.value);
    let Some(place) = places.first().filter(|_| readable && reminder >= close) else { return };
    let time = |name: &str, seconds| {
        let usual = if given.contains_key(name) { "" } else { " as usual" };
        format!("`{name}` (`{}`{usual})", Span(seconds))
    };
    reader.error(
        place.line,
        format!(
            "{} must be shorter than {}, else nobody is ever reminded; change one of them, or write `{REMINDER}: off`",
            time(REMINDER, reminder),
            time(IDLE_CLOSE, close)
        ),
    );
}

fn words(reader: &mut Reader<'_>, node: Node) -> Vec<Located<String>> {
    let mut words: Vec<Located<String>> = Vec::new();
    for Located { line, value } in reader.texts(node, &format!("`{WORDS}`")) {
        let length = value.chars().count();
        let first = words.iter().find(|word| asks(&word.value, &value));
        if asks(&value, "") {
            reader.error(
                line,
                format!(
                    "the end word `{value}` has no letter or digit, so that every message without any would ask for a \
                     person; take it out"
                ),
            );
        } else if length > MAX_WORD_CHARS {
            reader.error(
                line,
                format!(
                    "the end word `{value}` has {length} characters, at most {MAX_WORD_CHARS} are allowed; shorten it"
                ),
            );
        } else if let Some(first) = first {
            let (same, at) = (&first.value, first.line);
            reader.warn(line, format!("the end word `{value}` is the same as `{same}` on line {at}; take one out"));
        } else {
            words.push(Located { line, value });
        }
    }
    words
}

/// Whether a message would ask for a person if this were the only end word. The rule itself tells, lest another here
/// drift from it.
pub(super) fn asks(word: &str, message: &str) -> bool {
    let only = Policy { handoff_words: vec![word.to_owned()], handoff_keys: Vec::new(), ..Policy::default() };
    only.asks_for_person(message, false)
}

fn keys(reader: &mut Reader<'_>, node: Node) -> Vec<String> {
    let mut keys = Vec::new();
    for Located { line, value } in reader.texts(node, &format!("`{KEYS}`")) {
        let key = normalise(&value);
        if !matches!(key.as_bytes(), [b'0'..=b'9']) {
            // `*` and `#` are no letters or digits: as words they would be empty.
            reader.error(
                line,
                format!("the key `{value}` cannot be used; write one digit in quotes, for example `\"0\"`"),
            );
        } else if keys.contains(&key) {
            reader.warn(line, format!("the key `{key}` stands here twice; take one out"));
        } else {
            keys.push(key);
        }
    }
    keys
}

fn mask(reader: &mut Reader<'_>, node: Node) -> Vec<Personal> {
    let names = Personal::ALL.iter().map(|kind| format!("`{}`", kind.name())).collect::<Vec<_>>().join(", ");
    let mut kinds = Vec::new();
    for Located { line, value } in reader.texts(node, &format!("`{MASK}`")) {
        match Personal::ALL.iter().find(|kind| kind.name() == value) {
            None => reader.error(line, format!("`{MASK}` has `{value}`, which cannot be covered; there are {names}")),
            Some(kind) if kinds.contains(kind) => {
                reader.warn(line, format!("`{MASK}` has `{value}` twice; take one out"));
            }
            Some(kind) => kinds.push(*kind),
        }
    }
    kinds
}

/// With the first a person would be asked for whatever the bot does not know; whoever was not understood ten times has
/// gone.
const UNKNOWNS: RangeInclusive<u32> = 1..=10;

fn unknown_handoff(reader: &mut Reader<'_>, node: &Node) -> Option<u32> {
    let number = if let Value::Whole(number) = node.value { u32::try_from(number).ok() } else { None };
    let number = number.filter(|number| UNKNOWNS.contains(number));
    if number.is_none() {
        let (least, most) = (UNKNOWNS.start(), UNKNOWNS.end());
        reader.error(
            node.line,
            format!("`{UNKNOWN_HANDOFF}` should be a whole number from {least} to {most}: unknown questions in a row"),
        );
    }
    number
}

fn rate(reader: &mut Reader<'_>, node: &Node) -> Option<u32> {
    let number = if let Value::Whole(number) = node.value { u32::try_from(number).ok() } else { None };
    let rate = number.filter(|number| RATES.contains(number));
    if rate.is_none() {
        let (least, most) = (RATES.start(), RATES.end());
        reader.error(
            node.line,
            format!(
                "`{RATE}` should be a whole number from {least} to {most}: with none the bot would never answer, and \
                 nobody writes faster"
            ),
        );
    }
    rate
}

//! The `flows` of a knowledge file.

use std::collections::BTreeMap;

use super::entry::Draft;
use super::read::{Fields, Located, LocatedTexts, Reader};
use super::yaml::{Node, Value};
use super::{Localised, MAX_ANSWER_CHARS};
use crate::flow::{
    Arm, Branched, Call, Choice, Condition, Does, FLOW_PAYLOAD, Flow, Kind, Opening, Slot, Step, offset, pattern,
};

/// A flow, with the lines of its parts.
#[derive(Debug)]
pub(super) struct FlowDraft {
    pub(super) flow: Flow,
    pub(super) line: u32,
    pub(super) slots: Vec<u32>,
    pub(super) steps: Vec<u32>,
}

/// What stands for the flow's end where a step's name is expected.
pub(super) const END: &str = "end";

const FLOW: [&str; 8] = ["id", "title", "start", "time_zone", "hours", "misses", "slots", "steps"];
const SLOT: [&str; 11] =
    ["id", "title", "type", "prompt", "again", "past", "min", "max", "pattern", "prefix", "options"];
const STEP: [&str; 13] = [
    "id", "ask", "say", "confirm", "branch", "action", "handoff", "next", "input", "keep", "wait", "refused", "failed",
];
const TYPES: &str = "date, number, phone, email, pattern, choice, yes_no or text";
const MISSES: u32 = 3;
const MAX_PATTERN: usize = 100;
const MAX_CHOICES: usize = 10;

/// Reads the flows of a file, and what starts each as an entry that the search finds.
pub(super) fn read(reader: &mut Reader<'_>, file: &str, node: Node) -> Vec<(FlowDraft, Draft)> {
    reader.list(node, "`flows`").into_iter().filter_map(|node| flow(reader, file, node)).collect()
}

fn flow(reader: &mut Reader<'_>, file: &str, node: Node) -> Option<(FlowDraft, Draft)> {
    let mut fields = reader.fields(node, "a flow", &FLOW)?;
    let id = name(reader, &mut fields, "a flow")?;
    let what = format!("flow `{}`", id.value);
    let title = texts(reader, &mut fields, "title", &what);
    let questions = need(reader, &mut fields, "start", &what)
        .map(|node| reader.localised_lists(node, &format!("`start` of {what}")))
        .unwrap_or_default();
    let zone = fields.take("time_zone").and_then(|node| reader.text(node, &format!("`time_zone` of {what}")));
    let minutes = zone.as_ref().map_or(Some(0), |zone| offset(&zone.value));
    if let (None, Some(zone)) = (minutes, &zone) {
        reader.error(
            zone.line,
            format!("`time_zone` of {what} should be the time ahead of UTC, for example `\"+08:00\"`"),
        );
    }
    let spans = fields.take("hours").map(|node| reader.texts(node, &format!("`hours` of {what}"))).unwrap_or_default();
    let mut hours = Vec::new();
    for span in spans {
        match Opening::parse(&span.value) {
            Some(opening) => hours.push(opening),
            None => reader.error(
                span.line,
                format!("`hours` of {what} cannot be read; write days and times as in `mon-fri 09:00-18:00`"),
            ),
        }
    }
    let misses = whole(reader, &mut fields, "misses", &what).and_then(|most| u32::try_from(most).ok());
    let mut slots = (Vec::new(), Vec::new());
    for node in fields.take("slots").map(|node| reader.list(node, "`slots`")).unwrap_or_default() {
        let line = node.line;
        if let Some(slot) = slot(reader, node, &what) {
            slots.0.push(slot);
            slots.1.push(line);
        }
    }
    let nodes = need(reader, &mut fields, "steps", &what).map(|node| reader.list(node, "`steps`")).unwrap_or_default();
    let mut steps: (Vec<Step>, Vec<u32>) = (Vec::new(), Vec::new());
    let mut follows = Vec::new();
    for node in nodes {
        let line = node.line;
        if let Some((step, explicit)) = step(reader, node, &what) {
            follows.push(explicit);
            steps.0.push(step);
            steps.1.push(line);
        }
    }
    let names: Vec<_> = steps.0.iter().skip(1).map(|step| Some(step.id.clone())).chain([None]).collect();
    for ((step, next), explicit) in steps.0.iter_mut().zip(names).zip(follows) {
        step.next = match explicit {
            Some(name) => target(name),
            None => next,
        };
    }
    let flow = Flow {
        id: id.value.clone(),
        title: plain(&title),
        start: questions.iter().map(|(l, list)| (*l, list.iter().map(|text| text.value.clone()).collect())).collect(),
        offset: minutes.unwrap_or_default(),
        hours,
        misses: misses.unwrap_or(MISSES).max(1),
        slots: slots.0,
        steps: steps.0,
    };
    let line = id.line;
    let starts = Located { line, value: format!("{FLOW_PAYLOAD}{}", id.value) };
    let draft = Draft {
        file: file.to_owned(),
        id: starts,
        questions,
        answer: title.clone(),
        title,
        replies: vec![],
        extras: super::extras::Extras::default(),
    };
    Some((FlowDraft { flow, line, slots: slots.1, steps: steps.1 }, draft))
}

fn slot(reader: &mut Reader<'_>, node: Node, flow: &str) -> Option<Slot> {
    let mut fields = reader.fields(node, "a slot", &SLOT)?;
    let id = name(reader, &mut fields, &format!("a slot of {flow}"))?;
    let what = format!("slot `{}` of {flow}", id.value);
    let title = plain(&texts(reader, &mut fields, "title", &what));
    let prompt = plain(&texts(reader, &mut fields, "prompt", &what));
    let again = plain(&texts(reader, &mut fields, "again", &what));
    let node = need(reader, &mut fields, "type", &what)?;
    let kind = reader.text(node, &format!("`type` of {what}"))?;
    let kind = match kind.value.as_str() {
        "date" => {
            Kind::Date { past: word(reader, &mut fields, "past", &what).is_some_and(|past| past.value == "allowed") }
        }
        "number" => Kind::Number {
            min: whole(reader, &mut fields, "min", &what).unwrap_or(0),
            max: whole(reader, &mut fields, "max", &what).unwrap_or(u64::MAX),
        },
        "phone" => Kind::Phone,
        "email" => Kind::Email,
        "pattern" => {
            need_line(reader, &mut fields, "pattern", &what)?;
            let source = word(reader, &mut fields, "pattern", &what)?;
            if source.value.len() > MAX_PATTERN || pattern(&source.value).is_none() {
                reader.error(
                    source.line,
                    format!(
                        "the pattern of {what} is no regular expression of at most {MAX_PATTERN} characters; mend it"
                    ),
                );
            }
            let prefix = word(reader, &mut fields, "prefix", &what).map(|prefix| prefix.value).unwrap_or_default();
            Kind::Pattern { pattern: source.value, prefix }
        }
        "choice" => {
            let node = need(reader, &mut fields, "options", &what)?;
            let line = node.line;
            let nodes = reader.list(node, &format!("`options` of {what}"));
            if nodes.len() > MAX_CHOICES {
                reader.error(line, format!("{what} has more than {MAX_CHOICES} options; leave some out"));
            }
            Kind::Choice { options: nodes.into_iter().filter_map(|node| option(reader, node, &what)).collect() }
        }
        "yes_no" => Kind::YesNo,
        "text" => {
            let max = whole(reader, &mut fields, "max", &what).unwrap_or(40);
            Kind::Text { max: u32::try_from(max).unwrap_or(u32::MAX) }
        }
        _ => {
            reader.error(kind.line, format!("{what} has the unknown type `{}`; it can be {TYPES}", kind.value));
            return None;
        }
    };
    Some(Slot { id: id.value, title, kind, prompt, again })
}

fn option(reader: &mut Reader<'_>, node: Node, what: &str) -> Option<Choice> {
    let mut fields = reader.fields(node, "an option", &["value", "title", "words"])?;
    need_line(reader, &mut fields, "value", &format!("an option of {what}"))?;
    let value = word(reader, &mut fields, "value", what)?.value;
    let title = plain(&texts(reader, &mut fields, "title", &format!("option `{value}` of {what}")));
    let words = fields.take("words").map(|node| reader.localised_lists(node, &format!("`words` of option `{value}`")));
    let words = words.unwrap_or_default().into_iter();
    Some(Choice {
        value,
        title,
        words: words.map(|(l, list)| (l, list.into_iter().map(|text| text.value).collect())).collect(),
    })
}

/// A step, and what it says follows.
fn step(reader: &mut Reader<'_>, node: Node, flow: &str) -> Option<(Step, Option<String>)> {
    let mut fields = reader.fields(node, "a step", &STEP)?;
    let line = fields.line;
    let id = name(reader, &mut fields, &format!("a step of {flow}"))?.value;
    let what = format!("step `{id}` of {flow}");
    let next = word(reader, &mut fields, "next", &what).map(|next| next.value);
    let does = if let Some(slot) = word(reader, &mut fields, "ask", &what) {
        Does::Ask(slot.value)
    } else if let Some(node) = fields.take("say") {
        Does::Say(said(reader, node, &what))
    } else if let Some(node) = fields.take("confirm") {
        Does::Confirm(said(reader, node, &what))
    } else if let Some(node) = fields.take("handoff") {
        Does::Handoff(said(reader, node, &what))
    } else if let Some(node) = fields.take("branch") {
        let nodes = reader.list(node, &format!("`branch` of {what}"));
        Does::Branch(nodes.into_iter().filter_map(|node| arm(reader, node, &what)).collect())
    } else if let Some(action) = word(reader, &mut fields, "action", &what) {
        Does::Action(call(reader, &mut fields, action, &what)?)
    } else {
        reader.error(
            line,
            format!("{what} does nothing; give it one of `ask`, `say`, `confirm`, `branch`, `action`, `handoff`"),
        );
        return None;
    };
    Some((Step { id, does, next: None }, next))
}

fn arm(reader: &mut Reader<'_>, node: Node, what: &str) -> Option<Arm> {
    let mut fields =
        reader.fields(node, &format!("a branch of {what}"), &["slot", "is", "hours", "channel", "people", "go"])?;
    let line = fields.line;
    let slot = word(reader, &mut fields, "slot", what);
    let is = word(reader, &mut fields, "is", what);
    let hours = word(reader, &mut fields, "hours", what);
    let channel = word(reader, &mut fields, "channel", what);
    let go = word(reader, &mut fields, "go", what);
    let people = word(reader, &mut fields, "people", what);
    let looks = [("hours", hours), ("channel", channel), ("people", people)];
    let looks: Vec<_> = looks.into_iter().filter_map(|(field, value)| Some((field, value?.value))).collect();
    let look = looks.iter().map(|(field, value)| (*field, value.as_str())).collect::<Vec<_>>();
    let when = match (slot, is, look.as_slice()) {
        (Some(slot), Some(is), []) => Condition::Slot { slot: slot.value, is: is.value },
        (None, None, [("hours", "open")]) => Condition::Open(true),
        (None, None, [("hours", "closed")]) => Condition::Open(false),
        (None, None, [("people", "there")]) => Condition::People(true),
        (None, None, [("people", "away")]) => Condition::People(false),
        (None, None, [("channel", "phone")]) => Condition::Phone,
        (None, None, [("channel", "letters")]) => Condition::Letters,
        (None, None, []) => Condition::Always,
        _ => {
            reader.error(
                line,
                format!(
                    "a branch of {what} should have one condition: `slot` with `is`, `hours: open` or `closed`, `people: there` or \
                     `away`, `channel: phone` or `letters`, or none at all"
                ),
            );
            return None;
        }
    };
    let Some(go) = go else {
        reader.error(line, format!("a branch of {what} has no `go`; name the step that follows, or `{END}`"));
        return None;
    };
    Some(Arm { when, go: target(go.value) })
}

fn call(reader: &mut Reader<'_>, fields: &mut Fields, action: Located<String>, what: &str) -> Option<Call> {
    let list = |reader: &mut Reader<'_>, fields: &mut Fields, name: &str| {
        let node = fields.take(name)?;
        Some(reader.texts(node, &format!("`{name}` of {what}")).into_iter().map(|text| text.value).collect::<Vec<_>>())
    };
    let input = list(reader, fields, "input").unwrap_or_default();
    let keep = list(reader, fields, "keep").unwrap_or_default();
    let wait = plain(&texts(reader, fields, "wait", what));
    let mut refused = BTreeMap::new();
    if let Some(Node { line, value }) = fields.take("refused") {
        if let Value::Map(map) = value {
            for (reason, node) in map {
                if let Some(branch) = branched(reader, node, &format!("`{}` of {what}", reason.name)) {
                    refused.insert(reason.name, branch);
                }
            }
        } else {
            reader.error(line, format!("`refused` of {what} should hold reasons, each with `say` and `go`"));
        }
    }
    let Some(node) = fields.take("failed") else {
        reader.error(
            action.line,
            format!("{what} has no `failed`; add it with `say` and `go`, for when the system does not answer"),
        );
        return None;
    };
    let failed = branched(reader, node, &format!("`failed` of {what}"))?;
    Some(Call { name: action.value, input, keep, wait, refused, failed })
}

fn branched(reader: &mut Reader<'_>, node: Node, what: &str) -> Option<Branched> {
    let mut fields = reader.fields(node, what, &["say", "forget", "go"])?;
    let say = plain(&texts(reader, &mut fields, "say", what));
    let forget =
        fields.take("forget").map(|node| reader.texts(node, &format!("`forget` of {what}"))).unwrap_or_default();
    need_line(reader, &mut fields, "go", what)?;
    let go = target(word(reader, &mut fields, "go", what)?.value);
    Some(Branched { say, forget: forget.into_iter().map(|text| text.value).collect(), go })
}

fn target(name: String) -> Option<String> {
    (name != END).then_some(name)
}

/// A thing's `id`, which stands in payloads and states.
fn name(reader: &mut Reader<'_>, fields: &mut Fields, what: &str) -> Option<Located<String>> {
    let id = need(reader, fields, "id", what).and_then(|node| reader.text(node, &format!("the `id` of {what}")))?;
    let good = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if id.value.len() > 24 || id.value == END || !id.value.chars().all(good) {
        let message = format!(
            "the id `{}` of {what} should be at most 24 small letters, digits and `_`, and not `{END}`",
            id.value
        );
        reader.error(id.line, message);
    }
    Some(id)
}

fn need(reader: &mut Reader<'_>, fields: &mut Fields, field: &str, what: &str) -> Option<Node> {
    let node = fields.take(field);
    if node.is_none() {
        reader.error(fields.line, format!("{what} has no `{field}`; add it"));
    }
    node
}

/// The same, and the field stays.
fn need_line(reader: &mut Reader<'_>, fields: &mut Fields, field: &str, what: &str) -> Option<()> {
    if fields.has(field) {
        return Some(());
    }
    need(reader, fields, field, what).map(|_| ())
}

fn word(reader: &mut Reader<'_>, fields: &mut Fields, field: &str, what: &str) -> Option<Located<String>> {
    fields.take(field).and_then(|node| reader.text(node, &format!("`{field}` of {what}")))
}

fn whole(reader: &mut Reader<'_>, fields: &mut Fields, field: &str, what: &str) -> Option<u64> {
    let Node { line, value } = fields.take(field)?;
    if let Value::Whole(number) = value {
        return Some(number);
    }
    reader.error(line, format!("`{field}` of {what} should be a whole number"));
    None
}

fn texts(reader: &mut Reader<'_>, fields: &mut Fields, field: &str, what: &str) -> LocatedTexts {
    let Some(node) = need(reader, fields, field, what) else { return LocatedTexts::default() };
    let what = format!("`{field}` of {what}");
    let texts = reader.localised(node, &what);
    reader.check_length(&texts, &what, MAX_ANSWER_CHARS, "");
    texts
}

fn said(reader: &mut Reader<'_>, node: Node, what: &str) -> Localised {
    plain(&reader.localised(node, &format!("the text of {what}")))
}

fn plain(texts: &LocatedTexts) -> Localised {
    Localised(texts.iter().map(|(language, text)| (*language, text.value.clone())).collect())
}

//! One turn of a dialogue: what happens in it, and what is expected then.

use std::collections::{BTreeMap, BTreeSet};

use domain::ActionResult;

use super::{Expectation, OUTCOMES, STATES, Said, Turn, one_of, text};
use crate::flow::{Does, Flow};
use crate::knowledge::KnowledgeBase;
use crate::knowledge::read::{Fields, Located, Reader};
use crate::knowledge::span::Span;
use crate::knowledge::yaml::{Key, Node, Value};

const TURN: [&str; 14] = [
    "customer", "takes", "comes", "action", "after", "entry", "outcome", "says", "says_not", "offers", "flow", "slots",
    "calls", "state",
];

/// What stands for a flow where none is under way.
const NO_FLOW: &str = "none";

/// Seconds between two messages where nothing else is said.
const USUAL_SECONDS: u32 = 10;

pub(super) fn read(reader: &mut Reader<'_>, node: Node, base: &KnowledgeBase) -> Option<Turn> {
    let mut fields = reader.fields(node, "a turn", &TURN)?;
    let line = fields.line;
    let customer = text(reader, &mut fields, "customer").map(|text| Said::Text(text.value));
    let takes = text(reader, &mut fields, "takes").map(|title| Said::Takes(title.value));
    let comes = fields.take("comes").map(|_| Said::Comes);
    let acts = fields.take("action").map(|node| action(reader, node).map_or(Said::Nothing, Said::Acts));
    let mut doings = [customer, takes, comes, acts].into_iter().flatten();
    let said = doings.next();
    if doings.next().is_some() {
        reader.error(
            line,
            "a turn has one of `customer`, `takes`, `comes` and `action`; make two turns of it".to_owned(),
        );
    }
    let after = text(reader, &mut fields, "after");
    if said.is_none() && after.is_none() {
        let message = "nothing happens in this turn; add `customer`, `takes`, `comes`, `action` or `after`";
        reader.error(line, message.to_owned());
    }
    let after = after.and_then(|after| {
        let found = Span::parse(&after.value);
        if found.is_none() {
            reader
                .error(after.line, format!("`{}` is no time span; write for example `90s`, `10m`, `2h`", after.value));
        }
        found
    });
    let expected = expected(reader, &mut fields, base);
    let after_seconds = after.map_or(USUAL_SECONDS, |Span(seconds)| seconds);
    Some(Turn { line, after_seconds, said: said.unwrap_or(Said::Nothing), expected })
}

fn expected(reader: &mut Reader<'_>, fields: &mut Fields, base: &KnowledgeBase) -> Vec<(u32, Expectation)> {
    let mut expected = Vec::new();
    if let Some(entry) = text(reader, fields, "entry") {
        if base.entries.iter().any(|known| known.id == entry.value) {
            expected.push((entry.line, Expectation::Entry(entry.value)));
        } else {
            reader.error(entry.line, format!("there is no entry `{}`; mend the id", entry.value));
        }
    }
    expected.extend(one_of(reader, fields, "outcome", &OUTCOMES).map(|(l, name)| (l, Expectation::Outcome(name))));
    for (field, make) in [
        ("says", Expectation::Says as fn(String) -> Expectation),
        ("says_not", Expectation::SaysNot),
        ("offers", Expectation::Offers),
    ] {
        expected.extend(texts(reader, fields, field).into_iter().map(|text| (text.line, make(text.value))));
    }
    flow(reader, fields, base, &mut expected);
    expected.extend(one_of(reader, fields, "state", &STATES).map(|(l, name)| (l, Expectation::State(name))));
    expected
}

/// The flow, its slots and the action that it calls.
fn flow(reader: &mut Reader<'_>, fields: &mut Fields, base: &KnowledgeBase, expected: &mut Vec<(u32, Expectation)>) {
    let mut flows: Vec<&Flow> = base.flows.iter().collect();
    if let Some(Located { line, value }) = text(reader, fields, "flow") {
        let known = base.flows.iter().find(|flow| flow.id == value);
        if let Some(flow) = known {
            flows = vec![flow];
        } else if value != NO_FLOW {
            let ids = listed(base.flows.iter().map(|flow| flow.id.as_str()));
            reader.error(line, format!("there is no flow `{value}`; it can be {ids} or `{NO_FLOW}`"));
        }
        expected.push((line, Expectation::Flow(known.map(|flow| flow.id.clone()))));
    }
    if let Some(Node { line, value }) = fields.take("slots") {
        let names: BTreeSet<_> = flows.iter().flat_map(|flow| slots(flow)).collect();
        if let Value::Map(map) = value {
            for (key, node) in map {
                if !names.contains(key.name.as_str()) {
                    let (whose, name) = (whose(&flows), key.name);
                    let names = listed(names.iter().copied());
                    reader.error(key.line, format!("{whose} slot `{name}`; it can be {names}"));
                } else if node.value == Value::Empty {
                    expected.push((key.line, Expectation::Slot { name: key.name, value: None }));
                } else if let Some(value) = reader.text(node, &format!("the slot `{}`", key.name)) {
                    let value = Some(value.value);
                    expected.push((key.line, Expectation::Slot { name: key.name, value }));
                }
            }
        } else {
            reader.error(line, "`slots` should hold what is kept by name, as in `{order: \"A-1\"}`".to_owned());
        }
    }
    if let Some(Located { line, value }) = text(reader, fields, "calls") {
        let names: BTreeSet<_> = flows.iter().flat_map(|flow| actions(flow)).collect();
        if names.contains(value.as_str()) {
            expected.push((line, Expectation::Calls(value)));
        } else {
            let whose = whose(&flows);
            reader.error(line, format!("{whose} action `{value}`; it can be {}", listed(names.iter().copied())));
        }
    }
}

/// The start of a sentence about what is not there.
fn whose(flows: &[&Flow]) -> String {
    if let [flow] = flows { format!("flow `{}` has no", flow.id) } else { "no flow has the".to_owned() }
}

/// What a flow asks for and keeps of actions.
fn slots(flow: &Flow) -> impl Iterator<Item = &str> {
    let kept =
        flow.steps.iter().filter_map(|step| if let Does::Action(call) = &step.does { Some(&call.keep) } else { None });
    flow.slots.iter().map(|slot| slot.id.as_str()).chain(kept.flatten().map(String::as_str))
}

fn actions(flow: &Flow) -> impl Iterator<Item = &str> {
    flow.steps
        .iter()
        .filter_map(|step| if let Does::Action(call) = &step.does { Some(call.name.as_str()) } else { None })
}

fn listed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<_> = names.map(|name| format!("`{name}`")).collect();
    if names.is_empty() { "nothing, for there is none".to_owned() } else { names.join(", ") }
}

/// How an action ends: `failed`, `done`, `{done: {number: "R-1"}}`, `{refused: full}`.
fn action(reader: &mut Reader<'_>, node: Node) -> Option<ActionResult> {
    let line = node.line;
    let found = match node.value {
        Value::Text(word) if word == "failed" => Some(ActionResult::Failed),
        Value::Text(word) if word == "done" => Some(ActionResult::Done { values: BTreeMap::new() }),
        Value::Map(map) => match <[_; 1]>::try_from(map) {
            Ok([(key, node)]) if key.name == "done" => {
                if let Value::Map(map) = node.value {
                    let value = |(name, node)| value(reader, name, node);
                    return Some(ActionResult::Done { values: map.into_iter().filter_map(value).collect() });
                }
                None
            }
            Ok([(key, node)]) if key.name == "refused" => {
                return reader.text(node, "`refused`").map(|reason| ActionResult::Refused { reason: reason.value });
            }
            Ok(_) | Err(_) => None,
        },
        Value::Text(_) | Value::List(_) | Value::Empty | Value::Whole(_) | Value::Other => None,
    };
    if found.is_none() {
        let message =
            "`action` should say how it ends: `{done: {name: value}}`, `{refused: reason}`, `done` or `failed`";
        reader.error(line, message.to_owned());
    }
    found
}

fn value(reader: &mut Reader<'_>, key: Key, node: Node) -> Option<(String, String)> {
    let value = reader.text(node, &format!("the value `{}`", key.name))?;
    Some((key.name, value.value))
}

/// One text, or a list of them.
fn texts(reader: &mut Reader<'_>, fields: &mut Fields, name: &str) -> Vec<Located<String>> {
    let Some(node) = fields.take(name) else { return Vec::new() };
    let what = format!("`{name}`");
    match node.value {
        Value::List(_) => reader.texts(node, &what),
        Value::Text(_) | Value::Map(_) | Value::Empty | Value::Whole(_) | Value::Other => {
            reader.text(node, &what).into_iter().collect()
        }
    }
}

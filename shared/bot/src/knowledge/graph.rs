//! A flow's steps as a graph: whether every one is there, is reached, and ends at the customer.

use std::collections::{BTreeMap, BTreeSet};

use super::flow::FlowDraft;
use super::read::Reader;
use crate::flow::{Arm, Condition, Does, Flow, Kind, Step, VALUE_BYTES, reached, ways};
use crate::knowledge::Localised;

/// The most that a flow's slots hold, in bytes: they are written with every turn.
const MAX_HELD: usize = 400;

pub(super) fn check(reader: &mut Reader<'_>, draft: &FlowDraft) {
    let flow = &draft.flow;
    let lines: Vec<(&Step, u32)> = flow.steps.iter().zip(draft.steps.iter().copied()).collect();
    twice(reader, flow.steps.iter().map(|step| step.id.as_str()).zip(draft.steps.iter().copied()), "step", &flow.id);
    twice(reader, flow.slots.iter().map(|slot| slot.id.as_str()).zip(draft.slots.iter().copied()), "slot", &flow.id);
    for (step, line) in &lines {
        for to in ways(step).into_iter().map(|way| way.to) {
            if flow.step(to).is_none() {
                reader.error(
                    *line,
                    format!(
                        "step `{}` goes on to `{to}`, which flow `{}` does not have; mend the name",
                        step.id, flow.id
                    ),
                );
            }
        }
        if let Does::Ask(slot) = &step.does
            && flow.slot(slot).is_none()
        {
            reader.error(
                *line,
                format!(
                    "step `{}` asks for the slot `{slot}`, which flow `{}` does not have; add it under `slots`",
                    step.id, flow.id
                ),
            );
        }
    }
    let led_to = reached(flow, flow.steps.first(), |_| true);
    for (step, line) in &lines {
        if !led_to.contains(step.id.as_str()) {
            reader.error(
                *line,
                format!("no way leads to step `{}` of flow `{}`; take it out or go to it", step.id, flow.id),
            );
        }
        let starts = ways(step).into_iter().filter(|way| !way.waits).filter_map(|way| flow.step(way.to));
        if starts.into_iter().any(|next| reached(flow, Some(next), |way| !way.waits).contains(step.id.as_str())) {
            reader.error(
                *line,
                format!(
                    "step `{}` of flow `{}` comes again without the customer having said anything; put a `confirm` in between or \
                     `forget` a slot that is asked for",
                    step.id, flow.id
                ),
            );
        }
    }
    slots(reader, draft, &lines);
    for (step, line) in &lines {
        if let Does::Branch(arms) = &step.does {
            branches(reader, flow, &step.id, arms, *line);
        }
    }
}

/// Branches that are never taken.
fn branches(reader: &mut Reader<'_>, flow: &Flow, step: &str, arms: &[Arm], line: u32) {
    for (at, arm) in arms.iter().enumerate() {
        let number = at + 1;
        let before = arms.get(..at).unwrap_or_default();
        let why = if before.iter().any(|other| other.when == Condition::Always) {
            "one before it holds always; put that last".to_owned()
        } else if before.iter().any(|other| other.when == arm.when) {
            "one before it has the same condition; take one out".to_owned()
        } else if let Condition::Slot { slot, is } = &arm.when
            && let Some(values) =
                flow.slot(slot).and_then(|slot| values(&slot.kind)).filter(|values| !values.contains(&is.as_str()))
        {
            format!(
                "`{slot}` is never `{is}`; it is one of {}",
                values.iter().map(|value| format!("`{value}`")).collect::<Vec<_>>().join(", ")
            )
        } else {
            continue;
        };
        reader.warn(line, format!("branch {number} of step `{step}` of flow `{}` is never taken: {why}", flow.id));
    }
    let there_is = |when: Condition| arms.iter().any(|arm| arm.when == when);
    let whole = there_is(Condition::Always)
        || (there_is(Condition::Open(true)) && there_is(Condition::Open(false)))
        || (there_is(Condition::People(true)) && there_is(Condition::People(false)));
    if !whole {
        let (id, end) = (&flow.id, "a last one without a condition");
        reader.warn(
            line,
            format!("the flow `{id}` ends without a word where no branch of step `{step}` holds; add {end}, such as `{{go: end}}`"),
        );
    }
}

/// The values that a slot can have, if they can be told one by one.
fn values(kind: &Kind) -> Option<Vec<&str>> {
    match kind {
        Kind::Choice { options } => Some(options.iter().map(|option| option.value.as_str()).collect()),
        Kind::YesNo => Some(vec!["yes", "no"]),
        Kind::Date { .. }
        | Kind::Number { .. }
        | Kind::Phone
        | Kind::Email
        | Kind::Pattern { .. }
        | Kind::Text { .. } => None,
    }
}

fn slots(reader: &mut Reader<'_>, draft: &FlowDraft, lines: &[(&Step, u32)]) {
    let flow = &draft.flow;
    let mut filled: BTreeMap<&str, usize> = BTreeMap::new();
    for (step, _) in lines {
        match &step.does {
            Does::Ask(slot) => drop(filled.insert(slot, flow.slot(slot).map_or(0, |slot| slot.kind.most_bytes()))),
            Does::Action(call) => filled.extend(call.keep.iter().map(|name| (name.as_str(), VALUE_BYTES))),
            Does::Say(_) | Does::Confirm(_) | Does::Branch(_) | Does::Handoff(_) => {}
        }
    }
    for (step, line) in lines {
        for slot in used(step) {
            if !filled.contains_key(slot.as_str()) {
                reader.error(
                    *line,
                    format!(
                        "step `{}` of flow `{}` uses `{slot}`, which nothing fills; `ask` for it or `keep` it",
                        step.id, flow.id
                    ),
                );
            }
        }
    }
    for (slot, line) in flow.slots.iter().zip(&draft.slots) {
        if !filled.contains_key(slot.id.as_str()) {
            reader.error(
                *line,
                format!(
                    "the slot `{}` of flow `{}` is never asked for; add a step that asks, or take it out",
                    slot.id, flow.id
                ),
            );
        }
    }
    // What is passed is held by name.
    let passed =
        flow.steps.iter().filter(|step| matches!(step.does, Does::Branch(_) | Does::Confirm(_) | Does::Action(_)));
    let held = filled.iter().map(|(name, most)| name.len().saturating_add(*most));
    let held = held.chain(passed.map(|step| step.id.len())).fold(0, usize::saturating_add);
    if held > MAX_HELD {
        reader.error(
            draft.line,
            format!("the slots and the names of steps of flow `{}` can hold {held} bytes, at most {MAX_HELD} are kept; lower `max` of texts, keep less or part the flow", flow.id),
        );
    }
}

fn twice<'a>(reader: &mut Reader<'_>, names: impl Iterator<Item = (&'a str, u32)>, what: &str, flow: &str) {
    let mut seen = BTreeSet::new();
    for (name, line) in names {
        if !seen.insert(name) {
            reader.error(line, format!("flow `{flow}` has the {what} `{name}` twice; give one another id"));
        }
    }
}

/// The slots that a step's texts and conditions speak of.
fn used(step: &Step) -> Vec<String> {
    match &step.does {
        Does::Ask(_) => vec![],
        Does::Say(text) | Does::Confirm(text) | Does::Handoff(text) => places(text),
        Does::Branch(arms) => arms
            .iter()
            .filter_map(|arm| if let Condition::Slot { slot, .. } = &arm.when { Some(slot.clone()) } else { None })
            .collect(),
        Does::Action(call) => {
            let branches = call.refused.values().chain([&call.failed]);
            let said = branches.flat_map(|branch| places(&branch.say).into_iter().chain(branch.forget.clone()));
            call.input.iter().cloned().chain(places(&call.wait)).chain(said).collect()
        }
    }
}

/// The names in a text's braces.
fn places(text: &Localised) -> Vec<String> {
    let parts = text.0.values().flat_map(|text| text.split('{').skip(1));
    parts.filter_map(|part| Some(part.split_once('}')?.0.to_owned())).collect()
}

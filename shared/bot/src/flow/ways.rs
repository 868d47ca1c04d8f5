//! The ways from step to step, whatever is known.

use std::collections::BTreeSet;

use super::{Does, Flow, Step};

/// A way from one step to another; `waits`: the customer says something in between.
pub(crate) struct Way<'a> {
    pub(crate) to: &'a str,
    pub(crate) waits: bool,
}

pub(crate) fn ways(step: &Step) -> Vec<Way<'_>> {
    let next = || step.next.as_deref();
    let (plain, others): (Vec<_>, Vec<_>) = match &step.does {
        Does::Branch(arms) => (arms.iter().filter_map(|arm| arm.go.as_deref()).collect(), vec![]),
        Does::Handoff(_) => (vec![], vec![]),
        Does::Confirm(_) => return next().into_iter().map(|to| Way { to, waits: true }).collect(),
        Does::Action(call) => (
            next().into_iter().collect(),
            call.refused
                .values()
                .chain([&call.failed])
                .filter_map(|branch| Some(Way { to: branch.go.as_deref()?, waits: !branch.forget.is_empty() }))
                .collect(),
        ),
        // A slot that is known is not asked for.
        Does::Ask(_) | Does::Say(_) => (next().into_iter().collect(), vec![]),
    };
    plain.into_iter().map(|to| Way { to, waits: false }).chain(others).collect()
}

/// The steps that are reached from one, itself included, by the ways that count.
pub(crate) fn reached<'a>(
    flow: &'a Flow,
    first: Option<&'a Step>,
    counts: impl Fn(&Way<'_>) -> bool,
) -> BTreeSet<&'a str> {
    let mut seen = BTreeSet::new();
    let mut open: Vec<&Step> = first.into_iter().collect();
    while let Some(step) = open.pop() {
        if seen.insert(step.id.as_str()) {
            open.extend(ways(step).into_iter().filter(|way| counts(way)).filter_map(|way| flow.step(way.to)));
        }
    }
    seen
}

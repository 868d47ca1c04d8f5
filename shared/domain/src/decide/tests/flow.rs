//! Flows call actions; their ends come back once, and only where they are waited for.

use std::collections::BTreeMap;

use super::*;
use crate::{Action, ActionId, ActionNews, ActionResult, FlowState, Memory};

/// The bot's answer that calls an action.
pub(super) fn calling(name: &str) -> Answer {
    let state = FlowState {
        flow: "f".into(),
        step: "wait".into(),
        slots: [("order", "A-1"), ("phone", "13812345678")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into(),
        misses: 0,
        action: None,
        passed: vec![],
    };
    Answer {
        contents: vec![Content::Text { text: "one moment".into() }],
        locale: None,
        outcome: Outcome::Guided { flow: "f".into() },
        memory: Memory { flow: Some(state.clone()), ..Memory::default() },
        action: Some(Action { name: name.to_owned(), input: state.slots }),
        model: None,
        open: vec![],
    }
}

/// The bot's answer to an action's end.
pub(super) fn told(news: &ActionNews) -> Answer {
    let (text, outcome) = match &news.result {
        ActionResult::Done { .. } => ("done", Outcome::Guided { flow: "f".into() }),
        ActionResult::Refused { .. } => ("no", Outcome::Guided { flow: "f".into() }),
        ActionResult::Failed => ("a person will see to it", Outcome::Handoff),
    };
    let contents = vec![Content::Text { text: text.into() }];
    Answer { contents, locale: None, outcome, memory: Memory::default(), action: None, model: None, open: vec![] }
}

fn called(decision: &Decision) -> ActionId {
    let orders = decision.turn.actions(&identity(), None, decision.head.memory.flow.as_ref());
    assert_eq!(orders.len(), 1, "{orders:?}");
    orders[0].call.id.clone()
}

fn done(id: &ActionId) -> EventKind {
    EventKind::ActionDone(ActionNews { id: id.clone(), result: ActionResult::Done { values: BTreeMap::new() } })
}

fn failed(id: &ActionId) -> EventKind {
    EventKind::ActionDone(ActionNews { id: id.clone(), result: ActionResult::Failed })
}

#[test]
fn an_action_is_called_with_its_flow_s_slots_and_its_end_goes_on_with_the_flow() {
    let mut desk = Desk::new(Policy::default());
    let decision = desk.at(1, says("=find")).unwrap();
    let order = decision.turn.actions(&identity(), None, decision.head.memory.flow.as_ref()).remove(0);
    assert_eq!((order.call.name.as_str(), order.call.input["order"].as_str()), ("find", "A-1"));
    assert_eq!(order.conversation, decision.head.id);
    assert_eq!(decision.head.memory.flow.as_ref().unwrap().action.as_ref(), Some(&order.call.id));
    let decision = desk.at(2, done(&order.call.id)).unwrap();
    assert_eq!(texts(&decision), ["done"]);
    assert_eq!(decision.turn.outbound(&identity()).len(), 1, "it goes out like any answer");
    assert!(desk.head().memory.is_empty());
}

#[test]
fn an_end_that_nobody_waits_for_is_kept_and_says_nothing() {
    for before in [says("=find"), says("hello")] {
        let mut desk = Desk::new(Policy::default());
        desk.at(1, says("=find"));
        let first = desk.head().memory.flow.clone().unwrap().action.unwrap();
        desk.at(2, done(&first));
        desk.at(3, before);
        let memory = desk.head().memory.clone();
        let decision = desk.at(4, failed(&first)).unwrap();
        assert!(decision.turn.messages.is_empty() && decision.turn.outbox.is_empty(), "{decision:?}");
        assert!(matches!(decision.turn.changes.as_slice(), [Change::ActionEnded(_)]));
        assert_eq!(desk.head().memory, memory, "another flow's action is still waited for");
    }
}

#[test]
fn an_action_that_fails_brings_a_person_who_sees_what_was_collected() {
    let mut desk = Desk::new(Policy::default());
    let id = called(&desk.at(1, says("=find")).unwrap());
    let decision = desk.at(2, failed(&id)).unwrap();
    assert!(matches!(desk.head().owner, Owner::Queued { .. }));
    assert_eq!(texts(&decision), ["a person will see to it"]);

    let mut desk = Desk::new(Policy::default());
    let id = called(&desk.at(1, says("=find")).unwrap());
    let asked = desk.at(2, says("人工")).unwrap();
    let slots = [("order".into(), "A-1".into()), ("phone".into(), "13812345678".into())].into();
    let collected = Change::Collected { flow: "f".into(), slots };
    assert!(asked.turn.changes.contains(&collected), "{:?}", asked.turn.changes);
    let late = desk.at(3, done(&id)).unwrap();
    assert!(late.turn.messages.is_empty(), "the person has it now");
}

#[test]
fn while_a_person_has_the_conversation_an_action_s_end_is_theirs_to_tell() {
    let mut desk = Desk::new(Policy::default());
    let id = called(&desk.at(1, says("=find")).unwrap());
    desk.does(2, "ann", AgentAction::Accept);
    let decision = desk.at(3, done(&id)).unwrap();
    assert!(decision.turn.messages.is_empty());
    assert!(matches!(decision.turn.changes.as_slice(), [Change::ActionEnded(_)]));
}

#[test]
fn the_next_conversation_waits_for_nothing() {
    let mut desk = Desk::new(Policy { renew_seconds: Some(600), ..Policy::default() });
    let id = called(&desk.at(1, says("=find")).unwrap());
    desk.at(1000, says("hello"));
    assert_eq!(desk.head().number, 2);
    assert!(desk.at(1001, done(&id)).unwrap().turn.messages.is_empty());
}

#[test]
fn who_wants_no_messages_or_has_hung_up_hears_of_no_action() {
    let mut desk = Desk::new(Policy::default());
    let id = called(&desk.at(1, says("=find")).unwrap());
    desk.head.as_mut().unwrap().opted_out = true;
    assert!(desk.at(2, done(&id)).unwrap().turn.messages.is_empty());
}

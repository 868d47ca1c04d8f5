//! Channels whose messages are letters: threads, files beside a message, machines that answer.

use super::*;
use crate::Attachment;

const LETTERS: Capabilities =
    Capabilities { threads: true, letters: true, automatic_per_day: Some(5), ..Capabilities::PLAIN };

fn desk() -> Desk {
    Desk { capabilities: LETTERS, ..Desk::new(Policy::default().by_letter()) }
}

/// A message that may be answered directly, or a part of one.
fn written(desk: &mut Desk, second: i64, kind: EventKind, token: &str, part: bool) -> Decision {
    desk.count += 1;
    let at = UnixMillis::from_seconds(second);
    let event = InboundEvent::new(identity(), &desk.count.to_string(), at, None, kind);
    let event = InboundEvent { part, ..event.answerable(token, at.plus_seconds(1000)) };
    let context = Context {
        now: at,
        bot: &Parrot,
        capabilities: &desk.capabilities,
        calls: &lines,
        policy: &desk.policy,
        proven: None,
    };
    let decision = decide(desk.head.as_ref(), &event, &context).unwrap();
    desk.head = Some(decision.head.clone());
    decision
}

fn token(decision: &Decision) -> Option<&str> {
    decision.turn.outbox.first()?.reply.as_ref().map(|reply| reply.token.as_str())
}

#[test]
fn what_answers_nothing_directly_goes_on_in_the_last_thread() {
    let mut desk = desk();
    assert_eq!(token(&written(&mut desk, 0, says("hello"), "one", false)), Some("one"));
    let conversation = desk.head().id.clone();
    let accept = AgentAction::Accept;
    desk.at(5, EventKind::Agent { agent: agent("ann"), conversation: conversation.clone(), action: accept });
    let reply = |text: &str| AgentAction::Reply { content: Content::Text { text: text.into() } };
    let said =
        desk.at(6, EventKind::Agent { agent: agent("ann"), conversation: conversation.clone(), action: reply("a") });
    assert_eq!(token(&said.unwrap()), Some("one"));
    written(&mut desk, 7, says("thanks"), "two", false);
    let quiet = EventKind::Message { content: Content::Event { name: "auto_reply".into() } };
    written(&mut desk, 8, quiet, "machine", false);
    let said = desk.at(9, EventKind::Agent { agent: agent("ann"), conversation, action: reply("b") });
    assert_eq!(token(&said.unwrap()), Some("two"), "what asks for no answer is no thread to answer in");
    let mut chat = Desk { capabilities: Capabilities::PLAIN, ..self::desk() };
    written(&mut chat, 0, says("hello"), "one", false);
    assert_eq!(chat.head().thread, None, "a reply token that is good once is not kept");
}

#[test]
fn a_part_stands_in_the_history_and_has_no_answer_of_its_own() {
    let mut desk = desk();
    written(&mut desk, 0, says("hello"), "one", false);
    let before = desk.head().clone();
    let file = Attachment { upload: None, url: None, name: "a.pdf".into(), mime: "application/pdf".into(), size: 1 };
    let part = written(&mut desk, 1, EventKind::Message { content: Content::File(file.clone()) }, "one", true);
    assert_eq!((authors(&part), part.turn.outbox.len(), part.outcome.clone()), (vec![Author::Customer], 0, None));
    assert_eq!((part.head.owner, part.head.seq), (before.owner, before.seq + 1));
    let alone = written(&mut desk, 2, EventKind::Message { content: Content::File(file) }, "one", false);
    assert!(alone.outcome.is_some(), "a file that is all there is, is answered");
}

#[test]
fn after_five_automatic_answers_in_a_day_a_person_answers() {
    let mut desk = desk();
    for second in 0..5 {
        assert_eq!(written(&mut desk, second, says("hello"), "t", false).turn.outbox.len(), 1, "{second}");
    }
    let sixth = written(&mut desk, 5, says("hello"), "t", false);
    assert_eq!(
        (authors(&sixth), sixth.turn.outbox.len()),
        (vec![Author::Customer], 0),
        "not a word, or it goes on for ever"
    );
    assert!(matches!(sixth.head.owner, Owner::Queued { .. }));
    assert_eq!(written(&mut desk, 6, says("hello"), "t", false).turn.outbox.len(), 0);
    let conversation = desk.head().id.clone();
    let agent = agent("ann");
    desk.at(
        7,
        EventKind::Agent { agent: agent.clone(), conversation: conversation.clone(), action: AgentAction::Accept },
    );
    let action = AgentAction::Reply { content: Content::Text { text: "a person".into() } };
    let said =
        desk.at(8, EventKind::Agent { agent: agent.clone(), conversation: conversation.clone(), action }).unwrap();
    assert_eq!(said.turn.outbox.len(), 1, "people are not counted");
    desk.at(9, EventKind::Agent { agent, conversation, action: AgentAction::HandBack });
    let day = 24 * 60 * 60;
    assert_eq!(written(&mut desk, day + 10, says("hello"), "t", false).turn.outbox.len(), 1, "another day");
    let mut chat = Desk { capabilities: Capabilities::PLAIN, ..self::desk() };
    assert!((0..20).all(|second| written(&mut chat, second, says("hello"), "t", false).turn.outbox.len() == 1));
}

#[test]
fn nobody_is_reminded_by_letter_and_people_have_days() {
    let policy = Policy::default().by_letter();
    assert_eq!((policy.reminder_seconds, policy.idle_close_seconds, policy.survey_seconds), (None, None, None));
    assert!(policy.queue_seconds >= 2 * 24 * 60 * 60 && policy.lease_seconds >= 24 * 60 * 60);
    let longer = Policy { queue_seconds: 30 * 24 * 60 * 60, ..Policy::default() };
    assert_eq!(longer.by_letter().queue_seconds, longer.queue_seconds, "what is longer stays");
}

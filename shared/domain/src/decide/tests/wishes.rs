//! Words that end messages, bring them back, or ask whose they are.

use super::*;

fn wishes(name: &str) -> EventKind {
    EventKind::Message { content: Content::Event { name: name.to_owned() } }
}

fn desk() -> Desk {
    let mut desk = Desk::new(Policy::default());
    desk.capabilities = Capabilities::PLAIN;
    desk
}

/// What went out.
fn sent(decision: &Decision) -> Vec<&Content> {
    let turn = &decision.turn;
    let went = |entry: &crate::OutboxEntry| turn.messages.iter().skip(entry.first).take(entry.count);
    turn.outbox.iter().flat_map(went).map(|message| &message.content).collect()
}

fn text(text: &str) -> Content {
    Content::Text { text: text.to_owned() }
}

#[test]
fn nothing_is_sent_between_opting_out_and_in_again() {
    let mut desk = desk();
    desk.at(0, says("hello"));
    let out = desk.at(1, wishes("opt_out")).unwrap();
    assert_eq!((sent(&out), &out.turn.changes[..]), (vec![], &[Change::OptedOut][..]), "the provider has answered");
    let asked = desk.at(2, says("where is my parcel")).unwrap();
    assert_eq!((sent(&asked), &asked.outcome), (vec![], &None), "the bot is not even asked");
    assert_eq!(asked.turn.messages.len(), 1, "it stands in the history");
    let back = desk.at(3, wishes("opt_in")).unwrap();
    assert_eq!((sent(&back), &back.turn.changes[..]), (vec![], &[Change::OptedIn][..]));
    assert_eq!(sent(&desk.at(4, says("hello")).unwrap()), [&text("hello")]);
}

#[test]
fn what_the_provider_has_not_answered_is_confirmed_once() {
    let mut desk = desk();
    for (second, name, notice) in [
        (1, "opt_in_unanswered", Some("OptedIn")),
        (2, "help_unanswered", Some("Help")),
        (3, "opt_out_unanswered", Some("OptedOut")),
        // It was the last message.
        (4, "opt_out_unanswered", None),
        (5, "help_unanswered", Some("Help")),
        (6, "help", None),
        (7, "opt_in_unanswered", Some("OptedIn")),
    ] {
        let decision = desk.at(second, wishes(name)).unwrap();
        let notice = notice.map(text);
        assert_eq!(sent(&decision), notice.iter().collect::<Vec<_>>(), "{second} {name}");
        assert_eq!(decision.outcome, None, "{name}: never the bot");
        let withheld = decision.turn.changes.iter().any(|change| matches!(change, Change::Withheld { .. }));
        assert!(!withheld, "{second} {name}: nothing is said in vain");
    }
}

#[test]
fn whoever_opted_out_hears_neither_people_nor_notices() {
    let mut desk = desk();
    desk.at(0, says("!"));
    desk.does(1, "a", AgentAction::Accept);
    desk.at(2, wishes("opt_out"));
    let refused = Change::Refused { agent: agent("a"), action: "reply".to_owned(), reason: Refusal::OptedOut };
    assert_eq!(desk.replies(3, "a"), [refused]);
    let back = desk.does(4, "a", AgentAction::HandBack);
    assert!(back.iter().any(|change| matches!(change, Change::Withheld { .. })), "{back:?}");
    desk.at(5, wishes("opt_in"));
    desk.does(6, "a", AgentAction::Accept);
    assert_eq!(desk.replies(7, "a"), []);
}

#[test]
fn the_wish_outlives_the_conversation_and_the_person() {
    let mut desk = desk();
    desk.at(0, says("hello"));
    desk.at(1, wishes("opt_out"));
    let head = desk.head().clone();
    for later in [head.next(UnixMillis(0)), head.continued(UnixMillis(0)), head.erased(UnixMillis(0))] {
        assert!(later.opted_out);
    }
}

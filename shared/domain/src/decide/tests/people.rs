//! People take over, pass on, close.

use super::*;

#[test]
fn a_person_takes_over_and_the_bot_is_silent_until_it_is_handed_back() {
    let mut desk = Desk::new(Policy::default());
    desk.says(0, "!");
    assert_eq!(desk.does(10, "a", AgentAction::Accept), [Change::Accepted { agent: agent("a") }]);
    assert_eq!(desk.says(11, "my order is broken"), [Author::Customer]);
    assert_eq!(desk.says(12, "转人工"), [Author::Customer], "an end word changes nothing any more");
    assert_eq!(desk.replies(13, "a"), []);
    assert_eq!(desk.head().waiting_since, None);
    let handed_back = desk.does(14, "a", AgentAction::HandBack);
    assert_eq!(handed_back, [Change::HandedBack { agent: agent("a") }]);
    assert_eq!(desk.says(15, "thanks"), [Author::Customer, Author::Bot]);
}

#[test]
fn two_agents_take_one_conversation_and_one_has_it() {
    let mut desk = Desk::new(Policy::default());
    desk.says(0, "!");
    desk.does(1, "a", AgentAction::Accept);
    let refused =
        |action: &str| Change::Refused { agent: agent("b"), action: action.to_owned(), reason: Refusal::NotYours };
    assert_eq!(desk.does(1, "b", AgentAction::Accept), [refused("accept")]);
    assert_eq!(desk.replies(2, "b"), [refused("reply")]);
    assert_eq!(desk.does(2, "b", AgentAction::Close), [refused("close")]);
    assert!(matches!(&desk.head().owner, Owner::Human { agent: owner, .. } if *owner == agent("a")));
    let noted = desk.does(3, "b", AgentAction::Note { text: "seen before".into() });
    assert!(matches!(noted.as_slice(), [Change::Noted { .. }]), "notes are anybody's");
}

#[test]
fn a_transfer_by_name_is_for_that_person() {
    let mut desk = Desk::new(Policy::default());
    desk.says(0, "!");
    desk.does(1, "a", AgentAction::Accept);
    desk.does(2, "a", AgentAction::Transfer { to: Some(agent("b")) });
    assert!(matches!(desk.does(3, "c", AgentAction::Accept).as_slice(), [Change::Refused { .. }]));
    assert_eq!(desk.does(4, "b", AgentAction::Accept), [Change::Accepted { agent: agent("b") }]);
    desk.does(5, "b", AgentAction::Transfer { to: None });
    assert_eq!(desk.does(6, "c", AgentAction::Accept), [Change::Accepted { agent: agent("c") }]);
}

#[test]
fn who_leaves_a_waiting_customer_loses_the_lease_and_who_acts_keeps_it() {
    let mut desk = Desk::new(Policy::default());
    desk.says(0, "!");
    desk.does(10, "a", AgentAction::Accept);
    desk.does(800, "a", AgentAction::Renew);
    assert_eq!(desk.alarm(910).unwrap().turn.changes, [], "only set again");
    let ended = desk.alarm(1701).unwrap();
    let deadline = UnixMillis::from_seconds(1701 + 600);
    assert_eq!(ended.turn.changes, [Change::LeaseEnded { agent: agent("a") }, Change::Queued { deadline }]);
    assert!(matches!(desk.replies(1702, "a").as_slice(), [Change::Refused { .. }]));

    let mut desk = Desk::new(Policy::default());
    desk.says(0, "!");
    desk.does(10, "a", AgentAction::Accept);
    assert_eq!(desk.replies(2000, "a"), [], "late, but nobody was faster");
    assert_eq!(desk.says(9000, "so long after"), [Author::Customer]);
    assert_eq!(desk.alarm(9899).unwrap().turn.changes, [], "the wait began when the customer wrote");
    let ended = desk.alarm(9901).unwrap().turn.changes;
    assert_eq!(ended[0], Change::LeaseEnded { agent: agent("a") });
}

#[test]
fn who_takes_over_from_the_bot_owes_an_answer() {
    let mut desk = Desk::new(Policy::default());
    desk.says(0, "?");
    desk.does(10, "a", AgentAction::Accept);
    let ended = desk.alarm(911).unwrap();
    assert_eq!(ended.turn.changes[0], Change::LeaseEnded { agent: agent("a") });
    assert!(ended.turn.messages.is_empty(), "nobody asks a waiting customer whether they are still there");
}

#[test]
fn closing_wraps_up_and_a_message_meanwhile_reopens() {
    let mut desk = Desk::new(Policy::default());
    desk.says(0, "!");
    desk.does(1, "a", AgentAction::Accept);
    desk.replies(2, "a");
    assert_eq!(desk.does(3, "a", AgentAction::Close), [Change::WrappedUp { agent: agent("a") }]);
    let reopened = desk.at(60, says("one more thing")).unwrap();
    assert_eq!(
        (reopened.turn.changes.as_slice(), authors(&reopened)),
        (&[Change::Reopened][..], vec![Author::Customer])
    );
    desk.replies(61, "a");
    desk.does(62, "a", AgentAction::Close);
    let first = desk.head().id.clone();
    // The alarm was lost; the customer writes after the time for notes.
    let next = desk.at(500, says("good morning")).unwrap();
    assert_eq!(next.turn.changes, [Change::Closed { conversation: first, by: Closer::Agent }]);
    assert_eq!((next.head.number, authors(&next)), (2, vec![Author::Customer, Author::Bot]));
}

#[test]
fn an_event_of_an_earlier_conversation_is_refused() {
    let mut desk = Desk::new(Policy::default());
    desk.says(0, "hello");
    let conversation = ConversationId::derive(&[b"another"]);
    let kind = EventKind::Agent { agent: agent("a"), conversation, action: AgentAction::Accept };
    let changes = desk.at(1, kind).unwrap().turn.changes;
    assert!(matches!(&changes[..], [Change::Refused { reason: Refusal::Succeeded, .. }]));
}

#[test]
fn people_may_write_longer_than_the_bot_where_the_channel_says_so() {
    const DAY: u32 = 86_400;
    let expires = |capabilities, from_bot| {
        let mut desk = Desk::new(Policy::default());
        desk.capabilities = Capabilities { echoes: false, ..capabilities };
        let asked = desk.at(0, says("!")).unwrap();
        desk.does(1, "a", AgentAction::Accept);
        let reply = AgentAction::Reply { content: Content::Text { text: "from a person".into() } };
        let (agent, conversation) = (agent("a"), desk.head().id.clone());
        let replied = desk.at(2, EventKind::Agent { agent, conversation, action: reply }).unwrap();
        let decision = if from_bot { asked } else { replied };
        decision.turn.outbound(&identity())[0].expires.map(UnixMillis::seconds)
    };
    let both = Capabilities { reply_window_seconds: Some(DAY), human_window_seconds: Some(7 * DAY), ..WEB };
    let none = Capabilities { human_window_seconds: None, ..both.clone() };
    let always = Capabilities { reply_window_seconds: None, ..both.clone() };
    for (capabilities, bot, person) in
        [(both, Some(86_400), Some(7 * 86_400)), (none, Some(86_400), Some(86_400)), (always, None, None)]
    {
        assert_eq!((expires(capabilities.clone(), true), expires(capabilities, false)), (bot, person));
    }
}

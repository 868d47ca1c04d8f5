//! A person who writes in the provider's own inbox, and providers that only say until when something was seen.

use super::*;

fn elsewhere(text: &str) -> EventKind {
    EventKind::AnsweredElsewhere { content: Content::Text { text: text.into() } }
}

fn seen(second: i64, read: bool) -> EventKind {
    EventKind::Seen { until: UnixMillis::from_seconds(second), read }
}

/// The agent who stands for the provider's inbox.
fn inbox(desk: &Desk) -> AgentId {
    let Owner::Human { agent, .. } = &desk.head().owner else { panic!("{:?}", desk.head().owner) };
    agent.clone()
}

#[test]
fn who_answers_elsewhere_has_the_conversation_and_nothing_is_sent_twice() {
    for before in ["hello", "!", "?"] {
        let mut desk = Desk::new(Policy::default());
        desk.says(0, before);
        let answered = desk.at(5, elsewhere("from the other inbox")).unwrap();
        let inbox = inbox(&desk);
        assert_eq!(authors(&answered), [Author::Agent]);
        assert_eq!(answered.turn.changes, [Change::Accepted { agent: inbox.clone() }], "{before}");
        assert_eq!((answered.turn.outbox.as_slice(), answered.head.waiting_since), (&[][..], None));
        assert_eq!(desk.says(6, "thanks"), [Author::Customer], "the bot is silent");
        assert_eq!(desk.says(7, "转人工"), [Author::Customer]);
        let again = desk.at(8, elsewhere("one more thing")).unwrap();
        assert_eq!((again.turn.changes.len(), again.head.waiting_since), (0, None), "still theirs");
        // As with any person: who leaves a waiting customer alone loses it.
        desk.says(9, "are you there?");
        let ended = desk.alarm(2000).unwrap().turn.changes;
        assert_eq!(ended[0], Change::LeaseEnded { agent: inbox });
    }
}

#[test]
fn what_a_colleague_has_stays_theirs_and_what_is_closed_opens() {
    let mut desk = Desk::new(Policy::default());
    desk.says(0, "!");
    desk.does(1, "a", AgentAction::Accept);
    desk.at(2, elsewhere("written on the phone"));
    assert_eq!(inbox(&desk), agent("a"), "whoever of us wrote it, one person leads");
    assert_eq!(desk.head().waiting_since, None);
    desk.does(3, "a", AgentAction::Close);
    desk.at(4, elsewhere("and another thing"));
    assert_ne!(inbox(&desk), agent("a"), "they had ended it");

    for (second, survey, closed) in [(5, 60, false), (30, 60, true), (500, 60, true), (30, 0, true), (5, 0, false)] {
        let policy = Policy { survey_seconds: Some(survey), wrap_up_seconds: Some(10), ..Policy::default() };
        let mut desk = Desk::new(policy);
        desk.says(0, "!");
        desk.does(1, "a", AgentAction::Accept);
        desk.does(2, "a", AgentAction::Close);
        if second == 500 {
            desk.alarm(20);
            assert_eq!(desk.head().deadline.unwrap().step, Step::AskSurvey, "due long before");
        }
        let answered = desk.at(second, elsewhere("wait")).unwrap();
        assert_eq!(authors(&answered), [Author::Agent], "no rating is asked for in a turn that is not sent");
        assert_eq!(answered.head.number, if closed { 2 } else { 1 }, "at {second}");
        assert!(!answered.turn.changes.contains(&Change::SurveyAsked));
        inbox(&desk);
    }
}

#[test]
fn nobody_is_made_known_by_what_was_written_elsewhere() {
    let mut desk = Desk::new(Policy::default());
    assert_eq!(desk.at(0, elsewhere("hello?")), None);
    assert_eq!(desk.at(0, seen(0, true)), None);
}

#[test]
fn what_was_seen_until_some_moment_is_all_that_was_sent_by_then() {
    let mut desk = Desk::new(Policy::default());
    desk.says(10, "hello");
    assert_eq!(desk.at(11, seen(9, true)), None, "the answer came after");
    let arrived = desk.at(12, seen(10, false)).unwrap();
    assert_eq!((arrived.turn.changes, arrived.head.marks.delivered), (vec![Change::Seen { seq: 2, read: false }], 2));
    assert_eq!((desk.at(13, seen(12, false)), desk.head().marks.read), (None, 0), "no news");
    let read = desk.at(14, seen(13, true)).unwrap();
    assert_eq!((read.turn.changes, read.head.marks.read), (vec![Change::Seen { seq: 2, read: true }], 2));
    desk.says(20, "and?");
    assert_eq!((desk.at(21, seen(19, true)), desk.head().marks.read), (None, 2), "the next is still under way");
    assert_eq!(desk.at(22, seen(20, true)).unwrap().head.marks.read, 4);
    // A conversation that begins anew does not forget what was sent before.
    desk.capabilities.echoes = false;
    desk.says(200_000, "-");
    assert_eq!(desk.at(200_001, seen(200_000, true)).unwrap().head.marks.read, 5);
}

//! What is due: ends of waits, reminders, closes, ratings.

use super::*;

#[test]
fn nobody_comes_and_the_bot_is_back_at_the_deadline() {
    let mut desk = Desk::new(Policy::default());
    let order = desk.at(0, says("!")).unwrap().turn.alarm.unwrap();
    assert_eq!(order.set, Some(Alarm { at: UnixMillis::from_seconds(600), turn: 1 }));
    let decision = desk.alarm(601).unwrap();
    assert_eq!(decision.turn.changes, [Change::QueueEnded]);
    assert_eq!((texts(&decision), &decision.head.owner), (vec!["QueueEnded"], &Owner::Bot));
    assert_eq!(decision.head.alarm, None);
}

#[test]
fn a_timer_that_is_early_is_set_again_and_one_that_is_not_the_heads_changes_nothing() {
    let mut desk = Desk::new(Policy::default());
    desk.says(0, "!");
    let early = desk.alarm(540).unwrap();
    let again = Alarm { at: UnixMillis::from_seconds(600), turn: 2 };
    assert_eq!((early.turn.messages.len(), early.turn.alarm.unwrap().set), (0, Some(again)));
    let stale = Alarm { at: UnixMillis::from_seconds(600), turn: 1 };
    assert_eq!(desk.at(541, EventKind::Timer { alarm: stale }), None);
    desk.does(550, "a", AgentAction::Accept);
    desk.replies(551, "a");
    let late = desk.alarm(5000).unwrap();
    assert_eq!(late.turn.changes, [Change::Reminded], "what is due by now, not what it was set for");
}

#[test]
fn a_lost_timer_is_made_up_for_by_whatever_comes_next() {
    let mut desk = Desk::new(Policy::default());
    desk.says(0, "!");
    let decision = desk.at(5000, says("hello?")).unwrap();
    assert_eq!(texts(&decision), ["hello?", "QueueEnded", "hello?"]);
}

#[test]
fn a_rating_that_comes_too_late_is_no_question() {
    let mut desk = Desk::new(Policy::default());
    desk.says(0, "hello");
    let stars =
        || EventKind::Message { content: Content::Postback { payload: "survey:4".into(), title: "★".into() } };
    let late = desk.at(1, stars()).unwrap();
    assert_eq!((late.turn.changes.len(), authors(&late)), (0, vec![Author::Customer, Author::System]), "thanked");
    desk.says(2, "!");
    desk.does(3, "a", AgentAction::Accept);
    desk.replies(4, "a");
    desk.at(5, stars());
    assert_eq!(desk.head().waiting_since, None);
}

#[test]
fn silence_is_asked_about_once_and_then_closed_once() {
    let mut desk = Desk::new(Policy::default());
    desk.says(0, "!");
    desk.does(1, "a", AgentAction::Accept);
    desk.replies(2, "a");
    // The queue's alarm goes off first, early for what is due now.
    desk.alarm(601);
    let asked = desk.alarm(1802).unwrap();
    assert_eq!((texts(&asked), &asked.turn.changes[..]), (vec!["Reminder"], &[Change::Reminded][..]));
    let closed = desk.alarm(7202).unwrap();
    let conversation = closed.head.id.clone();
    assert_eq!(closed.turn.changes, [Change::Closed { conversation, by: Closer::Idle }]);
    assert_eq!(texts(&closed), ["ClosedIdle"]);
    assert!(matches!(
        desk.does(7300, "a", AgentAction::Close).as_slice(),
        [Change::Refused { reason: Refusal::Closed, .. }]
    ));
    let next = desk.at(7400, says("back again")).unwrap();
    assert_eq!((next.head.number, authors(&next)), (2, vec![Author::Customer, Author::Bot]));
}

#[test]
fn a_rating_is_asked_for_and_counted_once() {
    let mut desk = Desk::new(Policy { survey_seconds: Some(60), wrap_up_seconds: None, ..Policy::default() });
    desk.says(0, "!");
    desk.does(1, "a", AgentAction::Accept);
    desk.does(2, "a", AgentAction::Close);
    assert_eq!(desk.head().deadline.unwrap().step, Step::AskSurvey);
    let asked = desk.at(70, EventKind::Timer { alarm: desk.head().alarm.unwrap() }).unwrap();
    assert_eq!((texts(&asked), &asked.turn.changes[..]), (vec!["Survey"], &[Change::SurveyAsked][..]));
    let choice = || EventKind::Message {
        content: Content::Postback { payload: "survey:4".into(), title: "★★★★".into() },
    };
    let rated = desk.at(80, choice()).unwrap();
    assert_eq!(rated.turn.changes, [Change::Rated { stars: 4 }]);
    assert_eq!((rated.head.number, &rated.head.owner), (1, &Owner::Closed { survey: None }));
    let again = desk.at(81, choice()).unwrap();
    assert_eq!((again.turn.changes.len(), again.head.number), (0, 1), "thanked, not counted");
    assert_eq!(desk.at(82, says("5")).unwrap().head.number, 2, "a word is a new conversation");

    let mut desk = Desk::new(Policy { survey_seconds: Some(0), wrap_up_seconds: None, ..Policy::default() });
    desk.says(0, "!");
    desk.does(1, "a", AgentAction::Accept);
    desk.does(2, "a", AgentAction::Close);
    assert!(matches!(desk.head().owner, Owner::Closed { survey: Some(Survey::Asked { .. }) }));
    assert_eq!(desk.at(3, says(" ５ ")).unwrap().turn.changes, [Change::Rated { stars: 5 }]);
}

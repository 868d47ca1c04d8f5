//! Which questions the bot could not answer, by what the customer does next.

use super::*;
use crate::{Doubt, Part, Personal, Unanswered, Why};

/// A message, and what its turn shows: why, and how many messages ago it was asked.
type Step = (EventKind, &'static [(Why, u32)]);

fn chooses(letter: char) -> EventKind {
    let (payload, title) = (format!("payload-{letter}"), format!("Title {letter}"));
    EventKind::Message { content: Content::Postback { payload, title } }
}

fn something_else() -> EventKind {
    EventKind::Message { content: Content::Postback { payload: "?".into(), title: "Something else".into() } }
}

fn holds(desk: &mut Desk, name: &str, steps: Vec<Step>) {
    for (at, (kind, expected)) in steps.into_iter().enumerate() {
        let decision = desk.at(i64::try_from(at).unwrap(), kind).unwrap();
        let found: Vec<(Why, u32)> = decision.turn.unanswered.iter().map(|one| (one.why, ago(desk, one))).collect();
        assert_eq!(found, expected, "{name}, message {at}");
    }
}

/// How many messages before the last one the question was asked.
fn ago(desk: &Desk, unanswered: &Unanswered) -> u32 {
    let Some(asked) = &unanswered.question else { return 0 };
    (1..desk.count).find(|back| identity().dedup("message", &(desk.count - back).to_string()) == *asked).unwrap()
}

#[test]
fn a_question_counts_by_what_comes_of_it() {
    use Why::{Asked, Handoff, NotMeant, Unknown};
    let table: Vec<(&str, Vec<Step>)> = vec![
        ("unknown twice", vec![(says("?a"), &[(Unknown, 0)]), (says("?b"), &[(Unknown, 0)])]),
        ("then a person: it counts once", vec![(says("?a"), &[(Unknown, 0)]), (says("!"), &[])]),
        ("answered", vec![(says("a"), &[]), (says("b"), &[]), (says("?c"), &[(Unknown, 0)])]),
        ("a person right after", vec![(says("a"), &[]), (says("!"), &[(Handoff, 1)])]),
        ("a person later", vec![(says("a"), &[]), (chooses('b'), &[]), (says("!"), &[])]),
        ("a person from the start", vec![(says("!"), &[])]),
        ("a choice taken", vec![(says("&ab"), &[(Asked, 0)]), (chooses('a'), &[]), (says("!"), &[])]),
        ("no choice fits", vec![(says("&ab"), &[(Asked, 0)]), (something_else(), &[(NotMeant, 1)])]),
        ("said otherwise", vec![(says("&ab"), &[(Asked, 0)]), (says("c"), &[(NotMeant, 1)])]),
        ("unknown after it", vec![(says("&ab"), &[(Asked, 0)]), (says("?c"), &[(NotMeant, 1), (Unknown, 0)])]),
        ("asked again", vec![(says("&ab"), &[(Asked, 0)]), (says("&c"), &[(NotMeant, 1), (Asked, 0)])]),
        ("a person instead", vec![(says("&ab"), &[(Asked, 0)]), (says("!"), &[(Handoff, 1)])]),
        ("a button of old", vec![(something_else(), &[])]),
    ];
    for (name, steps) in table {
        holds(&mut Desk::new(Policy::default()), name, steps);
    }
}

#[test]
fn a_typed_choice_is_taken_where_choices_are_typed() {
    let mut desk = Desk { capabilities: Capabilities::PLAIN, ..Desk::new(Policy::default()) };
    holds(&mut desk, "typed", vec![(says("&ab"), &[(Why::Asked, 0)]), (says("2"), &[]), (says("!"), &[])]);
}

#[test]
fn each_question_of_a_letter_counts_by_itself() {
    use Why::Unknown;
    let capabilities = Capabilities { letters: true, ..Capabilities::PLAIN };
    let mut desk = Desk { capabilities, ..Desk::new(Policy { mask: Personal::ALL.to_vec(), ..Policy::default() }) };
    let letter = "Hello. ?call me on\n13800138000. b. ?c";
    let decision = desk.at(0, says(letter)).unwrap();
    let Content::Text { text: kept } = &decision.turn.messages[0].content else { panic!() };
    let parts: Vec<String> =
        decision.turn.unanswered.iter().map(|one| one.part.map(|part| part.of(kept)).unwrap()).collect();
    assert_eq!(parts, ["?call me on 138****8000", "?c"], "as it is kept, and no more than the question");
    assert!(decision.turn.unanswered.iter().all(|one| one.why == Unknown && one.question.is_none()));
    // Another letter tells nothing of the one before.
    holds(&mut desk, "letters", vec![(says("b"), &[]), (says("!"), &[]), (says("?d"), &[(Unknown, 0)])]);
}

#[test]
fn a_part_is_found_however_the_letter_is_broken() {
    let letter = "您好 问\n 一下：how long\r\ndoes it take? 谢谢";
    let found = |sentence: &str| Part::find(letter, sentence).map(|part| part.of(letter));
    assert_eq!(found("how long does it take?").as_deref(), Some("how long does it take?"));
    assert_eq!(found("问 一下").as_deref(), Some("问 一下"));
    assert_eq!(found("how short"), None);
    assert_eq!((found(" "), Part::find("", "a"), Part(2, 99).of("abc")), (None, None, "c".to_owned()));
}

#[test]
fn who_comes_back_with_something_else_has_taken_no_choice() {
    let policy = Policy { renew_seconds: Some(60), ..Policy::default() };
    let mut desk = Desk::new(policy.clone());
    desk.says(0, "&ab");
    let later = desk.at(100, says("c")).unwrap();
    assert_eq!(later.turn.unanswered[0].why, Why::NotMeant);
    assert_eq!(later.head.number, 2);
    // Who wants a person a while after an answer may want them for something else.
    let mut desk = Desk::new(policy);
    desk.says(0, "a");
    assert_eq!(desk.at(100, says("!")).unwrap().turn.unanswered, []);
}

#[test]
fn a_head_without_room_keeps_no_doubt() {
    let mut desk = Desk::new(Policy::default());
    desk.says(0, "a");
    assert!(desk.head().doubt.is_some());
    let mut full = desk.head().clone();
    full.line = Some("x".repeat(900));
    assert_eq!(full.within_bounds().doubt, None);
}

#[test]
fn a_doubt_is_small_and_reads_back() {
    let doubt = Doubt { turn: identity().dedup("message", "1"), choices: false };
    let text = serde_json::to_string(&doubt).unwrap();
    assert!(text.len() < 80, "{text}");
    assert_eq!(serde_json::from_str::<Doubt>(&text).unwrap(), doubt);
}

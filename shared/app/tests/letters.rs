//! What of a letter was not answered.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::wildcard_enum_match_arm,
    reason = "a test fails by panicking, and shows what it knows"
)]

mod talk;

use domain::{Capabilities, Content, Transport, Why};
use talk::Talk;

const MAIL: Capabilities = Capabilities { transport: Transport::Email, letters: true, ..Capabilities::PLAIN };

/// The questions that are noted of a letter, in its own words.
fn open(letter: &str) -> Vec<String> {
    let mut talk = Talk::on(MAIL);
    talk.says(&[letter]);
    let turn = talk.last.unwrap().turn;
    let Content::Text { text: kept } = &turn.messages[0].content else { panic!() };
    assert!(turn.unanswered.iter().all(|one| one.why == Why::Unknown && one.question.is_none()));
    turn.unanswered.iter().map(|one| one.part.unwrap().of(kept)).collect()
}

#[test]
fn of_several_questions_those_without_an_answer_are_noted() {
    let letter = "Dear shop,\n\nHow do I return a lamp? And, as I have been asking myself, do you\nbreed walruses? Who wrote Hamlet?\n\nAnn";
    let open_ones = ["And, as I have been asking myself, do you breed walruses?", "Who wrote Hamlet?"];
    assert_eq!(open(letter), open_ones);
    assert_eq!(open("您好，怎么退货？你们养海象吗？"), ["你们养海象吗？"]);
}

#[test]
fn of_one_question_the_words_around_it_are_not() {
    assert_eq!(open("Hello, I am Ann.\nDo you breed walruses?\nKind regards, Ann"), ["Do you breed walruses?"]);
    assert_eq!(open("walruses!"), ["walruses!"], "none reads as a question");
    assert!(open("How do I return a lamp?").is_empty());
    assert!(open("Hello").is_empty());
}

//! Choices that are taken by typing, where the channel has no buttons.

use proptest::prelude::*;

use super::*;

fn plain() -> Desk {
    Desk { capabilities: Capabilities::PLAIN, ..Desk::new(Policy { messages_per_minute: 1000, ..Policy::default() }) }
}

fn postback(letter: char) -> EventKind {
    EventKind::Message {
        content: Content::Postback { payload: format!("payload-{letter}"), title: format!("Title {letter}") },
    }
}

/// What the bot says to a text.
fn answered(desk: &mut Desk, second: i64, text: &str) -> String {
    let decision = desk.at(second, says(text)).unwrap();
    let typed = &decision.turn.messages[0];
    assert_eq!(typed.content, Content::Text { text: text.into() }, "the history says what was typed");
    texts(&decision)[1].to_owned()
}

#[test]
fn a_number_or_a_title_takes_the_choice_once() {
    for (typed, said) in
        [("2", "payload-b"), (" ２。", "payload-b"), ("title B", "payload-b"), ("4", "4"), ("b", "b"), ("2 b", "2 b")]
    {
        let mut desk = plain();
        desk.says(0, "+abc");
        assert_eq!(answered(&mut desk, 1, typed), said, "{typed}");
        let taken = said.starts_with("payload");
        assert_eq!(desk.head().offer.is_none(), taken, "{typed}");
        assert_eq!(answered(&mut desk, 2, "2"), if taken { "2" } else { "payload-b" }, "once, after {typed}");
    }
}

#[test]
fn a_channel_that_shows_choices_keeps_none() {
    let mut desk = Desk::new(Policy::default());
    desk.says(0, "+abc");
    assert_eq!(desk.head().offer, None);
    assert_eq!(answered(&mut desk, 1, "2"), "2");
}

#[test]
fn the_last_offer_counts_and_not_for_ever() {
    let mut desk = plain();
    desk.says(0, "+abc");
    desk.says(1, "+xy");
    assert_eq!(answered(&mut desk, 2, "3"), "3", "the newer one has two");
    assert_eq!(answered(&mut desk, 3, "2"), "payload-y");

    let mut desk = plain();
    desk.says(0, "+abc");
    for second in 1..3 {
        desk.says(second, "something else");
    }
    assert_eq!(answered(&mut desk.clone(), 5, "2"), "payload-b", "still on the screen");
    desk.says(4, "something else");
    assert_eq!(answered(&mut desk, 5, "2"), "2", "long gone");
}

#[test]
fn an_offer_ends_with_its_conversation_and_with_what_a_person_says() {
    let mut desk = plain();
    desk.says(0, "+abc");
    assert_eq!(answered(&mut desk, 24 * 60 * 60, "2"), "2", "a new conversation");

    let mut desk = plain();
    desk.says(0, "+abc");
    desk.says(1, "!");
    desk.does(2, "a", AgentAction::Accept);
    desk.replies(3, "a");
    assert_eq!(desk.says(4, "2"), [Author::Customer], "the person reads it");
    desk.does(5, "a", AgentAction::HandBack);
    assert_eq!(answered(&mut desk, 6, "2"), "2");

    let mut desk = plain();
    desk.says(0, "+abc");
    let forgotten = desk.at(1, EventKind::Forget).unwrap().head;
    assert!(!serde_json::to_string(&forgotten).unwrap().contains("payload"));
}

#[test]
fn a_choice_that_is_pressed_ends_the_offer_too() {
    let mut desk = plain();
    desk.says(0, "+abc");
    assert_eq!(texts(&desk.at(1, postback('b')).unwrap()), ["", "payload-b"]);
    assert_eq!(desk.head().offer, None);
    desk.says(2, "+abc");
    desk.at(3, postback('z'));
    assert_eq!(answered(&mut desk, 4, "1"), "payload-a", "an older one ends nothing");
}

#[test]
fn words_that_ask_for_a_person_come_before_any_choice() {
    let mut desk = plain();
    desk.policy.handoff_words = vec!["2".into(), "title c".into()];
    desk.says(0, "+abc");
    for (second, word) in [(1, "2"), (2, "Title C")] {
        let decision = desk.at(second, says(word)).unwrap();
        assert_eq!((texts(&decision)[1], &decision.outcome), ("Queued", &Some(Outcome::Handoff)), "{word}");
    }
}

#[test]
fn a_voice_note_takes_choices_as_a_text_does() {
    let mut desk = plain();
    desk.says(0, "+abc");
    let message = message_id(&identity().dedup("message", "1"), 0);
    let heard = EventKind::MediaReady(MediaNews::of(message).saying(Some("二。".into())));
    assert_eq!(texts(&desk.at(1, heard).unwrap()), ["payload-b"]);
}

#[test]
fn an_offer_that_has_no_room_in_the_head_is_none() {
    let mut desk = plain();
    let many: String = ('a'..='z').collect();
    desk.says(0, "+abc");
    desk.says(1, &format!("+{many}"));
    assert_eq!(desk.head().offer, None);
    assert_eq!(answered(&mut desk, 2, "2"), "2", "a question for the bot");
}

#[test]
fn where_stars_stand_as_numbers_the_number_is_that_of_the_stars() {
    for (typed, stars) in [("5", 5), ("1", 1), ("４", 4), ("③", 3), ("二", 2), ("★★★★★", 5), (" ★ ", 1)]
    {
        for capabilities in [Capabilities::PLAIN, WEB] {
            let mut desk = plain();
            desk.capabilities = capabilities;
            desk.policy = Policy { survey_seconds: Some(0), wrap_up_seconds: None, ..desk.policy };
            desk.says(0, "+abc");
            desk.says(1, "!");
            desk.does(2, "a", AgentAction::Accept);
            let closed = desk.does(3, "a", AgentAction::Close);
            assert!(closed.contains(&Change::SurveyAsked));
            if desk.capabilities == WEB && typed.contains('★') {
                continue; // There the stars are pressed.
            }
            let number = desk.head().offer.as_ref().map(|offer| offer.choices[usize::from(stars) - 1].payload.clone());
            assert_eq!(number, (desk.capabilities != WEB).then(|| format!("survey:{stars}")));
            let rated = desk.at(4, says(typed)).unwrap();
            assert_eq!(rated.turn.changes, [Change::Rated { stars }], "{typed}");
            let next = desk.at(5, says(typed)).unwrap();
            assert_eq!((next.turn.changes.len(), next.head.number), (0, 2), "{typed} is a new conversation");
        }
    }
}

proptest! {
    #[test]
    fn whatever_is_typed_only_what_was_offered_is_taken(
        typed in proptest::collection::vec(prop_oneof![
            3 => "[+][a-e]{0,4}", 4 => "[0-6０-６.。() ①-⑥一-六]{1,4}", 2 => "\\PC{0,9}", 1 => "(title|Title) [a-f]",
        ], 1..20),
    ) {
        let mut desk = plain();
        for text in &typed {
            let offered = desk.head.as_ref().and_then(|head| head.offer.clone());
            let decision = desk.at(1, says(text)).unwrap();
            let Some(payload) = texts(&decision).get(1).and_then(|said| said.strip_prefix("payload-")) else { continue };
            let taken = format!("payload-{payload}");
            let choices = offered.map(|offer| offer.choices).unwrap_or_default();
            prop_assert!(choices.iter().any(|choice| choice.payload == taken) || *text == taken, "{} took {}", text, taken);
        }
    }
}

//! Customers' messages, receipts and files, and the conversation's numbers.

use proptest::prelude::*;

use super::*;

#[test]
fn the_first_question_opens_the_conversation_and_is_answered() {
    let mut desk = Desk::new(Policy::default());
    let decision = desk.at(5, says("hello")).unwrap();
    assert_eq!((decision.head.number, decision.head.version, decision.head.seq), (1, 1, 2));
    assert_eq!(authors(&decision), [Author::Customer, Author::Bot]);
    assert_eq!(decision.turn.messages[0].id, message_id(&decision.turn.id, 0));
    assert_eq!((decision.turn.number, decision.turn.alarm), (1, None), "an ordinary turn sets no alarm");
    let out = decision.turn.outbound(&identity());
    assert_eq!((out.len(), out[0].messages.len(), out[0].last_seq(), out[0].expires), (1, 2, 2, None));
}

#[test]
fn a_channel_without_echo_gets_the_answer_only_and_knows_until_when_it_may_be_sent() {
    let mut desk = Desk::new(Policy::default());
    desk.capabilities = Capabilities { echoes: false, reply_window_seconds: Some(60), ..WEB };
    let out = desk.at(5, says("hello")).unwrap().turn.outbound(&identity());
    assert_eq!(out[0].messages.iter().map(|m| m.author).collect::<Vec<_>>(), [Author::Bot]);
    assert_eq!(out[0].expires, Some(UnixMillis::from_seconds(65)));
    assert!(desk.at(6, says("-")).unwrap().turn.outbox.is_empty());
}

#[test]
fn the_same_event_decides_the_same() {
    let decide_once = || Desk::new(Policy::default()).at(5, says("hello"));
    assert_eq!(decide_once(), decide_once());
}

#[test]
fn asking_for_a_person_queues_once_and_the_bot_goes_on_with_what_it_knows() {
    let mut desk = Desk::new(Policy::default());
    for (second, text, authors) in [
        (0, "!", vec![Author::Customer, Author::Bot]),
        (5, "a question", vec![Author::Customer, Author::Bot]),
        (6, "?", vec![Author::Customer]),
        (7, "!", vec![Author::Customer, Author::Bot]),
    ] {
        assert_eq!(desk.says(second, text), authors, "{text}");
        let Owner::Queued { since, deadline, .. } = desk.head().owner else { panic!("{:?}", desk.head().owner) };
        assert_eq!((since, deadline), (UnixMillis(0), Some(UnixMillis::from_seconds(600))));
    }
}

#[test]
fn end_words_work_whatever_the_bot_knows_and_zero_on_the_phone() {
    for (word, keypad, queued) in [
        ("人工", false, true),
        ("转人工。", false, true),
        ("Human", true, true),
        ("0", true, true),
        ("0", false, false),
    ] {
        let mut desk = Desk::new(Policy::default());
        desk.capabilities = Capabilities { keypad, ..WEB };
        let decision = desk.at(0, says(word)).unwrap();
        assert_eq!(matches!(decision.head.owner, Owner::Queued { .. }), queued, "{word}");
        assert_eq!(decision.outcome == Some(Outcome::Handoff), queued);
    }
}

#[test]
fn a_full_conversation_goes_on_in_the_next_only_when_something_happens() {
    let mut desk = Desk::new(Policy { messages_per_minute: 1000, ..Policy::default() });
    for _ in 0..MAX_TURNS - 1 {
        desk.says(0, "-");
    }
    desk.says(1, "!");
    let (full, alarm) = (desk.head().clone(), desk.head().alarm.unwrap());
    assert_eq!((full.number, full.turns), (1, MAX_TURNS));
    let stale = Alarm { turn: 1, ..alarm };
    assert_eq!(desk.at(2, EventKind::Timer { alarm: stale }), None);
    assert_eq!(desk.does(3, "a", AgentAction::Accept), [Change::Accepted { agent: agent("a") }]);
    assert_eq!((desk.head().number, desk.head().turns), (2, 1));
    // The person still sees the conversation that they accepted.
    let action = AgentAction::Reply { content: Content::Text { text: "hello".into() } };
    let reply = EventKind::Agent { agent: agent("a"), conversation: full.id, action };
    assert_eq!(authors(&desk.at(4, reply).unwrap()), [Author::Agent]);
}

#[test]
fn more_messages_in_a_minute_than_the_bot_answers_are_kept_and_said_so_once() {
    let mut desk = Desk::new(Policy { messages_per_minute: 3, ..Policy::default() });
    let answered: Vec<usize> = (0..6).map(|second| desk.says(second, "again").len()).collect();
    assert_eq!(answered, [2, 2, 2, 2, 1, 1], "the fourth is told to wait");
    assert_eq!(desk.says(61, "again"), [Author::Customer, Author::Bot]);
}

#[test]
fn receipts_only_tell_news() {
    let mut desk = Desk::new(Policy::default());
    desk.says(0, "hello");
    let delivery = DeliveryId::derive(&[b"d"]);
    let mut receipt = |status: DeliveryStatus| {
        let kind = EventKind::Receipt { delivery: delivery.clone(), seq: 2, status };
        desk.at(1, kind).map(|decision| decision.head.marks)
    };
    assert_eq!(receipt(DeliveryStatus::Sent), None);
    assert_eq!(receipt(DeliveryStatus::MaybeSent).unwrap().maybe_sent, 2);
    assert_eq!(receipt(DeliveryStatus::Read).unwrap().read, 2);
    assert_eq!(receipt(DeliveryStatus::Delivered), None);
    assert_eq!(receipt(DeliveryStatus::Failed { reason: "blocked".into() }), None);
}

#[test]
fn a_voice_note_is_answered_once_it_can_be_read() {
    let mut desk = Desk::new(Policy::default());
    let message = message_id(&identity().dedup("message", "1"), 0);
    desk.says(0, "-");
    let heard = EventKind::MediaReady(MediaNews::of(message.clone()).saying(Some("delivery times".into())));
    assert_eq!(texts(&desk.at(1, heard.clone()).unwrap()), ["delivery times"]);
    desk.says(2, "!");
    desk.does(3, "a", AgentAction::Accept);
    assert_eq!(texts(&desk.at(4, heard).unwrap()), [""; 0], "a person hears it");
}

#[test]
fn heads_of_before_still_decide() {
    let old = r#"{"id":"cnv_00000000000000000000000000","identity":{"channel":"web","account":"shop","user":"vis_1"},
        "number":1,"version":7,"seq":14,"turns":7,"owner":OWNER,"locale":"zh","unknown_streak":1,
        "opened_at":0,"updated_at":5000}"#;
    for (owner, second, messages) in [
        (r#"{"state":"bot"}"#, 10, vec!["hello", "hello"]),
        (r#"{"state":"queued","since":5000}"#, 10, vec!["hello", "hello"]),
        (r#"{"state":"queued","since":5000}"#, 700, vec!["hello", "QueueEnded", "hello"]),
    ] {
        let head: Conversation = serde_json::from_str(&old.replace("OWNER", owner)).unwrap();
        let mut counted = Desk { head: Some(head.clone()), ..Desk::counted() };
        assert_eq!(counted.at(second, says("hello")).unwrap().turn.outbox.len(), 1, "{owner} at {second}");
        let mut desk = Desk { head: Some(head), ..Desk::new(Policy::default()) };
        let decision = desk.at(second, says("hello")).unwrap();
        assert_eq!(texts(&decision), messages, "{owner} at {second}");
        assert_eq!((decision.head.version, decision.turn.messages[0].seq), (8, 15));
    }
}

#[test]
fn after_a_day_of_silence_the_bot_begins_anew() {
    let mut desk = Desk::new(Policy::default());
    desk.says(0, "?");
    assert_eq!(desk.head().unknown_streak, 1);
    desk.says(24 * 60 * 60, "?");
    assert_eq!((desk.head().number, desk.head().unknown_streak, desk.head().seq), (2, 1, 4));
}

proptest! {
    #[test]
    fn seq_is_gapless_and_conversations_roll_over(texts in proptest::collection::vec("[-?!a-c]{1,3}", 1..450)) {
        let mut desk = Desk::new(Policy { messages_per_minute: 1000, ..Policy::default() });
        let mut seqs = vec![];
        for (index, text) in texts.iter().enumerate() {
            let decision = desk.at(1, says(text)).unwrap();
            prop_assert_eq!((decision.head.version, decision.turn.number), (index as u64 + 1, index as u64 + 1));
            prop_assert!(decision.head.turns <= MAX_TURNS);
            prop_assert_eq!(decision.head.number as usize, index / MAX_TURNS as usize + 1);
            seqs.extend(decision.turn.messages.iter().map(|m| m.seq));
        }
        prop_assert_eq!(&seqs, &(1..=seqs.len() as u64).collect::<Vec<_>>());
    }
}

#[test]
fn what_asks_nothing_stands_in_the_history_and_changes_nothing_else() {
    let event = |name: &str| EventKind::Message { content: Content::Event { name: name.to_owned() } };
    let mut desk = Desk::new(Policy::default());
    desk.says(0, "!");
    desk.does(1, "a", AgentAction::Accept);
    desk.replies(2, "a");
    let before = desk.head().clone();
    let decision = desk.at(3, event("unfollow")).unwrap();
    assert_eq!(authors(&decision), [Author::Customer]);
    assert!(decision.turn.outbox.is_empty());
    let after = desk.head();
    assert_eq!((&after.owner, after.waiting_since, after.heard_at), (&before.owner, None, before.heard_at));
    for name in ["follow", "enter", "scan", "unsupported", "unfollow", "view"] {
        let mut desk = Desk::new(Policy::default());
        let asked = desk.at(5, event(name)).unwrap().outcome.is_some();
        assert_eq!(asked, !matches!(name, "unfollow" | "view"), "{name}");
    }
}

#[test]
fn a_voice_note_waits_for_its_words_and_other_files_do_not() {
    let file = |url: Option<&str>| Attachment {
        upload: None,
        url: url.map(str::to_owned),
        name: "f".into(),
        mime: "audio/ogg".into(),
        size: 1,
    };
    for (content, asked) in [
        (Content::Audio(file(Some("some-file:1"))), false),
        (Content::Audio(file(None)), true),
        (Content::Image(file(Some("some-file:1"))), true),
    ] {
        let decision = Desk::new(Policy::default()).at(0, EventKind::Message { content: content.clone() }).unwrap();
        assert_eq!(decision.outcome.is_some(), asked, "{content:?}");
        assert_eq!(decision.turn.messages.len(), 1, "{content:?}");
    }
}

#[test]
fn what_nobody_understood_is_asked_for_in_writing_while_no_person_is_there() {
    let message = message_id(&identity().dedup("message", "1"), 0);
    let news = |unheard| EventKind::MediaReady(MediaNews { unheard, ..MediaNews::of(message.clone()) });
    let mut desk = Desk::new(Policy::default());
    desk.says(0, "hello");
    assert_eq!(texts(&desk.at(1, news(true)).unwrap()), ["Unheard"]);
    assert_eq!(texts(&desk.at(2, news(false)).unwrap()), [""; 0], "a file that came says nothing");
    desk.says(3, "!");
    assert_eq!(texts(&desk.at(4, news(true)).unwrap()), ["Unheard"], "who waits is told too");
    desk.does(5, "a", AgentAction::Accept);
    assert_eq!(texts(&desk.at(6, news(true)).unwrap()), [""; 0], "a person hears it");
    desk.at(7, EventKind::Forget);
    assert_eq!(desk.at(8, news(true)), None, "nobody is there any more");
}

//! Channels that count: what is granted, what it costs, and what is kept for people.

use proptest::prelude::*;

use super::*;

const DAYS: i64 = 48 * 60 * 60;

fn sent(decision: &Decision) -> bool {
    !decision.turn.outbox.is_empty()
}

/// A person has a conversation of which the bot has spent one of five; silence ends nothing.
fn taken_over() -> Desk {
    let mut desk = Desk::counted();
    desk.policy = Policy { reminder_seconds: None, idle_close_seconds: None, ..desk.policy };
    desk.says(0, "hello");
    desk.does(1, "a", AgentAction::Accept);
    desk
}

#[test]
fn the_sixth_message_in_two_days_never_goes_out() {
    let mut desk = taken_over();
    let refused = Change::Refused { agent: agent("a"), action: "reply".to_owned(), reason: Refusal::NoAllowance };
    for second in 2..6 {
        assert_eq!(desk.replies(second, "a"), [], "{second}");
    }
    let seq = desk.head().seq;
    assert_eq!(desk.replies(6, "a"), std::slice::from_ref(&refused));
    assert_eq!(desk.head().seq, seq, "what is refused was not said");
    assert_eq!(desk.replies(DAYS - 1, "a"), [refused]);
    desk.at(DAYS - 1, says("hello again"));
    assert_eq!(desk.replies(DAYS, "a"), [], "five more");
}

#[test]
fn what_goes_out_goes_before_its_allowance_ends() {
    let mut desk = taken_over();
    desk.does(2, "a", AgentAction::HandBack);
    let answer = desk.at(10, says("hello")).unwrap();
    assert_eq!(answer.turn.outbox[0].expires, Some(UnixMillis::from_seconds(10 + DAYS)));
    desk.capabilities.reply_window_seconds = Some(60);
    let answer = desk.at(20, says("hello")).unwrap();
    assert_eq!(answer.turn.outbox[0].expires, Some(UnixMillis::from_seconds(80)), "whichever is over first");
    desk.capabilities.reply_window_seconds = Some(100 * 60 * 60);
    let answer = desk.at(20, says("hello")).unwrap();
    assert_eq!(answer.turn.outbox[0].expires, Some(UnixMillis::from_seconds(20 + DAYS)));
    desk.does(21, "a", AgentAction::Accept);
    desk.replies(22, "a");
    assert!(matches!(desk.replies(20 + DAYS, "a")[..], [Change::Refused { reason: Refusal::NoAllowance, .. }]));
}

#[test]
fn bot_and_notices_leave_the_last_one_to_a_person() {
    let mut desk = taken_over();
    for second in 2..5 {
        desk.replies(second, "a");
    }
    let back = desk.does(5, "a", AgentAction::HandBack);
    let withheld = Change::Withheld { seq: desk.head().seq, messages: 1, left: 1 };
    assert_eq!(back, [Change::HandedBack { agent: agent("a") }, withheld]);
    assert_eq!(desk.head().marks.failed, desk.head().seq, "what was not sent shows as such");
    desk.does(6, "a", AgentAction::Accept);
    assert_eq!(desk.replies(7, "a"), []);
    assert_eq!(desk.head().allowances.left(UnixMillis::from_seconds(7)), 0);
}

#[test]
fn a_long_answer_costs_what_it_becomes_and_goes_whole_or_not_at_all() {
    let mut desk = Desk::counted();
    let answer = desk.at(0, says("one\ntwo\nthree\nfour")).unwrap();
    assert!(sent(&answer) && answer.head.allowances.left(UnixMillis(0)) == 1);
    let mut desk = Desk::counted();
    let answer = desk.at(0, says("one\ntwo\nthree\nfour\nfive")).unwrap();
    assert_eq!(answer.turn.changes, [Change::Withheld { seq: 2, messages: 5, left: 5 }]);
    assert!(!sent(&answer) && answer.head.spoke_at.is_none());
    desk.does(1, "a", AgentAction::Accept);
    let five = AgentAction::Reply { content: Content::Text { text: "1\n2\n3\n4\n5".into() } };
    assert_eq!(desk.does(2, "a", five), [], "a person may");
}

#[test]
fn what_bot_and_notices_say_in_one_turn_is_one_message() {
    let mut desk = Desk::counted();
    desk.says(0, "!");
    let turn = desk.at(700, says("+ab")).unwrap();
    assert_eq!(authors(&turn), [Author::Customer, Author::Bot]);
    let Content::QuickReplies { text, replies } = &turn.turn.messages[1].content else { panic!("{turn:?}") };
    assert_eq!((text.as_str(), replies.len()), ("QueueEnded\n\nwhich?", 2), "nothing is lost");
    assert_eq!(desk.head().seq, 4);
    let taken = desk.at(701, says("2")).unwrap();
    assert_eq!(texts(&taken)[1], "payload-b");
    let mut elsewhere = Desk::new(Policy::default());
    elsewhere.says(0, "!");
    assert_eq!(authors(&elsewhere.at(700, says("hello")).unwrap()).len(), 3, "apart where nothing is counted");
}

#[test]
fn a_rating_that_cannot_be_asked_for_is_not_waited_for() {
    let mut desk = taken_over();
    desk.policy = Policy { survey_seconds: Some(0), wrap_up_seconds: None, ..desk.policy };
    for second in 2..5 {
        desk.replies(second, "a");
    }
    let closed = desk.does(5, "a", AgentAction::Close);
    assert!(matches!(closed[..], [Change::Closed { .. }, Change::Withheld { .. }]), "{closed:?}");
    assert_eq!((&desk.head().owner, &desk.head().offer), (&Owner::Closed { survey: None }, &None));
    assert_eq!(desk.at(6, says("5")).unwrap().head.number, 2);
}

#[test]
fn what_was_sent_while_a_message_waited_counts_against_its_grant() {
    let mut desk = Desk::counted();
    for (accepted, decided, left) in [(0, 10, 4), (1, 11, 3), (2, 12, 2), (12, 13, 1), (14, 15, 4)] {
        desk.late(accepted, decided, says("hello"));
        assert_eq!(desk.head().allowances.left(UnixMillis::from_seconds(decided)), left, "{accepted}");
    }
    // It holds across conversations: the provider knows of none.
    desk.says(200_000, "!");
    desk.does(200_001, "a", AgentAction::Accept);
    desk.replies(200_005, "a");
    desk.does(200_006, "a", AgentAction::Close);
    for (accepted, text, left) in [(200_003, "-", 3), (200_004, "hello", 2)] {
        desk.late(accepted, 200_200, says(text));
        assert_eq!((desk.head().number, desk.head().allowances.left(UnixMillis::from_seconds(200_200))), (3, left));
    }
}

#[test]
fn channels_that_do_not_count_keep_no_ledger() {
    let mut desk = Desk { grant: Some((5, 100)), ..Desk::new(Policy::default()) };
    desk.says(0, "hello");
    let stored = serde_json::to_string(desk.head()).unwrap();
    assert!(
        desk.head().allowances.is_empty() && !stored.contains("allowances") && !stored.contains("offer"),
        "{stored}"
    );
}

/// The provider, who counts what reaches it: grants by when messages arrived, calls when they are made.
#[derive(Default)]
struct Provider {
    /// Length, end and rest of each window.
    open: Vec<(u32, i64, u32)>,
}

impl Provider {
    fn hears(&mut self, now: i64, (messages, seconds): (u32, u32)) {
        self.open.retain(|(length, ..)| *length != seconds);
        self.open.push((seconds, now + i64::from(seconds), messages));
        self.open.sort_by_key(|(_, end, _)| *end);
    }

    /// Whether it takes one more.
    fn takes(&mut self, now: i64) -> bool {
        let window = self.open.iter_mut().find(|(_, end, left)| *end > now && *left > 0);
        window.map(|(_, _, left)| *left -= 1).is_some()
    }
}

#[derive(Debug, Clone)]
enum Happens {
    Writes(&'static str),
    Menu,
    Does(AgentAction),
    Elsewhere,
    Alarm,
    Forget,
}

fn happens() -> impl Strategy<Value = Happens> {
    let reply = |text: &str| AgentAction::Reply { content: Content::Text { text: text.into() } };
    prop_oneof![
        4 => prop_oneof![Just("hello"), Just("!"), Just("-"), Just("a\nb\nc"), Just("+ab"), Just("1"), Just("?")]
            .prop_map(Happens::Writes),
        2 => Just(Happens::Menu),
        8 => prop_oneof![
            Just(AgentAction::Accept),
            Just(reply("one")),
            Just(reply("one")),
            Just(reply("one\ntwo")),
            Just(AgentAction::HandBack),
            Just(AgentAction::Close),
        ].prop_map(Happens::Does),
        1 => Just(Happens::Elsewhere),
        2 => Just(Happens::Alarm),
        1 => Just(Happens::Forget),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    /// `delay`: turns come later than what they are of; with one kind of grant only, as nobody can say which window a
    /// provider charges for a call whose turn came before that of the message that opened it.
    #[test]
    fn a_provider_that_counts_never_refuses(
        delay: bool,
        events in proptest::collection::vec((happens(), prop_oneof![5 => 0_i64..40, 2 => 0_i64..3000, 1 => 0_i64..200_000]), 1..80),
    ) {
        let mut desk = Desk::counted();
        desk.policy = Policy { survey_seconds: Some(0), messages_per_minute: 1000, ..Policy::default() };
        let (mut provider, mut now, mut waiting) = (Provider::default(), 0, vec![]);
        for (event, pass) in events {
            now += pass;
            let kind = match event {
                Happens::Writes(text) => says(text),
                Happens::Menu => EventKind::Message { content: Content::Event { name: "menu".into() } },
                Happens::Elsewhere => EventKind::AnsweredElsewhere { content: Content::Text { text: "!".into() } },
                Happens::Forget if !delay => EventKind::Forget,
                Happens::Alarm | Happens::Forget => match desk.head.as_ref().and_then(|head| head.alarm) {
                    Some(alarm) => EventKind::Timer { alarm },
                    None => continue,
                },
                Happens::Does(action) => match &desk.head {
                    Some(head) => EventKind::Agent { agent: agent("a"), conversation: head.id.clone(), action },
                    None => continue,
                },
            };
            let menu = matches!(&kind, EventKind::Message { content: Content::Event { .. } }) && !delay;
            let grant = if menu { (3, 60) } else { (5, 48 * 60 * 60) };
            if matches!(kind, EventKind::Message { .. }) {
                provider.hears(now, grant);
            }
            waiting.push((now, grant, kind));
            if delay && now % 3 != 0 {
                continue;
            }
            for (accepted, grant, kind) in std::mem::take(&mut waiting) {
                desk.grant = Some(grant);
                let before = desk.head.as_ref().map_or(0, |head| head.allowances.left(UnixMillis::from_seconds(now)));
                let Some(decision) = desk.late(accepted, now, kind.clone()) else { continue };
                let left = decision.head.allowances.left(UnixMillis::from_seconds(now));
                for outbound in decision.turn.outbound(&identity()) {
                    for _ in 0..lines(&outbound.messages) {
                        prop_assert!(provider.takes(now), "one too many at {}: {:?}", now, outbound);
                    }
                    prop_assert!(outbound.expires.is_some_and(|expires| expires > UnixMillis::from_seconds(now)));
                    let person = outbound.messages.iter().any(|message| message.author == Author::Agent);
                    prop_assert!(person || left > 0, "the last one is a person's");
                }
                let withheld = decision.turn.changes.iter().any(|change| matches!(change, Change::Withheld { .. }));
                let spoke = decision.turn.messages.iter().any(|message| message.author != Author::Customer);
                let elsewhere = matches!(kind, EventKind::AnsweredElsewhere { .. });
                prop_assert_eq!(sent(&decision), spoke && !withheld && !elsewhere, "sent, or said that it was not");
                prop_assert!(!withheld || left == before || matches!(kind, EventKind::Message { .. }), "nothing paid");
            }
        }
    }
}

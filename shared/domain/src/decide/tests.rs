use proptest::prelude::*;

use super::*;
use crate::conversation::MAX_TURNS;
use crate::{
    AgentAction, AgentId, Alarm, Answer, Ask, Author, ChannelId, Closer, Content, ConversationId, CustomerId,
    DeliveryId, DeliveryStatus, Identity, Locale, Notice, Proof, Refusal, Step, Survey, Transport,
};

const WEB: Capabilities = Capabilities {
    transport: Transport::Web,
    max_text_chars: 4000,
    max_quick_replies: 13,
    max_buttons: 5,
    cards: true,
    files: true,
    echoes: true,
    keypad: false,
    idempotent: true,
    reply_window_seconds: None,
};

/// Answers by the first letter: `?` unknown, `!` a person, `-` silence, else the text itself.
struct Parrot;

impl Answers for Parrot {
    fn answer(&self, ask: &Ask<'_>) -> Answer {
        let Content::Text { text } = ask.content else {
            return Answer { contents: vec![], locale: None, outcome: Outcome::Unsupported };
        };
        let contents = if text.starts_with('-') { vec![] } else { vec![ask.content.clone()] };
        let outcome = match text.chars().next() {
            Some('?') => Outcome::Unknown,
            Some('!') => Outcome::Handoff,
            _ => Outcome::Answered { entry: text.clone() },
        };
        Answer { contents, locale: Locale::from_tag("en"), outcome }
    }

    fn notice(&self, notice: Notice, _locale: Option<&Locale>) -> String {
        format!("{notice:?}")
    }
}

fn identity() -> Identity {
    Identity { channel: ChannelId::Web, account: "shop".into(), user: "vis_1".into() }
}

fn agent(name: &str) -> AgentId {
    AgentId::derive(&[name.as_bytes()])
}

fn says(text: &str) -> EventKind {
    EventKind::Message { content: Content::Text { text: text.into() } }
}

/// A conversation that is led by a table: each step at its second.
struct Desk {
    head: Option<Conversation>,
    policy: Policy,
    capabilities: Capabilities,
    count: u32,
}

impl Desk {
    fn new(policy: Policy) -> Self {
        Self { head: None, policy, capabilities: WEB, count: 0 }
    }

    fn at(&mut self, second: i64, kind: EventKind) -> Option<Decision> {
        self.count += 1;
        let now = UnixMillis::from_seconds(second);
        let event = InboundEvent::new(identity(), &self.count.to_string(), now, None, kind);
        let context = Context { now, bot: &Parrot, capabilities: &self.capabilities, policy: &self.policy };
        let decision = decide(self.head.as_ref(), &event, &context);
        if let Some(decision) = &decision {
            self.head = Some(decision.head.clone());
        }
        decision
    }

    /// The authors of the turn that the customer's text makes.
    fn says(&mut self, second: i64, text: &str) -> Vec<Author> {
        authors(&self.at(second, says(text)).unwrap())
    }

    fn does(&mut self, second: i64, name: &str, action: AgentAction) -> Vec<Change> {
        let conversation = self.head().id.clone();
        self.at(second, EventKind::Agent { agent: agent(name), conversation, action }).unwrap().turn.changes
    }

    fn replies(&mut self, second: i64, name: &str) -> Vec<Change> {
        self.does(second, name, AgentAction::Reply { content: Content::Text { text: "from a person".into() } })
    }

    /// The head's alarm goes off.
    fn alarm(&mut self, second: i64) -> Option<Decision> {
        let alarm = self.head().alarm.unwrap();
        self.at(second, EventKind::Timer { alarm })
    }

    fn head(&self) -> &Conversation {
        self.head.as_ref().unwrap()
    }
}

fn authors(decision: &Decision) -> Vec<Author> {
    decision.turn.messages.iter().map(|message| message.author).collect()
}

fn texts(decision: &Decision) -> Vec<&str> {
    decision
        .turn
        .messages
        .iter()
        .map(|message| match &message.content {
            Content::Text { text } | Content::QuickReplies { text, .. } => text.as_str(),
            Content::Image(_)
            | Content::Audio(_)
            | Content::Video(_)
            | Content::File(_)
            | Content::Location { .. }
            | Content::Buttons { .. }
            | Content::Card { .. }
            | Content::Postback { .. }
            | Content::Event { .. } => "",
        })
        .collect()
}

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
fn a_clock_that_is_ahead_forgets_nothing_that_is_still_to_come() {
    let mut desk = Desk::new(Policy::default());
    desk.says(10, "hello");
    let forget = InboundEvent::new(identity(), "ahead", UnixMillis::from_seconds(9000), None, EventKind::Forget);
    let now = UnixMillis::from_seconds(20);
    let context = Context { now, bot: &Parrot, capabilities: &WEB, policy: &desk.policy };
    desk.head = Some(decide(desk.head.as_ref(), &forget, &context).unwrap().head);
    assert!(desk.at(30, says("hello again")).is_some());
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
    let heard = EventKind::MediaReady { message: message.clone(), transcript: Some("delivery times".into()) };
    assert_eq!(texts(&desk.at(1, heard.clone()).unwrap()), ["delivery times"]);
    desk.says(2, "!");
    desk.does(3, "a", AgentAction::Accept);
    assert_eq!(texts(&desk.at(4, heard).unwrap()), [""; 0], "a person hears it");
}

#[test]
fn links_rest_on_proofs_and_what_people_separate_stays_separate() {
    let [x, y] = ["x", "y"].map(|name| CustomerId::derive(&[name.as_bytes()]));
    let own = CustomerId::of(&identity());
    let link = |customer: &CustomerId, proof: Proof| EventKind::IdentityLinked { customer: customer.clone(), proof };
    let mut desk = Desk::new(Policy::default());
    let linked = desk.at(0, link(&x, Proof::SignedIdentity)).unwrap();
    let change = Change::Linked { customer: x.clone(), from: own.clone(), proof: Proof::SignedIdentity };
    assert_eq!((linked.turn.changes, linked.head.customer()), (vec![change], x.clone()));
    assert_eq!(desk.at(1, link(&x, Proof::SignedIdentity)), None, "known");
    let refused = desk.at(2, link(&y, Proof::VerifiedPhone)).unwrap().turn.changes;
    assert_eq!(refused, [Change::LinkRefused { customer: y.clone() }]);
    let separated = desk.at(3, EventKind::IdentitySeparated { agent: agent("a") }).unwrap();
    assert_eq!(separated.head.customer(), own);
    assert!(matches!(
        desk.at(4, link(&x, Proof::SignedIdentity)).unwrap().turn.changes[..],
        [Change::LinkRefused { .. }]
    ));
    let by_hand = desk.at(5, link(&y, Proof::Agent { agent: agent("a") })).unwrap();
    assert_eq!(by_hand.head.customer(), y);

    let mut home = Desk::new(Policy::default());
    let registered = home.at(0, link(&own, Proof::SignedIdentity)).unwrap();
    let change = Change::Linked { customer: own.clone(), from: own.clone(), proof: Proof::SignedIdentity };
    assert_eq!((registered.turn.changes, registered.head.customer()), (vec![change], own.clone()));
    assert_eq!(home.at(1, link(&own, Proof::SignedIdentity)), None, "once");
}

#[test]
fn who_was_forgotten_leaves_numbers_only_and_comes_back_by_writing() {
    let mut desk = Desk::new(Policy::default());
    desk.says(10, "!");
    let alarm = desk.head().alarm.unwrap();
    let forgotten = desk.at(20, EventKind::Forget).unwrap();
    assert_eq!(forgotten.turn.changes, [Change::Forgotten { seq: 2, customer: None }]);
    assert_eq!(forgotten.turn.alarm.unwrap().cancel, Some(alarm), "it holds the account's id");
    let left = serde_json::to_string(&forgotten.head).unwrap();
    assert!(!left.contains("vis_1") && forgotten.head.is_erased(), "{left}");
    for late in [says("from before"), EventKind::Forget] {
        assert_eq!(desk.at(20, late), None);
    }
    for late in [EventKind::Timer { alarm }, EventKind::IdentitySeparated { agent: agent("a") }] {
        assert_eq!(desk.at(900, late), None, "nothing but the person brings the person back");
    }
    let again = desk.at(950, EventKind::Forget).unwrap();
    assert_eq!(again.turn.changes, [Change::Forgotten { seq: 2, customer: None }], "what came in since goes too");
    assert!(again.head.is_erased());
    let back = desk.at(1000, says("hello again")).unwrap();
    assert_eq!((back.head.number, back.head.seq, back.head.version), (3, 4, 4));
    assert_eq!(back.head.identity, identity());
    assert_eq!(desk.at(20, says("from before")), None);
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
        let mut desk = Desk::new(Policy::default());
        desk.head = Some(serde_json::from_str(&old.replace("OWNER", owner)).unwrap());
        let decision = desk.at(second, says("hello")).unwrap();
        assert_eq!(texts(&decision), messages, "{owner} at {second}");
        assert_eq!((decision.head.version, decision.turn.messages[0].seq), (8, 15));
    }
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

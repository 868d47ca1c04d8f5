//! Channels that are live: customers are reached on their line, until they hang up.

use super::*;
use crate::{Line, OutboxEntry, ReplyHandle};

const LIVE: Capabilities =
    Capabilities { transport: Transport::Voice, live: true, keypad: true, texts: true, ..Capabilities::PLAIN };
const CALL: &str = "call-1";

/// A telephone at which things happen at their seconds.
struct Phone(Desk);

impl Phone {
    fn new() -> Self {
        Self(Desk { capabilities: LIVE, ..Desk::new(Policy::default()) })
    }

    /// What the caller does on this line; none: what is told of them otherwise.
    fn on(&mut self, second: i64, line: Option<&str>, locale: Option<&str>, said: Content) -> Decision {
        self.0.count += 1;
        let (at, locale) = (UnixMillis::from_seconds(second), locale.and_then(Locale::from_tag));
        let kind = EventKind::Message { content: said };
        let event = InboundEvent::new(identity(), &self.0.count.to_string(), at, locale, kind);
        let event = line.map_or(event.clone(), |line| event.on_line(line));
        let context =
            Context { now: at, bot: &Parrot, capabilities: &LIVE, calls: &lines, policy: &self.0.policy, proven: None };
        let decision = decide(self.0.head.as_ref(), &event, &context).unwrap();
        self.0.head = Some(decision.head.clone());
        decision
    }

    fn says(&mut self, second: i64, text: &str) -> Decision {
        self.on(second, Some(CALL), None, Content::Text { text: text.to_owned() })
    }

    fn event(&mut self, second: i64, line: Option<&str>, name: &str) -> Decision {
        self.on(second, line, None, Content::Event { name: name.to_owned() })
    }

    fn line(&self) -> Option<&str> {
        self.0.head().line.as_deref()
    }
}

fn queued(phone: &Phone) -> bool {
    matches!(phone.0.head().owner, Owner::Queued { .. })
}

fn line(entry: &OutboxEntry) -> Option<Line> {
    entry.reply.clone().and_then(|reply| reply.line)
}

#[test]
fn whatever_is_said_goes_to_the_line_on_which_the_customer_is() {
    let mut phone = Phone::new();
    let on = |waits| Some(Line { id: CALL.to_owned(), waits, texts: false });
    let answer = phone.says(1, "hello");
    assert_eq!((line(&answer.turn.outbox[0]), phone.line()), (on(false), Some(CALL)));
    let handed = phone.event(2, Some(CALL), "unheard");
    assert_eq!((line(&handed.turn.outbox[0]), &handed.outcome), (on(true), &Some(Outcome::Handoff)));
    assert!(queued(&phone) && texts(&handed) == ["", "Queued"]);
    phone.0.does(3, "a", AgentAction::Accept);
    let id = phone.0.head().id.clone();
    let reply = AgentAction::Reply { content: Content::Text { text: "from a person".to_owned() } };
    let reply = EventKind::Agent { agent: agent("a"), conversation: id, action: reply };
    let reply = phone.0.at(4, reply).unwrap();
    let way = ReplyHandle { token: String::new(), until: UnixMillis(0), line: on(false) };
    assert_eq!(reply.turn.outbox[0].reply, Some(way));
}

#[test]
fn who_has_hung_up_waits_for_nobody_and_hears_nothing() {
    let mut phone = Phone::new();
    phone.says(1, "人工");
    assert!(queued(&phone));
    let left = phone.event(2, None, "left");
    assert_eq!((left.turn.changes, left.turn.outbox, phone.line()), (vec![Change::QueueEnded], vec![], None));
    assert_eq!((&phone.0.head().owner, phone.0.head().waiting_since), (&Owner::Bot, None));
    // A person who has the conversation cannot speak into a line that is closed.
    phone.says(3, "人工");
    phone.0.does(4, "a", AgentAction::Accept);
    phone.event(5, None, "left");
    let refused = phone.0.replies(6, "a");
    let action = "reply".to_owned();
    assert_eq!(refused, [Change::Refused { agent: agent("a"), action, reason: Refusal::OffLine }]);
    // Nor can Frontdesk: what is due is said to nobody, and noted.
    let asked = phone.0.alarm(6 + 30 * 60).unwrap();
    assert!(asked.turn.outbox.is_empty() && asked.turn.changes.contains(&Change::Reminded));
    assert!(matches!(asked.turn.changes.last(), Some(Change::Withheld { messages: 1, .. })));
}

#[test]
fn a_line_that_is_with_somebody_else_is_closed_to_us_while_the_customer_waits_on() {
    let mut phone = Phone::new();
    phone.says(1, "人工");
    let parked = phone.event(2, None, "parked");
    assert!(parked.turn.changes.is_empty() && parked.turn.outbox.is_empty() && queued(&phone));
    assert_eq!(phone.line(), None);
    let ended = phone.0.alarm(1 + 10 * 60).unwrap();
    assert!(ended.turn.outbox.is_empty() && ended.turn.changes.contains(&Change::QueueEnded));
    assert_eq!(phone.says(700, "hello").turn.outbox.len(), 1, "back on the line");
}

#[test]
fn what_comes_in_when_nobody_is_on_the_line_is_a_persons() {
    let mut phone = Phone::new();
    phone.says(1, "hello");
    phone.event(2, None, "left");
    let file = crate::Attachment { upload: None, url: None, name: String::new(), mime: String::new(), size: 0 };
    let message = phone.on(3, None, None, Content::Audio(file));
    assert!(queued(&phone) && message.turn.outbox.is_empty() && authors(&message) == [Author::Customer]);
    let news = crate::MediaNews::of(message.turn.messages[0].id.clone()).saying(Some("hi".to_owned()));
    let read = EventKind::MediaReady(news);
    let read = phone.0.at(4, read).unwrap();
    assert!(read.turn.messages.is_empty(), "the bot speaks to nobody");
    // On channels that are not live, the bot answers whenever it is asked.
    assert_eq!(Desk::new(Policy::default()).says(1, "hello"), [Author::Customer, Author::Bot]);
}

#[test]
fn a_new_line_is_opened_in_its_own_language() {
    let mut phone = Phone::new();
    let text = || Content::Text { text: "-".to_owned() };
    phone.on(1, Some("call-1"), Some("zh"), Content::Event { name: "enter".to_owned() });
    assert_eq!(phone.0.head().locale, Locale::from_tag("zh"));
    phone.on(2, Some("call-1"), Some("zh"), text());
    assert_eq!(phone.0.head().locale, Locale::from_tag("en"), "the language last spoken");
    phone.on(3, Some("call-1"), Some("zh"), Content::Event { name: "other".to_owned() });
    assert_eq!(phone.0.head().locale, Locale::from_tag("en"));
    phone.on(4, Some("call-2"), Some("zh"), Content::Event { name: "other".to_owned() });
    assert_eq!(phone.0.head().locale, Locale::from_tag("zh"));
}

/// What became of the turn's delivery, as its sender tells it.
fn told(phone: &mut Phone, second: i64, of: &Decision, status: DeliveryStatus) -> Option<Decision> {
    let seq = of.turn.messages.last().unwrap().seq;
    phone.0.at(second, EventKind::Receipt { delivery: of.turn.outbox[0].id.clone(), seq, status })
}

#[test]
fn links_go_out_as_a_text_message_and_the_line_hears_how_that_went() {
    const LINK: &str = "https://a.example/x";
    let failed = || DeliveryStatus::Failed { reason: "blocked".to_owned() };
    for (status, heard) in
        [(DeliveryStatus::Sent, "Texted"), (failed(), "NotTexted"), (DeliveryStatus::MaybeSent, "MaybeTexted")]
    {
        let mut phone = Phone::new();
        phone.says(1, "hello");
        let wanted = phone.on(2, Some(CALL), None, Content::texting([LINK], "*"));
        assert_eq!(texts(&wanted), ["", &format!("Links\n{LINK}")]);
        let [entry] = wanted.turn.outbox.as_slice() else { panic!("one delivery") };
        assert_eq!(line(entry), Some(Line { id: CALL.to_owned(), waits: false, texts: true }));
        assert_eq!((entry.first, entry.count), (1, 1));
        assert_eq!(entry.expires, Some(UnixMillis::from_seconds(2 + 90)), "who waits on the line hears of it soon");
        assert_eq!(phone.0.head().texting, Some(wanted.turn.messages[1].seq));
        let end = told(&mut phone, 3, &wanted, status.clone()).unwrap();
        assert_eq!((texts(&end), line(&end.turn.outbox[0]).unwrap().texts), (vec![heard], false));
        assert_eq!(end.turn.outbox[0].expires, None);
        assert!(told(&mut phone, 4, &wanted, status).is_none(), "it is said once");
    }
}

#[test]
fn what_is_due_besides_is_spoken_and_stands_in_no_text_message() {
    let mut phone = Phone::new();
    phone.says(1, "人工");
    let over = phone.0.head().deadline.unwrap();
    assert_eq!(over.step, Step::EndQueue);
    // The alarm is late: the links are wanted first.
    let second = over.at.seconds() + 5;
    let wanted = phone.on(second, Some(CALL), None, Content::texting(["https://a.example/x"], "*"));
    assert_eq!(texts(&wanted), ["", "Links\nhttps://a.example/x"]);
    assert!(queued(&phone) && wanted.turn.changes.is_empty(), "{:?}", wanted.turn.changes);
    let ended = phone.0.alarm(second + 60).unwrap();
    assert_eq!((texts(&ended), ended.turn.changes.contains(&Change::QueueEnded)), (vec!["QueueEnded"], true));
    assert!(!line(&ended.turn.outbox[0]).unwrap().texts);
}

#[test]
fn whoever_has_the_conversation_is_asked_nothing_about_a_text_message() {
    let wants = || Content::texting(["https://a.example/x"], "*");
    let mut phone = Phone::new();
    phone.says(1, "人工");
    phone.0.does(2, "a", AgentAction::Accept);
    phone.0.replies(3, "a");
    let wanted = phone.on(4, Some(CALL), None, wants());
    assert_eq!((wanted.turn.outbox.len(), phone.0.head().waiting_since), (1, None));
    // Who has hung up meanwhile hears nothing of it.
    phone.event(5, None, "left");
    let end = told(&mut phone, 6, &wanted, DeliveryStatus::Sent).unwrap();
    assert!(end.turn.messages.is_empty() && end.turn.outbox.is_empty() && phone.0.head().texting.is_none());
    // Elsewhere it is a choice like any other.
    let mut desk = Desk::new(Policy::default());
    let chosen = desk.at(1, EventKind::Message { content: wants() }).unwrap();
    assert_eq!(authors(&chosen), [Author::Customer, Author::Bot]);
    assert!(chosen.head.texting.is_none());
}

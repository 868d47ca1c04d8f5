//! Alarms and forgetting: what is due comes to pass, and who is forgotten is, although a function dies on the way.

use app::ports::Clock as _;
use domain::{Alarm, Change, EventKind, InboundEvent, Owner};
use testkit::{Queue, Queued};

use super::{cut, next, visitor};
use crate::people::{action, agent};
use crate::stage::{Stage, VISIBILITY, Way};
use crate::visitors::Visitor;

/// A customer who asks for a person.
async fn asks_for_a_person(stage: &Stage) -> Visitor {
    let visitor = visitor(stage, 1);
    visitor.say(&stage.world, 0, "人工").await.unwrap();
    visitor
}

fn only_alarm(stage: &Stage, visitor: &Visitor) -> Alarm {
    let alarms = stage.world.alarms(&visitor.group());
    let [alarm] = alarms[..] else { panic!("{} alarms", alarms.len()) };
    alarm
}

fn is_queued(stage: &Stage, visitor: &Visitor) -> bool {
    matches!(stage.world.head(&visitor.group()).unwrap().owner, Owner::Queued { .. })
}

/// What happened, but that the test channel's first message links.
fn changes(stage: &Stage, visitor: &Visitor) -> Vec<Change> {
    let changes = stage.world.turns(&visitor.group()).into_iter().flat_map(|turn| turn.changes);
    changes.filter(|change| !matches!(change, Change::Linked { .. })).collect()
}

/// The alarm goes off, so many seconds after its time, and what it does is done.
fn goes_off(stage: &Stage, visitor: &Visitor, late: i64) {
    let alarm = only_alarm(stage, visitor);
    stage.pass_to(Some(alarm.at.plus_seconds(late)));
    assert!(stage.world.ring_alarm(&visitor.group(), alarm));
    stage.drain();
}

#[tokio::test]
async fn the_queue_ends_at_its_deadline_although_the_responder_dies_at_any_await() {
    for way in [Way::Web, Way::Keyed] {
        for awaits in 1.. {
            let stage = Stage::new(way);
            let visitor = asks_for_a_person(&stage).await;
            let died = cut(&stage, next(&stage, Queue::Inbound), awaits);
            stage.drain();
            assert!(is_queued(&stage, &visitor));
            // And again when the alarm has gone off.
            let alarm = only_alarm(&stage, &visitor);
            stage.pass_to(Some(alarm.at.plus_seconds(59)));
            stage.world.ring_alarm(&visitor.group(), alarm);
            let died_again = cut(&stage, next(&stage, Queue::Inbound), awaits);
            stage.drain();
            let head = stage.world.head(&visitor.group()).unwrap();
            assert_eq!((head.owner, head.seq), (Owner::Bot, 3), "after {awaits} awaits");
            assert_eq!(changes(&stage, &visitor).len(), 2);
            let told: Vec<u64> = stage.world.delivered(&visitor.group()).iter().map(|message| message.seq).collect();
            assert_eq!(told, if way == Way::Web { vec![1, 2, 3] } else { vec![2, 3] }, "after {awaits} awaits");
            assert!(stage.world.alarms(&visitor.group()).is_empty());
            if !died && !died_again {
                break;
            }
        }
    }
}

#[tokio::test]
async fn an_alarm_that_is_early_or_comes_twice_harms_nothing() {
    let stage = Stage::new(Way::Web);
    let visitor = asks_for_a_person(&stage).await;
    stage.drain();
    let deadline = only_alarm(&stage, &visitor).at;
    for early in [9, 3] {
        goes_off(&stage, &visitor, -early);
        assert!(is_queued(&stage, &visitor));
        assert_eq!(only_alarm(&stage, &visitor).at, deadline, "it is set again");
    }
    goes_off(&stage, &visitor, 60);
    assert!(!is_queued(&stage, &visitor));
    let before = stage.world.history(&visitor.group());
    let last = stage.world.sent_as(Queue::Inbound, stage.world.sent(Queue::Inbound) - 1).unwrap();
    stage.world.put(Queue::Inbound, Queued { dedup: "again".to_owned(), ..last });
    stage.drain();
    assert_eq!(stage.world.history(&visitor.group()), before);
}

#[tokio::test]
async fn an_order_for_an_alarm_that_is_out_of_date_is_not_carried_out() {
    let stage = Stage::new(Way::Web);
    let visitor = asks_for_a_person(&stage).await;
    let batch = stage.receive(Queue::Inbound);
    stage.complete(stage.start(Queue::Inbound, batch.clone()));
    let head = stage.world.head(&visitor.group()).unwrap();
    let accept = action(&visitor, &head, &agent(0), "accept", stage.world.now(), domain::AgentAction::Accept);
    stage.put(&accept).await;
    let close = action(&visitor, &head, &agent(0), "close", stage.world.now(), domain::AgentAction::Close);
    stage.put(&close).await;
    stage.drain();
    let alarm = only_alarm(&stage, &visitor);
    assert_eq!(stage.world.head(&visitor.group()).unwrap().alarm, Some(alarm), "the one that ends the wrap-up");
    // The record that asked for the first alarm comes again.
    stage.complete(stage.start(Queue::Inbound, batch));
    assert_eq!(only_alarm(&stage, &visitor), alarm);
}

#[tokio::test]
async fn an_ordinary_turn_asks_for_no_alarm() {
    let stage = Stage::new(Way::Web);
    let visitor = visitor(&stage, 1);
    for message in 0..50 {
        super::ask(&stage, &visitor, message).await;
        stage.drain();
    }
    assert_eq!(stage.world.alarms_asked(&visitor.group()), 0);
}

/// Everything that was ever queued comes again, under other ids.
fn everything_again(stage: &Stage, round: u32) {
    for queue in [Queue::Inbound, Queue::Outbound] {
        for place in 0..stage.world.sent(queue) {
            let sent = stage.world.sent_as(queue, place).unwrap();
            if !sent.dedup.starts_with("again") {
                let dedup = format!("again {round} {}", sent.dedup);
                stage.world.put(queue, Queued { dedup, ..sent });
            }
        }
    }
}

#[tokio::test]
async fn who_is_forgotten_is_forgotten_although_the_responder_dies_at_any_await() {
    for way in [Way::Web, Way::Bare] {
        for awaits in 1.. {
            let stage = Stage::new(way);
            let visitor = asks_for_a_person(&stage).await;
            super::ask(&stage, &visitor, 1).await;
            stage.complete(next(&stage, Queue::Inbound));
            // One more was accepted, and lies somewhere: on its way, or with the dead letters.
            let kind = EventKind::Message { content: visitor.content(3) };
            let under_way = InboundEvent::new(visitor.identity(), "under way", stage.world.now(), None, kind);
            stage.world.pass(1);
            let wish = InboundEvent::new(visitor.identity(), "forget", stage.world.now(), None, EventKind::Forget);
            stage.put(&wish).await;
            let died = cut(&stage, next(&stage, Queue::Inbound), awaits);
            stage.drain();
            let gone = |when: &str| {
                let kept = stage.world.kept(&visitor.group());
                assert!(!kept.contains("message 1."), "{when}, after {awaits} awaits: {kept}");
                assert!(!kept.contains(&visitor.identity().user), "{when}, after {awaits} awaits: {kept}");
            };
            gone("at once");
            everything_again(&stage, 1);
            stage.put(&under_way).await;
            stage.drain();
            gone("after copies");
            assert!(stage.world.head(&visitor.group()).unwrap().is_erased(), "nothing of before brings anybody back");
            assert!(stage.world.delivered(&visitor.group()).is_empty());
            // Who comes back is somebody anew, whom no copy of the past takes away.
            stage.world.pass(1);
            super::ask(&stage, &visitor, 2).await;
            stage.drain();
            everything_again(&stage, 2);
            stage.drain();
            let kept = stage.world.kept(&visitor.group());
            assert!(kept.contains("message 2.") && !kept.contains("message 1."), "{kept}");
            let head = stage.world.head(&visitor.group()).unwrap();
            assert_eq!((head.owner, head.seq), (Owner::Bot, 5), "after {awaits} awaits");
            if !died {
                break;
            }
        }
    }
}

#[tokio::test]
async fn who_came_back_is_not_forgotten_again_by_a_writer_who_was_overtaken() {
    for awaits in 1.. {
        let stage = Stage::new(Way::Web);
        let visitor = visitor(&stage, 1);
        super::ask(&stage, &visitor, 0).await;
        stage.drain();
        stage.world.pass(1);
        let wish = InboundEvent::new(visitor.identity(), "forget", stage.world.now(), None, EventKind::Forget);
        stage.put(&wish).await;
        let mut late = next(&stage, Queue::Inbound);
        if (0..awaits).any(|_| late.poll().is_some()) {
            break;
        }
        stage.world.pass(VISIBILITY + 1);
        stage.drain();
        super::ask(&stage, &visitor, 1).await;
        stage.drain();
        stage.complete(late);
        stage.drain();
        let kept = stage.world.kept(&visitor.group());
        assert!(kept.contains("message 1.") && !kept.contains("message 0."), "after {awaits} awaits: {kept}");
    }
}

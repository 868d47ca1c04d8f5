//! 4 to 6 and 9: a function that dies, or is overtaken, at any of its awaits.

use app::ports::Clock as _;
use domain::{DeliveryState, DeliveryStatus, EventKind, InboundEvent};
use testkit::Queue;
use tests::Whim;

use super::{Trial, answered_once, ask, cut, next, seconds, visitor};
use crate::stage::{LEASE, Stage, VISIBILITY, Way};
use crate::visitors::Visitor;

/// Kills the responder at each of its awaits in turn; `judge` is told whether it had committed.
async fn at_each_await(trial: &mut Trial, committed: bool, judge: impl Fn(&Stage, &Visitor)) {
    for way in [Way::Web, Way::Keyed, Way::Bare] {
        for awaits in 1.. {
            let stage = Stage::new(way);
            let visitor = visitor(&stage, 1);
            ask(&stage, &visitor, 0).await;
            ask(&stage, &visitor, 1).await;
            if !cut(&stage, next(&stage, Queue::Inbound), awaits) {
                break;
            }
            if stage.world.head(&visitor.group()).is_some() == committed {
                judge(&stage, &visitor);
                trial.ran(1);
            }
        }
    }
    assert!(trial.runs >= 6, "{} places", trial.runs);
}

#[tokio::test]
async fn invariant_04_a_reply_survives_a_kill_after_the_commit() {
    let mut trial = Trial::new(4, "a reply survives a kill between the commit and the send");
    at_each_await(&mut trial, true, |stage, visitor| {
        let took = seconds(stage, || stage.drain());
        answered_once(stage, visitor, [0, 1]);
        assert!(took <= VISIBILITY + 1, "{took} s");
    })
    .await;
    trial.held();
}

#[tokio::test]
async fn invariant_06_a_kill_before_the_commit_changes_nothing() {
    let mut trial = Trial::new(6, "a kill before the commit changes nothing");
    at_each_await(&mut trial, false, |stage, visitor| {
        assert!(stage.world.turns(&visitor.group()).is_empty());
        assert_eq!(stage.world.sent(Queue::Outbound), 0);
        stage.drain();
        answered_once(stage, visitor, [0, 1]);
    })
    .await;
    trial.held();
}

/// One message, answered and waiting to be sent.
async fn to_be_sent(way: Way) -> (Stage, Visitor) {
    let stage = Stage::new(way);
    let visitor = visitor(&stage, 1);
    ask(&stage, &visitor, 0).await;
    stage.complete(next(&stage, Queue::Inbound));
    (stage, visitor)
}

/// At most two calls; two are recorded, and the conversation knows. How many there were.
#[track_caller]
fn at_most_twice(stage: &Stage, visitor: &Visitor) -> usize {
    let (group, shown) = (visitor.group(), stage.provider.shown_to(&visitor.group()).len());
    let [(_, ends)] = stage.world.deliveries(&group)[..] else { panic!("one delivery") };
    let known = stage.world.head(&group).unwrap().marks.maybe_sent;
    match (stage.way, shown) {
        (Way::Keyed, 1) => assert_eq!((ends, known), (DeliveryState::Sent, 0)),
        (Way::Bare, 0 | 2) => assert_eq!((ends, known), (DeliveryState::MaybeSent, 2)),
        (Way::Bare, 1) => assert_eq!(known > 0, ends == DeliveryState::MaybeSent, "{ends:?}, {known}"),
        (way, shown) => panic!("{way:?}: shown {shown} times"),
    }
    assert!(stage.world.is_idle() && stage.world.dead().is_empty());
    stage.provider.calls_for(&group).len()
}

#[tokio::test]
async fn invariant_05_a_kill_between_send_and_mark_sends_once_or_says_so() {
    let mut trial = Trial::new(5, "a kill between send and mark: one key, or two calls at most and maybe_sent");
    let mut twice = 0;
    for way in [Way::Keyed, Way::Bare] {
        for deaths in 1..=4 {
            for awaits in 1.. {
                let (stage, visitor) = to_be_sent(way).await;
                let mut died = 0;
                while died < deaths && cut(&stage, next(&stage, Queue::Outbound), awaits) {
                    died += 1;
                    // Both the record and the claim come free again.
                    stage.world.pass(VISIBILITY.max(LEASE) + 1);
                    if stage.world.is_idle() {
                        break;
                    }
                }
                stage.drain();
                let calls = at_most_twice(&stage, &visitor);
                twice += u32::from(way == Way::Bare && calls == 2);
                assert!(way == Way::Keyed || calls <= 2, "{calls} calls");
                trial.ran(died);
                if died == 0 {
                    break;
                }
            }
        }
        for lies in 1..=4 {
            let (stage, visitor) = to_be_sent(way).await;
            stage.provider.plan(&vec![Whim::Lie; lies]);
            stage.drain();
            at_most_twice(&stage, &visitor);
            trial.ran(lies as u64);
        }
    }
    // Whoever is told to wait does not lose the doubt that was there before.
    for whims in [vec![Whim::Lie, Whim::Busy(1)], vec![Whim::Lie, Whim::Busy(1), Whim::Lie]] {
        let (stage, visitor) = to_be_sent(Way::Bare).await;
        stage.provider.plan(&whims);
        stage.drain();
        at_most_twice(&stage, &visitor);
        trial.ran(whims.len() as u64);
    }
    assert!(twice > 0, "no second call was ever made");
    trial.held();
}

#[tokio::test]
async fn invariant_05_one_sender_at_a_time_holds_a_delivery() {
    let (stage, visitor) = to_be_sent(Way::Bare).await;
    stage.provider.plan(&[Whim::Slow(2_000)]);
    let batch = stage.receive(Queue::Outbound);
    let mut first = stage.start(Queue::Outbound, batch.clone());
    while stage.provider.calls().is_empty() {
        assert!(first.poll().is_none(), "it has not called yet");
    }
    let response = {
        let mut second = stage.start(Queue::Outbound, batch);
        loop {
            match second.poll() {
                Some(response) => break response,
                None => assert!(second.is_awake(), "it has nothing to wait for"),
            }
        }
    };
    assert_eq!(response.batch_item_failures.len(), 1, "it comes again once the claim has ended");
    stage.complete(first);
    stage.world.pass(LEASE + VISIBILITY);
    stage.drain();
    assert_eq!(at_most_twice(&stage, &visitor), 1);
}

#[tokio::test]
async fn invariant_09_a_stale_writer_loses() {
    let mut trial = Trial::new(9, "a writer who was overtaken commits nothing and sends nothing new");
    for way in [Way::Web, Way::Keyed, Way::Bare] {
        for awaits in 1.. {
            let stage = Stage::new(way);
            let visitor = visitor(&stage, 1);
            ask(&stage, &visitor, 0).await;
            let mut late = next(&stage, Queue::Inbound);
            if (0..awaits).any(|_| late.poll().is_some()) {
                break;
            }
            stage.world.pass(VISIBILITY + 1);
            stage.drain();
            // Another message is answered meanwhile, so the head has moved on.
            ask(&stage, &visitor, 1).await;
            stage.drain();
            let before = (stage.world.history(&visitor.group()), stage.provider.calls());
            stage.complete(late);
            stage.drain();
            assert_eq!(
                (stage.world.history(&visitor.group()), stage.provider.calls()),
                before,
                "after {awaits} awaits"
            );
            answered_once(&stage, &visitor, [0, 1]);
            trial.ran(1);
        }
    }
    trial.held();
}

#[tokio::test]
async fn a_late_receipt_never_takes_back_what_the_customer_has() {
    let (stage, visitor) = to_be_sent(Way::Bare).await;
    stage.drain();
    let [(outbound, _)] = &stage.world.deliveries(&visitor.group())[..] else { panic!("one delivery") };
    let failed = DeliveryStatus::Failed { reason: "unknown subscriber".to_owned() };
    for status in [DeliveryStatus::Read, DeliveryStatus::Delivered, failed, DeliveryStatus::MaybeSent] {
        let (delivery, seq) = (outbound.id.clone(), outbound.last_seq());
        let kind = EventKind::Receipt { delivery, seq, status };
        stage.put(&InboundEvent::new(visitor.identity(), "receipt", stage.world.now(), None, kind)).await;
        stage.drain();
    }
    let marks = stage.world.head(&visitor.group()).unwrap().marks;
    assert_eq!((marks.delivered, marks.read, marks.failed, marks.maybe_sent), (2, 2, 0, 0));
    assert_eq!(stage.world.turns(&visitor.group()).len(), 2, "what tells nothing new is no turn");
}

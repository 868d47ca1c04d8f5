//! 7, 8, 13 and 14: order, counters, and batches of which a part fails.

use domain::Turn;
use fastrand::Rng;
use testkit::{Queue, Received};

use super::poison::{Fault, Poisoned};
use super::{Trial, answered_once, ask, next, visitor};
use crate::stage::{Invocation, Stage, Way, has_failed};

#[tokio::test]
async fn invariant_07_a_conversation_is_answered_in_order() {
    let mut trial = Trial::new(7, "one conversation is answered in order, whatever fails");
    for way in [Way::Web, Way::Keyed] {
        let stage = Stage::new(way);
        let visitors: Vec<_> = (0..100).map(|number| visitor(&stage, number)).collect();
        for message in 0..20 {
            for visitor in &visitors {
                ask(&stage, visitor, message).await;
            }
        }
        // Of a hundred calls five fail, before or after their effect.
        stage.world.unleash(7, 25);
        stage.drain_until(Some(domain::UnixMillis(i64::MAX / 2)));
        trial.faults += stage.world.calm().values().sum::<u64>();
        for visitor in &visitors {
            answered_once(&stage, visitor, 0..20);
            trial.ran(0);
        }
        assert!(stage.world.dead().is_empty());
    }
    trial.held();
}

#[tokio::test]
async fn invariant_08_no_update_is_lost() {
    let mut trial = Trial::new(8, "no lost updates: fifty messages at once, two responders, in any order");
    for seed in 0..20 {
        let mut rng = Rng::with_seed(seed);
        let stage = Stage::new(Way::Web);
        let visitor = visitor(&stage, 1);
        for message in 0..50 {
            ask(&stage, &visitor, message).await;
        }
        let mut records: Vec<Received> = (0..50)
            .filter_map(|place| stage.world.sent_as(Queue::Inbound, place))
            .map(|message| Received { receipt: message.dedup.clone(), message, receives: 1 })
            .collect();
        rng.shuffle(&mut records);
        // As a queue without groups hands them out: two functions at work on the same conversation.
        let mut running: Vec<Invocation> = vec![];
        while !records.is_empty() || !running.is_empty() {
            if running.len() < 2 && !records.is_empty() {
                let batch = records.split_off(records.len() - records.len().min(rng.usize(1..=10)));
                running.push(stage.start(Queue::Inbound, batch));
            }
            let place = rng.usize(0..running.len());
            if let Some(response) = running[place].poll() {
                let done = running.swap_remove(place);
                records.extend(done.batch.into_iter().filter(|record| has_failed(&response, record)));
            }
        }
        let head = stage.world.head(&visitor.group()).unwrap();
        assert_eq!((head.version, head.seq, head.turns), (50, 100, 50));
        assert_eq!(stage.world.turns(&visitor.group()).len(), 50);
        let numbers: Vec<u64> = stage.world.turns(&visitor.group()).iter().map(|turn: &Turn| turn.number).collect();
        assert_eq!(numbers, (1..=50).collect::<Vec<_>>());
        trial.ran(50);
    }
    trial.held();
}

/// Ten records of four conversations in one batch.
async fn ten(stage: &Stage) -> (Vec<crate::visitors::Visitor>, Vec<Received>) {
    let visitors: Vec<_> = (0..4).map(|number| visitor(stage, number)).collect();
    for place in 0..10_u32 {
        let visitor = &visitors[place as usize * 7 % 4];
        visitor.say(&stage.world, place, &format!("place {place}.")).await.unwrap();
    }
    let batch = stage.receive(Queue::Inbound);
    assert_eq!(batch.len(), 10);
    (visitors, batch)
}

#[tokio::test]
async fn invariant_13_a_partial_batch_is_exact() {
    let mut trial = Trial::new(13, "a partial batch names the failed record and its group's followers, no others");
    for place in 0..10 {
        for fault in [Fault::Fails, Fault::Panics] {
            let poison = Poisoned::new(&format!("place {place}."), fault);
            let stage = poison.stage(Way::Web);
            let (visitors, batch) = ten(&stage).await;
            let group = &batch[place].message.group;
            let followers = batch.iter().skip(place).filter(|record| record.message.group == *group);
            let expected: Vec<String> = followers.map(|record| record.receipt.clone()).collect();
            let failed = stage.complete(stage.start(Queue::Inbound, batch.clone()));
            assert_eq!(failed, expected, "place {place}");
            let turns: usize = visitors.iter().map(|visitor| stage.world.turns(&visitor.group()).len()).sum();
            assert_eq!(turns, 10 - expected.len(), "what did not fail is done");
            poison.heal();
            stage.drain();
            let turns: usize = visitors.iter().map(|visitor| stage.world.turns(&visitor.group()).len()).sum();
            assert_eq!(turns, 10);
            trial.ran(1);
        }
    }
    trial.held();
}

#[tokio::test]
async fn invariant_14_a_malformed_response_loses_nothing() {
    let mut trial = Trial::new(14, "a malformed batch response, or a death, loses nothing");
    for way in [Way::Web, Way::Keyed, Way::Bare] {
        for queue in [Queue::Inbound, Queue::Outbound] {
            let stage = Stage::new(way);
            let visitors: Vec<_> = (0..5).map(|number| visitor(&stage, number)).collect();
            for message in 0..2 {
                for visitor in &visitors {
                    ask(&stage, visitor, message).await;
                }
            }
            if queue == Queue::Outbound {
                stage.complete(next(&stage, Queue::Inbound));
            }
            for _ in 0..3 {
                let mut invocation = next(&stage, queue);
                assert_eq!(invocation.batch.len(), 10);
                // It does everything, and its answer is garbage: nothing is deleted.
                while invocation.poll().is_none() {}
                stage.world.pass(61);
            }
            stage.drain();
            for visitor in &visitors {
                answered_once(&stage, visitor, [0, 1]);
            }
            assert_eq!(stage.world.dead().len(), 0);
            trial.ran(3);
        }
    }
    trial.held();
}

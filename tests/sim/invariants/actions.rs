//! The company's system sees each call under one id and does it once, and the conversation has one end of it, wherever
//! workers and responders die.

use app::ports::InboundQueue;
use domain::{ActionId, ActionNews, ActionResult, Change, ChannelId, Identity};
use fastrand::Rng;
use testkit::Queue;
use tests::system::{calls, number_of};

use super::Trial;
use crate::stage::{Invocation, Stage, VISIBILITY, Way};

const CUSTOMERS: usize = 12;

fn customer(number: usize) -> Identity {
    Identity { channel: ChannelId::Messenger, account: "page".to_owned(), user: format!("u{}", number % CUSTOMERS) }
}

/// A customer's message has the bot call an action; the responder has died after its commit.
async fn call(stage: &Stage, number: usize) -> ActionId {
    let name = if number.is_multiple_of(2) { "find" } else { "block" };
    let (event, id) = calls(&stage.world, &customer(number), number, name).await;
    while InboundQueue::send(&stage.world, std::slice::from_ref(&event)).await.is_err() {
        stage.world.tick(200);
    }
    id
}

/// How a customer's calls ended, as their conversation has it.
fn ends(stage: &Stage, number: usize) -> Vec<ActionNews> {
    let turns = stage.world.turns(&customer(number).group());
    let changes = turns.into_iter().flat_map(|turn| turn.changes);
    changes.filter_map(|change| if let Change::ActionEnded(news) = change { Some(news) } else { None }).collect()
}

fn done(id: &ActionId) -> ActionResult {
    ActionResult::Done { values: [("number".to_owned(), number_of(id.as_str()))].into() }
}

#[tokio::test]
async fn invariant_26_a_worker_may_die_at_any_await() {
    let mut trial = Trial::new(26, "an action is called under one id and ends once");
    for number in [0, 1] {
        for queue in [Queue::Inbound, Queue::Actions] {
            for polls in 0.. {
                let stage = Stage::new(Way::Keyed);
                let id = call(&stage, number).await;
                if queue == Queue::Actions {
                    stage.complete(stage.invoke(Queue::Inbound).unwrap());
                }
                let mut invocation = stage.invoke(queue).unwrap();
                let ended = (0..polls).any(|_| invocation.poll().is_some());
                drop(invocation);
                // Now and then so late that the queue has forgotten what it was sent.
                stage.world.pass(if polls % 2 == 0 { VISIBILITY + 1 } else { 400 });
                stage.drain();
                let what = format!("call {number}, {queue:?}, died at await {polls}");
                assert_eq!(ends(&stage, number), [ActionNews { id: id.clone(), result: done(&id) }], "{what}");
                assert_eq!(stage.system.done(), [id.as_str().to_owned()].into(), "{what}");
                let seen = stage.system.calls();
                assert!(seen.iter().all(|(_, body)| body["id"] == id.as_str() && *body == seen[0].1), "{what}");
                assert!(stage.world.dead().is_empty(), "{what}: {:?}", stage.world.dead());
                trial.ran(u64::from(!ended));
                if ended {
                    break;
                }
            }
        }
    }
    assert!(trial.faults > 10, "{}", trial.faults);
    trial.held();
}

#[tokio::test]
async fn whatever_breaks_every_call_ends_once() {
    let (mut troubles, mut deaths, mut worked, mut failed) = (0, 0, 0, 0);
    for seed in 0..60 {
        let mut rng = Rng::with_seed(seed);
        let stage = Stage::new(Way::Keyed);
        stage.world.unleash(seed, 20);
        let (mut ids, mut running): (Vec<ActionId>, Vec<Invocation>) = (vec![], vec![]);
        for _ in 0..3_000 {
            match rng.u32(0..1000) {
                // A conversation calls nothing while it waits for a call.
                0..30 if ids.len() < 60 && ends(&stage, ids.len()).len() == ids.len() / CUSTOMERS => {
                    ids.push(call(&stage, ids.len()).await);
                }
                30..50 => stage.world.tick(rng.u64(1..4_000)),
                50..53 => stage.world.pass(rng.i64(VISIBILITY..400)),
                53..58 if !running.is_empty() => {
                    // It dies, or hangs so long that another begins.
                    drop(running.swap_remove(rng.usize(0..running.len())));
                    deaths += 1;
                }
                58..200 if running.len() < 4 => {
                    let queue = if rng.bool() { Queue::Actions } else { Queue::Inbound };
                    running.extend(stage.invoke(queue));
                }
                _ if !running.is_empty() => {
                    let place = rng.usize(0..running.len());
                    if let Some(response) = running[place].poll() {
                        stage.acknowledge(&running.swap_remove(place), &response);
                    }
                }
                _ => stage.world.tick(100),
            }
        }
        drop(running);
        troubles += stage.world.calm().values().sum::<u64>();
        stage.world.pass(VISIBILITY + 1);
        stage.drain();
        assert!(stage.world.dead().is_empty(), "seed {seed}: {:?}", stage.world.dead());
        for (number, id) in ids.iter().enumerate() {
            let ends = ends(&stage, number);
            let own: Vec<_> = ends.iter().filter(|news| news.id == *id).collect();
            assert_eq!(own.len(), 1, "seed {seed}, call {number}: {own:?}");
            match &own[0].result {
                // The customer waits for two minutes, not for ever.
                ActionResult::Failed => failed += 1,
                result @ (ActionResult::Done { .. } | ActionResult::Refused { .. }) => {
                    assert_eq!(*result, done(id), "seed {seed}, call {number}");
                    worked += 1;
                }
            }
        }
        let asked = ids.iter().map(|id| id.as_str().to_owned()).collect();
        assert!(stage.system.done().is_subset(&asked), "seed {seed}: nothing is done that nobody asked for");
        assert!(ids.len() > 30);
    }
    assert!(troubles > 500 && deaths > 100 && worked > 20 * failed, "{troubles} {deaths} {worked} {failed}");
}

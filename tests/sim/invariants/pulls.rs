//! What is fetched is fetched once and in order, whatever breaks: the place in an account's messages moves only once they
//! are queued.

use std::collections::BTreeSet;

use app::envelope::read_inbound;
use app::ports::{Cursors, PullQueue};
use domain::{Author, ChannelId, Content, EventKind, GroupId, Identity};
use fastrand::Rng;
use testkit::Queue;
use tests::inbox::ACCOUNT;

use crate::stage::{Invocation, PAGE, Stage, VISIBILITY, Way};

const CUSTOMERS: usize = 3;

fn customer(number: usize) -> Identity {
    Identity { channel: ChannelId::Wecom, account: ACCOUNT.to_owned(), user: format!("wm{number}") }
}

/// Somebody writes, and the provider says so.
async fn write(stage: &Stage, number: usize) {
    stage.inbox.write(&customer(number % CUSTOMERS).user, &number.to_string());
    let news = stage.inbox.news();
    // The provider tries again until it is told that the news was taken.
    while PullQueue::send(&stage.world, &news, None).await.is_err() {
        stage.world.tick(200);
    }
}

/// Every message is in its customer's conversation once, in order; nothing is left behind.
async fn judge(stage: &Stage, written: usize, what: &str) {
    assert!(stage.world.dead().is_empty(), "{what}: {:?}", stage.world.dead());
    let mut seen = BTreeSet::new();
    for message in stage.world.inbound() {
        let event = read_inbound(&message.body).unwrap();
        if seen.insert(event.id.clone()) {
            assert!(matches!(event.kind, EventKind::Message { .. }));
        }
    }
    assert_eq!(seen.len(), written, "{what}");
    for number in 0..CUSTOMERS.min(written) {
        let expected: Vec<String> = (number..written).step_by(CUSTOMERS).map(|text| text.to_string()).collect();
        assert_eq!(said(stage, &customer(number).group()), expected, "{what}: customer {number}");
    }
    let place = Cursors::load(&stage.world, ChannelId::Wecom, ACCOUNT).await.unwrap().unwrap();
    assert_eq!(place.cursor, Some(format!("c{written}")), "{what}");
}

/// What a customer said, in their conversation's order.
fn said(stage: &Stage, group: &GroupId) -> Vec<String> {
    let messages = stage.world.turns(group).into_iter().flat_map(|turn| turn.messages);
    let own = messages.filter(|message| message.author == Author::Customer);
    let text = |content| if let Content::Text { text } = content { text } else { panic!("a text") };
    own.map(|message| text(message.content)).collect()
}

#[tokio::test]
async fn a_puller_may_die_at_any_await() {
    let backlog = 2 * PAGE + 5;
    let mut deaths = 0;
    for polls in 0.. {
        let stage = Stage::new(Way::Keyed);
        for number in 0..backlog {
            stage.inbox.write(&customer(number % CUSTOMERS).user, &number.to_string());
        }
        PullQueue::send(&stage.world, &stage.inbox.news(), None).await.unwrap();
        let mut invocation = stage.invoke(Queue::Pulls).unwrap();
        let ended = (0..polls).any(|_| invocation.poll().is_some());
        drop(invocation);
        // Now and then so late that the queue has forgotten what it was sent.
        stage.world.pass(if polls % 2 == 0 { VISIBILITY + 1 } else { 400 });
        stage.drain();
        judge(&stage, backlog, &format!("died at await {polls}")).await;
        let given = stage.inbox.given();
        assert!(given.values().sum::<u64>() <= 5, "only the page under way is fetched again: {given:?}");
        if ended {
            break;
        }
        deaths += 1;
    }
    assert!(deaths > 15, "{deaths}");
}

#[tokio::test]
async fn whatever_breaks_everything_is_fetched_once_and_in_order() {
    let (mut troubles, mut deaths) = (0, 0);
    for seed in 0..60 {
        let mut rng = Rng::with_seed(seed);
        let stage = Stage::new(Way::Keyed);
        stage.world.unleash(seed, 20);
        stage.inbox.unleash(seed, 60);
        let (mut written, mut running): (usize, Vec<Invocation>) = (0, vec![]);
        for _ in 0..3_000 {
            match rng.u32(0..1000) {
                0..40 if written < 150 => {
                    write(&stage, written).await;
                    written += 1;
                }
                40..60 => stage.world.tick(rng.u64(1..4_000)),
                60..63 => {
                    stage.world.pass(rng.i64(VISIBILITY..400));
                }
                63..66 if !running.is_empty() => {
                    // It dies, or hangs so long that another begins.
                    drop(running.swap_remove(rng.usize(0..running.len())));
                    deaths += 1;
                }
                66..200 if running.len() < 3 => running.extend(stage.invoke(Queue::Pulls)),
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
        troubles += stage.inbox.calm() + stage.world.calm().values().sum::<u64>();
        // The last news may have come before what it speaks of was fetched in part.
        stage.world.pass(VISIBILITY + 1);
        stage.drain();
        judge(&stage, written, &format!("seed {seed}")).await;
        assert!(written > 50);
    }
    assert!(troubles > 500 && deaths > 100, "{troubles} {deaths}");
}

//! The invariants, each on its own, in virtual time: what breaks is chosen here and not drawn, so that every place at
//! which it can break is tried.

mod actions;
mod answers;
mod calls;
mod doors;
mod kills;
mod limits;
mod media;
mod order;
mod outages;
mod ownership;
mod poison;
mod providers;
mod pulls;
mod timers;

use std::time::Instant;

use app::ports::Clock as _;
use domain::{Author, Content, DedupId, Message, Turn};
use testkit::Queue;
use tests::Row;

use crate::stage::{Invocation, Stage, Way};
use crate::visitors::Visitor;

/// One invariant under trial.
struct Trial {
    number: u32,
    statement: &'static str,
    started: Instant,
    runs: u64,
    faults: u64,
}

impl Trial {
    fn new(number: u32, statement: &'static str) -> Self {
        Self { number, statement, started: Instant::now(), runs: 0, faults: 0 }
    }

    /// One more run, with so many faults.
    fn ran(&mut self, faults: u64) {
        self.runs += 1;
        self.faults += faults;
    }

    /// It held each time.
    fn held(self) {
        let Self { number, statement, started, runs, faults } = self;
        let seconds = started.elapsed().as_secs();
        Row { number, statement, place: "simulation", runs, faults, violations: 0, seconds }.report();
    }
}

fn visitor(stage: &Stage, number: u32) -> Visitor {
    Visitor::new(&stage.world, number, 0, false)
}

/// A message that is sent until it is acknowledged; its event.
async fn ask(stage: &Stage, visitor: &Visitor, message: u32) -> DedupId {
    loop {
        if let Some(event) = visitor.send(&stage.world, message).await {
            return event.id;
        }
    }
}

/// Cuts an invocation after so many awaits; `false`: it came to its end before.
fn cut(stage: &Stage, mut invocation: Invocation, awaits: u32) -> bool {
    for _ in 0..awaits {
        if let Some(response) = invocation.poll() {
            stage.acknowledge(&invocation, &response);
            return false;
        }
        stage.world.tick(1);
        if !invocation.is_awake() {
            stage.pass_to(stage.world.next_timer());
        }
    }
    true
}

/// The next invocation of a function, which has something to do.
fn next(stage: &Stage, queue: Queue) -> Invocation {
    stage.invoke(queue).unwrap_or_else(|| panic!("nothing in {queue:?}"))
}

/// The turns in which somebody said something.
fn spoken(stage: &Stage, visitor: &Visitor) -> Vec<Turn> {
    stage.world.turns(&visitor.group()).into_iter().filter(|turn| !turn.messages.is_empty()).collect()
}

fn text(message: &Message) -> &str {
    let (Content::Text { text } | Content::QuickReplies { text, .. }) = &message.content else {
        panic!("no text: {message:?}")
    };
    text
}

/// These messages were each answered once by the bot, in this order, and nothing else was said; counters are exact, and
/// the customer was shown all of it, in order.
#[track_caller]
fn answered_once(stage: &Stage, visitor: &Visitor, messages: impl IntoIterator<Item = u32>) {
    let messages: Vec<u32> = messages.into_iter().collect();
    let (group, count) = (visitor.group(), messages.len() as u64);
    let turns = spoken(stage, visitor);
    let asked: Vec<&Content> = turns.iter().filter_map(|turn| Some(&turn.messages.first()?.content)).collect();
    let expected: Vec<Content> = messages.iter().map(|message| visitor.content(*message)).collect();
    assert_eq!(asked, expected.iter().collect::<Vec<_>>(), "visitor {}", visitor.number);
    for turn in &turns {
        let authors: Vec<Author> = turn.messages.iter().map(|message| message.author).collect();
        assert_eq!(authors, [Author::Customer, Author::Bot], "turn {}", turn.number);
    }
    let version = stage.world.turns(&group).len() as u64;
    let head = stage.world.head(&group).map_or((0, 0), |head| (head.seq, head.version));
    assert_eq!(head, (2 * count, version), "seq and version of visitor {}", visitor.number);
    let delivered: Vec<u64> = stage.world.delivered(&group).iter().map(|message| message.seq).collect();
    if stage.way == Way::Web {
        assert_eq!(delivered, (1..=2 * count).collect::<Vec<_>>());
        return;
    }
    let answers: Vec<u64> = (1..=count).map(|number| 2 * number).collect();
    assert_eq!(delivered, answers);
    let mut shown: Vec<u64> = stage.provider.shown_to(&group).iter().map(|parcel| parcel.seq).collect();
    if stage.way != Way::Keyed {
        shown.dedup();
    }
    assert_eq!(shown, answers, "shown to visitor {}", visitor.number);
}

/// Milliseconds from each message to its commit.
fn waits(stage: &Stage, visitor: &Visitor) -> Vec<i64> {
    let turns = spoken(stage, visitor);
    turns.iter().filter_map(|turn| Some(turn.at.0 - turn.messages.first()?.at.0)).collect()
}

/// The time that is longer than 99 of a hundred.
fn p99(mut waits: Vec<i64>) -> i64 {
    waits.sort_unstable();
    waits.get(waits.len() * 99 / 100).copied().unwrap_or_default()
}

/// Seconds of the world's time that this takes.
fn seconds(stage: &Stage, work: impl FnOnce()) -> i64 {
    let begins = stage.world.now();
    work();
    (stage.world.now().0 - begins.0) / 1000
}

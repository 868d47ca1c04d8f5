//! Long random histories of one conversation: a customer, two agents, providers and alarms, decided by three writers
//! who race for the versioned head. What must hold after every commit is asserted after every commit.
//!
//! `FRONTDESK_EVENTS` says how many events (default 60,000); `FRONTDESK_SEED` where to begin.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::wildcard_enum_match_arm,
    reason = "helpers of tests count as tests"
)]

mod bot;
mod history;

use history::History;

#[expect(clippy::disallowed_methods, reason = "a test's own switches")]
fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().unwrap())
}

#[test]
fn ownership_holds_whatever_happens_in_whatever_order() {
    let (events, first) = (setting("FRONTDESK_EVENTS", 60_000), setting("FRONTDESK_SEED", 0));
    let (mut done, mut turns, mut closes, mut withheld, mut seed) = (0, 0, 0, 0, first);
    while done < events {
        let mut history = History::new(seed);
        let run = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            while history.events < 3_000 {
                history.round();
            }
        }));
        assert!(run.is_ok(), "seed {seed}: replay it with FRONTDESK_SEED={seed} FRONTDESK_EVENTS=1");
        done += history.events;
        turns += history.turns.len();
        closes += history.closed.len();
        withheld += history.withheld;
        seed += 1;
    }
    assert!(closes > 0, "nothing was ever closed");
    assert!(withheld > 0 || done < 9_000, "no allowance was ever spent");
    println!(
        "ownership: {done} events of three writers, {turns} turns, {closes} closed conversations, {withheld} withheld, \
         violations: 0"
    );
}

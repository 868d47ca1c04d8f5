//! The pipeline in a deterministic simulation: the functions' own handlers over the world in memory, in one thread,
//! polled in an order that a seed draws. Calls fail before or after their effect, invocations die at any await, hang
//! past their visibility and lease, run side by side on the same queue, and clients retry and send copies. Whatever
//! happens, each acknowledged message is in its visitor's mailbox once, in order, with its answer.
//!
//! `FRONTDESK_SEEDS` says how many seeds (default 100); `FRONTDESK_SEED` replays one.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests count as tests")]

mod run;
mod visitors;

use std::time::Instant;

use run::{Report, Simulation};

#[expect(clippy::disallowed_methods, reason = "a test's own switches")]
fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{name} is not a number")))
}

#[tokio::test]
async fn every_message_is_answered_once_and_in_order_whatever_breaks() {
    let seeds = match setting("FRONTDESK_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..setting("FRONTDESK_SEEDS").unwrap_or(100),
    };
    let (count, started) = (seeds.end - seeds.start, Instant::now());
    let mut total = Report::default();
    for seed in seeds {
        let report = Simulation::new(seed).run().await;
        if let Some(violation) = &report.violation {
            panic!("seed {seed}: {violation}\nreplay it with FRONTDESK_SEED={seed}");
        }
        total.add(&report);
    }
    println!(
        "simulation: {count} seeds, {} messages ({} copies), {} invocations; faults: {} at ports, {} deaths, {} hangs; \
         {} messages/s; violations: 0",
        total.messages,
        total.copies,
        total.invocations,
        total.faults,
        total.deaths,
        total.hangs,
        u128::from(total.messages) * 1000 / started.elapsed().as_millis().max(1),
    );
}

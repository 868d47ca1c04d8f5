//! Everything in a deterministic simulation: the functions' own handlers over the world in memory, in one thread, polled
//! in an order that a seed draws. Calls fail before or after their effect, parts are out of order for a while,
//! invocations die at any await, hang past their visibility and lease, run side by side on the same queue; clients retry
//! and send copies, providers are slow, lie and refuse, alarms are late, early or come twice; two agents, receipts, media
//! and identity events and wishes to be forgotten come in between. Whatever happens, what must be true in the end is true.
//!
//! `FRONTDESK_SEEDS` says how many seeds (default 100); `FRONTDESK_SEED` replays one; `FRONTDESK_FULL` makes each ten
//! times as long.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "helpers of tests count as tests")]

mod accounts;
mod belonging;
mod facts;
mod invariants;
mod judge;
mod people;
mod phone;
mod report;
mod run;
mod stage;
mod troubles;
mod visitors;

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use report::Report;
use run::Simulation;
use tests::Row;

/// How many times as many messages a visitor writes in the whole campaign.
const FULL: u32 = 10;

#[expect(clippy::disallowed_methods, reason = "a test's own switches")]
fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{name} is not a number")))
}

fn scale() -> u32 {
    if setting("FRONTDESK_FULL").is_some_and(|full| full > 0) { FULL } else { 1 }
}

/// Runs seeds until none is left; what happened, and the first violation with its seed.
fn run_seeds(next: &AtomicU64, end: u64, total: &Mutex<(Report, Option<(u64, String)>)>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    loop {
        let seed = next.fetch_add(1, Ordering::SeqCst);
        if seed >= end {
            return;
        }
        let mut report = runtime.block_on(Simulation::new(seed, scale()).run());
        let mut total = total.lock().unwrap();
        total.0.add(&report);
        if let Some(violation) = report.violation.take()
            && total.1.as_ref().is_none_or(|(of, _)| seed < *of)
        {
            total.1 = Some((seed, violation));
            next.store(end, Ordering::SeqCst);
        }
    }
}

#[test]
fn every_message_is_answered_once_and_in_order_whatever_breaks() {
    let seeds = match setting("FRONTDESK_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..setting("FRONTDESK_SEEDS").unwrap_or(100),
    };
    let (count, started) = (seeds.end - seeds.start, Instant::now());
    let (next, total) = (AtomicU64::new(seeds.start), Mutex::default());
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, std::num::NonZero::get) {
            scope.spawn(|| run_seeds(&next, seeds.end, &total));
        }
    });
    let (total, violation) = total.into_inner().unwrap();
    Row {
        number: 0,
        statement: "each message once, in order, whatever breaks",
        place: "simulation",
        runs: total.messages,
        faults: total.faults.values().sum(),
        violations: u64::from(violation.is_some()),
        seconds: started.elapsed().as_secs(),
    }
    .report();
    if let Some((seed, violation)) = violation {
        panic!("seed {seed}: {violation}\nreplay it with FRONTDESK_SEED={seed}, and FRONTDESK_FULL if that was set");
    }
    let faults: Vec<String> = total.faults.iter().map(|(kind, count)| format!("{kind} {count}")).collect();
    println!(
        "simulation: {count} seeds, {} messages ({} copies), {} events of agents and others, {} persons forgotten, {} \
         alarms, {} invocations; {} messages/s; violations: 0\nfaults: {}",
        total.messages,
        total.copies,
        total.acted,
        total.forgotten,
        total.alarms,
        total.invocations,
        u128::from(total.messages) * 1000 / started.elapsed().as_millis().max(1),
        faults.join(", "),
    );
}

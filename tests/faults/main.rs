//! The fault campaign: the functions' real binaries against the emulator's table and queues, killed, held up, cut off
//! and handed everything twice; and a checker that decides from what is left. The numbers are the invariants'.
//!
//! Needs a running stack (`cargo local test faults` starts one); without it each test says so and passes over.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "helpers of tests count as tests"
)]

mod batches;
mod deployed;
mod doors;
mod everything;
mod kills;
mod left;
mod outages;
mod pipeline;
mod poison;
mod visitors;

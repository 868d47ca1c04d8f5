//! Every channel against third-party code, and all that is known of it in one table.
//!
//! `cargo local test conformance` installs the oracles and runs this; without them it is left out.

use std::{env, fs};

use conformance::FIXTURES;
use conformance::oracle::Oracles;
use conformance::table::Table;

#[test]
fn every_channel_holds_against_code_that_others_wrote() {
    let oracles = Oracles::installed();
    if !oracles.any() {
        eprintln!("left out: no oracle is installed; run `cargo local test conformance`");
        return;
    }
    let mut table = Table::default();
    for fixture in FIXTURES {
        table.add(*fixture, &oracles);
    }
    #[expect(clippy::disallowed_methods, reason = "`cargo local test conformance` says where it wants the table")]
    match env::var_os("FRONTDESK_CONFORMANCE_TABLE") {
        Some(file) => fs::write(file, table.to_string()).unwrap(),
        None => println!("{table}"),
    }
    assert!(table.faults().is_empty(), "{}", table.faults().join("\n"));
}

//! What a campaign says of each invariant: one row as a line of JSON, in the file that `FRONTDESK_CAMPAIGN_ROWS` names.

use std::io::Write as _;

use serde_json::json;

/// What was found about one invariant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its number; 0 for a run that is about all of them.
    pub number: u32,
    /// What it says.
    pub statement: &'static str,
    /// Where it was tried: `binaries` or `simulation`.
    pub place: &'static str,
    /// Messages, or whatever it was tried with.
    pub runs: u64,
    /// Faults that were injected.
    pub faults: u64,
    /// Times that it did not hold.
    pub violations: u64,
    /// How long that took, seconds.
    pub seconds: u64,
}

impl Row {
    /// Writes the row, if a file for it is named.
    ///
    /// # Panics
    /// The file cannot be written.
    pub fn report(&self) {
        #[expect(clippy::disallowed_methods, reason = "`cargo local test faults` says where its rows go")]
        let Ok(file) = std::env::var("FRONTDESK_CAMPAIGN_ROWS") else { return };
        let row = json!({
            "number": self.number,
            "statement": self.statement,
            "where": self.place,
            "runs": self.runs,
            "faults": self.faults,
            "violations": self.violations,
            "seconds": self.seconds,
        });
        let mut file = std::fs::File::options().create(true).append(true).open(file).unwrap();
        // In one write, so that rows of processes side by side do not mix.
        file.write_all(format!("{row}\n").as_bytes()).unwrap();
    }
}

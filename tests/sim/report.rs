//! What happened in runs, counted.

use std::collections::BTreeMap;

/// What happened in a run.
#[derive(Debug, Default)]
pub(crate) struct Report {
    pub(crate) messages: u64,
    pub(crate) copies: u64,
    pub(crate) acted: u64,
    pub(crate) alarms: u64,
    pub(crate) forgotten: u64,
    pub(crate) invocations: u64,
    /// By kind.
    pub(crate) faults: BTreeMap<String, u64>,
    pub(crate) violation: Option<String>,
}

impl Report {
    pub(crate) fn add(&mut self, other: &Self) {
        self.messages += other.messages;
        self.copies += other.copies;
        self.acted += other.acted;
        self.alarms += other.alarms;
        self.forgotten += other.forgotten;
        self.invocations += other.invocations;
        for (kind, count) in &other.faults {
            *self.faults.entry(kind.clone()).or_default() += count;
        }
    }

    /// One more fault of this kind.
    pub(crate) fn fault(&mut self, kind: &str) {
        *self.faults.entry(kind.to_owned()).or_default() += 1;
    }
}

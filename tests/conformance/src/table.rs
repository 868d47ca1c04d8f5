//! What was found, a row for each fixture. No cell is empty: where something cannot be asked, a note says why.

use crate::fixture::take;
use crate::oracle::{Cell, Oracles, Without};
use crate::questions::{Asked, QUESTIONS};
use crate::{Fixture, Item, Secret, fuzz};

/// Entries of one SQS batch.
const BATCH: usize = 10;

/// All of it, and what is wrong.
#[derive(Debug, Default)]
pub struct Table {
    rows: Vec<[String; 7]>,
    notes: Vec<String>,
    faults: Vec<String>,
}

impl Table {
    /// Asks everything about one fixture.
    pub fn add(&mut self, fixture: &dyn Fixture, oracles: &Oracles) {
        let name = fixture.name();
        let inbound = self.judged(name, "inbound", fixture.inbound(oracles));
        let outbound = self.judged(name, "outbound", fixture.outbound(oracles));
        let vectors = self.vectors(fixture);
        let compliance = self.compliance(fixture);
        let fuzz = fuzz::smoke(fixture).map_or_else(|fault| self.fault(name, "fuzz", &fault), |runs| runs.to_string());
        let batches = self.batches(fixture);
        self.rows.push([name.to_owned(), inbound, outbound, vectors, compliance, fuzz, batches]);
    }

    /// Everything that does not hold.
    pub fn faults(&self) -> &[String] {
        &self.faults
    }

    fn fault(&mut self, name: &str, what: &str, fault: &str) -> String {
        self.faults.push(format!("{name}: {what}: {fault}"));
        "WRONG".to_owned()
    }

    fn note(&mut self, name: &str, what: &str, why: &str) -> String {
        let text = format!("{name}, {what}: {why}");
        let number = self.notes.iter().position(|note| *note == text).unwrap_or_else(|| {
            self.notes.push(text);
            self.notes.len() - 1
        });
        format!("note {}", number + 1)
    }

    fn judged(&mut self, name: &str, what: &str, cell: Cell) -> String {
        match cell {
            Ok(verdicts) if verdicts.is_empty() => self.fault(name, what, "no judge, and no reason why"),
            Ok(verdicts) => {
                let words = verdicts.iter().map(|verdict| format!("{} ({})", verdict.by, verdict.checks));
                words.collect::<Vec<_>>().join(", ")
            }
            Err(Without::Beside(reason)) => self.note(name, what, reason),
            Err(Without::Missing(what_is)) if oracles_must_be_there() => self.fault(name, what, &what_is),
            Err(Without::Missing(what_is)) => self.note(name, what, &what_is),
            Err(Without::Wrong(fault)) => self.fault(name, what, &fault),
        }
    }

    fn vectors(&mut self, fixture: &dyn Fixture) -> String {
        let vectors = match fixture.vectors() {
            Ok(vectors) => vectors,
            Err(reason) => return self.note(fixture.name(), "vectors", reason),
        };
        match crate::fixture::vectors_hold(fixture, &vectors) {
            Ok(()) if !vectors.is_empty() => vectors.len().to_string(),
            Ok(()) => self.fault(fixture.name(), "vectors", "none, and no reason why"),
            Err(fault) => self.fault(fixture.name(), "vectors", &fault),
        }
    }

    fn compliance(&mut self, fixture: &dyn Fixture) -> String {
        let (mut passed, mut checks, mut marks) = (0, 0, String::new());
        for question in QUESTIONS {
            match (question.ask)(fixture) {
                Ok(Asked::Held(held)) => {
                    passed += 1;
                    checks += held;
                }
                Ok(Asked::Beside(reason)) => {
                    marks.push_str(", ");
                    marks.push_str(&self.note(fixture.name(), question.name, reason));
                }
                Err(fault) => {
                    marks.push_str(", ");
                    marks.push_str(&self.fault(fixture.name(), question.name, &fault));
                }
            }
        }
        if let Some(reason) = fixture.unsigned_body() {
            marks.push_str(", ");
            marks.push_str(&self.note(fixture.name(), "tampered", reason));
        }
        if let Err(reason) = fixture.foreign_account() {
            marks.push_str(", ");
            marks.push_str(&self.note(fixture.name(), "wrong account", reason));
        }
        format!("{passed} of {} ({checks} checks){marks}", QUESTIONS.len())
    }

    /// The largest request that the provider makes, and the batches that its events go in.
    fn batches(&mut self, fixture: &dyn Fixture) -> String {
        let most = fixture.most_items();
        let items: Vec<Item> =
            (0..most).map(|n| Item::text(n % 2, u32::try_from(n).unwrap_or_default(), "m")).collect();
        let body = fixture.body(fixture.account(), &items);
        match take(fixture, &body, Secret::New, &fixture.keys(&[Secret::New])) {
            Ok(parsed) if parsed.events.len() == most => format!("{most} in {}", parsed.events.chunks(BATCH).count()),
            Ok(parsed) => self.fault(fixture.name(), "batches", &format!("{} events of {most}", parsed.events.len())),
            Err(error) => self.fault(fixture.name(), "batches", &error.to_string()),
        }
    }
}

/// Whether `cargo local test conformance` runs this: then nothing may be missing but what is no package.
fn oracles_must_be_there() -> bool {
    #[expect(clippy::disallowed_methods, reason = "`cargo local test` says that it has installed all oracles")]
    let told = std::env::var_os("FRONTDESK_ORACLES");
    told.is_some()
}

impl std::fmt::Display for Table {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let heads = [
            "channel",
            "inbound verified with",
            "outbound judged by",
            "vectors",
            "compliance",
            "fuzz runs",
            "events in SQS batches (counted)",
        ];
        writeln!(f, "| {} |", heads.join(" | "))?;
        writeln!(f, "|{}", "---|".repeat(heads.len()))?;
        for row in &self.rows {
            writeln!(f, "| {} |", row.join(" | "))?;
        }
        for (number, note) in self.notes.iter().enumerate() {
            writeln!(f, "note {}: {note}", number + 1)?;
        }
        for fault in &self.faults {
            writeln!(f, "WRONG: {fault}")?;
        }
        Ok(())
    }
}

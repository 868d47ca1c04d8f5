//! What happened in a campaign, in order: a log that all its parts write to.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Instant;

/// One thing that happened. Conversations are named by their group, messages by their id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A message is about to be posted.
    Posted {
        /// Where.
        conversation: String,
        /// Which.
        message: String,
    },
    /// The door took it: 202.
    Acknowledged {
        /// Where.
        conversation: String,
        /// Which.
        message: String,
    },
    /// The door did not take it, or died over it.
    Refused {
        /// Where.
        conversation: String,
        /// Which.
        message: String,
        /// The answer's status; 0 if there was none.
        status: u16,
    },
    /// A function was handed a batch.
    Invoked {
        /// Its name.
        function: String,
        /// The invocation.
        request: String,
        /// The records' deduplication ids.
        records: Vec<String>,
    },
    /// An invocation ended.
    Ended {
        /// The invocation.
        request: String,
        /// How.
        how: String,
    },
    /// A process reached a fault point.
    Reached {
        /// The process.
        pid: u32,
        /// Its function.
        function: String,
        /// The point.
        point: String,
        /// The event, delivery or invocation with which it did.
        about: String,
        /// What was done to it there.
        act: String,
    },
    /// A message was pushed to its visitor.
    Pushed {
        /// Where.
        conversation: String,
        /// Which.
        message: String,
        /// Its place there.
        seq: u64,
    },
}

/// A log that all parts of a campaign write to.
#[derive(Debug, Clone)]
pub struct History {
    started: Instant,
    events: Arc<Mutex<Vec<(u128, Event)>>>,
}

impl Default for History {
    fn default() -> Self {
        Self { started: Instant::now(), events: Arc::default() }
    }
}

impl History {
    /// Notes what happened.
    pub fn note(&self, event: Event) {
        let at = self.started.elapsed().as_millis();
        self.events.lock().unwrap().push((at, event));
    }

    /// All of it, in order.
    pub fn events(&self) -> Vec<Event> {
        self.events.lock().unwrap().iter().map(|(_, event)| event.clone()).collect()
    }

    /// How many of the events are so.
    pub fn count(&self, is: impl Fn(&Event) -> bool) -> usize {
        self.events.lock().unwrap().iter().filter(|(_, event)| is(event)).count()
    }

    /// Writes it to a file, an event a line, milliseconds first.
    pub fn save(&self, file: &Path) {
        let lines: Vec<String> =
            self.events.lock().unwrap().iter().map(|(at, event)| format!("{at:>7} {event:?}")).collect();
        std::fs::write(file, lines.join("\n")).unwrap();
    }
}

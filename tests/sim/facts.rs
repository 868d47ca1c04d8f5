//! What was done to the world from outside, as those who did it know it: judged in the end.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use domain::{DedupId, UnixMillis};

/// A customer's message that was acknowledged.
#[derive(Debug, Clone)]
pub(crate) struct Written {
    /// Which visitor's.
    pub(crate) visitor: u32,
    /// The event.
    pub(crate) event: DedupId,
    /// When it was first sent: whatever was queued of it is no older.
    pub(crate) since: UnixMillis,
    /// When it was acknowledged: whatever was queued of it is no younger.
    pub(crate) until: UnixMillis,
    /// Its text; no other message holds it.
    pub(crate) text: String,
}

/// Something that was put on the queue besides.
#[derive(Debug, Clone)]
pub(crate) struct Acted {
    /// Which visitor it concerns.
    pub(crate) visitor: u32,
    /// The event.
    pub(crate) event: DedupId,
    /// The text that it brought in, which no other holds.
    pub(crate) text: Option<String>,
    /// Whether that is a reply to the customer.
    pub(crate) reply: bool,
}

/// All of it.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    pub(crate) written: Vec<Written>,
    pub(crate) acted: Vec<Acted>,
    /// Instants at which somebody wanted to be forgotten.
    pub(crate) forgotten: BTreeMap<u32, Vec<UnixMillis>>,
    /// Messages and events that were sent again.
    pub(crate) copies: u64,
    /// Visitors who still write.
    pub(crate) writing: usize,
}

/// The facts, shared by those who make them.
pub(crate) type Shared = Rc<RefCell<Facts>>;

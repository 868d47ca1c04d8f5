//! The one table.

mod conversations;
mod cursors;
mod customers;
mod deliveries;
mod erasure;
mod handles;
mod item;
mod mailbox;
mod people;
mod sockets;
mod spending;
mod threads;

pub use conversations::DynamoConversations;
pub use cursors::DynamoCursors;
pub use customers::DynamoCustomers;
pub use deliveries::DynamoDeliveries;
pub use erasure::DynamoErasure;
pub use handles::DynamoHandles;
pub use mailbox::DynamoMailbox;
pub use people::DynamoPeople;
pub use sockets::DynamoSockets;
pub use spending::DynamoSpending;
pub use threads::DynamoThreads;

use domain::UnixMillis;

/// How long items live.
#[derive(Debug, Clone, Copy)]
pub struct Retention {
    days: i64,
}

impl Retention {
    /// A queue keeps a message 14 days, its dead-letter queue another 14: until then an event may come again, and its
    /// turn must still be there to say that it was handled.
    pub const LEAST_DAYS: i64 = 29;

    /// So many days, at least [`Self::LEAST_DAYS`].
    pub fn days(days: i64) -> Self {
        Self { days: days.max(Self::LEAST_DAYS) }
    }

    /// When everything that is written now has surely gone.
    fn outlived(self, now: UnixMillis) -> i64 {
        self.ends(now.plus_seconds(Self::LEAST_DAYS.saturating_mul(24 * 60 * 60)))
    }

    /// When what is written now goes, as the table's TTL attribute wants it.
    fn ends(self, now: UnixMillis) -> i64 {
        now.plus_seconds(self.days.saturating_mul(24 * 60 * 60)).seconds()
    }
}

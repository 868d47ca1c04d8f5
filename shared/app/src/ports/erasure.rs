//! Erasing what is kept of a person.

use async_trait::async_trait;
use domain::{Change, GroupId, MessageId, Turn, UnixMillis};

use crate::PortError;

/// Erases what is kept of a person.
#[async_trait]
pub trait Erasure: Send + Sync {
    /// Erases the turns, deliveries, sockets and files of a group that lie before the boundary. Of turns and deliveries
    /// the keys stay, so that what comes again finds that it was done; the head is the commit's. Can be repeated, and
    /// goes on where it stopped.
    async fn erase(&self, group: &GroupId, before: Boundary) -> Result<(), PortError>;

    /// Erases the file of one message that came for somebody who was forgotten, with all notes about it. Places that hold
    /// no files have nothing to do.
    async fn erase_file(&self, _group: &GroupId, _message: &MessageId) -> Result<(), PortError> {
        Ok(())
    }
}

/// Up to where a person is erased: what they write afterwards is theirs again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Boundary {
    /// The number of the turn that forgot them; those before it go.
    pub turn: u64,
    /// Seq of their last message until then.
    pub seq: u64,
    /// When it was decided.
    pub at: UnixMillis,
}

impl Boundary {
    /// The boundary that a turn sets, if it forgot the person.
    pub fn of(turn: &Turn) -> Option<Self> {
        turn.changes.iter().find_map(|change| {
            let Change::Forgotten { seq, .. } = change else { return None };
            Some(Self { turn: turn.number, seq: *seq, at: turn.at })
        })
    }
}

/// Several places that are erased, one after the other.
#[async_trait]
impl Erasure for Vec<Box<dyn Erasure>> {
    async fn erase(&self, group: &GroupId, before: Boundary) -> Result<(), PortError> {
        for place in self {
            place.erase(group, before).await?;
        }
        Ok(())
    }

    async fn erase_file(&self, group: &GroupId, message: &MessageId) -> Result<(), PortError> {
        for place in self {
            place.erase_file(group, message).await?;
        }
        Ok(())
    }
}

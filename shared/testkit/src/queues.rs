//! The queues' ports.

use app::PortError;
use app::envelope::{write_inbound, write_outbound};
use app::ports::{DeadLetter, DeadLetters, InboundQueue, OutboundQueue, PutOff};
use async_trait::async_trait;
use domain::{InboundEvent, Outbound};

use crate::World;

/// A message on a FIFO queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queued {
    /// Its body.
    pub body: String,
    /// Its group.
    pub group: String,
    /// Its deduplication id.
    pub dedup: String,
}

/// Adds a message unless its id is known: the deduplication window never ends here.
fn push(queue: &mut Vec<Queued>, message: Queued) {
    if !queue.iter().any(|known| known.dedup == message.dedup && known.group == message.group) {
        queue.push(message);
    }
}

impl World {
    /// Everything that was put on the inbound queue, in order.
    pub fn inbound(&self) -> Vec<Queued> {
        self.state().inbound.clone()
    }

    /// Everything that was put on the outbound queue, in order.
    pub fn outbound(&self) -> Vec<Queued> {
        self.state().outbound.clone()
    }
}

#[async_trait]
impl InboundQueue for World {
    async fn send(&self, events: &[InboundEvent]) -> Result<(), PortError> {
        self.works("inbound")?;
        for event in events {
            let message = Queued {
                body: write_inbound(event),
                group: event.identity.group().into(),
                dedup: event.id.as_str().to_owned(),
            };
            push(&mut self.state().inbound, message);
        }
        Ok(())
    }
}

#[async_trait]
impl OutboundQueue for World {
    async fn send(&self, outbound: &Outbound) -> Result<(), PortError> {
        self.works("outbound")?;
        let message = Queued {
            body: write_outbound(outbound),
            group: outbound.identity.group().into(),
            dedup: outbound.id.as_str().to_owned(),
        };
        push(&mut self.state().outbound, message);
        Ok(())
    }
}

#[async_trait]
impl DeadLetters for World {
    async fn put(&self, letter: &DeadLetter<'_>) -> Result<(), PortError> {
        self.works("dead_letters")?;
        self.state().dead.push((letter.body.to_owned(), letter.reason.to_owned()));
        Ok(())
    }
}

#[async_trait]
impl PutOff for World {
    async fn put_off(&self, receipts: &[String], seconds: u32) -> Result<(), PortError> {
        self.state().put_off.push((receipts.len(), seconds));
        Ok(())
    }
}

//! The queues' ports.

use app::PortError;
use app::envelope::{
    Unreadable, write_action, write_fetch, write_inbound, write_outbound, write_pull, write_unreadable,
};
use app::ports::{
    ActionQueue, Clock as _, DeadLetter, DeadLetters, InboundQueue, MediaQueue, OutboundQueue, PullQueue, PutOff,
};
use app::pull::{group, news_id};
use async_trait::async_trait;
use channels::Pull;
use domain::{ActionOrder, Fetch, InboundEvent, Outbound};

use crate::fifo::{Fifo, Queued, Received};
use crate::world::State;
use crate::{Queue, World};

impl State {
    fn queue(&mut self, queue: Queue) -> &mut Fifo {
        match queue {
            Queue::Inbound => &mut self.inbound,
            Queue::Outbound => &mut self.outbound,
            Queue::Pulls => &mut self.pulls,
            Queue::Media => &mut self.media,
            Queue::Actions => &mut self.actions,
        }
    }
}

impl World {
    /// Everything that was put on the inbound queue, in order.
    pub fn inbound(&self) -> Vec<Queued> {
        self.state().inbound.sent().iter().map(|message| (**message).clone()).collect()
    }

    /// How many messages were put on a queue.
    pub fn sent(&self, queue: Queue) -> usize {
        self.state().queue(queue).sent().len()
    }

    /// The message that was put on a queue as this one, counted from 0.
    pub fn sent_as(&self, queue: Queue, place: usize) -> Option<Queued> {
        self.state().queue(queue).sent().get(place).map(|message| (**message).clone())
    }

    /// Puts a message on a queue, as somebody outside does.
    pub fn put(&self, queue: Queue, message: Queued) {
        let now = self.now();
        self.state().queue(queue).send(message, now);
    }

    /// Everything that was put on the outbound queue, in order.
    pub fn outbound(&self) -> Vec<Queued> {
        self.state().outbound.sent().iter().map(|message| (**message).clone()).collect()
    }

    /// Receives a batch as an event source mapping does; what was received `max` times goes to the dead letters.
    pub fn receive(&self, queue: Queue, visibility: i64, max: u32) -> Vec<Received> {
        let now = self.now();
        let mut state = self.state();
        let (batch, dead) = state.queue(queue).receive(now, visibility, max);
        state.dead.extend(dead.into_iter().map(|message| (message, "received too often".to_owned())));
        batch
    }

    /// Deletes what was done, as an event source mapping does.
    pub fn delete(&self, queue: Queue, receipt: &str) {
        self.state().queue(queue).delete(receipt);
    }

    /// Whether all queues are empty.
    pub fn is_idle(&self) -> bool {
        let state = self.state();
        [&state.inbound, &state.outbound, &state.pulls, &state.media, &state.actions]
            .iter()
            .all(|queue| queue.is_empty())
    }

    /// When something can be received at the earliest; `None` if the queues are empty.
    pub fn next_visible(&self) -> Option<domain::UnixMillis> {
        let state = self.state();
        let queues = [&state.inbound, &state.outbound, &state.pulls, &state.media, &state.actions];
        queues.into_iter().filter_map(Fifo::next_visible).min()
    }
}

#[async_trait]
impl InboundQueue for World {
    async fn send(&self, events: &[InboundEvent]) -> Result<(), PortError> {
        self.enter("inbound").await?;
        let now = self.now();
        for event in events {
            let message = Queued {
                body: write_inbound(event),
                group: event.identity.group().into(),
                dedup: event.id.as_str().to_owned(),
            };
            self.state().inbound.send(message, now);
        }
        self.leave("inbound").await
    }

    async fn quarantine(&self, parts: &[Unreadable]) -> Result<(), PortError> {
        self.enter("inbound").await?;
        let now = self.now();
        for part in parts {
            let id = part.id().as_str().to_owned();
            self.state().inbound.send(Queued { body: write_unreadable(part), group: id.clone(), dedup: id }, now);
        }
        self.leave("inbound").await
    }
}

#[async_trait]
impl PullQueue for World {
    async fn send(&self, pull: &Pull, after: Option<&str>) -> Result<(), PortError> {
        self.enter("pulls").await?;
        let (group, dedup) = (group(pull).into(), news_id(pull, after).as_str().to_owned());
        self.state().pulls.send(Queued { body: write_pull(pull), group, dedup }, self.now());
        self.leave("pulls").await
    }
}

#[async_trait]
impl MediaQueue for World {
    async fn send(&self, fetch: &Fetch) -> Result<(), PortError> {
        self.enter("media").await?;
        let (group, dedup) = (fetch.identity.group().into(), fetch.message.as_str().to_owned());
        self.state().media.send(Queued { body: write_fetch(fetch), group, dedup }, self.now());
        self.leave("media").await
    }
}

#[async_trait]
impl ActionQueue for World {
    async fn send(&self, order: &ActionOrder) -> Result<(), PortError> {
        self.enter("actions").await?;
        let (group, dedup) = (order.identity.group().into(), order.call.id.as_str().to_owned());
        self.state().actions.send(Queued { body: write_action(order), group, dedup }, self.now());
        self.leave("actions").await
    }
}

#[async_trait]
impl OutboundQueue for World {
    async fn send(&self, outbound: &Outbound) -> Result<(), PortError> {
        self.enter("outbound").await?;
        let message = Queued {
            body: write_outbound(outbound),
            group: outbound.identity.group().into(),
            dedup: outbound.id.as_str().to_owned(),
        };
        self.state().outbound.send(message, self.now());
        self.leave("outbound").await
    }
}

#[async_trait]
impl DeadLetters for World {
    async fn put(&self, letter: &DeadLetter<'_>) -> Result<(), PortError> {
        self.enter("dead_letters").await?;
        let message =
            Queued { body: letter.body.to_owned(), group: letter.group.to_owned(), dedup: letter.dedup.to_owned() };
        self.state().dead.push((message, letter.reason.to_owned()));
        self.leave("dead_letters").await
    }
}

#[async_trait]
impl PutOff for World {
    async fn put_off(&self, receipts: &[String], seconds: u32) -> Result<(), PortError> {
        self.enter("put_off").await?;
        let now = self.now();
        self.state().inbound.put_off(receipts, seconds, now);
        self.state().outbound.put_off(receipts, seconds, now);
        self.state().pulls.put_off(receipts, seconds, now);
        self.state().media.put_off(receipts, seconds, now);
        self.state().actions.put_off(receipts, seconds, now);
        self.leave("put_off").await
    }
}

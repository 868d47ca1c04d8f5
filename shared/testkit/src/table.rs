//! The table's ports.

use app::PortError;
use app::ports::{Claim, Clock as _, Commit, Conversations, Deliveries, Mailbox, Sockets, Wire};
use async_trait::async_trait;
use channels::{WireCall, WireReply};
use domain::{Conversation, Delivery, DeliveryState, GroupId, Outbound, Turn, UnixMillis};

use crate::World;
use crate::world::StoredDelivery;

#[async_trait]
impl Conversations for World {
    async fn load(&self, group: &GroupId) -> Result<Option<Conversation>, PortError> {
        self.works("table")?;
        Ok(self.state().heads.get(group).cloned())
    }

    async fn commit(&self, head: &Conversation, turn: &Turn) -> Result<Commit, PortError> {
        self.works("table")?;
        let group = head.identity.group();
        let mut state = self.state();
        if let Some(stored) = state.turns.get(&(group.clone(), turn.id.clone())) {
            return Ok(Commit::Repeated(Box::new(stored.clone())));
        }
        if state.heads.get(&group).map_or(0, |stored| stored.version) + 1 != head.version {
            return Ok(Commit::Stale);
        }
        state.turns.insert((group.clone(), turn.id.clone()), turn.clone());
        state.heads.insert(group, head.clone());
        Ok(Commit::Done)
    }
}

#[async_trait]
impl Deliveries for World {
    async fn claim(&self, outbound: &Outbound, now: UnixMillis, lease_ends: UnixMillis) -> Result<Claim, PortError> {
        self.works("table")?;
        let key = (outbound.identity.group(), outbound.last_seq());
        let mut state = self.state();
        match state.deliveries.get(&key) {
            // Left from an identity that was forgotten and began anew.
            Some(stored) if stored.outbound.id != outbound.id => {}
            Some(stored) if stored.state != DeliveryState::Claimed => return Ok(Claim::Done),
            Some(stored) if stored.lease_ends >= now => return Ok(Claim::Held(stored.lease_ends)),
            Some(_) | None => {}
        }
        let claimed = StoredDelivery { outbound: outbound.clone(), state: DeliveryState::Claimed, lease_ends };
        state.deliveries.insert(key, claimed);
        Ok(Claim::Ours)
    }

    async fn settle(&self, outbound: &Outbound, delivery: &Delivery, now: UnixMillis) -> Result<(), PortError> {
        self.works("table")?;
        let key = (outbound.identity.group(), outbound.last_seq());
        if let Some(stored) = self.state().deliveries.get_mut(&key) {
            match delivery {
                Delivery::Sent | Delivery::Absent => stored.state = DeliveryState::Sent,
                Delivery::Rejected { .. } => stored.state = DeliveryState::Failed,
                Delivery::Retry { .. } => stored.lease_ends = UnixMillis(now.0 - 1),
            }
        }
        Ok(())
    }
}

#[async_trait]
impl Mailbox for World {
    async fn after(&self, group: &GroupId, seq: u64, limit: usize) -> Result<Vec<Outbound>, PortError> {
        self.works("table")?;
        let state = self.state();
        let range = (group.clone(), seq + 1)..=(group.clone(), u64::MAX);
        Ok(state.deliveries.range(range).take(limit).map(|(_, stored)| stored.outbound.clone()).collect())
    }
}

#[async_trait]
impl Sockets for World {
    async fn opened(&self, group: &GroupId, socket: &str, ends: UnixMillis) -> Result<(), PortError> {
        self.works("table")?;
        self.state().sockets.insert((group.clone(), socket.to_owned()), ends);
        Ok(())
    }

    async fn closed(&self, group: &GroupId, socket: &str) -> Result<(), PortError> {
        self.works("table")?;
        self.state().sockets.remove(&(group.clone(), socket.to_owned()));
        Ok(())
    }
}

#[async_trait]
impl Wire for World {
    async fn call(&self, group: &GroupId, call: &WireCall) -> Result<Vec<WireReply>, PortError> {
        self.works("wire")?;
        let WireCall::Push { frames } = call;
        let now = self.now();
        let mut state = self.state();
        let open: Vec<String> = state
            .sockets
            .iter()
            .filter(|((of, _), ends)| of == group && **ends > now)
            .map(|((_, socket), _)| socket.clone())
            .collect();
        let pushed = open.iter().flat_map(|socket| frames.iter().map(|frame| (socket.clone(), frame.clone())));
        state.pushed.extend(pushed.collect::<Vec<_>>());
        Ok(open.iter().map(|_| WireReply { status: 200, body: String::new() }).collect())
    }
}

//! The table's ports.

use app::PortError;
use app::customers::{Address, Member, moved};
use app::ports::{
    Boundary, Claim, Clock as _, Commit, Conversations, Cursors, Customers, Deliveries, Erasure, HandleOwner, Handles,
    Mailbox, People, Place, Settlement, Sockets, Wire,
};
use app::visitor::SOCKET_SECONDS;
use async_trait::async_trait;
use channels::{WireCall, WireReply};
use domain::{
    ChannelId, Conversation, ConversationId, CustomerId, DedupId, DeliveryState, DeliveryStatus, GroupId, Handle,
    Identity, MessageId, Outbound, Turn, UnixMillis, upload_of,
};

use crate::World;
use crate::world::StoredDelivery;

#[async_trait]
impl Conversations for World {
    async fn load(&self, group: &GroupId) -> Result<Option<Conversation>, PortError> {
        self.enter("table").await?;
        Ok(self.state().heads.get(group).cloned())
    }

    async fn turn(&self, group: &GroupId, event: &DedupId) -> Result<Option<Turn>, PortError> {
        self.enter("table").await?;
        Ok(self.state().turns.get(&(group.clone(), event.clone())).cloned())
    }

    async fn turns_of(&self, group: &GroupId, conversation: &ConversationId) -> Result<Vec<Turn>, PortError> {
        self.enter("table").await?;
        Ok(self.turns(group).into_iter().filter(|turn| turn.conversation == *conversation).collect())
    }

    async fn commit(&self, group: &GroupId, head: &Conversation, turn: &Turn) -> Result<Commit, PortError> {
        self.enter("table").await?;
        let committed = self.committed(group, head, turn);
        self.leave("table").await?;
        Ok(committed)
    }
}

impl World {
    fn committed(&self, group: &GroupId, head: &Conversation, turn: &Turn) -> Commit {
        let mut state = self.state();
        if let Some(stored) = state.turns.get(&(group.clone(), turn.id.clone())) {
            return Commit::Repeated(Box::new(stored.clone()));
        }
        if state.heads.get(group).map_or(0, |stored| stored.version) + 1 != head.version {
            return Commit::Stale;
        }
        state.turns.insert((group.clone(), turn.id.clone()), turn.clone());
        state.heads.insert(group.clone(), head.clone());
        state.history.entry(group.clone()).or_default().push(head.clone());
        if let Some(moved) = moved(head, turn) {
            if let Some(from) = moved.from {
                state.members.remove(&(from, group.clone()));
            }
            if let Some(to) = moved.to {
                state.members.insert((to, group.clone()), moved.member);
            }
        }
        Commit::Done
    }
}

#[async_trait]
impl Customers for World {
    async fn members(&self, customer: &CustomerId) -> Result<Vec<Member>, PortError> {
        self.enter("table").await?;
        let state = self.state();
        let of_customer = state.members.iter().filter(|((of, _), _)| of == customer);
        Ok(of_customer.map(|(_, member)| member.clone()).collect())
    }
}

#[async_trait]
impl Handles for World {
    async fn claim(&self, handle: &Handle, customer: &CustomerId, now: UnixMillis) -> Result<HandleOwner, PortError> {
        self.enter("table").await?;
        let owner = self.claimed_by(handle, customer, now);
        self.leave("table").await?;
        Ok(owner)
    }

    async fn owner(&self, handle: &Handle) -> Result<Option<HandleOwner>, PortError> {
        self.enter("table").await?;
        Ok(self.state().handles.get(&handle.key()).cloned().map(handle_owner))
    }
}

#[async_trait]
impl People for World {
    async fn seen(&self, at: UnixMillis) -> Result<(), PortError> {
        self.enter("table").await?;
        self.was_seen(at);
        self.leave("table").await
    }

    async fn last_seen(&self) -> Result<Option<UnixMillis>, PortError> {
        self.enter("table").await?;
        Ok(self.state().seen)
    }
}

fn handle_owner(owner: Option<CustomerId>) -> HandleOwner {
    owner.map_or(HandleOwner::Contested, HandleOwner::Customer)
}

impl World {
    fn was_seen(&self, at: UnixMillis) {
        let mut state = self.state();
        state.seen = state.seen.max(Some(at));
    }

    fn claimed_by(&self, handle: &Handle, customer: &CustomerId, now: UnixMillis) -> HandleOwner {
        let mut state = self.state();
        let owner = state.handles.entry(handle.key()).or_insert_with(|| Some(customer.clone()));
        if owner.as_ref() != Some(customer) {
            *owner = None;
        }
        let owner = handle_owner(owner.clone());
        let address = Address { kind: handle.kind(), at: now };
        state.addresses.insert((customer.clone(), handle.key()), address);
        owner
    }
}

#[async_trait]
impl Deliveries for World {
    async fn claim(&self, outbound: &Outbound, now: UnixMillis, lease_ends: UnixMillis) -> Result<Claim, PortError> {
        self.enter("table").await?;
        let claim = self.claimed(outbound, now, lease_ends);
        self.leave("table").await?;
        Ok(claim)
    }

    async fn is_answered(&self, outbound: &Outbound) -> Result<bool, PortError> {
        self.enter("table").await?;
        let key = (outbound.identity.group(), outbound.last_seq());
        let answered =
            |stored: &StoredDelivery| stored.outbound.id == outbound.id && stored.state == DeliveryState::Answered;
        let answered = self.state().deliveries.get(&key).is_some_and(answered);
        self.leave("table").await?;
        Ok(answered)
    }

    async fn settle(&self, outbound: &Outbound, end: &Settlement, now: UnixMillis) -> Result<(), PortError> {
        self.enter("table").await?;
        let key = (outbound.identity.group(), outbound.last_seq());
        if let Some(stored) = self.state().deliveries.get_mut(&key) {
            match end {
                Settlement::Sent => stored.state = DeliveryState::Sent,
                Settlement::Answered => stored.state = DeliveryState::Answered,
                Settlement::MaybeSent => stored.state = DeliveryState::MaybeSent,
                Settlement::Failed { reason } => {
                    stored.state = DeliveryState::Failed;
                    stored.reason.clone_from(reason);
                }
                Settlement::GivenBack { parts, .. } | Settlement::Unknown { parts } => {
                    stored.lease_ends = UnixMillis(now.0 - 1);
                    stored.parts = *parts;
                }
            }
            if let Settlement::GivenBack { doubt, .. } = end {
                stored.tries = u32::from(*doubt);
            }
        }
        self.leave("table").await
    }
}

impl World {
    fn claimed(&self, outbound: &Outbound, now: UnixMillis, lease_ends: UnixMillis) -> Claim {
        let key = (outbound.identity.group(), outbound.last_seq());
        let mut state = self.state();
        let (mut tries, mut parts) = (0, 0);
        match state.deliveries.get(&key) {
            // Left from an identity whose head went and which began anew.
            Some(stored) if stored.outbound.id != outbound.id => {}
            Some(stored) if stored.state != DeliveryState::Claimed || stored.erased => {
                let news = match stored.state {
                    DeliveryState::MaybeSent => Some(DeliveryStatus::MaybeSent),
                    DeliveryState::Failed => Some(DeliveryStatus::Failed { reason: stored.reason.clone() }),
                    DeliveryState::Sent | DeliveryState::Answered | DeliveryState::Claimed => None,
                };
                let answered = stored.state == DeliveryState::Answered;
                return Claim::Done { news: news.filter(|_| !stored.erased), answered };
            }
            Some(stored) if stored.lease_ends >= now => return Claim::Held(stored.lease_ends),
            Some(stored) => (tries, parts) = (stored.tries, stored.parts),
            None => {}
        }
        tries += 1;
        let stored = StoredDelivery {
            outbound: outbound.clone(),
            state: DeliveryState::Claimed,
            lease_ends,
            tries,
            parts,
            reason: String::new(),
            erased: false,
        };
        state.deliveries.insert(key, stored);
        Claim::Ours { tries, parts }
    }
}

#[async_trait]
impl Erasure for World {
    async fn erase(&self, group: &GroupId, before: Boundary) -> Result<(), PortError> {
        self.enter("table").await?;
        self.erased(group, before);
        self.leave("table").await
    }

    async fn erase_file(&self, group: &GroupId, message: &MessageId) -> Result<(), PortError> {
        self.enter("files").await?;
        self.state().files.remove(&(group.clone(), upload_of(message)));
        self.state().notes.remove(&(group.clone(), message.clone()));
        self.leave("files").await
    }
}

impl World {
    fn erased(&self, group: &GroupId, before: Boundary) {
        let mut state = self.state();
        let state = &mut *state;
        let Some(nobody) = state.heads.get(group).map(|head| head.identity.clone()) else { return };
        let old = state.turns.iter_mut().filter(|((of, _), turn)| of == group && turn.number < before.turn);
        for ((of, _), turn) in old {
            for outbound in turn.outbound(&nobody) {
                let erased = StoredDelivery {
                    state: DeliveryState::Sent,
                    lease_ends: UnixMillis(0),
                    tries: 0,
                    parts: 0,
                    reason: String::new(),
                    erased: true,
                    outbound,
                };
                state.deliveries.insert((of.clone(), erased.outbound.last_seq()), erased);
            }
            turn.unanswered.clear();
            turn.messages.clear();
            turn.changes.clear();
            turn.outbox.clear();
            turn.alarm = None;
        }
        let opened_before = before.at.plus_seconds(SOCKET_SECONDS);
        state.sockets.retain(|(of, _), ends| of != group || *ends > opened_before);
        state.files.retain(|(of, _), (_, at)| of != group || *at > before.at);
        state.notes.retain(|(of, _), (_, at)| of != group || *at > before.at);
    }
}

#[async_trait]
impl Mailbox for World {
    async fn after(&self, group: &GroupId, seq: u64, limit: usize) -> Result<Vec<Outbound>, PortError> {
        self.enter("table").await?;
        let state = self.state();
        let range = (group.clone(), seq + 1)..=(group.clone(), u64::MAX);
        Ok(state
            .deliveries
            .range(range)
            .filter(|(_, stored)| !stored.erased)
            .take(limit)
            .map(|(_, stored)| stored.outbound.clone())
            .collect())
    }
}

#[async_trait]
impl Cursors for World {
    async fn load(&self, channel: ChannelId, account: &str) -> Result<Option<Place>, PortError> {
        self.enter("table").await?;
        Ok(self.state().places.get(&(channel.as_str(), account.to_owned())).cloned())
    }

    async fn advance(&self, channel: ChannelId, account: &str, to: &Place) -> Result<bool, PortError> {
        self.enter("table").await?;
        let moved = {
            let places = &mut self.state().places;
            let key = (channel.as_str(), account.to_owned());
            let moves = places.get(&key).map_or(0, |place| place.version) + 1 == to.version;
            if moves {
                places.insert(key, to.clone());
            }
            moves
        };
        self.leave("table").await?;
        Ok(moved)
    }
}

#[async_trait]
impl Sockets for World {
    async fn opened(&self, group: &GroupId, socket: &str, ends: UnixMillis) -> Result<(), PortError> {
        self.enter("table").await?;
        self.state().sockets.insert((group.clone(), socket.to_owned()), ends);
        Ok(())
    }

    async fn closed(&self, group: &GroupId, socket: &str) -> Result<(), PortError> {
        self.enter("table").await?;
        self.state().sockets.remove(&(group.clone(), socket.to_owned()));
        Ok(())
    }
}

#[async_trait]
impl Wire for World {
    async fn call(&self, to: &Identity, call: &WireCall) -> Result<Vec<WireReply>, PortError> {
        self.enter("wire").await?;
        let WireCall::Push { frames } = call else { return Ok(vec![]) };
        let open = self.pushed_to(&to.group(), frames);
        self.leave("wire").await?;
        Ok(vec![WireReply { status: 200, ..WireReply::default() }; open])
    }
}

impl World {
    /// Pushes frames to the open sockets of an identity; to how many.
    fn pushed_to(&self, group: &GroupId, frames: &[String]) -> usize {
        let now = self.now();
        let mut state = self.state();
        let open = state.sockets.iter().filter(|((of, _), ends)| of == group && **ends > now);
        let open: Vec<String> = open.map(|((_, socket), _)| socket.clone()).collect();
        let pushed =
            open.iter().flat_map(|socket| frames.iter().map(|frame| (group.clone(), socket.clone(), frame.clone())));
        state.pushed.extend(pushed.collect::<Vec<_>>());
        open.len()
    }
}

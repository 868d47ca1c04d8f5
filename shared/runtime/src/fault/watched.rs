//! Ports with a fault point before and after what they do, so that the use cases know nothing of them.

use app::PortError;
use app::envelope::Unreadable;
use app::ports::{
    ActionQueue, ActionReply, ActionTarget, Alarms, Claim, Commit, Conversations, Cursors, Deliveries, FileSource,
    FileStore, Found, Got, InboundQueue, MediaQueue, OutboundQueue, Place, PullQueue, Settlement, StoredFile, Wire,
};
use app::pull::group;
use async_trait::async_trait;
use channels::{HttpCall, Pull, Step, WireCall, WireReply};
use domain::{
    ActionOrder, Alarm, ChannelId, Conversation, ConversationId, DedupId, Fetch, GroupId, Identity, InboundEvent,
    MessageId, Outbound, Turn, UnixMillis, UploadId,
};

use super::point;

/// A port with fault points around it.
#[derive(Debug, Clone)]
pub struct Watched<P>(P);

/// The port with fault points around it; in a build without them, the port itself.
pub fn watched<P>(port: P) -> Watched<P> {
    Watched(port)
}

#[async_trait]
impl<P: Conversations> Conversations for Watched<P> {
    async fn load(&self, group: &GroupId) -> Result<Option<Conversation>, PortError> {
        self.0.load(group).await
    }

    async fn turn(&self, group: &GroupId, event: &DedupId) -> Result<Option<Turn>, PortError> {
        self.0.turn(group, event).await
    }

    async fn turns_of(&self, group: &GroupId, conversation: &ConversationId) -> Result<Vec<Turn>, PortError> {
        self.0.turns_of(group, conversation).await
    }

    async fn commit(&self, group: &GroupId, head: &Conversation, turn: &Turn) -> Result<Commit, PortError> {
        point("before_commit", turn.id.as_str()).await;
        let committed = self.0.commit(group, head, turn).await;
        point("after_commit", turn.id.as_str()).await;
        committed
    }
}

#[async_trait]
impl<P: InboundQueue> InboundQueue for Watched<P> {
    async fn send(&self, events: &[InboundEvent]) -> Result<(), PortError> {
        let about = events.first().map_or("-", |event| event.id.as_str());
        point("before_send", about).await;
        let sent = self.0.send(events).await;
        point("after_send", about).await;
        sent
    }

    async fn quarantine(&self, parts: &[Unreadable]) -> Result<(), PortError> {
        self.0.quarantine(parts).await
    }
}

#[async_trait]
impl<P: Alarms> Alarms for Watched<P> {
    async fn set(&self, identity: &Identity, alarm: Alarm) -> Result<(), PortError> {
        let group = identity.group();
        point("before_alarm", group.as_str()).await;
        let set = self.0.set(identity, alarm).await;
        point("after_alarm", group.as_str()).await;
        set
    }

    async fn cancel(&self, group: &GroupId, alarm: Alarm) -> Result<(), PortError> {
        self.0.cancel(group, alarm).await
    }
}

#[async_trait]
impl<P: OutboundQueue> OutboundQueue for Watched<P> {
    async fn send(&self, outbound: &Outbound) -> Result<(), PortError> {
        point("before_send", outbound.id.as_str()).await;
        let sent = self.0.send(outbound).await;
        point("after_send", outbound.id.as_str()).await;
        sent
    }
}

#[async_trait]
impl<P: Deliveries> Deliveries for Watched<P> {
    async fn claim(&self, outbound: &Outbound, now: UnixMillis, lease_ends: UnixMillis) -> Result<Claim, PortError> {
        point("before_claim", outbound.id.as_str()).await;
        let claimed = self.0.claim(outbound, now, lease_ends).await;
        point("after_claim", outbound.id.as_str()).await;
        claimed
    }

    async fn is_answered(&self, outbound: &Outbound) -> Result<bool, PortError> {
        self.0.is_answered(outbound).await
    }

    async fn settle(&self, outbound: &Outbound, end: &Settlement, now: UnixMillis) -> Result<(), PortError> {
        point("before_mark", outbound.id.as_str()).await;
        let marked = self.0.settle(outbound, end, now).await;
        point("after_mark", outbound.id.as_str()).await;
        marked
    }
}

#[async_trait]
impl<P: Wire> Wire for Watched<P> {
    async fn call(&self, to: &Identity, call: &WireCall) -> Result<Vec<WireReply>, PortError> {
        let group = to.group();
        point("before_send", group.as_str()).await;
        let replies = self.0.call(to, call).await;
        point("after_send", group.as_str()).await;
        replies
    }
}

#[async_trait]
impl<P: PullQueue> PullQueue for Watched<P> {
    async fn send(&self, pull: &Pull, after: Option<&str>) -> Result<(), PortError> {
        let group = group(pull);
        point("before_send", group.as_str()).await;
        let sent = self.0.send(pull, after).await;
        point("after_send", group.as_str()).await;
        sent
    }
}

#[async_trait]
impl<P: Cursors> Cursors for Watched<P> {
    async fn load(&self, channel: ChannelId, account: &str) -> Result<Option<Place>, PortError> {
        self.0.load(channel, account).await
    }

    async fn advance(&self, channel: ChannelId, account: &str, to: &Place) -> Result<bool, PortError> {
        point("before_advance", account).await;
        let advanced = self.0.advance(channel, account, to).await;
        point("after_advance", account).await;
        advanced
    }
}

#[async_trait]
impl<P: MediaQueue> MediaQueue for Watched<P> {
    async fn send(&self, fetch: &Fetch) -> Result<(), PortError> {
        point("before_send", fetch.message.as_str()).await;
        let sent = self.0.send(fetch).await;
        point("after_send", fetch.message.as_str()).await;
        sent
    }
}

#[async_trait]
impl<P: ActionQueue> ActionQueue for Watched<P> {
    async fn send(&self, order: &ActionOrder) -> Result<(), PortError> {
        point("before_send", order.call.id.as_str()).await;
        let sent = self.0.send(order).await;
        point("after_send", order.call.id.as_str()).await;
        sent
    }
}

#[async_trait]
impl<P: ActionTarget> ActionTarget for Watched<P> {
    async fn call(&self, call: &HttpCall) -> ActionReply {
        point("before_call", "-").await;
        let reply = self.0.call(call).await;
        point("after_call", "-").await;
        reply
    }
}

#[async_trait]
impl<P: FileSource> FileSource for Watched<P> {
    async fn get(&self, of: &Identity, step: &Step) -> Result<Got, PortError> {
        let group = of.group();
        point("before_fetch", group.as_str()).await;
        let got = self.0.get(of, step).await;
        point("after_fetch", group.as_str()).await;
        got
    }
}

#[async_trait]
impl<P: FileStore> FileStore for Watched<P> {
    async fn put(&self, group: &GroupId, upload: &UploadId, file: StoredFile) -> Result<(), PortError> {
        point("before_put", upload.as_str()).await;
        let put = self.0.put(group, upload, file).await;
        point("after_put", upload.as_str()).await;
        put
    }

    async fn look(&self, group: &GroupId, upload: &UploadId) -> Result<Option<Found>, PortError> {
        self.0.look(group, upload).await
    }

    async fn note(&self, fetch: &Fetch) -> Result<(), PortError> {
        self.0.note(fetch).await
    }

    async fn noted(&self, group: &GroupId, message: &MessageId) -> Result<Option<Fetch>, PortError> {
        self.0.noted(group, message).await
    }

    async fn discard(&self, group: &GroupId, message: &MessageId) -> Result<(), PortError> {
        point("before_discard", message.as_str()).await;
        self.0.discard(group, message).await
    }
}

//! Deliveries on their way out: claims, calls of providers, visitors' mailboxes and sockets.

use async_trait::async_trait;
use channels::{WireCall, WireReply};
use domain::{DeliveryStatus, GroupId, Identity, Outbound, UnixMillis};

use crate::PortError;

/// Deliveries' claims. For channels whose customers come and fetch, the claim is their mailbox too.
#[async_trait]
pub trait Deliveries: Send + Sync {
    /// Claims a delivery until `lease_ends`, unless it is done or another sender's lease still holds.
    async fn claim(&self, outbound: &Outbound, now: UnixMillis, lease_ends: UnixMillis) -> Result<Claim, PortError>;

    /// Whether a delivery went out as the answer to the provider's own request.
    async fn is_answered(&self, outbound: &Outbound) -> Result<bool, PortError>;

    /// Records how a claimed delivery stands now.
    async fn settle(&self, outbound: &Outbound, end: &Settlement, now: UnixMillis) -> Result<(), PortError>;
}

/// Whether a delivery may be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// Ours to send.
    Ours {
        /// How many senders have claimed it without saying that the provider did not get it, this one included: above 1,
        /// an earlier one may have sent it.
        tries: u32,
        /// How many of its calls the provider has taken already.
        parts: usize,
    },
    /// Settled before: nothing to send.
    Done {
        /// What the conversation must know of it, if it did not simply go out.
        news: Option<DeliveryStatus>,
        /// Whether it went out as the answer to the provider's own request.
        answered: bool,
    },
    /// Another sender holds it until then.
    Held(UnixMillis),
}

/// How a claimed delivery stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settlement {
    /// The provider has it, or it waits where the customer will look.
    Sent,
    /// It goes out as the answer to the provider's own request; the same request coming again gets it again.
    Answered,
    /// It may have been sent, perhaps twice; it is not sent again.
    MaybeSent,
    /// It was not sent and will not be.
    Failed {
        /// Why, without personal data.
        reason: String,
    },
    /// The provider did not take it: the next sender may claim it at once.
    GivenBack {
        /// How many of its calls the provider has taken.
        parts: usize,
        /// Whether an earlier sender may have sent it: that doubt stays.
        doubt: bool,
    },
    /// Nobody knows whether the provider took it: the next sender may claim it at once, and knows.
    Unknown {
        /// How many of its calls the provider has surely taken.
        parts: usize,
    },
}

/// Calls providers.
#[async_trait]
pub trait Wire: Send + Sync {
    /// Makes one call in the name of the identity's account and returns what each addressee answered; none, if there was
    /// nobody to call. Status 0: the call certainly did not reach the provider. An error: nobody knows whether it did.
    async fn call(&self, to: &Identity, call: &WireCall) -> Result<Vec<WireReply>, PortError>;
}

/// What visitors read: the messages delivered to them.
#[async_trait]
pub trait Mailbox: Send + Sync {
    /// Deliveries whose last message lies after `seq`, oldest first, at most `limit`.
    async fn after(&self, group: &GroupId, seq: u64, limit: usize) -> Result<Vec<Outbound>, PortError>;
}

/// Visitors' open sockets.
#[async_trait]
pub trait Sockets: Send + Sync {
    /// Notes an open socket; it is forgotten by itself after `ends`.
    async fn opened(&self, group: &GroupId, socket: &str, ends: UnixMillis) -> Result<(), PortError>;

    /// Forgets a closed socket.
    async fn closed(&self, group: &GroupId, socket: &str) -> Result<(), PortError>;
}

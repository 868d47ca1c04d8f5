//! The caretaker: asks providers whether accounts' webhooks still come, and asks for them again where they do not. For
//! channels whose provider stops sending to whom was away for long.

use channels::{HttpCall, KeySet, Registry, RenderError, Subscribing, WireCall, WireReply};
use domain::{ChannelId, Delivery, Identity};

use crate::PortError;
use crate::exchange::{Exchange, Exchanged, TokenStore};
use crate::ports::{Clock, Secrets, Wire};

/// What the caretaker needs.
#[derive(Clone, Copy)]
pub struct Caretaker<'a> {
    /// The channels.
    pub channels: Registry,
    /// The channels' secrets.
    pub secrets: &'a dyn Secrets,
    /// The providers.
    pub wire: &'a dyn Wire,
    /// Accounts' access tokens.
    pub tokens: &'a TokenStore,
    /// The time.
    pub clock: &'a dyn Clock,
}

/// How many of a channel's accounts are how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Subscribed {
    /// Their webhooks come.
    pub held: u64,
    /// Their webhooks had been stopped, and come again.
    pub renewed: u64,
    /// Nobody knows, or they do not come.
    pub failed: u64,
}

/// Why nobody knows whether an account's webhooks come, or why they do not.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error("the channel is not set up right: {0}")]
    Settings(String),
    #[error(transparent)]
    Port(#[from] PortError),
    #[error("the provider refuses: {0}")]
    Refused(String),
    #[error("the provider does not answer that now")]
    Later,
    #[error("the provider took the order for webhooks, and still sends none")]
    InVain,
}

/// Sees to it that the webhooks of every account of a channel come. An account's trouble is its own: the others are looked
/// after all the same. Safe to repeat.
///
/// # Errors
/// The channel's secrets cannot be read.
pub async fn subscribe(deps: &Caretaker<'_>, channel: ChannelId) -> Result<Subscribed, PortError> {
    let mut done = Subscribed::default();
    let Some(subscribing) = (deps.channels)(channel).subscribing() else { return Ok(done) };
    let keys = deps.secrets.keys(channel).await?;
    for account in subscribing.accounts(&keys) {
        let one = Account { deps, subscribing, keys: &keys, channel, id: &account };
        match one.looked_after().await {
            Ok(false) => done.held += 1,
            Ok(true) => {
                tracing::warn!(%channel, account, "the provider had stopped this account's webhooks; they come again");
                done.renewed += 1;
            }
            Err(trouble) => {
                let source = std::error::Error::source(&trouble).map(ToString::to_string);
                tracing::error!(%channel, account, source, "this account's webhooks: {trouble}");
                done.failed += 1;
            }
        }
    }
    Ok(done)
}

/// An account that is looked after.
struct Account<'a> {
    deps: &'a Caretaker<'a>,
    subscribing: &'static dyn Subscribing,
    keys: &'a KeySet,
    channel: ChannelId,
    id: &'a str,
}

impl Account<'_> {
    /// Whether its webhooks had to be asked for.
    async fn looked_after(&self) -> Result<bool, Trouble> {
        if self.holds().await? {
            return Ok(false);
        }
        let call = self.subscribing.subscribe(self.id, self.keys, self.deps.clock.now());
        let reply = self.called(call).await?;
        understood((self.deps.channels)(self.channel).classify(&reply))?;
        // What was acknowledged need not have been done.
        if self.holds().await? { Ok(true) } else { Err(Trouble::InVain) }
    }

    async fn holds(&self) -> Result<bool, Trouble> {
        let call = self.subscribing.check(self.id, self.keys, self.deps.clock.now());
        let reply = self.called(call).await?;
        self.subscribing.holds(&reply, self.keys).or_else(|refused| understood(refused).map(|()| false))
    }

    async fn called(&self, call: Result<HttpCall, RenderError>) -> Result<WireReply, Trouble> {
        let call = call.map_err(|RenderError(reason)| Trouble::Settings(reason))?;
        let Caretaker { channels, wire, tokens, clock, .. } = *self.deps;
        // The account itself, towards nobody.
        let account = Identity { channel: self.channel, account: self.id.to_owned(), user: String::new() };
        let exchange = Exchange { channels, wire, tokens, clock };
        match exchange.make(&account, &WireCall::Http(call), self.keys).await? {
            Exchanged::Made(replies) => replies.into_iter().next().ok_or(Trouble::Later),
            Exchanged::Tokenless(refused) => understood(refused).and(Err(Trouble::Later)),
        }
    }
}

/// What a provider's answer means here.
fn understood(answer: Delivery) -> Result<(), Trouble> {
    match answer {
        Delivery::Sent => Ok(()),
        Delivery::Retry { .. } | Delivery::RefreshToken | Delivery::Absent => Err(Trouble::Later),
        Delivery::Rejected { reason, .. } => Err(Trouble::Refused(reason)),
    }
}

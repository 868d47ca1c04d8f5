//! The puller: news of an account → its messages, page by page → the inbound queue. The place in them moves only once a
//! page is queued: whoever dies before that leaves the page to the next, and what comes twice has the same id.

use channels::{Page, Pull, Pulling, Registry, RenderError, WireCall};
use domain::{DedupId, Delivery, GroupId, Identity, Rejection, UnixMillis};

use crate::envelope::{EnvelopeError, Unreadable, read_pull};
use crate::exchange::{Exchange, Exchanged, TokenStore};
use crate::ports::{Clock, Cursors, InboundQueue, Place, PullQueue, Secrets, Wire};
use crate::{Kind, PortError};

/// Seconds before an account's first news from which on its messages count. What is older was written before the account
/// was connected.
const FIRST_SECONDS: i64 = 600;
/// Seconds until the next try after a refusal that only a person can mend.
const REFUSED_SECONDS: u32 = 300;

/// What the puller needs.
#[derive(Clone, Copy)]
pub struct Puller<'a> {
    /// The channels.
    pub channels: Registry,
    /// The channels' secrets.
    pub secrets: &'a dyn Secrets,
    /// The providers.
    pub wire: &'a dyn Wire,
    /// Accounts' access tokens.
    pub tokens: &'a TokenStore,
    /// How far accounts' messages have been fetched.
    pub cursors: &'a dyn Cursors,
    /// Where events go.
    pub inbound: &'a dyn InboundQueue,
    /// Where what is left for the next puller goes.
    pub pulls: &'a dyn PullQueue,
    /// The time.
    pub clock: &'a dyn Clock,
}

/// What became of a record.
#[derive(Debug, PartialEq, Eq)]
pub enum Pulled {
    /// Everything is fetched.
    Done {
        /// How many events were queued.
        events: usize,
    },
    /// There is more than there was time for: it is left for the next puller.
    Again {
        /// How many events were queued.
        events: usize,
    },
    /// Another puller is at it.
    Overtaken,
}

/// Why a record was not done.
#[derive(Debug, thiserror::Error)]
pub enum PullError {
    /// The record cannot be read, now or ever.
    #[error(transparent)]
    Envelope(#[from] EnvelopeError),
    /// A service of ours failed, or the provider could not be reached.
    #[error(transparent)]
    Port(#[from] PortError),
    /// The channel has nothing to fetch.
    #[error("the channel has nothing to fetch")]
    NothingToFetch,
    /// The provider gives the page later: after so many seconds, if that is known.
    #[error("the provider does not give the page now")]
    Later(Option<u32>),
    /// The provider refuses; somebody has to mend that.
    #[error("the provider refuses: {0}")]
    Refused(String),
}

impl PullError {
    /// What can be done about it.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Envelope(error) => error.kind(),
            Self::Port(error) => error.kind,
            Self::NothingToFetch => Kind::Permanent,
            // Mended settings count from the next try on.
            Self::Later(_) | Self::Refused(_) => Kind::Transient,
        }
    }

    /// Seconds to wait before the next try, if that is known.
    pub fn after(&self) -> Option<u32> {
        match self {
            Self::Later(seconds) => *seconds,
            Self::Refused(_) => Some(REFUSED_SECONDS),
            Self::Envelope(_) | Self::Port(_) | Self::NothingToFetch => None,
        }
    }
}

/// The group in whose order an account's news comes.
pub fn group(pull: &Pull) -> GroupId {
    GroupId::derive(&[b"pull", pull.channel.as_str().as_bytes(), pull.account.as_bytes()])
}

/// The id of news, or of what is left of it after a place.
pub fn news_id(pull: &Pull, after: Option<&str>) -> DedupId {
    let parts = [pull.channel.as_str(), &pull.account, pull.token.as_deref().unwrap_or_default()];
    let [channel, account, token] = parts.map(str::as_bytes);
    DedupId::derive(&[b"pull", channel, account, token, after.unwrap_or_default().as_bytes()])
}

/// Does one record of the pull queue. No page is begun after `until` but the first: so every record gets on. Safe to
/// repeat: it goes on from the last page that was queued.
///
/// # Errors
/// See [`PullError`].
pub async fn pull(deps: &Puller<'_>, body: &str, until: UnixMillis) -> Result<Pulled, PullError> {
    let pull = read_pull(body)?;
    let pulling = (deps.channels)(pull.channel).pulling().ok_or(PullError::NothingToFetch)?;
    let Some(mut place) = begun(deps, &pull).await? else { return Ok(Pulled::Overtaken) };
    let mut events = 0;
    loop {
        let page = fetched(deps, pulling, &pull, place.cursor.as_deref()).await?;
        events += queued(deps, &pull, &page, place.since).await?;
        // Without a new place the same page would come for ever.
        let Some(next) = page.next.filter(|next| place.cursor.as_ref() != Some(next)) else { break };
        place = Place { version: place.version.saturating_add(1), cursor: Some(next), ..place };
        if !deps.cursors.advance(pull.channel, &pull.account, &place).await? {
            return Ok(Pulled::Overtaken);
        }
        if !page.more {
            break;
        }
        if deps.clock.now() >= until {
            deps.pulls.send(&pull, place.cursor.as_deref()).await?;
            return Ok(Pulled::Again { events });
        }
    }
    Ok(Pulled::Done { events })
}

/// The account's place; its first, if nobody has begun. `None`: somebody else has just done so.
async fn begun(deps: &Puller<'_>, pull: &Pull) -> Result<Option<Place>, PortError> {
    if let Some(place) = deps.cursors.load(pull.channel, &pull.account).await? {
        return Ok(Some(place));
    }
    // Kept before anything is fetched: however long the first page takes, messages from now on count.
    let first = Place { version: 1, since: deps.clock.now().plus_seconds(-FIRST_SECONDS), cursor: None };
    Ok(deps.cursors.advance(pull.channel, &pull.account, &first).await?.then_some(first))
}

/// The page after a place.
async fn fetched(
    deps: &Puller<'_>,
    pulling: &dyn Pulling,
    pull: &Pull,
    after: Option<&str>,
) -> Result<Page, PullError> {
    match asked(deps, pulling, pull, after).await? {
        Ok(page) => Ok(page),
        // What the news came with is not good for ever; the provider may let us in without it.
        Err(Delivery::Rejected { .. }) if pull.token.is_some() => {
            let bare = Pull { token: None, ..pull.clone() };
            asked(deps, pulling, &bare, after).await?.map_err(|refused| refusal(&bare, refused))
        }
        Err(refused) => Err(refusal(pull, refused)),
    }
}

async fn asked(
    deps: &Puller<'_>,
    pulling: &dyn Pulling,
    pull: &Pull,
    after: Option<&str>,
) -> Result<Result<Page, Delivery>, PortError> {
    let keys = deps.secrets.keys(pull.channel).await?;
    let call = match pulling.call(pull, after, &keys) {
        Ok(call) => WireCall::Http(call),
        Err(RenderError(reason)) => return Ok(Err(Delivery::rejected(Rejection::Misconfigured, &reason))),
    };
    let exchange = Exchange { channels: deps.channels, wire: deps.wire, tokens: deps.tokens, clock: deps.clock };
    // The account itself, towards nobody.
    let account = Identity { channel: pull.channel, account: pull.account.clone(), user: String::new() };
    Ok(match exchange.make(&account, &call, &keys).await? {
        Exchanged::Made(replies) => match replies.first() {
            Some(reply) => {
                let page = pulling.page(pull, reply, deps.clock.now());
                page.map(|page| Page { parsed: page.parsed.bounded(), ..page })
            }
            None => Err(Delivery::Retry { after: None }),
        },
        Exchanged::Tokenless(refused) => Err(refused),
    })
}

fn refusal(pull: &Pull, refused: Delivery) -> PullError {
    match refused {
        Delivery::Retry { after } => PullError::Later(after),
        Delivery::Sent | Delivery::Absent | Delivery::RefreshToken => PullError::Later(None),
        Delivery::Rejected { reason, .. } => {
            tracing::error!(channel = %pull.channel, reason, "the channel is not set up right");
            PullError::Refused(reason)
        }
    }
}

/// Queues what a page holds; how many events there were.
async fn queued(deps: &Puller<'_>, pull: &Pull, page: &Page, since: UnixMillis) -> Result<usize, PortError> {
    let (events, history): (Vec<_>, Vec<_>) = page.parsed.events.iter().cloned().partition(|event| event.at >= since);
    if !events.is_empty() {
        deps.inbound.send(&events).await?;
    }
    let rejects = &page.parsed.rejects;
    let unreadable: Vec<Unreadable> = rejects.iter().filter_map(|one| Unreadable::of(pull.channel, one)).collect();
    if !unreadable.is_empty() {
        deps.inbound.quarantine(&unreadable).await?;
    }
    let (taken, old, refused) = (events.len(), history.len(), rejects.len());
    tracing::info!(channel = %pull.channel, events = taken, history = old, rejects = refused, "page queued");
    Ok(taken)
}

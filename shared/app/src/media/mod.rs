//! The media worker: files that customers sent are brought into the company's storage, and what is said in voice notes is
//! found out. Both come back as news of their message. Whatever is done twice is done once: a file's key and an event's
//! id follow from the message.

mod bring;
mod kind;
mod listen;
pub mod speech;

use channels::{KeySet, Registry};
use domain::{Attachment, EventKind, Fetch, InboundEvent, MediaNews};

use self::bring::{Brought, bring};
use self::kind::kind;
use self::listen::{Listened, listen};
use self::speech::{Ended, Recogniser};
use crate::envelope::{EnvelopeError, read_fetch};
use crate::exchange::TokenStore;
use crate::ports::{Clock, FileSource, FileStore, InboundQueue, Secrets, Wire};
use crate::{Kind, PortError};

/// Bytes of the largest file that is kept.
pub const MAX_BYTES: usize = 25 * 1024 * 1024;

/// What the worker needs.
#[derive(Clone, Copy)]
pub struct Worker<'a> {
    /// The channels.
    pub channels: Registry,
    /// The channels' secrets.
    pub secrets: &'a dyn Secrets,
    /// The providers, where access tokens come from.
    pub wire: &'a dyn Wire,
    /// Accounts' access tokens.
    pub tokens: &'a TokenStore,
    /// Where files come from.
    pub files: &'a dyn FileSource,
    /// Where they are kept.
    pub store: &'a dyn FileStore,
    /// Who listens to voice notes.
    pub recogniser: &'a dyn Recogniser,
    /// Where news goes.
    pub inbound: &'a dyn InboundQueue,
    /// The time.
    pub clock: &'a dyn Clock,
}

/// What became of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Worked {
    /// The file is stored, and all that is to be known of it is known.
    Stored,
    /// Somebody listens to it; that will be a record of its own.
    Listening,
    /// The file could not be had; the conversation knows why.
    Failed,
    /// What is said in it is known.
    Heard,
    /// Nobody understood what is said in it; the conversation knows why.
    Unheard,
    /// It was done before, or the person was forgotten meanwhile.
    Nothing,
}

/// Why a record was not done.
#[derive(Debug, thiserror::Error)]
pub enum MediaError {
    /// The record cannot be read, now or ever.
    #[error(transparent)]
    Envelope(#[from] EnvelopeError),
    /// A service failed.
    #[error(transparent)]
    Port(#[from] PortError),
    /// The provider cannot give the file now.
    #[error("the provider does not give the file for now")]
    Later(Option<u32>),
}

impl MediaError {
    /// What can be done about it.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Envelope(error) => error.kind(),
            Self::Port(error) => error.kind,
            Self::Later(_) => Kind::Transient,
        }
    }

    /// Seconds to wait before the next try, if that is known.
    pub fn after(&self) -> Option<u32> {
        match self {
            Self::Later(seconds) => *seconds,
            Self::Envelope(_) | Self::Port(_) => None,
        }
    }
}

/// Does one record of the media queue: a file to fetch, or word that somebody has listened to one. `last`: it does not
/// come again, so that a provider who still gives nothing has failed. Safe to repeat.
///
/// # Errors
/// See [`MediaError`].
pub async fn work(deps: &Worker<'_>, body: &str, last: bool) -> Result<Worked, MediaError> {
    match deps.recogniser.ended(body) {
        Some(ended) => heard(deps, &ended).await,
        None => fetch(deps, &read_fetch(body)?, last).await,
    }
}

async fn fetch(deps: &Worker<'_>, fetch: &Fetch, last: bool) -> Result<Worked, MediaError> {
    let keys = deps.secrets.keys(fetch.identity.channel).await?;
    let mut news = MediaNews::of(fetch.message.clone());
    let stored = match had(deps, fetch, &keys, last).await? {
        Brought::Stored(file) => file,
        Brought::Failed(reason) => {
            tracing::warn!(channel = %fetch.identity.channel, message.id = %fetch.message, reason, "no file");
            news.trouble = Some(reason);
            news.unheard = fetch.spoken;
            tell(deps, fetch, news, FILE).await?;
            return Ok(Worked::Failed);
        }
    };
    let mut worked = Worked::Stored;
    if fetch.spoken {
        match listen(deps, fetch, &stored).await? {
            Listened::Listening => worked = Worked::Listening,
            Listened::Heard(words) => (worked, news.transcript) = (Worked::Heard, Some(words)),
            Listened::Cannot(reason) => {
                (worked, news.unheard, news.trouble) = (Worked::Unheard, true, Some(reason));
            }
        }
    }
    // A visitor's own file is known already.
    news.file = fetch.file.upload.is_none().then_some(stored);
    if news != MediaNews::of(fetch.message.clone()) {
        tell(deps, fetch, news, FILE).await?;
    }
    Ok(worked)
}

/// The file in its place: brought there, or there already.
async fn had(deps: &Worker<'_>, fetch: &Fetch, keys: &KeySet, last: bool) -> Result<Brought, MediaError> {
    if fetch.file.upload.is_none() {
        let failed = match bring(deps, fetch, keys).await {
            Err(MediaError::Later(_)) if last => "the provider did not give the file for too long".to_owned(),
            Err(error) => return Err(error),
            Ok(Brought::Failed(reason)) => reason,
            Ok(stored) => return Ok(stored),
        };
        // An earlier worker may have had it, and not lived to tell.
        return Ok(match looked(deps, fetch).await? {
            Some(stored) => Brought::Stored(stored),
            None => Brought::Failed(failed),
        });
    }
    let own = looked(deps, fetch).await?;
    Ok(own.map_or_else(|| Brought::Failed("the file was never uploaded".to_owned()), Brought::Stored))
}

/// The file as it lies in the storage, if it does.
async fn looked(deps: &Worker<'_>, fetch: &Fetch) -> Result<Option<Attachment>, PortError> {
    let upload = fetch.upload();
    let found = deps.store.look(&fetch.identity.group(), &upload).await?;
    Ok(found.map(|found| {
        let mime = kind(&found.beginning, &fetch.file.mime);
        Attachment { upload: Some(upload), url: None, name: fetch.file.name.clone(), mime, size: found.size }
    }))
}

/// Somebody has listened to a file.
async fn heard(deps: &Worker<'_>, ended: &Ended) -> Result<Worked, MediaError> {
    let Some(fetch) = deps.store.noted(&ended.group, &ended.message).await? else {
        // Told before, or forgotten meanwhile: then what was heard goes too.
        deps.store.discard(&ended.group, &ended.message).await?;
        return Ok(Worked::Nothing);
    };
    let mut news = MediaNews::of(fetch.message.clone());
    let words = match &ended.failed {
        None => deps.recogniser.words(&ended.group, &ended.message).await?.ok_or("nothing is said in it".to_owned()),
        Some(reason) => Err(reason.clone()),
    };
    let worked = match words {
        Ok(words) => {
            news.transcript = Some(words);
            Worked::Heard
        }
        Err(reason) => {
            (news.unheard, news.trouble) = (true, Some(reason));
            Worked::Unheard
        }
    };
    tell(deps, &fetch, news, SPEECH).await?;
    deps.store.discard(&ended.group, &ended.message).await?;
    Ok(worked)
}

/// What makes the event's id besides the message: there can be news of the file, and later of what is said in it.
const FILE: &str = "";
const SPEECH: &str = "/speech";

async fn tell(deps: &Worker<'_>, fetch: &Fetch, news: MediaNews, about: &str) -> Result<(), PortError> {
    let id = format!("{}{about}", fetch.message);
    // Of the message's time: who was forgotten since is not told of.
    let event =
        InboundEvent::new(fetch.identity.clone(), &id, fetch.at, fetch.locale.clone(), EventKind::MediaReady(news));
    deps.inbound.send(&[event]).await
}

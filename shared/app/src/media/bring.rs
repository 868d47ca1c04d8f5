//! A file from where its provider has it into the storage.

use channels::{FetchWith, Fetched, Fetching, FileReply, HttpCall, KeySet, RenderError, Step};
use domain::{Attachment, Delivery, Fetch, Rejection};

use super::kind::kind;
use super::{MediaError, Worker};
use crate::PortError;
use crate::exchange::{Exchange, Tokened};
use crate::ports::{Got, StoredFile};

/// Calls that lead to a file at most: what asks for more leads nowhere.
const MAX_STEPS: usize = 4;

/// What came of a file.
pub(super) enum Brought {
    /// It lies where it belongs.
    Stored(Attachment),
    /// It cannot be had, now or ever.
    Failed(String),
}

/// Fetches a file and stores it.
pub(super) async fn bring(deps: &Worker<'_>, fetch: &Fetch, keys: &KeySet) -> Result<Brought, MediaError> {
    let adapter = (deps.channels)(fetch.identity.channel);
    if !adapter.keeps_files(keys) {
        return Ok(Brought::Failed("the channel's settings do not let files be kept".to_owned()));
    }
    let reply = match got(deps, fetch, adapter.fetching(), keys).await? {
        Ok(reply) => reply,
        Err(Delivery::Retry { after }) => return Err(MediaError::Later(after)),
        Err(Delivery::Rejected { reason, .. }) => return Ok(Brought::Failed(reason)),
        Err(Delivery::Sent | Delivery::Absent | Delivery::RefreshToken) => return Err(MediaError::Later(None)),
    };
    if reply.body.is_empty() {
        return Ok(Brought::Failed("the file is empty".to_owned()));
    }
    let declared = if fetch.file.mime.is_empty() { &reply.mime } else { &fetch.file.mime };
    let mime = kind(&reply.body, declared);
    let (group, upload) = (fetch.identity.group(), fetch.upload());
    let size = u64::try_from(reply.body.len()).unwrap_or(u64::MAX);
    let file = StoredFile { mime: mime.clone(), bytes: reply.body };
    deps.store.put(&group, &upload, file).await?;
    let name = fetch.file.name.clone();
    Ok(Brought::Stored(Attachment { upload: Some(upload), url: None, name, mime, size }))
}

/// The answer that is the file, or why there is none.
async fn got(
    deps: &Worker<'_>,
    fetch: &Fetch,
    fetching: Option<&'static dyn Fetching>,
    keys: &KeySet,
) -> Result<Result<FileReply, Delivery>, PortError> {
    let with = FetchWith { account: &fetch.identity.account, keys, now: deps.clock.now() };
    let reference = fetch.file.url.as_deref().unwrap_or_default();
    let own = fetching.and_then(|fetching| {
        let file = reference.strip_prefix(fetching.scheme())?.strip_prefix(':')?;
        Some((fetching, file))
    });
    let (mut step, fetching) = match own {
        Some((fetching, file)) => match fetching.call(file, &with) {
            Ok(call) => (Step::Api(call), Some(fetching)),
            Err(RenderError(reason)) => return Ok(Err(Delivery::rejected(Rejection::Misconfigured, &reason))),
        },
        None if is_address(reference) => (Step::Address(HttpCall::get(reference.to_owned())), None),
        None => return Ok(Err(cannot("files of this kind cannot be fetched from this channel"))),
    };
    for _ in 0..MAX_STEPS {
        let reply = match made(deps, fetch, &step, fetching, keys).await? {
            Ok(reply) => reply,
            Err(refused) => return Ok(Err(refused)),
        };
        let meaning = match (&step, fetching) {
            (Step::Api(_), Some(fetching)) => fetching.answer(&reply, &with),
            (Step::Api(_) | Step::Address(_), _) => reply.file(),
        };
        match meaning {
            Ok(Fetched::File) => return Ok(Ok(reply)),
            Ok(Fetched::Elsewhere(next)) => step = next,
            Err(refused) => return Ok(Err(refused)),
        }
    }
    Ok(Err(cannot("the provider sends from address to address")))
}

/// Makes one call; one that needs an access token, whose token is refused, once more with a fresh one.
async fn made(
    deps: &Worker<'_>,
    fetch: &Fetch,
    step: &Step,
    fetching: Option<&'static dyn Fetching>,
    keys: &KeySet,
) -> Result<Result<FileReply, Delivery>, PortError> {
    let exchange = Exchange { channels: deps.channels, wire: deps.wire, tokens: deps.tokens, clock: deps.clock };
    let with = FetchWith { account: &fetch.identity.account, keys, now: deps.clock.now() };
    let identity = &fetch.identity;
    let mut last = Err(Delivery::Retry { after: None });
    for _ in 0..2 {
        let (step, token) = match step {
            Step::Api(call) => match exchange.tokened(identity, call, keys).await {
                Tokened::Call(call, token) => (Step::Api(call), token),
                Tokened::Refused(refused) => return Ok(Err(refused)),
            },
            Step::Address(_) => (step.clone(), None),
        };
        last = match deps.files.get(identity, &step).await? {
            Got::Reply(reply) => Ok(reply),
            Got::TooLarge => Err(cannot("the file is larger than 25 MB")),
            Got::Forbidden(reason) => Err(cannot(reason)),
        };
        let (Ok(reply), Some(token), Some(fetching)) = (&last, token, fetching) else { break };
        if fetching.answer(reply, &with) != Err(Delivery::RefreshToken) {
            break;
        }
        deps.tokens.drop(identity, &token);
    }
    Ok(last)
}

fn is_address(reference: &str) -> bool {
    reference.starts_with("https://") || reference.starts_with("http://")
}

fn cannot(reason: &str) -> Delivery {
    Delivery::rejected(Rejection::Content, reason)
}

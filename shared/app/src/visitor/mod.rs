//! What visitors do besides writing: open a session, read, upload, hold a socket.

pub mod sign_in;

use channels::web::session;
use channels::web::{MAX_UPLOAD_BYTES, UPLOAD_TYPES};
use channels::{Reject, VerifyError};
use domain::{ChannelId, GroupId, Message, UnixMillis, UploadId};

use crate::PortError;
use crate::ports::{Clock, Mailbox, Random, Secrets, Sockets, UploadForm, UploadRequest, Uploads};

/// Seconds for which an upload form can be used.
const FORM_SECONDS: i64 = 600;
/// Seconds for which a link to an upload can be used.
pub const LINK_SECONDS: i64 = 300;
/// Seconds for which a socket can live at most (API Gateway closes it then).
pub const SOCKET_SECONDS: i64 = 2 * 60 * 60;
/// Milliseconds between two looks into the mailbox of a waiting reader.
const POLL_MILLIS: u64 = 400;
/// Deliveries that one read returns at most.
const PAGE: usize = 100;

/// Why a visitor's request is refused.
#[derive(Debug, thiserror::Error)]
pub enum VisitorError {
    /// The token does not hold.
    #[error(transparent)]
    Verify(#[from] VerifyError),
    /// A field is wrong.
    #[error("{}: {}", .0.field, .0.reason)]
    Reject(Reject),
    /// A service failed; try again.
    #[error(transparent)]
    Port(#[from] PortError),
}

/// Who asks: reads tokens with the web channel's keys.
#[derive(Clone, Copy)]
pub struct Guard<'a> {
    /// The channels' secrets.
    pub secrets: &'a dyn Secrets,
    /// The time.
    pub clock: &'a dyn Clock,
}

impl Guard<'_> {
    /// The visitor's group, if the token holds.
    ///
    /// # Errors
    /// A token that does not hold, or secrets that cannot be read.
    pub async fn group(&self, token: &str) -> Result<GroupId, VisitorError> {
        let keys = self.secrets.keys(ChannelId::Web).await?;
        let session = session::open(token, &keys, self.clock.now())?;
        Ok(session::identity(&session.visitor).group())
    }
}

/// The visitor's messages after a place, waiting for the first so many seconds if there is none yet.
///
/// # Errors
/// The mailbox cannot be read.
pub async fn read(
    mailbox: &dyn Mailbox,
    clock: &dyn Clock,
    group: &GroupId,
    after: u64,
    wait_seconds: i64,
) -> Result<Vec<Message>, PortError> {
    let deadline = clock.now().plus_seconds(wait_seconds);
    loop {
        let deliveries = mailbox.after(group, after, PAGE).await?;
        let messages: Vec<Message> = deliveries
            .into_iter()
            .flat_map(|outbound| outbound.messages)
            .filter(|message| message.seq > after)
            .collect();
        if !messages.is_empty() || clock.now() >= deadline {
            return Ok(messages);
        }
        clock.pause(POLL_MILLIS).await;
    }
}

/// An upload that was granted.
#[derive(Debug, PartialEq, Eq)]
pub struct UploadGrant {
    /// The id to send as content once the file is posted.
    pub upload: UploadId,
    /// Where and how to post it.
    pub form: UploadForm,
    /// When the form ends.
    pub ends: UnixMillis,
}

/// Grants one upload of this media type and size.
///
/// # Errors
/// A type or size that is not taken, naming the field.
pub async fn grant_upload(
    uploads: &dyn Uploads,
    random: &dyn Random,
    now: UnixMillis,
    group: &GroupId,
    mime: &str,
    size: u64,
) -> Result<UploadGrant, VisitorError> {
    if !UPLOAD_TYPES.contains(&mime) {
        return Err(reject("mime", &format!("is not one of {}", UPLOAD_TYPES.join(", "))));
    }
    if !(1..=MAX_UPLOAD_BYTES).contains(&size) {
        return Err(reject("size", &format!("must be a whole number from 1 to {MAX_UPLOAD_BYTES}")));
    }
    let upload = UploadId::from_bytes(&random.bytes());
    let ends = now.plus_seconds(FORM_SECONDS);
    let form = uploads.form(&UploadRequest { group, upload: &upload, mime, size, now, ends }).await?;
    Ok(UploadGrant { upload, form, ends })
}

/// Notes a visitor's open socket.
///
/// # Errors
/// A token that does not hold, or a table that cannot be written.
pub async fn socket_opened(
    guard: &Guard<'_>,
    sockets: &dyn Sockets,
    token: &str,
    socket: &str,
) -> Result<(), VisitorError> {
    let group = guard.group(token).await?;
    Ok(sockets.opened(&group, socket, guard.clock.now().plus_seconds(SOCKET_SECONDS)).await?)
}

fn reject(field: &str, reason: &str) -> VisitorError {
    VisitorError::Reject(Reject { field: field.to_owned(), reason: reason.to_owned(), item: None })
}

//! What visitors do besides writing: open a session, read, upload, hold a socket.

use channels::web::session::{self, Session};
use channels::web::{MAX_UPLOAD_BYTES, UPLOAD_TYPES};
use channels::{Reject, VerifyError};
use domain::{
    ChannelId, CustomerId, EventKind, GroupId, InboundEvent, Locale, Message, Proof, UnixMillis, UploadId, VisitorId,
};

use crate::PortError;
use crate::ports::{Clock, InboundQueue, Mailbox, Random, Secrets, Sockets, UploadForm, UploadRequest, Uploads};

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

/// What a visitor asks a session with.
#[derive(Debug, Default)]
pub struct SessionRequest<'a> {
    /// The page's language.
    pub locale: Option<&'a str>,
    /// Who the company's site says is signed in.
    pub identity: Option<&'a str>,
    /// The token of a session to be renewed.
    pub token: Option<&'a str>,
}

/// Opens a session, or renews the one whose token still holds. A signed identity decides who the visitor is, and links
/// what they wrote in this browser before they signed in.
///
/// # Errors
/// An identity that does not hold (field `identity`), an old token that does not, no session key, or a queue that does
/// not take the links.
pub async fn open_session(
    guard: &Guard<'_>,
    inbound: &dyn InboundQueue,
    random: &dyn Random,
    days: i64,
    request: &SessionRequest<'_>,
) -> Result<(Session, String), VisitorError> {
    let keys = guard.secrets.keys(ChannelId::Web).await?;
    let now = guard.clock.now();
    let old = request.token.map(|token| session::open(token, &keys, now)).transpose()?;
    let visitor = match (request.identity, &old) {
        (Some(identity), old) => {
            let signed_in = session::signed_in(identity, &keys, now).map_err(|error| {
                VisitorError::Reject(Reject { field: "identity".to_owned(), reason: error.to_string(), item: None })
            })?;
            // The token of another signed-in customer says nothing about this one.
            let before = old.as_ref().filter(|old| !old.identified).map(|old| &old.visitor);
            let visitors = [Some(&signed_in.visitor), before].into_iter().flatten();
            let links: Vec<InboundEvent> = visitors.map(|visitor| link(visitor, &signed_in.customer, now)).collect();
            inbound.send(&links).await?;
            signed_in.visitor
        }
        (None, Some(old)) if old.identified => {
            return Err(reject("identity", "is needed to renew the session of a visitor who is signed in"));
        }
        (None, Some(old)) => old.visitor.clone(),
        (None, None) => VisitorId::from_bytes(&random.bytes()),
    };
    let locale = match request.locale {
        Some(tag) => {
            Some(Locale::from_tag(tag).ok_or_else(|| reject("locale", "is not a language tag, such as zh-CN"))?)
        }
        None => old.and_then(|old| old.locale),
    };
    let expires_at = now.plus_seconds(days.saturating_mul(24 * 60 * 60));
    let session = Session { visitor, locale, expires_at, identified: request.identity.is_some() };
    let token = session::issue(&session, &keys, now)?;
    Ok((session, token))
}

/// The event that links a visitor to a customer: on one day the same, however often they sign in.
fn link(visitor: &VisitorId, customer: &CustomerId, now: UnixMillis) -> InboundEvent {
    let day = now.seconds().div_euclid(24 * 60 * 60);
    let kind = EventKind::IdentityLinked { customer: customer.clone(), proof: Proof::SignedIdentity };
    InboundEvent::new(session::identity(visitor), &format!("{customer} {day}"), now, None, kind)
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

//! Opening a session: who the visitor is, as the company's own site says it, and what follows for those whom the visitor
//! was before.

use channels::Reject;
use channels::web::session::{self, Session};
use channels::web::signed_in::{self, Account, SignedIn};
use domain::{ChannelId, CustomerId, EventKind, Handle, Identity, InboundEvent, Locale, Proof, UnixMillis, VisitorId};

use super::{Guard, VisitorError, reject};
use crate::PortError;
use crate::customers::belongs_to;
use crate::ports::{Customers, HandleOwner, Handles, InboundQueue, Random};

/// Identities that one sign-in moves at most for each address; the next moves the others.
const MOVES: usize = 100;

/// What opening a session needs.
#[derive(Clone, Copy)]
pub struct Reception<'a> {
    /// Who asks.
    pub guard: Guard<'a>,
    /// Where links go.
    pub inbound: &'a dyn InboundQueue,
    /// Randomness, for new visitors.
    pub random: &'a dyn Random,
    /// Whose addresses are.
    pub handles: &'a dyn Handles,
    /// Who is known by an address alone.
    pub customers: &'a dyn Customers,
    /// Days for which a session holds.
    pub days: i64,
}

/// What a visitor asks a session with.
#[derive(Debug, Default)]
pub struct SessionRequest<'a> {
    /// The page's language.
    pub locale: Option<&'a str>,
    /// Who the company's site says that the visitor is.
    pub identity: Option<&'a str>,
    /// The token of a session to be renewed.
    pub token: Option<&'a str>,
}

/// Opens a session, or renews the one whose token still holds. An account decides who the visitor is, and links what
/// they wrote in this browser before they signed in, and whoever was known by the account's addresses alone. A guest
/// stays the visitor that the token names and is linked by the addresses.
///
/// # Errors
/// An identity that does not hold (field `identity`), an old token that does not, no session key, a table that does not
/// take the addresses, or a queue that does not take the links.
pub async fn open_session(
    desk: &Reception<'_>,
    request: &SessionRequest<'_>,
) -> Result<(Session, String), VisitorError> {
    let keys = desk.guard.secrets.keys(ChannelId::Web).await?;
    let now = desk.guard.clock.now();
    let old = request.token.map(|token| session::open(token, &keys, now)).transpose()?;
    let known = request.identity.map(|identity| signed_in::read(identity, &keys, now)).transpose();
    let known = known.map_err(|error| {
        VisitorError::Reject(Reject { field: "identity".to_owned(), reason: error.to_string(), item: None })
    })?;
    let locale = match request.locale {
        Some(tag) => {
            Some(Locale::from_tag(tag).ok_or_else(|| reject("locale", "is not a language tag, such as zh-CN"))?)
        }
        None => old.as_ref().and_then(|old| old.locale.clone()),
    };
    // The token of a signed-in customer says nothing about anybody else.
    let before = old.as_ref().filter(|old| !old.identified).map(|old| &old.visitor);
    let anybody = || before.cloned().unwrap_or_else(|| VisitorId::from_bytes(&desk.random.bytes()));
    let identified = known.as_ref().is_some_and(|known| known.account.is_some());
    let visitor = match known {
        Some(SignedIn { account: Some(account), handles }) => {
            welcome(desk, &account, &handles, before, now).await?;
            account.visitor
        }
        Some(SignedIn { account: None, handles }) => {
            let visitor = anybody();
            recognise(desk, &visitor, &handles, now).await?;
            visitor
        }
        None if old.as_ref().is_some_and(|old| old.identified) => {
            return Err(reject("identity", "is needed to renew the session of a visitor who is signed in"));
        }
        None => anybody(),
    };
    let expires_at = now.plus_seconds(desk.days.saturating_mul(24 * 60 * 60));
    let session = Session { visitor, locale, expires_at, identified };
    let token = session::issue(&session, &keys, now)?;
    Ok((session, token))
}

/// Links an account's visitor and whom they were in this browser before; claims the account's addresses, and links whom
/// was known by one of them alone. Whoever becomes known so in this instant is linked by the next sign-in.
async fn welcome(
    desk: &Reception<'_>,
    account: &Account,
    handles: &[Handle],
    before: Option<&VisitorId>,
    now: UnixMillis,
) -> Result<(), PortError> {
    let customer = &account.customer;
    let before = before.map(session::identity);
    let visitors = [Some(session::identity(&account.visitor)), before.clone()].into_iter().flatten();
    let mut links: Vec<InboundEvent> = visitors.map(|identity| link(identity, customer, None, now)).collect();
    for handle in handles {
        let owner = desk.handles.claim(handle, customer, now).await?;
        if owner != HandleOwner::Customer(customer.clone()) {
            continue;
        }
        let members = desk.customers.members(&handle.customer()).await?.into_iter().map(|member| member.identity);
        let members = members.filter(|identity| before.as_ref() != Some(identity)).take(MOVES);
        // That this browser's visitor is known by the address may still be on its way: then this comes behind it.
        let moved = before.clone().into_iter().chain(members);
        links.extend(moved.map(|identity| link(identity, customer, Some(handle), now)));
    }
    desk.inbound.send(&links).await
}

/// Links a guest by the addresses that they have proved.
async fn recognise(
    desk: &Reception<'_>,
    visitor: &VisitorId,
    handles: &[Handle],
    now: UnixMillis,
) -> Result<(), PortError> {
    let mut proved = vec![];
    for handle in handles {
        proved.push((handle, desk.handles.owner(handle).await?));
    }
    match belongs_to(proved) {
        Some((handle, customer)) => {
            desk.inbound.send(&[link(session::identity(visitor), &customer, Some(handle), now)]).await
        }
        None => Ok(()),
    }
}

/// The event that links an identity to a customer, by the company's word or by an address: on one day the same, however
/// often they sign in.
fn link(identity: Identity, customer: &CustomerId, handle: Option<&Handle>, now: UnixMillis) -> InboundEvent {
    let day = now.seconds().div_euclid(24 * 60 * 60);
    let (key, proof) = match handle {
        Some(handle) => (format!("{customer} {} {day}", handle.key()), handle.proof()),
        None => (format!("{customer} {day}"), Proof::SignedIdentity),
    };
    let kind = EventKind::IdentityLinked { customer: customer.clone(), proof, address: handle.map(Handle::customer) };
    InboundEvent::new(identity, &key, now, None, kind)
}

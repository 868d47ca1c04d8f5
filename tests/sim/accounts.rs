//! Accounts at the company that have proved visitors' addresses: before anybody writes, or at some time in between.

use app::visitor::Guard;
use app::visitor::sign_in::{Reception, SessionRequest, open_session};
use domain::{CustomerId, Handle};
use fastrand::Rng;
use jsonwebtoken::{EncodingKey, Header, encode};
use serde_json::json;
use testkit::World;
use tests::channel::number;

use crate::facts::Shared;
use crate::visitors::{SECRET, Visitor};

/// Whose a visitor's address is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Holder {
    /// Nobody's.
    Nobody,
    /// An account's from the beginning.
    Account,
    /// Two accounts'.
    Two,
    /// An account's from some time on.
    Latecomer,
}

impl Holder {
    pub(crate) fn of(visitor: &Visitor) -> Self {
        match visitor.number.div_ceil(2) % 4 {
            0 => Self::Nobody,
            1 => Self::Account,
            2 => Self::Two,
            _ => Self::Latecomer,
        }
    }
}

/// The customer who is known by a visitor's address alone.
pub(crate) fn alone(visitor: &Visitor) -> CustomerId {
    Handle::phone(&number(&visitor.identity())).unwrap().customer()
}

/// The customer whose account has a visitor's address.
pub(crate) fn account(visitor: &Visitor) -> CustomerId {
    CustomerId::derive(&[b"customer", b"default", visitor.number.to_string().as_bytes()])
}

/// The accounts that have proved a visitor's address before anybody writes.
pub(crate) async fn begin(world: &World, visitor: &Visitor) {
    let number = visitor.number.to_string();
    let subs = match Holder::of(visitor) {
        Holder::Nobody | Holder::Latecomer => vec![],
        Holder::Account => vec![number],
        Holder::Two => vec![format!("{number}, another"), number],
    };
    for sub in subs {
        sign_in(world, visitor, &sub).await;
    }
}

/// An account signs in now and then, with the visitor's address proved.
pub(crate) async fn come_late(world: World, mut rng: Rng, facts: Shared, visitor: Visitor) {
    loop {
        world.sleep(rng.u64(0..120_000)).await;
        if facts.borrow().writing == 0 {
            return;
        }
        sign_in(&world, &visitor, &visitor.number.to_string()).await;
    }
}

/// Signs in as often as it takes.
async fn sign_in(world: &World, visitor: &Visitor, sub: &str) {
    let number = number(&visitor.identity());
    let claims = json!({
        "sub": sub, "aud": "frontdesk", "exp": 4_000_000_000_u64,
        "phone_number": number, "phone_number_verified": true,
    });
    let jwt = encode(&Header::default(), &claims, &EncodingKey::from_secret(SECRET)).unwrap();
    let guard = Guard { secrets: world, clock: world };
    let desk = Reception { guard, inbound: world, random: world, handles: world, customers: world, days: 1 };
    let request = SessionRequest { identity: Some(&jwt), ..SessionRequest::default() };
    while open_session(&desk, &request).await.is_err() {
        world.sleep(200).await;
    }
}

/// When nobody writes any more, whoever came late comes once more: all who are known by the address alone are theirs. It is
/// another day, so that nothing counts as sent already.
pub(crate) async fn end(world: &World, visitors: &[Visitor]) {
    world.pass(24 * 60 * 60);
    for visitor in visitors.iter().filter(|visitor| Holder::of(visitor) == Holder::Latecomer) {
        sign_in(world, visitor, &visitor.number.to_string()).await;
    }
}

//! To whom each visitor belongs, judged turn by turn.

use domain::{Author, Change, Conversation, CustomerId, Link, Proof, Turn};

use crate::accounts::{Holder, account, alone};
use crate::stage::{Stage, Way};
use crate::visitors::Visitor;

/// The first thing about a visitor's customer that is not as it must be. `erased`: the number of the last turn of which
/// only the key is left.
pub(crate) fn violation(
    stage: &Stage,
    visitor: &Visitor,
    heads: &[Conversation],
    turns: &[Turn],
    erased: u64,
) -> Option<String> {
    let mut before: Option<&Conversation> = None;
    for (head, turn) in heads.iter().zip(turns) {
        let old = before.filter(|old| !old.is_erased());
        let known = turn.number > erased && !head.is_erased();
        let found = match old {
            Some(old) if known => moved(visitor, old.link.as_ref(), head.link.as_ref(), turn),
            None if known && stage.way != Way::Web => first(visitor, head.link.as_ref(), turn),
            Some(_) | None => None,
        };
        if let Some(text) = found {
            return Some(format!("turn {}: {text}", turn.number));
        }
        before = Some(head);
    }
    let link = heads.last().and_then(|head| head.link.as_ref());
    let members = stage.world.customers_of(&visitor.group());
    let linked: Vec<CustomerId> = link.map(|link| link.customer.clone()).into_iter().collect();
    if members != linked {
        return Some(format!("the head says {linked:?}, the members {members:?}"));
    }
    let late = stage.way != Way::Web && Holder::of(visitor) == Holder::Latecomer;
    let left = late && link.is_some_and(|link| link.customer == alone(visitor) && !link.separated);
    left.then(|| "known by an address alone that an account has".to_owned())
}

/// The first turn of somebody whose user id is an address links by it.
fn first(visitor: &Visitor, link: Option<&Link>, turn: &Turn) -> Option<String> {
    if !turn.messages.iter().any(|message| message.author == Author::Customer) {
        return None;
    }
    let linked = link.map(|link| &link.customer);
    let right = match Holder::of(visitor) {
        Holder::Nobody => linked == Some(&alone(visitor)),
        Holder::Account => linked == Some(&account(visitor)),
        Holder::Two => linked.is_none(),
        Holder::Latecomer => linked == Some(&alone(visitor)) || linked == Some(&account(visitor)),
    };
    (!right).then(|| format!("{:?}'s address, linked to {linked:?}", Holder::of(visitor)))
}

/// Whoever belongs to a customer becomes another's by hand only, or by the very address by which alone they were known.
fn moved(visitor: &Visitor, old: Option<&Link>, new: Option<&Link>, turn: &Turn) -> Option<String> {
    let old = old?;
    if new == Some(old) {
        return None;
    }
    let by_hand =
        |change: &Change| matches!(change, Change::Unlinked { .. } | Change::Linked { proof: Proof::Agent { .. }, .. });
    let by_address = |change: &Change| {
        let alone = old.customer == alone(visitor) && !old.separated;
        matches!(change, Change::Linked { customer, proof: Proof::VerifiedPhone, .. } if *customer == account(visitor) && alone)
    };
    let may = turn.changes.iter().any(|change| by_hand(change) || by_address(change));
    (!may).then(|| format!("{old:?} became {new:?} by {:?}", turn.changes))
}

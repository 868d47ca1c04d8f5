//! One customer, many identities. A customer's members are kept beside the heads and change in the same commit.

use domain::{Change, Conversation, CustomerId, Handle, HandleKind, Identity, Proof, Turn, UnixMillis};
use serde::{Deserialize, Serialize};

use crate::ports::HandleOwner;

/// An identity that belongs to a customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// The identity.
    #[serde(rename = "w")]
    pub identity: Identity,
    /// Since when it belongs to the customer.
    #[serde(rename = "t")]
    pub since: UnixMillis,
    /// What that rests on.
    #[serde(rename = "p")]
    pub proof: Proof,
}

/// An address that a customer has proved; which, only its key says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    /// What it is.
    #[serde(rename = "k")]
    pub kind: HandleKind,
    /// When it was last proved, within a day.
    #[serde(rename = "t")]
    pub at: UnixMillis,
}

/// To whom somebody belongs who has proved these addresses, and by which of them. A contested address says nothing, and
/// owners who differ contradict each other: then to nobody. What nobody owns stands for itself, the first first.
pub fn belongs_to<'h>(
    proved: impl IntoIterator<Item = (&'h Handle, Option<HandleOwner>)>,
) -> Option<(&'h Handle, CustomerId)> {
    let (mut owned, mut alone) = (None, None);
    for (handle, owner) in proved {
        match (owner, &owned) {
            (Some(HandleOwner::Customer(customer)), Some((_, other))) if customer != *other => return None,
            (Some(HandleOwner::Customer(customer)), None) => owned = Some((handle, customer)),
            (None, _) => alone = alone.or_else(|| Some((handle, handle.customer()))),
            (Some(HandleOwner::Customer(_)), Some(_)) | (Some(HandleOwner::Contested), _) => {}
        }
    }
    owned.or(alone)
}

/// What a turn changes about who belongs to whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Move {
    /// The customer that the identity leaves, if it was another's.
    pub from: Option<CustomerId>,
    /// The customer that it belongs to now; none: the person was forgotten.
    pub to: Option<CustomerId>,
    /// As what.
    pub member: Member,
}

/// The move that a turn makes, if it makes one; `head` is the state after it.
pub fn moved(head: &Conversation, turn: &Turn) -> Option<Move> {
    turn.changes.iter().find_map(|change| {
        let (from, proof) = match change {
            // The member goes with the person, in the same commit.
            Change::Forgotten { customer: Some(customer), .. } => {
                let member = Member { identity: head.identity.clone(), since: turn.at, proof: Proof::SignedIdentity };
                return Some(Move { from: Some(customer.clone()), to: None, member });
            }
            Change::Linked { from, proof, .. } => (from, proof.clone()),
            Change::Unlinked { from, agent } => (from, Proof::Agent { agent: agent.clone() }),
            Change::Queued { .. }
            | Change::QueueEnded
            | Change::Accepted { .. }
            | Change::LeaseEnded { .. }
            | Change::Transferred { .. }
            | Change::HandedBack { .. }
            | Change::Noted { .. }
            | Change::WrappedUp { .. }
            | Change::Reopened
            | Change::Closed { .. }
            | Change::Reminded
            | Change::SurveyAsked
            | Change::Rated { .. }
            | Change::Limited
            | Change::Refused { .. }
            | Change::Delivery { .. }
            | Change::Seen { .. }
            | Change::Withheld { .. }
            | Change::OptedOut
            | Change::OptedIn
            | Change::Media { .. }
            | Change::ActionCalled(_)
            | Change::ActionEnded(_)
            | Change::Collected { .. }
            | Change::Written(_)
            | Change::LinkRefused { .. }
            | Change::Briefed { .. }
            | Change::Forgotten { .. } => return None,
        };
        let to = head.customer();
        let from = (*from != to).then(|| from.clone());
        Some(Move { from, to: Some(to), member: Member { identity: head.identity.clone(), since: turn.at, proof } })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_contradict_each_other_say_nothing() {
        let (email, phone) = (Handle::email("ann@example.com").unwrap(), Handle::phone("+14155550100").unwrap());
        let [ann, bob] = ["ann", "bob"].map(|name| CustomerId::derive(&[name.as_bytes()]));
        let of = |customer: &CustomerId| Some(HandleOwner::Customer(customer.clone()));
        let contested = || Some(HandleOwner::Contested);
        for (owners, belongs) in [
            ((None, None), Some((&email, email.customer()))),
            ((of(&ann), of(&ann)), Some((&email, ann.clone()))),
            ((of(&ann), None), Some((&email, ann.clone()))),
            ((None, of(&bob)), Some((&phone, bob.clone()))),
            ((of(&ann), of(&bob)), None),
            ((contested(), None), Some((&phone, phone.customer()))),
            ((None, contested()), Some((&email, email.customer()))),
            ((contested(), of(&bob)), Some((&phone, bob.clone()))),
            ((contested(), contested()), None),
        ] {
            let proved = [(&email, owners.0.clone()), (&phone, owners.1.clone())];
            assert_eq!(belongs_to(proved), belongs, "{owners:?}");
        }
        assert_eq!(belongs_to([]), None);
    }
}

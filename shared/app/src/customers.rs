//! One customer, many identities. A customer's members are kept beside the heads and change in the same commit.

use domain::{Change, Conversation, CustomerId, Identity, Proof, Turn, UnixMillis};
use serde::{Deserialize, Serialize};

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
            | Change::Media { .. }
            | Change::LinkRefused { .. }
            | Change::Forgotten { .. } => return None,
        };
        let to = head.customer();
        let from = (*from != to).then(|| from.clone());
        Some(Move { from, to: Some(to), member: Member { identity: head.identity.clone(), since: turn.at, proof } })
    })
}

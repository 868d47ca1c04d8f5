//! To which customer the identity belongs.

use super::draft::Draft;
use crate::{AgentId, Change, CustomerId, Link, Proof};

/// The identity turned out to be a customer's. Automatic proofs never take it away from another customer, and never
/// undo what a person of the company decided. One exception: whoever is known by an address alone is the one whose the
/// address turns out to be.
pub(super) fn linked(draft: &mut Draft<'_>, customer: &CustomerId, proof: &Proof, address: Option<&CustomerId>) {
    let from = draft.head.customer();
    // A first link to its own customer counts: others may be linked to that one.
    if from == *customer && draft.head.link.is_some() {
        return;
    }
    if draft.head.link.as_ref().is_some_and(|link| !gives_way(link, proof, address)) {
        draft.changes.push(Change::LinkRefused { customer: customer.clone() });
        return;
    }
    draft.head.link = Some(Link { customer: customer.clone(), separated: false });
    draft.changes.push(Change::Linked { customer: customer.clone(), from, proof: proof.clone() });
}

/// Whether a link makes room for another.
fn gives_way(link: &Link, proof: &Proof, address: Option<&CustomerId>) -> bool {
    match proof {
        Proof::Agent { .. } => true,
        Proof::VerifiedEmail | Proof::VerifiedPhone => !link.separated && address == Some(&link.customer),
        Proof::SignedIdentity => false,
    }
}

/// The identity is not its customer's: it is on its own again.
pub(super) fn separated(draft: &mut Draft<'_>, agent: &AgentId) {
    let from = draft.head.customer();
    let own = CustomerId::of(&draft.head.identity);
    if from == own {
        return;
    }
    draft.head.link = Some(Link { customer: own, separated: true });
    draft.changes.push(Change::Unlinked { from, agent: agent.clone() });
}

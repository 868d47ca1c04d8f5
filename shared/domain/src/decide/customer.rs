//! To which customer the identity belongs.

use super::draft::Draft;
use crate::{AgentId, Change, CustomerId, Link, Proof};

/// The identity turned out to be a customer's. Automatic proofs never take it away from another customer, and never
/// undo what a person of the company decided.
pub(super) fn linked(draft: &mut Draft<'_>, customer: &CustomerId, proof: &Proof) {
    let from = draft.head.customer();
    // A first link to its own customer counts: others may be linked to that one.
    if from == *customer && draft.head.link.is_some() {
        return;
    }
    let by_hand = matches!(proof, Proof::Agent { .. });
    if draft.head.link.is_some() && !by_hand {
        draft.changes.push(Change::LinkRefused { customer: customer.clone() });
        return;
    }
    draft.head.link = Some(Link { customer: customer.clone(), separated: false });
    draft.changes.push(Change::Linked { customer: customer.clone(), from, proof: proof.clone() });
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

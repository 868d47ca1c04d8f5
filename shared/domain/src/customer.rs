//! A person across channels.

use serde::{Deserialize, Serialize};

use crate::{CustomerId, Identity};

/// A customer and the identities that are known to be theirs. Linking never rests on a display name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Customer {
    /// The customer.
    pub id: CustomerId,
    /// Their identities, oldest first.
    pub identities: Vec<Identity>,
}

impl Customer {
    /// The customer that an identity is until it is linked to another.
    pub fn of(identity: &Identity) -> Self {
        Self { id: CustomerId::derive(&[identity.group().as_str().as_bytes()]), identities: vec![identity.clone()] }
    }
}

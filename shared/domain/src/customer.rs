//! A person across channels: identities that are known to be theirs. Linking never rests on a display name.

use serde::{Deserialize, Serialize};

use crate::{AgentId, CustomerId, Identity};

/// To which customer an identity belongs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// The customer.
    pub customer: CustomerId,
    /// Set once a person of the company separated the identity: no automatic proof links it again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub separated: bool,
}

/// What a link rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "proof", rename_all = "snake_case")]
pub enum Proof {
    /// The company's own signature says who it is.
    SignedIdentity,
    /// The e-mail address, proven by the channel or signed by the company.
    VerifiedEmail,
    /// The phone number, proven by the channel or signed by the company.
    VerifiedPhone,
    /// A person of the company decided it.
    Agent {
        /// Who.
        agent: AgentId,
    },
}

/// A link that was proven and is to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proven {
    /// The customer.
    pub customer: CustomerId,
    /// What it rests on.
    pub proof: Proof,
}

impl CustomerId {
    /// The customer that an identity is until it is linked to another.
    pub fn of(identity: &Identity) -> Self {
        Self::derive(&[identity.group().as_str().as_bytes()])
    }
}

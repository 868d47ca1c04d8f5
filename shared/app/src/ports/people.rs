//! Whose identities and addresses are, and when people of the company were at work.

use async_trait::async_trait;
use domain::{CustomerId, Handle, UnixMillis};

use crate::PortError;
use crate::customers::Member;

/// Who belongs to a customer.
#[async_trait]
pub trait Customers: Send + Sync {
    /// The identities that are linked to the customer.
    async fn members(&self, customer: &CustomerId) -> Result<Vec<Member>, PortError>;
}

/// Whose an address is, among the company's accounts.
#[async_trait]
pub trait Handles: Send + Sync {
    /// The customer has proved the address. The first who does owns it, however often; a second contests it, and from
    /// then on it is nobody's: which of the two wrote from it cannot be told.
    async fn claim(&self, handle: &Handle, customer: &CustomerId, now: UnixMillis) -> Result<HandleOwner, PortError>;

    /// Whose it is; `None` if no account has proved it.
    async fn owner(&self, handle: &Handle) -> Result<Option<HandleOwner>, PortError>;
}

/// Whose an address is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HandleOwner {
    /// This customer's.
    Customer(CustomerId),
    /// Two accounts have proved it.
    Contested,
}

/// When people of the company were at work on conversations, whoever they are.
#[async_trait]
pub trait People: Send + Sync {
    /// Somebody was at that time. An earlier time than the one that is known changes nothing.
    async fn seen(&self, at: UnixMillis) -> Result<(), PortError>;

    /// When the last of them was.
    async fn last_seen(&self) -> Result<Option<UnixMillis>, PortError>;
}

//! Errors by what can be done about them.

use std::error::Error;

/// What can be done about an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Try again later: throttled, unreachable, timed out.
    Transient,
    /// Trying again cannot help.
    Permanent,
}

/// An outside service that did not do what was asked.
#[derive(Debug, thiserror::Error)]
#[error("{doing} failed")]
pub struct PortError {
    /// What was being done, such as `send to the inbound queue`.
    pub doing: &'static str,
    /// What can be done about it.
    pub kind: Kind,
    /// Why, for the log.
    #[source]
    pub source: Box<dyn Error + Send + Sync>,
}

impl PortError {
    /// Worth another try.
    pub fn transient(doing: &'static str, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { doing, kind: Kind::Transient, source: source.into() }
    }

    /// Not worth another try.
    pub fn permanent(doing: &'static str, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { doing, kind: Kind::Permanent, source: source.into() }
    }
}

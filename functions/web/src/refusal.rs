//! Errors as answers. What a visitor sees never tells more than they need to mend it.

use app::PortError;
use app::accept::AcceptError;
use app::visitor::VisitorError;
use channels::{Reject, VerifyError};
use lambda_http::http::StatusCode;
use runtime::http::Problem;

/// The answer to a request that a use case refused.
pub(crate) fn visitor(error: VisitorError) -> Problem {
    match error {
        VisitorError::Verify(error) => verify(&error),
        VisitorError::Reject(fault) => reject(fault),
        VisitorError::Port(error) => port(&error),
    }
}

/// The answer to a request that the door refused.
pub(crate) fn accept(error: &AcceptError) -> Problem {
    match error {
        AcceptError::Verify(error) => verify(error),
        AcceptError::Port(error) => port(error),
    }
}

/// A token that does not hold.
pub(crate) fn verify(error: &VerifyError) -> Problem {
    match error {
        VerifyError::NoKey(purpose) => {
            tracing::error!(purpose, "no key is set: run `cargo local secrets set web`");
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, "the chat is not set up yet; try again later")
        }
        VerifyError::Missing(_) | VerifyError::Refused(_) | VerifyError::Expired => {
            Problem::new(StatusCode::UNAUTHORIZED, format!("{error}; open a session with POST /v1/sessions"))
        }
    }
}

/// A field that is wrong.
pub(crate) fn reject(fault: Reject) -> Problem {
    if fault.field.is_empty() {
        return Problem::new(StatusCode::BAD_REQUEST, fault.reason).at("body");
    }
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, fault.reason).at(fault.field)
}

/// A service that failed.
pub(crate) fn port(error: &PortError) -> Problem {
    tracing::error!(error = %error.source, "{error}");
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "not possible right now; try again in a few seconds")
}

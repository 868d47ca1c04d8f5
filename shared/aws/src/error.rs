//! SDK errors as port errors. Every failure of a service counts as transient: a missing permission or table is mended
//! by people while the record waits, and the queue's receive limit ends what nobody mends.

use std::error::Error;

use app::PortError;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::display::DisplayErrorContext;

/// Wraps an SDK error with what was being done.
pub(crate) fn failed<E, R>(doing: &'static str) -> impl FnOnce(SdkError<E, R>) -> PortError
where
    E: Error + Send + Sync + 'static,
    R: std::fmt::Debug + Send + Sync + 'static,
{
    move |error| PortError::transient(doing, DisplayErrorContext(error).to_string())
}

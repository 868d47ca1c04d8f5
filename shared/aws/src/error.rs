//! SDK errors as port errors. Every failure of a service counts as transient: a missing permission or table is mended
//! by people while the record waits, and the queue's receive limit ends what nobody mends.

use std::error::Error;

use app::PortError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::display::DisplayErrorContext;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

/// Wraps an SDK error with what was being done.
pub(crate) fn failed<E>(doing: &'static str) -> impl FnOnce(SdkError<E, HttpResponse>) -> PortError
where
    E: Error + ProvideErrorMetadata + Send + Sync + 'static,
{
    move |error| PortError::transient(doing, described(&error))
}

/// What went wrong, without anything of a request's or answer's body: those hold customers' texts and secrets.
fn described<E: Error + ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> String {
    let status = error.raw_response().map_or(0, |response| response.status().as_u16());
    match error {
        SdkError::ServiceError(context) => {
            let refusal = context.err().meta();
            let code = refusal.code().unwrap_or("no code");
            // It names the action and the resource that a role lacks.
            let message = refusal.message().filter(|_| code.starts_with("AccessDenied")).unwrap_or_default();
            format!("{code} (status {status}) {message}")
        }
        SdkError::ResponseError(_) => format!("an unreadable answer (status {status})"),
        SdkError::TimeoutError(_) => "no answer in time".to_owned(),
        SdkError::DispatchFailure(failure) => match failure.as_connector_error() {
            Some(error) => format!("no connection: {}", DisplayErrorContext(error)),
            None => "no connection".to_owned(),
        },
        SdkError::ConstructionFailure(_) => "the request could not be made".to_owned(),
        _ => "an unknown failure".to_owned(),
    }
}

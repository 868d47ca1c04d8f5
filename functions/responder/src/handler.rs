//! One batch of inbound records.

use app::process::{Processed, process};
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use lambda_runtime::{Error, LambdaEvent};
use runtime::batch::{Failure, Record};

use crate::Deps;

/// Handles a batch; answers which records are to come again.
///
/// # Errors
/// None: every failure is a record's own.
pub async fn handle(deps: &Deps, event: LambdaEvent<SqsEvent>) -> Result<SqsBatchResponse, Error> {
    let record = async |record: Record<'_>| match process(&deps.responder(record.time), record.body).await {
        Ok(Processed::Committed(_)) => Ok("Processed"),
        Ok(Processed::Repeated) => Ok("Repeated"),
        Ok(Processed::Ignored) => Ok("Ignored"),
        Err(error) => Err(Failure::of(&error, error.kind(), None)),
    };
    Ok(deps.consumer.run(event, record).await)
}

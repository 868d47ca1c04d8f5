//! One batch of calls.

use app::action::{Worked, work};
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use lambda_runtime::{Error, LambdaEvent};
use runtime::batch::{Failure, Record};

use crate::Deps;

/// Handles a batch; answers which records are to come again.
///
/// # Errors
/// None: every failure is a record's own.
pub async fn handle(deps: &Deps, event: LambdaEvent<SqsEvent>) -> Result<SqsBatchResponse, Error> {
    let record = async |record: Record<'_>| match work(&deps.worker(), record.body, record.last).await {
        Ok(Worked::Done) => Ok("ActionsDone"),
        Ok(Worked::Refused) => Ok("ActionsRefused"),
        Ok(Worked::Failed) => Ok("ActionsFailed"),
        Err(error) => Err(Failure::of(&error, error.kind(), error.after())),
    };
    Ok(deps.consumer.run(event, record).await)
}

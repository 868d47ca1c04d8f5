//! One batch of deliveries.

use app::deliver::{Delivered, deliver};
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use lambda_runtime::{Error, LambdaEvent};
use runtime::batch::{Failure, Record};
use runtime::metrics;

use crate::Deps;

/// Handles a batch; answers which records are to come again.
///
/// # Errors
/// None: every failure is a record's own.
pub async fn handle(deps: &Deps, event: LambdaEvent<SqsEvent>) -> Result<SqsBatchResponse, Error> {
    let record = async |record: Record<'_>| match deliver(&deps.sender(), record.body, record.last).await {
        Ok(Delivered::Sent { time }) => {
            metrics::emit_response_time(time, deps.clock.now());
            Ok("Delivered")
        }
        Ok(Delivered::Repeated) => Ok("Repeated"),
        Ok(Delivered::MaybeSent) => Ok("MaybeSent"),
        Ok(Delivered::Failed(_)) => Ok("Refused"),
        Err(error) => Err(Failure::of(&error, error.kind(), error.after())),
    };
    Ok(deps.consumer.run(event, record).await)
}

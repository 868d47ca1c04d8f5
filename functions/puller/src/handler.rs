//! One batch of news.

use app::pull::{Pulled, pull};
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use lambda_runtime::{Error, LambdaEvent};
use runtime::batch::{Failure, Record};

use crate::Deps;

/// Handles a batch; answers which records are to come again.
///
/// # Errors
/// None: every failure is a record's own.
pub async fn handle(deps: &Deps, event: LambdaEvent<SqsEvent>) -> Result<SqsBatchResponse, Error> {
    let record = async |record: Record<'_>| {
        // A page that is begun in the first half of the time ends in the second.
        let half = i64::try_from(record.time.as_millis() / 2).unwrap_or(i64::MAX);
        let until = deps.clock.now().plus_millis(half);
        match pull(&deps.puller(), record.body, until).await {
            Ok(Pulled::Done { .. }) => Ok("Pulled"),
            Ok(Pulled::Again { .. }) => Ok("PulledInPart"),
            Ok(Pulled::Overtaken) => Ok("Overtaken"),
            Err(error) => Err(Failure::of(&error, error.kind(), error.after())),
        }
    };
    Ok(deps.consumer.run(event, record).await)
}

//! One batch of deliveries.

use app::Kind;
use app::deliver::{DeliverError, deliver};
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use lambda_runtime::{Error, LambdaEvent};
use runtime::batch::{Failure, Limits, run};
use runtime::metrics;

use crate::Deps;

/// Handles a batch; answers which records are to come again.
///
/// # Errors
/// None: every failure is a record's own.
pub async fn handle(deps: &Deps, event: LambdaEvent<SqsEvent>) -> Result<SqsBatchResponse, Error> {
    let deadline = event.context.deadline();
    let limits = Limits {
        max_receives: deps.max_receives,
        reserve: deps.reserve,
        dead_letters: deps.dead_letters.as_ref(),
        put_off: Some(deps.put_off.as_ref()),
    };
    let left = || deadline.duration_since(runtime::batch::now()).unwrap_or_default();
    let (response, tally) = run(event.payload, limits, left, async |body: &str| record(deps, body).await).await;
    let counts = [("Delivered", tally.done), ("Failed", tally.failed), ("Dead", tally.dead)];
    metrics::emit("outbound", &counts, deps.clock.now());
    Ok(response)
}

async fn record(deps: &Deps, body: &str) -> Result<(), Failure> {
    deliver(&deps.sender(), body).await.map(drop).map_err(|error| failure(&error))
}

fn failure(error: &DeliverError) -> Failure {
    let source = std::error::Error::source(error).map(|source| format!(": {source}")).unwrap_or_default();
    Failure { reason: format!("{error}{source}"), hopeless: error.kind() == Kind::Permanent, after: error.after() }
}

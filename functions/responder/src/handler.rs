//! One batch of inbound records.

use app::Kind;
use app::process::{ProcessError, process};
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use lambda_runtime::{Error, LambdaEvent};
use runtime::batch::{Failure, Fault, Limits, run};
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
        put_off: deps.put_off.as_ref(),
    };
    let left = || deadline.duration_since(runtime::batch::now()).unwrap_or_default();
    let (response, tally) = run(event.payload, limits, left, async |body: &str| record(deps, body).await).await;
    let counts = [("Processed", tally.done), ("Failed", tally.failed), ("Dead", tally.dead)];
    metrics::emit(&deps.function, &counts, deps.clock.now());
    Ok(response)
}

async fn record(deps: &Deps, body: &str) -> Result<(), Failure> {
    process(&deps.responder(), body).await.map(drop).map_err(|error| failure(&error))
}

fn failure(error: &ProcessError) -> Failure {
    let source = std::error::Error::source(error).map(|source| format!(": {source}")).unwrap_or_default();
    let fault = match error.kind() {
        Kind::Permanent => Fault::Hopeless,
        Kind::Transient => Fault::Outage { after: None },
    };
    Failure { reason: format!("{error}{source}"), fault }
}

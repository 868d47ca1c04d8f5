//! One batch of deliveries.

use std::cell::Cell;

use app::Kind;
use app::deliver::{DeliverError, Delivered, deliver};
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
    let refused = Cell::new(0);
    let record = async |body: &str| {
        let delivered = deliver(&deps.sender(), body).await.map_err(|error| failure(&error))?;
        refused.set(refused.get() + u64::from(matches!(delivered, Delivered::Failed(_))));
        Ok(())
    };
    let (response, tally) = run(event.payload, limits, left, record).await;
    let delivered = tally.done.saturating_sub(refused.get());
    let counts = [("Delivered", delivered), ("Refused", refused.get()), ("Failed", tally.failed), ("Dead", tally.dead)];
    metrics::emit(&deps.function, &counts, deps.clock.now());
    Ok(response)
}

fn failure(error: &DeliverError) -> Failure {
    let source = std::error::Error::source(error).map(|source| format!(": {source}")).unwrap_or_default();
    let fault = match error.kind() {
        Kind::Permanent => Fault::Hopeless,
        Kind::Transient => Fault::Outage { after: error.after() },
    };
    Failure { reason: format!("{error}{source}"), fault }
}

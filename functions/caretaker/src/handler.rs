//! One round.

use app::subscribe::{Subscribed, subscribe};
use lambda_runtime::{Error, LambdaEvent};
use runtime::metrics;
use serde::Serialize;
use serde::de::IgnoredAny;

use crate::Deps;

/// How the accounts of all channels are, for whoever invokes it by hand.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub struct Done {
    /// Accounts whose webhooks come.
    pub held: u64,
    /// Accounts whose webhooks had been stopped, and come again.
    pub renewed: u64,
}

/// Looks after every account of every channel that it is for. The event says nothing.
///
/// # Errors
/// Not every account's webhooks come for sure: Lambda tries again twice, and then tells the alarm.
pub async fn handle(deps: &Deps, _event: LambdaEvent<IgnoredAny>) -> Result<Done, Error> {
    let mut all = Subscribed::default();
    for channel in &deps.subscribed {
        match subscribe(&deps.caretaker(), *channel).await {
            Ok(Subscribed { held, renewed, failed }) => {
                all.held += held;
                all.renewed += renewed;
                all.failed += failed;
            }
            Err(error) => {
                tracing::error!(%channel, error = %error.source, "{error}");
                all.failed += 1;
            }
        }
    }
    let Subscribed { held, renewed, failed } = all;
    if let Some(function) = &deps.function {
        metrics::emit(function, &[("Renewed", renewed), ("Failed", failed)], deps.clock.now());
    }
    if failed > 0 {
        return Err(format!("of {failed} accounts or channels nobody knows whether webhooks come: see the log").into());
    }
    Ok(Done { held, renewed })
}

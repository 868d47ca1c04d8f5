//! The action worker's process.

use action::{Deps, handle};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use runtime::settings::Settings;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let mut settings = Settings::from_environment();
    runtime::telemetry::start(&settings.text("LOG_LEVEL"));
    let deps = Deps::from_settings(settings).await?;
    run(service_fn(async |event: LambdaEvent<_>| handle(&deps, event).await)).await
}

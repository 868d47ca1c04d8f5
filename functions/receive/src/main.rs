//! A receiving function's process.

use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use receive::{Deps, handle};
use runtime::fault;
use runtime::settings::Settings;
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let mut settings = Settings::from_environment();
    runtime::telemetry::start(&settings.text("LOG_LEVEL"));
    let deps = Deps::from_settings(settings).await?;
    let handle = async |event: LambdaEvent<Value>| {
        let answer = handle(&deps, &event.payload).await;
        fault::point("before_ack", &event.context.request_id).await;
        answer.map_err(Error::from)
    };
    run(service_fn(handle)).await
}

//! A webhook's process.

use lambda_http::{Error, run, service_fn};
use runtime::fault;
use runtime::settings::Settings;
use webhook::{WebhookDoor, handle};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let mut settings = Settings::from_environment();
    runtime::telemetry::start(&settings.text("LOG_LEVEL"));
    let door = WebhookDoor::from_settings(settings).await?;
    let handle = async |request| {
        let answer = handle(&door, request).await;
        fault::point("before_ack", "-").await;
        Ok::<_, Error>(answer)
    };
    run(service_fn(handle)).await
}

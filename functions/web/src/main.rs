//! The visitors' door as a process.

use lambda_http::{Error, run, service_fn};
use lambda_runtime::LambdaEvent;
use runtime::fault;
use runtime::settings::Settings;
use web::{HttpDoor, SocketDoor, handle_http, handle_socket};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let mut settings = Settings::from_environment();
    runtime::telemetry::start(&settings.text("LOG_LEVEL"));
    match settings.text("DOOR").as_str() {
        "socket" => {
            let door = SocketDoor::from_settings(settings).await?;
            let handle = async |event: LambdaEvent<_>| Ok::<_, Error>(handle_socket(&door, event.payload).await);
            lambda_runtime::run(lambda_runtime::service_fn(handle)).await
        }
        "http" => {
            let door = HttpDoor::from_settings(settings).await?;
            let handle = async |request| {
                let answer = handle_http(&door, request).await;
                fault::point("before_ack", "-").await;
                Ok::<_, Error>(answer)
            };
            run(service_fn(handle)).await
        }
        _ => Err("settings: DOOR is neither http nor socket".into()),
    }
}

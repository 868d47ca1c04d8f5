//! What an outbound function is made of, from its settings.

use std::time::Duration;

use app::deliver::Sender;
use app::ports::Wire;
use aws::dynamo::Retention;
use aws::{Aws, DynamoDeliveries, SocketWire, SqsDeadLetters, SqsPutOff, SystemClock};
use runtime::settings::{Settings, SettingsError};

/// The outbound function's parts.
pub struct Deps {
    deliveries: DynamoDeliveries,
    wire: Box<dyn Wire>,
    pub(crate) dead_letters: SqsDeadLetters,
    pub(crate) put_off: SqsPutOff,
    pub(crate) max_receives: u32,
    pub(crate) reserve: Duration,
}

impl Deps {
    /// Reads the settings of the transport named by `TRANSPORT` and makes the clients.
    ///
    /// # Errors
    /// Every setting that is missing or wrong.
    pub async fn from_settings(mut read: Settings) -> Result<Self, SettingsError> {
        let call = Duration::from_millis(read.value("CALL_TIMEOUT_MS"));
        let (table, retention) = (read.text("TABLE"), Retention::days(read.value("RETENTION_DAYS")));
        let (queue, dead) = (read.text("QUEUE_URL"), read.text("DLQ_URL"));
        let max_receives = read.value("MAX_RECEIVES");
        let endpoint = match read.text("TRANSPORT").as_str() {
            "web" => read.text("SOCKET_ENDPOINT"),
            _ => read.wrong("TRANSPORT is not one of: web"),
        };
        read.finish(())?;
        let aws = Aws::from_environment(call).await;
        Ok(Self {
            deliveries: DynamoDeliveries::new(&aws, &table, retention),
            wire: Box::new(SocketWire::new(&aws, &endpoint, &table)),
            dead_letters: SqsDeadLetters::new(&aws, &dead),
            put_off: SqsPutOff::new(&aws, &queue),
            max_receives,
            reserve: call,
        })
    }

    /// The use case's view of the parts.
    pub(crate) fn sender(&self) -> Sender<'_> {
        Sender { deliveries: &self.deliveries, wire: self.wire.as_ref(), clock: &SystemClock }
    }
}

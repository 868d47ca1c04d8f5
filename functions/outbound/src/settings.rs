//! What an outbound function is made of, from its settings.

use std::time::Duration;

use app::deliver::Sender;
use app::ports::{Clock, DeadLetters, Deliveries, PutOff, Wire};
use aws::dynamo::Retention;
use aws::{Aws, DynamoDeliveries, SocketWire, SqsDeadLetters, SqsPutOff, SystemClock};
use runtime::settings::{Settings, SettingsError};

/// The outbound function's parts.
pub struct Deps {
    /// The claims.
    pub deliveries: Box<dyn Deliveries>,
    /// The providers.
    pub wire: Box<dyn Wire>,
    /// The time.
    pub clock: Box<dyn Clock>,
    /// Where records go that cannot be delivered.
    pub dead_letters: Box<dyn DeadLetters>,
    /// How records are put off.
    pub put_off: Box<dyn PutOff>,
    /// Receives after which any failing record is given up.
    pub max_receives: u32,
    /// The function's name, as metrics show it.
    pub function: String,
    /// What is kept of the function's time to put records off and answer.
    pub reserve: Duration,
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
        let function = read.text("AWS_LAMBDA_FUNCTION_NAME");
        read.finish(())?;
        let aws = Aws::from_environment(call).await;
        Ok(Self {
            deliveries: Box::new(DynamoDeliveries::new(&aws, &table, retention)),
            wire: Box::new(SocketWire::new(&aws, &endpoint, &table)),
            clock: Box::new(SystemClock),
            dead_letters: Box::new(SqsDeadLetters::new(&aws, &dead)),
            put_off: Box::new(SqsPutOff::new(&aws, &queue)),
            max_receives,
            function,
            reserve: call,
        })
    }

    /// The use case's view of the parts.
    pub(crate) fn sender(&self) -> Sender<'_> {
        Sender { deliveries: self.deliveries.as_ref(), wire: self.wire.as_ref(), clock: self.clock.as_ref() }
    }
}

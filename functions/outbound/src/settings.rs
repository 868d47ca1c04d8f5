//! What an outbound function is made of, from its settings.

use app::deliver::Sender;
use app::ports::{Clock, Deliveries, InboundQueue, Wire};
use aws::dynamo::Retention;
use aws::{Aws, DynamoDeliveries, SocketWire, SqsDeadLetters, SqsInbound, SqsPutOff, SystemClock};
use channels::Registry;
use runtime::consumer::{Consumer, ConsumerSettings};
use runtime::fault::watched;
use runtime::settings::{Settings, SettingsError};

/// The outbound function's parts.
pub struct Deps {
    /// The channels.
    pub channels: Registry,
    /// The claims.
    pub deliveries: Box<dyn Deliveries>,
    /// The providers.
    pub wire: Box<dyn Wire>,
    /// Where the conversation learns what became of a delivery.
    pub inbound: Box<dyn InboundQueue>,
    /// The time.
    pub clock: Box<dyn Clock>,
    /// Seconds for which a claim keeps other senders away.
    pub lease_seconds: i64,
    /// How batches are run.
    pub consumer: Consumer,
}

impl Deps {
    /// Reads the settings of the transport named by `TRANSPORT` and makes the clients.
    ///
    /// # Errors
    /// Every setting that is missing or wrong.
    pub async fn from_settings(mut read: Settings) -> Result<Self, SettingsError> {
        let consumer = ConsumerSettings::read(&mut read);
        let (table, retention) = (read.text("TABLE"), Retention::days(read.value("RETENTION_DAYS")));
        let (inbound, lease_seconds) = (read.text("INBOUND_QUEUE_URL"), read.value("LEASE_SECONDS"));
        let endpoint = match read.text("TRANSPORT").as_str() {
            "web" => read.text("SOCKET_ENDPOINT"),
            _ => read.wrong("TRANSPORT is not one of: web"),
        };
        read.finish(())?;
        let aws = Aws::from_environment(consumer.call).await;
        let dead_letters = SqsDeadLetters::new(&aws, &consumer.dead_letter_queue);
        let put_off = SqsPutOff::new(&aws, &consumer.queue);
        Ok(Self {
            channels: channels::channel,
            deliveries: Box::new(watched(DynamoDeliveries::new(&aws, &table, retention))),
            wire: Box::new(watched(SocketWire::new(&aws, &endpoint, &table))),
            inbound: Box::new(watched(SqsInbound::new(&aws, &inbound))),
            clock: Box::new(SystemClock),
            lease_seconds,
            consumer: consumer.consumer(dead_letters, put_off, SystemClock),
        })
    }

    /// The use case's view of the parts.
    pub(crate) fn sender(&self) -> Sender<'_> {
        Sender {
            channels: self.channels,
            deliveries: self.deliveries.as_ref(),
            wire: self.wire.as_ref(),
            inbound: self.inbound.as_ref(),
            clock: self.clock.as_ref(),
            lease_seconds: self.lease_seconds,
        }
    }
}

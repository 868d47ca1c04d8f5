//! What an outbound function is made of, from its settings.

use app::deliver::Sender;
use app::exchange::TokenStore;
use app::ports::{Clock, Deliveries, InboundQueue, Keyless, Secrets, Threads, Wire};
use aws::dynamo::Retention;
use aws::{
    Aws, DynamoDeliveries, DynamoThreads, SesWire, SnsTexts, SocketWire, SqsDeadLetters, SqsInbound, SqsPutOff,
    SsmSecrets, SystemClock,
};
use channels::Registry;
use runtime::consumer::{Consumer, ConsumerSettings};
use runtime::fault::watched;
use runtime::settings::{Settings, SettingsError};
use runtime::wire::{HttpWire, Route};

use crate::wires::Wires;

/// The outbound function's parts.
pub struct Deps {
    /// The channels.
    pub channels: Registry,
    /// The claims.
    pub deliveries: Box<dyn Deliveries>,
    /// The channels' secrets.
    pub secrets: Box<dyn Secrets>,
    /// The providers.
    pub wire: Box<dyn Wire>,
    /// Where it is noted to which threads deliveries belong.
    pub threads: Option<Box<dyn Threads>>,
    /// Accounts' access tokens.
    pub tokens: TokenStore,
    /// Where the conversation learns what became of a delivery.
    pub inbound: Box<dyn InboundQueue>,
    /// The time.
    pub clock: Box<dyn Clock>,
    /// Seconds for which a claim keeps other senders away.
    pub lease_seconds: i64,
    /// How batches are run.
    pub consumer: Consumer,
}

/// How a transport's messages travel.
enum Way {
    /// To visitors' sockets, over this endpoint.
    Sockets(String),
    /// To providers' APIs.
    Providers {
        /// Where the channels' secrets lie.
        secrets: String,
        /// Where the providers' APIs are.
        route: Route,
        /// Whether AWS is one of the providers.
        texts: bool,
    },
    /// As mail.
    Mail {
        /// Where the channels' secrets lie.
        secrets: String,
        /// What tells what becomes of mail, if it is told.
        configuration_set: Option<String>,
    },
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
        let way = match read.text("TRANSPORT").as_str() {
            "web" => Way::Sockets(read.text("SOCKET_ENDPOINT")),
            transport @ ("social" | "sms" | "voice") => Way::Providers {
                secrets: read.text("SECRETS_PREFIX"),
                route: Route::read(&read),
                texts: transport == "sms",
            },
            "email" => Way::Mail {
                secrets: read.text("SECRETS_PREFIX"),
                configuration_set: read.optional("MAIL_CONFIGURATION_SET"),
            },
            _ => Way::Sockets(read.wrong("TRANSPORT is not one of: web, social, sms, voice, email")),
        };
        read.finish(())?;
        let aws = Aws::from_environment(consumer.call).await;
        let threads = matches!(way, Way::Mail { .. })
            .then(|| -> Box<dyn Threads> { Box::new(DynamoThreads::new(&aws, &table, retention)) });
        let (secrets, wire): (Box<dyn Secrets>, Box<dyn Wire>) = match way {
            Way::Mail { secrets, configuration_set } => {
                (Box::new(SsmSecrets::new(&aws, &secrets)), Box::new(watched(SesWire::new(&aws, configuration_set))))
            }
            Way::Sockets(endpoint) => (Box::new(Keyless), Box::new(watched(SocketWire::new(&aws, &endpoint, &table)))),
            Way::Providers { secrets, route, texts } => {
                let http = HttpWire::new(consumer.call, &route)?;
                let wire: Box<dyn Wire> = if texts {
                    Box::new(watched(Wires { http, texts: SnsTexts::new(&aws) }))
                } else {
                    Box::new(watched(http))
                };
                (Box::new(SsmSecrets::new(&aws, &secrets)), wire)
            }
        };
        let dead_letters = SqsDeadLetters::new(&aws, &consumer.dead_letter_queue);
        let put_off = SqsPutOff::new(&aws, &consumer.queue);
        Ok(Self {
            channels: channels::channel,
            deliveries: Box::new(watched(DynamoDeliveries::new(&aws, &table, retention))),
            secrets,
            wire,
            threads,
            tokens: TokenStore::default(),
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
            secrets: self.secrets.as_ref(),
            wire: self.wire.as_ref(),
            threads: self.threads.as_deref(),
            tokens: &self.tokens,
            inbound: self.inbound.as_ref(),
            clock: self.clock.as_ref(),
            lease_seconds: self.lease_seconds,
        }
    }
}

//! What a webhook is made of, from its settings.

use std::time::Duration;

use app::accept::Door;
use app::ports::{Clock, Conversations, Deliveries, InboundQueue, PullQueue, Random, Secrets};
use app::wait::Waiting;
use aws::dynamo::Retention;
use aws::{Aws, DynamoConversations, DynamoDeliveries, SqsInbound, SqsPulls, SsmSecrets, SystemClock, SystemRandom};
use channels::Registry;
use domain::ChannelId;
use runtime::fault::watched;
use runtime::settings::{Settings, SettingsError};

/// Milliseconds that one AWS call of the door may take: providers wait a few seconds.
const CALL_MILLIS: u64 = 2000;

/// A channel's webhook.
pub struct WebhookDoor {
    /// The channels.
    pub channels: Registry,
    /// Whose webhook it is.
    pub channel: ChannelId,
    /// The origin at which providers call it, if something stands in front: some signatures cover the exact address.
    pub public_base_url: Option<String>,
    /// The channel's secrets.
    pub secrets: Box<dyn Secrets>,
    /// Where events go.
    pub inbound: Box<dyn InboundQueue>,
    /// Where news goes whose messages must be fetched, for channels that have such.
    pub pulls: Option<Box<dyn PullQueue>>,
    /// The time.
    pub clock: Box<dyn Clock>,
    /// Where turns and claims are, for channels whose providers wait for the answer.
    pub answers: Option<Answers>,
}

/// What waiting for an answer needs.
pub struct Answers {
    /// The turns.
    pub conversations: Box<dyn Conversations>,
    /// The claims.
    pub deliveries: Box<dyn Deliveries>,
    /// Random bytes.
    pub random: Box<dyn Random>,
}

impl WebhookDoor {
    /// Reads the settings and makes the clients.
    ///
    /// # Errors
    /// Every setting that is missing or wrong.
    pub async fn from_settings(mut read: Settings) -> Result<Self, SettingsError> {
        let (queue, secrets) = (read.text("INBOUND_QUEUE_URL"), read.text("SECRETS_PREFIX"));
        let public_base_url = read.optional("PUBLIC_BASE_URL");
        let name = read.text("CHANNEL");
        let pulls = read.optional("PULLS_QUEUE_URL");
        let table = read.optional("TABLE").map(|table| (table, Retention::days(read.value("RETENTION_DAYS"))));
        read.finish(())?;
        let unknown = || SettingsError::of(format!("CHANNEL: `{name}` is no channel"));
        let channel = ChannelId::from_name(&name).ok_or_else(unknown)?;
        let aws = Aws::from_environment(Duration::from_millis(CALL_MILLIS)).await;
        let answers = table.map(|(table, retention)| Answers {
            conversations: Box::new(DynamoConversations::new(&aws, &table, retention)),
            deliveries: Box::new(watched(DynamoDeliveries::new(&aws, &table, retention))),
            random: Box::new(SystemRandom),
        });
        Ok(Self {
            channels: channels::channel,
            channel,
            public_base_url,
            secrets: Box::new(SsmSecrets::new(&aws, &secrets)),
            inbound: Box::new(watched(SqsInbound::new(&aws, &queue))),
            pulls: pulls.map(|queue| -> Box<dyn PullQueue> { Box::new(watched(SqsPulls::new(&aws, &queue))) }),
            clock: Box::new(SystemClock),
            answers,
        })
    }

    /// The use case's view of the parts.
    pub(crate) fn door(&self) -> Door<'_> {
        let (secrets, inbound, clock) = (self.secrets.as_ref(), self.inbound.as_ref(), self.clock.as_ref());
        Door {
            channels: self.channels,
            secrets,
            inbound,
            pulls: self.pulls.as_deref(),
            threads: None,
            files: None,
            clock,
        }
    }

    /// The view of the parts that waits for an answer, where the function may.
    pub(crate) fn waiting(&self) -> Option<Waiting<'_>> {
        self.answers.as_ref().map(|answers| Waiting {
            channels: self.channels,
            secrets: self.secrets.as_ref(),
            conversations: answers.conversations.as_ref(),
            deliveries: answers.deliveries.as_ref(),
            random: answers.random.as_ref(),
            clock: self.clock.as_ref(),
        })
    }
}

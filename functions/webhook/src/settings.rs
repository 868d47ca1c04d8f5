//! What a webhook is made of, from its settings.

use std::time::Duration;

use app::accept::Door;
use app::ports::{Clock, InboundQueue, Secrets};
use aws::{Aws, SqsInbound, SsmSecrets, SystemClock};
use domain::ChannelId;
use runtime::fault::watched;
use runtime::settings::{Settings, SettingsError};

/// Milliseconds that one AWS call of the door may take: providers wait a few seconds.
const CALL_MILLIS: u64 = 2000;

/// A channel's webhook.
pub struct WebhookDoor {
    /// Whose webhook it is.
    pub channel: ChannelId,
    /// Where the provider calls it: some signatures cover the exact address.
    pub public_base_url: String,
    /// The channel's secrets.
    pub secrets: Box<dyn Secrets>,
    /// Where events go.
    pub inbound: Box<dyn InboundQueue>,
    /// The time.
    pub clock: Box<dyn Clock>,
}

impl WebhookDoor {
    /// Reads the settings and makes the clients.
    ///
    /// # Errors
    /// Every setting that is missing or wrong.
    pub async fn from_settings(mut read: Settings) -> Result<Self, SettingsError> {
        let (queue, secrets) = (read.text("INBOUND_QUEUE_URL"), read.text("SECRETS_PREFIX"));
        let public_base_url = read.text("PUBLIC_BASE_URL");
        let channel = ChannelId::from_name(&read.text("CHANNEL")).unwrap_or_else(|| {
            read.wrong("CHANNEL is no channel's name");
            ChannelId::ALL.first().copied().unwrap_or(ChannelId::Web)
        });
        read.finish(())?;
        let aws = Aws::from_environment(Duration::from_millis(CALL_MILLIS)).await;
        Ok(Self {
            channel,
            public_base_url,
            secrets: Box::new(SsmSecrets::new(&aws, &secrets)),
            inbound: Box::new(watched(SqsInbound::new(&aws, &queue))),
            clock: Box::new(SystemClock),
        })
    }

    /// The use case's view of the parts.
    pub(crate) fn door(&self) -> Door<'_> {
        Door { secrets: self.secrets.as_ref(), inbound: self.inbound.as_ref(), clock: self.clock.as_ref() }
    }
}

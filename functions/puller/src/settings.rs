//! What the puller is made of, from its settings.

use app::exchange::TokenStore;
use app::ports::{Clock, Cursors, InboundQueue, PullQueue, Secrets, Wire};
use app::pull::Puller;
use aws::{Aws, DynamoCursors, SqsDeadLetters, SqsInbound, SqsPulls, SqsPutOff, SsmSecrets, SystemClock};
use channels::Registry;
use runtime::consumer::{Consumer, ConsumerSettings};
use runtime::fault::watched;
use runtime::settings::{Settings, SettingsError};
use runtime::wire::{HttpWire, Route};

/// Bytes of a page: a thousand messages, each of a few kilobytes.
const PAGE_BYTES: usize = 16 * 1024 * 1024;

/// The puller's parts.
pub struct Deps {
    /// The channels.
    pub channels: Registry,
    /// The channels' secrets.
    pub secrets: Box<dyn Secrets>,
    /// The providers.
    pub wire: Box<dyn Wire>,
    /// Accounts' access tokens.
    pub tokens: TokenStore,
    /// How far accounts' messages have been fetched.
    pub cursors: Box<dyn Cursors>,
    /// Where events go.
    pub inbound: Box<dyn InboundQueue>,
    /// Where what is left for the next puller goes.
    pub pulls: Box<dyn PullQueue>,
    /// The time.
    pub clock: Box<dyn Clock>,
    /// How batches are run.
    pub consumer: Consumer,
}

impl Deps {
    /// Reads the settings and makes the clients.
    ///
    /// # Errors
    /// Every setting that is missing or wrong.
    pub async fn from_settings(mut read: Settings) -> Result<Self, SettingsError> {
        let consumer = ConsumerSettings::read(&mut read);
        let (table, inbound) = (read.text("TABLE"), read.text("INBOUND_QUEUE_URL"));
        let (secrets, route) = (read.text("SECRETS_PREFIX"), Route::read(&read));
        read.finish(())?;
        let aws = Aws::from_environment(consumer.call).await;
        let dead_letters = SqsDeadLetters::new(&aws, &consumer.dead_letter_queue);
        let put_off = SqsPutOff::new(&aws, &consumer.queue);
        let wire = HttpWire::new(consumer.call, &route)?.reading(PAGE_BYTES);
        Ok(Self {
            channels: channels::channel,
            secrets: Box::new(SsmSecrets::new(&aws, &secrets)),
            wire: Box::new(watched(wire)),
            tokens: TokenStore::default(),
            cursors: Box::new(watched(DynamoCursors::new(&aws, &table))),
            inbound: Box::new(watched(SqsInbound::new(&aws, &inbound))),
            pulls: Box::new(watched(SqsPulls::new(&aws, &consumer.queue))),
            clock: Box::new(SystemClock),
            consumer: consumer.consumer(dead_letters, put_off, SystemClock),
        })
    }

    /// The use case's view of the parts.
    pub(crate) fn puller(&self) -> Puller<'_> {
        Puller {
            channels: self.channels,
            secrets: self.secrets.as_ref(),
            wire: self.wire.as_ref(),
            tokens: &self.tokens,
            cursors: self.cursors.as_ref(),
            inbound: self.inbound.as_ref(),
            pulls: self.pulls.as_ref(),
            clock: self.clock.as_ref(),
        }
    }
}

//! What the media worker is made of, from its settings.

use app::exchange::TokenStore;
use app::media::Worker;
use app::media::speech::{Deaf, Recogniser};
use app::ports::{Clock, FileSource, FileStore, InboundQueue, Secrets, Wire};
use aws::{Aws, S3FileStore, SqsDeadLetters, SqsInbound, SqsPutOff, SsmSecrets, SystemClock, TranscribeRecogniser};
use channels::Registry;
use runtime::consumer::{Consumer, ConsumerSettings};
use runtime::fault::watched;
use runtime::files::HttpFiles;
use runtime::settings::{Settings, SettingsError};
use runtime::wire::{HttpWire, Route};

/// The worker's parts.
pub struct Deps {
    /// The channels.
    pub channels: Registry,
    /// The channels' secrets.
    pub secrets: Box<dyn Secrets>,
    /// The providers.
    pub wire: Box<dyn Wire>,
    /// Accounts' access tokens.
    pub tokens: TokenStore,
    /// Where files come from.
    pub files: Box<dyn FileSource>,
    /// Where they are kept.
    pub store: Box<dyn FileStore>,
    /// Who listens to voice notes.
    pub recogniser: Box<dyn Recogniser>,
    /// Where news goes.
    pub inbound: Box<dyn InboundQueue>,
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
        let (bucket, inbound) = (read.text("UPLOADS_BUCKET"), read.text("INBOUND_QUEUE_URL"));
        let (secrets, route) = (read.text("SECRETS_PREFIX"), Route::read(&read));
        let jobs = read.optional("TRANSCRIBE_JOBS");
        read.finish(())?;
        let aws = Aws::from_environment(consumer.call).await;
        let dead_letters = SqsDeadLetters::new(&aws, &consumer.dead_letter_queue);
        let put_off = SqsPutOff::new(&aws, &consumer.queue);
        // A recogniser of the company's own stands here instead.
        let recogniser: Box<dyn Recogniser> = match jobs {
            Some(prefix) => Box::new(TranscribeRecogniser::new(&aws, &bucket, &prefix)),
            None => Box::new(Deaf),
        };
        Ok(Self {
            channels: channels::channel,
            secrets: Box::new(SsmSecrets::new(&aws, &secrets)),
            wire: Box::new(HttpWire::new(consumer.call, &route)?),
            tokens: TokenStore::default(),
            files: Box::new(watched(HttpFiles::new(consumer.call, &route)?)),
            store: Box::new(watched(S3FileStore::new(&aws, &bucket))),
            recogniser,
            inbound: Box::new(watched(SqsInbound::new(&aws, &inbound))),
            clock: Box::new(SystemClock),
            consumer: consumer.consumer(dead_letters, put_off, SystemClock),
        })
    }

    /// The use case's view of the parts.
    pub(crate) fn worker(&self) -> Worker<'_> {
        Worker {
            channels: self.channels,
            secrets: self.secrets.as_ref(),
            wire: self.wire.as_ref(),
            tokens: &self.tokens,
            files: self.files.as_ref(),
            store: self.store.as_ref(),
            recogniser: self.recogniser.as_ref(),
            inbound: self.inbound.as_ref(),
            clock: self.clock.as_ref(),
        }
    }
}

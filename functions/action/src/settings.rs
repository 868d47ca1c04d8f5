//! What the action worker is made of, from its settings.

use app::action::Worker;
use app::ports::{ActionSettings, ActionTarget, Clock, InboundQueue};
use aws::{Aws, LambdaActions, SqsDeadLetters, SqsInbound, SqsPutOff, SsmSecrets, SystemClock};
use runtime::actions::HttpActions;
use runtime::consumer::{Consumer, ConsumerSettings};
use runtime::fault::watched;
use runtime::settings::{Settings, SettingsError};
use runtime::wire::Route;

/// The worker's parts.
pub struct Deps {
    /// Who does what.
    pub settings: Box<dyn ActionSettings>,
    /// Systems that are reached by HTTPS.
    pub https: Box<dyn ActionTarget>,
    /// Systems that are Lambda functions.
    pub functions: Box<dyn ActionTarget>,
    /// Where word of the end goes.
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
        let inbound = read.text("INBOUND_QUEUE_URL");
        let (secrets, route) = (read.text("SECRETS_PREFIX"), Route::read(&read));
        read.finish(())?;
        let aws = Aws::from_environment(consumer.call).await;
        let dead_letters = SqsDeadLetters::new(&aws, &consumer.dead_letter_queue);
        let put_off = SqsPutOff::new(&aws, &consumer.queue);
        Ok(Self {
            settings: Box::new(SsmSecrets::new(&aws, &secrets)),
            https: Box::new(watched(HttpActions::new(consumer.call, &route)?)),
            functions: Box::new(watched(LambdaActions::new(&aws))),
            inbound: Box::new(watched(SqsInbound::new(&aws, &inbound))),
            clock: Box::new(SystemClock),
            consumer: consumer.consumer(dead_letters, put_off, SystemClock),
        })
    }

    /// The use case's view of the parts.
    pub(crate) fn worker(&self) -> Worker<'_> {
        Worker {
            settings: self.settings.as_ref(),
            https: self.https.as_ref(),
            functions: self.functions.as_ref(),
            inbound: self.inbound.as_ref(),
            clock: self.clock.as_ref(),
        }
    }
}

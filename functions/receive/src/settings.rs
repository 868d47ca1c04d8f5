//! What a receiving function is made of, from its settings.

use std::time::Duration;

use app::accept::Door;
use app::ports::{Clock, Conversations, Deliveries, Files, InboundQueue, Objects, Random, Secrets, Threads};
use app::receive::Receiver;
use app::wait::Waiting;
use aws::dynamo::Retention;
use aws::{
    Aws, DynamoConversations, DynamoDeliveries, DynamoThreads, S3Files, S3Objects, SqsInbound, SsmSecrets, SystemClock,
    SystemRandom,
};
use channels::Registry;
use domain::ChannelId;
use runtime::fault::watched;
use runtime::settings::{Settings, SettingsError};

/// Milliseconds that one AWS call may take: a caller that waits for its answer does so for less than 8 s.
const CALL_MILLIS: u64 = 3000;

/// A receiving function's parts.
pub struct Deps {
    /// The channels.
    pub channels: Registry,
    /// Whose events they are.
    pub channel: ChannelId,
    /// The channel's secrets.
    pub secrets: Box<dyn Secrets>,
    /// Where events go.
    pub inbound: Box<dyn InboundQueue>,
    /// Where the objects lie that events name.
    pub objects: Option<Box<dyn Objects>>,
    /// What is noted of threads.
    pub threads: Option<Box<dyn Threads>>,
    /// Where customers' files go.
    pub files: Option<Box<dyn Files>>,
    /// The time.
    pub clock: Box<dyn Clock>,
    /// Where turns and claims are, for channels whose callers wait for the answer.
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

impl Deps {
    /// Reads the settings and makes the clients.
    ///
    /// # Errors
    /// Every setting that is missing or wrong.
    pub async fn from_settings(mut read: Settings) -> Result<Self, SettingsError> {
        let (queue, secrets, name) =
            (read.text("INBOUND_QUEUE_URL"), read.text("SECRETS_PREFIX"), read.text("CHANNEL"));
        let (objects, files) = (read.optional("OBJECTS_BUCKET"), read.optional("FILES_BUCKET"));
        let retention = Retention::days(read.value("RETENTION_DAYS"));
        let (table, threads) = (read.optional("TABLE"), read.optional("THREADS_TABLE"));
        read.finish(())?;
        let unknown = || SettingsError::of(format!("CHANNEL: `{name}` is no channel"));
        let channel = ChannelId::from_name(&name).ok_or_else(unknown)?;
        let aws = Aws::from_environment(Duration::from_millis(CALL_MILLIS)).await;
        let answers = table.map(|table| Answers {
            conversations: Box::new(DynamoConversations::new(&aws, &table, retention)),
            deliveries: Box::new(watched(DynamoDeliveries::new(&aws, &table, retention))),
            random: Box::new(SystemRandom),
        });
        Ok(Self {
            channels: channels::channel,
            channel,
            secrets: Box::new(SsmSecrets::new(&aws, &secrets)),
            inbound: Box::new(watched(SqsInbound::new(&aws, &queue))),
            objects: objects.map(|bucket| -> Box<dyn Objects> { Box::new(S3Objects::new(&aws, &bucket)) }),
            threads: threads.map(|table| -> Box<dyn Threads> { Box::new(DynamoThreads::new(&aws, &table, retention)) }),
            files: files.map(|bucket| -> Box<dyn Files> { Box::new(S3Files::new(&aws, &bucket)) }),
            clock: Box::new(SystemClock),
            answers,
        })
    }

    /// The use case's view of the parts.
    pub(crate) fn receiver(&self) -> Receiver<'_> {
        let (channels, secrets, clock) = (self.channels, self.secrets.as_ref(), self.clock.as_ref());
        let inbound = self.inbound.as_ref();
        let waiting = self.answers.as_ref().map(|answers| Waiting {
            channels,
            secrets,
            conversations: answers.conversations.as_ref(),
            deliveries: answers.deliveries.as_ref(),
            random: answers.random.as_ref(),
            clock,
        });
        let (threads, files) = (self.threads.as_deref(), self.files.as_deref());
        let door = Door { channels, secrets, inbound, pulls: None, threads, files, clock };
        Receiver { door, objects: self.objects.as_deref(), waiting }
    }
}

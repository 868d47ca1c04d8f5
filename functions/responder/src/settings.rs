//! What the responder is made of, from its settings.

use std::time::Duration;

use app::ports::{Clock, Conversations, DeadLetters, Knowledge, OutboundQueue, PutOff};
use app::process::Responder;
use aws::dynamo::Retention;
use aws::{Aws, DynamoConversations, S3Knowledge, SqsDeadLetters, SqsOutbound, SqsPutOff, SystemClock};
use runtime::settings::{Settings, SettingsError};

/// The responder's parts.
pub struct Deps {
    /// Heads and turns.
    pub conversations: Box<dyn Conversations>,
    /// Where deliveries go.
    pub outbound: Box<dyn OutboundQueue>,
    /// The bot.
    pub knowledge: Box<dyn Knowledge>,
    /// The time.
    pub clock: Box<dyn Clock>,
    /// Where records go that cannot be processed.
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
    /// Reads the settings and makes the clients.
    ///
    /// # Errors
    /// Every setting that is missing or wrong.
    pub async fn from_settings(mut read: Settings) -> Result<Self, SettingsError> {
        let call = Duration::from_millis(read.value("CALL_TIMEOUT_MS"));
        let (table, retention) = (read.text("TABLE"), Retention::days(read.value("RETENTION_DAYS")));
        let (bucket, prefix) = (read.text("KNOWLEDGE_BUCKET"), read.text("KNOWLEDGE_PREFIX"));
        let (queue, dead) = (read.text("QUEUE_URL"), read.text("DLQ_URL"));
        let outbound = read.text("OUTBOUND_WEB_QUEUE_URL");
        let max_receives = read.value("MAX_RECEIVES");
        let function = read.text("AWS_LAMBDA_FUNCTION_NAME");
        read.finish(())?;
        let aws = Aws::from_environment(call).await;
        Ok(Self {
            conversations: Box::new(DynamoConversations::new(&aws, &table, retention)),
            outbound: Box::new(SqsOutbound::new(&aws, &outbound)),
            knowledge: Box::new(S3Knowledge::new(&aws, &bucket, &prefix)),
            clock: Box::new(SystemClock),
            dead_letters: Box::new(SqsDeadLetters::new(&aws, &dead)),
            put_off: Box::new(SqsPutOff::new(&aws, &queue)),
            max_receives,
            function,
            reserve: call,
        })
    }

    /// The use case's view of the parts.
    pub(crate) fn responder(&self) -> Responder<'_> {
        Responder {
            conversations: self.conversations.as_ref(),
            outbound: self.outbound.as_ref(),
            knowledge: self.knowledge.as_ref(),
            clock: self.clock.as_ref(),
        }
    }
}

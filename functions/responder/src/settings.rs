//! What the responder is made of, from its settings.

use std::time::Duration;

use app::process::Responder;
use aws::dynamo::Retention;
use aws::{Aws, DynamoConversations, S3Knowledge, SqsDeadLetters, SqsOutbound, SystemClock};
use runtime::settings::{Settings, SettingsError};

/// The responder's parts.
pub struct Deps {
    conversations: DynamoConversations,
    outbound: SqsOutbound,
    knowledge: S3Knowledge,
    pub(crate) dead_letters: SqsDeadLetters,
    pub(crate) max_receives: u32,
    pub(crate) reserve: Duration,
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
        let (outbound, dead) = (read.text("OUTBOUND_WEB_QUEUE_URL"), read.text("INBOUND_DLQ_URL"));
        let max_receives = read.value("MAX_RECEIVES");
        read.finish(())?;
        let aws = Aws::from_environment(call).await;
        Ok(Self {
            conversations: DynamoConversations::new(&aws, &table, retention),
            outbound: SqsOutbound::new(&aws, &outbound),
            knowledge: S3Knowledge::new(&aws, &bucket, &prefix),
            dead_letters: SqsDeadLetters::new(&aws, &dead),
            max_receives,
            reserve: call,
        })
    }

    /// The use case's view of the parts.
    pub(crate) fn responder(&self) -> Responder<'_> {
        Responder {
            conversations: &self.conversations,
            outbound: &self.outbound,
            knowledge: &self.knowledge,
            clock: &SystemClock,
        }
    }
}
